"""The one view that serves files."""

from __future__ import annotations

import uuid

from django.http import FileResponse, Http404, HttpRequest
from django.http.response import HttpResponseBase

from achterhoek.accounts.access import authenticated
from achterhoek.documents.gate import may_read
from achterhoek.documents.selectors import find_file


@authenticated
def download(request: HttpRequest, pk: uuid.UUID) -> HttpResponseBase:
    """Serve a file to those who may read it. To others it does not exist, so that an address tells nothing."""
    stored = find_file(pk)
    if stored is None or not may_read(request.user, stored):
        raise Http404
    response = FileResponse(
        stored.file.open("rb"), as_attachment=True, filename=stored.name, content_type=stored.content_type
    )
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response
