"""Middleware of the portal: a reference number on each request, and deny by default."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

import structlog
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

logger = structlog.get_logger(__name__)

# Views of installed parts, which guard themselves: allauth asks for a login where one is needed, the
# admin asks its site, and the language switch holds nothing private.
GUARDED_ELSEWHERE = (
    "allauth.",
    "django.contrib.admin.",
    "django.contrib.contenttypes.",
    "django.views.i18n",
)


class RequestReferenceMiddleware:
    """Gives each request a short reference. An internal error shows it, and each line of the log about it has it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        reference = secrets.token_hex(4)
        request.reference = reference  # type: ignore[attr-defined]
        structlog.contextvars.bind_contextvars(reference=reference)
        try:
            response = self.get_response(request)
        finally:
            structlog.contextvars.unbind_contextvars("reference")
        response["X-Request-Reference"] = reference
        return response


class PrivatePagesMiddleware:
    """What is made for a person who is logged in is kept by no cache, also not by the browser of a shared computer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.user.is_authenticated and not response.has_header("Cache-Control"):
            response["Cache-Control"] = "private, no-store"
        return response


class DenyByDefaultMiddleware:
    """Refuses a view that does not say who may (`achterhoek.accounts.access`)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        if hasattr(view, "access") or is_guarded_elsewhere(view):
            return None
        logger.error("view without access rule", view=f"{view.__module__}.{view.__qualname__}")
        raise PermissionDenied


def is_guarded_elsewhere(view: Callable[..., Any]) -> bool:
    """Whether the view belongs to an installed part that guards itself, or to a page of our admin."""
    if view.__module__.startswith(GUARDED_ELSEWHERE) or isinstance(getattr(view, "__self__", None), AdminSite):
        return True
    admin_site = getattr(view, "admin_site", None) or getattr(view, "model_admin", None)
    return admin_site is not None
