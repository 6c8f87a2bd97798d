"""A store or a key service that is away is no internal error: it passes, and nothing was lost."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from achterhoek.documents.storage import StorageDown
from achterhoek.sealing.keyring import KeyServiceDown

RETRY_SECONDS = "10"


class NotNowMiddleware:
    """Says 503 and what to do, wherever a view needed what does not answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, StorageDown | KeyServiceDown):
            return None
        response = render(request, "503.html", status=503)
        response["Retry-After"] = RETRY_SECONDS
        return response
