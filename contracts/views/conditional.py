"""Answers that say which one they are: who has it already is told so, without making it again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.http import quote_etag
from django.utils.translation import get_language

from achterhoek.release import release
from contracts.selectors.register_stamp import State, register_state

# Of published facts: everybody may keep it, and asks whether it is still so.
KEEP_AND_ASK = "public, no-cache"
# A version of which the day is over.
KEEP_FOR_GOOD = "public, max-age=31536000, immutable"
# A page has the reader's own token for the form that chooses a language.
KEEP_AND_ASK_MYSELF = "private, no-cache"
# Who has one of these may be told something on the page that others are not.
PERSONAL = (settings.SESSION_COOKIE_NAME, "messages")


def etag_of(facts: Sequence[object]) -> str:
    """Strong: the same facts always give the same bytes."""
    return quote_etag(hashlib.sha256(repr(facts).encode()).hexdigest()[:40])


def unchanged(request: HttpRequest, facts: Sequence[object], caching: str = KEEP_AND_ASK) -> HttpResponseBase | None:
    """304 where the reader names this answer in `If-None-Match`; a star names none."""
    found = _unchanged(request, etag_of(facts))
    return None if found is None else shared(found, caching)


def _unchanged(request: HttpRequest, etag: str) -> HttpResponseBase | None:
    asked = request.headers.get("If-None-Match", "").strip()
    if not asked or asked == "*":
        return None
    found = get_conditional_response(request, etag=etag)
    if found is None or found.status_code != 304:
        return None
    found["ETag"] = etag
    return found


def with_etag(response: HttpResponse, facts: Sequence[object], caching: str = KEEP_AND_ASK) -> HttpResponse:
    """The answer with its name."""
    response["ETag"] = etag_of(facts)
    shared(response, caching)
    return response


def shared(response: HttpResponseBase, caching: str) -> HttpResponseBase:
    """For every site and every cache: what stands in it is public."""
    response["Cache-Control"] = caching
    response["Access-Control-Allow-Origin"] = "*"
    return response


def known_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponseBase]:
    """A page of the register, with an ETag for who is not logged in: asked again, it is made only if it changed.

    The page holds what the register says, in a language, on a day, by this release of the portal; and a token that
    belongs to the reader's cookie. Only that token differs each time, so the name is a weak one (RFC 9110, 8.8.1).
    """

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if settings.DEBUG or any(name in request.COOKIES for name in PERSONAL):
            return view(request, *args, **kwargs)
        state = state_of(request)
        facts = (request.get_full_path(), get_language(), state.stamp, state.today, release(), settings.PORTAL_REGION)
        if token := request.COOKIES.get(settings.CSRF_COOKIE_NAME):
            found = _unchanged(request, _weak(facts, token))
            if found is not None:
                return _named(found, found["ETag"])
        response = view(request, *args, **kwargs)
        if response.status_code == 200 and (token := request.META.get("CSRF_COOKIE")):
            return _named(response, _weak(facts, token))
        return response

    return answer


def state_of(request: HttpRequest) -> State:
    """The register as it stood when this request came in; asked of the database once."""
    if not hasattr(request, "register_state"):
        request.register_state = register_state()  # type: ignore[attr-defined]
    state: State = request.register_state  # type: ignore[attr-defined]
    return state


def _weak(facts: Sequence[object], token: str) -> str:
    return f"W/{etag_of((*facts, token))}"


def _named(response: HttpResponseBase, etag: str) -> HttpResponseBase:
    response["ETag"] = etag
    response["Cache-Control"] = KEEP_AND_ASK_MYSELF
    patch_vary_headers(response, ("Cookie", "Accept-Language"))
    return response
