"""The views that serve files and take them in."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from itertools import chain

import structlog
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from achterhoek.accounts.access import authenticated
from achterhoek.documents import intake, sealed, tus, uploads
from achterhoek.documents.gate import open_for
from achterhoek.documents.middleware import RETRY_SECONDS
from achterhoek.documents.models import StoredFile
from achterhoek.documents.selectors import find_file
from achterhoek.documents.storage import StorageDown
from achterhoek.sealing.age import SealBroken

logger = structlog.get_logger(__name__)


@authenticated
@require_safe
def download(request: HttpRequest, pk: uuid.UUID) -> HttpResponseBase:
    """Serve a file to those who may read it. To others it does not exist, so that an address tells nothing."""
    stored, key = _opened(request, pk)
    try:
        content = _begun(sealed.chunks(stored, key.secret))
    except (StorageDown, FileNotFoundError, SealBroken) as error:
        logger.error("a file could not be read", file=str(pk), error=type(error).__name__)
        return _not_now()
    response = StreamingHttpResponse(content, content_type=stored.content_type)
    response["Content-Length"] = str(stored.size)
    response["Content-Disposition"] = content_disposition_header(True, key.name) or "attachment"
    return _private(response)


def inline(request: HttpRequest, pk: uuid.UUID) -> HttpResponseBase:
    """A PDF to look at in a page of our own; only for those who may read it, and never another kind of file.

    Called by a view that says who may; nobody else may frame it.
    """
    stored, key = _opened(request, pk)
    if stored.content_type != "application/pdf":
        raise Http404
    try:
        content = _begun(sealed.chunks(stored, key.secret))
    except (StorageDown, FileNotFoundError, SealBroken) as error:
        logger.error("a file could not be read", file=str(pk), error=type(error).__name__)
        return _not_now()
    response = StreamingHttpResponse(content, content_type="application/pdf")
    response["Content-Length"] = str(stored.size)
    response["Content-Disposition"] = content_disposition_header(False, key.name) or "inline"
    response["X-Frame-Options"] = "SAMEORIGIN"
    return _private(response)


@authenticated
@require_safe
def thumbnail(request: HttpRequest, pk: uuid.UUID) -> HttpResponseBase:
    """The picture of a file's first page, for those who may read the file."""
    stored, key = _opened(request, pk)
    if not stored.thumbnail:
        raise Http404
    try:
        picture = sealed.thumbnail_of(stored, key.secret)
    except (StorageDown, FileNotFoundError, SealBroken) as error:
        logger.error("a picture could not be read", file=str(pk), error=type(error).__name__)
        return _not_now()
    return _private(HttpResponse(picture, content_type="image/png"))


@authenticated
@require_http_methods(["GET", "HEAD", "PATCH", "DELETE", "OPTIONS"])
def upload(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One upload: how far it is, its next piece, or its end."""
    if request.method == "OPTIONS":
        return tus.options()
    found = intake.find_upload(request.user, pk)
    if found is None:
        return tus.said(404, _("This upload is not there any more. Choose the file again."))
    if request.method == "HEAD":
        return tus.head(found)
    if request.method == "PATCH":
        return tus.patch(request, found)
    if request.method == "DELETE":
        if found.finished_at is not None:
            return tus.said(403, _("This file has come in already. Load the page again."))
        uploads.cancel(upload=found)
        return tus.ended()
    answer = JsonResponse(tus.look(found, request.user))  # type: ignore[arg-type]
    answer["Cache-Control"] = "no-store"
    return answer


def _opened(request: HttpRequest, pk: uuid.UUID) -> tuple[StoredFile, sealed.FileKey]:
    stored = find_file(pk)
    key = open_for(request.user, stored) if stored else None
    if stored is None or key is None:
        raise Http404
    return stored, key


def _begun(content: Iterator[bytes]) -> Iterator[bytes]:
    """The same content, its first piece read already: so that a file that cannot be read is no half answer."""
    return chain([next(content, b"")], content)


def _not_now() -> HttpResponse:
    response = HttpResponse(
        _("This file cannot be read just now. Try again in a minute."), status=503, content_type="text/plain"
    )
    response["Retry-After"] = RETRY_SECONDS
    return response


def _private(response: HttpResponseBase) -> HttpResponseBase:
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response
