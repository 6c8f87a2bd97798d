"""What every answer of the API has in common: who may, how often, which version, and whether it has changed."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt

from achterhoek.accounts.access import public
from contracts.api.problems import InvalidParameter, problem
from contracts.api.throttle import ask
from contracts.domain.register_json import FORMAT
from contracts.selectors.register_stamp import State, register_state
from contracts.views.conditional import shared, unchanged, with_etag

VERSION = "1.0.0"
METHODS = "GET, HEAD, OPTIONS"
EXPOSED = "API-Version, ETag, Link, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, Retry-After"
View = Callable[..., HttpResponseBase]


class ApiRequest(HttpRequest):
    """A request with the register's state as it was when it came in."""

    register_state: State


def gated(view: View, parameters: frozenset[str] = frozenset()) -> View:
    """This view as a part of the API, which reads these parameters and no others."""

    @csrf_exempt
    @public
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method == "OPTIONS":
            return _finished(_preflight(), {})
        if request.method not in ("GET", "HEAD"):
            return _finished(problem(405, "This API only reads: use GET.", headers={"Allow": METHODS}), {})
        allowance = ask(request)
        if allowance.is_spent:
            detail = f"At most {allowance.limit} requests a minute. Wait {allowance.reset} seconds."
            return _finished(problem(429, detail), allowance.headers)
        # What the data says is Dutch, whatever the reader's language.
        with translation.override(settings.LANGUAGE_CODE):
            return _finished(_made(view, request, parameters, args, kwargs), allowance.headers)

    return answer


def _made(view: View, request: HttpRequest, parameters: frozenset[str], args: Any, kwargs: Any) -> HttpResponseBase:
    wrong = _not_understood(request, parameters)
    if wrong:
        return problem(400, "Some parameters cannot be read.", invalid=wrong)
    state = register_state()
    facts = (request.build_absolute_uri(), state.stamp, state.today, VERSION, FORMAT)
    if (same := unchanged(request, facts)) is not None:
        return same
    request.register_state = state  # type: ignore[attr-defined]
    asked, request.method = request.method, "GET"
    response = view(request, *args, **kwargs)
    request.method = asked
    if response.status_code == 200 and isinstance(response, HttpResponse):
        return with_etag(response, facts)
    return response


def _not_understood(request: HttpRequest, parameters: frozenset[str]) -> list[InvalidParameter]:
    """A parameter that this address does not have, or that is given twice, is a slip: it is told, not ignored."""
    known = ", ".join(sorted(parameters)) or "none"
    wrong = []
    for name, values in request.GET.lists():
        if name not in parameters:
            wrong.append(InvalidParameter(name=name, reason=f"There is no such parameter here. There are: {known}."))
        elif len(values) > 1:
            wrong.append(InvalidParameter(name=name, reason="Give it once."))
    return wrong


def _preflight() -> HttpResponse:
    """A browser asks whether another site may ask; it may."""
    return HttpResponse(
        status=204,
        headers={
            "Allow": METHODS,
            "Access-Control-Allow-Methods": METHODS,
            "Access-Control-Allow-Headers": "Accept, If-None-Match",
            "Access-Control-Max-Age": "86400",
        },
    )


def _finished(response: HttpResponseBase, headers: dict[str, str]) -> HttpResponseBase:
    response["API-Version"] = VERSION
    response["Access-Control-Expose-Headers"] = EXPOSED
    for name, value in headers.items():
        response[name] = value
    return shared(response, response.get("Cache-Control") or "no-store")
