"""Answers that say which one they are: who has it already is told so, without making it again."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag

# Of published facts: everybody may keep it, and asks whether it is still so.
KEEP_AND_ASK = "public, no-cache"
# A version of which the day is over.
KEEP_FOR_GOOD = "public, max-age=31536000, immutable"


def etag_of(facts: Sequence[object]) -> str:
    """Strong: the same facts always give the same bytes."""
    return quote_etag(hashlib.sha256(repr(facts).encode()).hexdigest()[:40])


def unchanged(request: HttpRequest, facts: Sequence[object], caching: str = KEEP_AND_ASK) -> HttpResponseBase | None:
    """304 where the reader names this answer in `If-None-Match`; a star names none."""
    asked = request.headers.get("If-None-Match", "").strip()
    if not asked or asked == "*":
        return None
    etag = etag_of(facts)
    found = get_conditional_response(request, etag=etag)
    if found is None or found.status_code != 304:
        return None
    found["ETag"] = etag
    return shared(found, caching)


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
