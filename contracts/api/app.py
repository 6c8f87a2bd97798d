"""The API put together, and what it says of itself (OpenAPI 3.1)."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from contracts.api import routes
from contracts.api.gate import VERSION
from contracts.api.problems import CONTENT_TYPE, InvalidParameter, Problem, problem

ROOT = "api/v1"
ABOUT = (
    "Who has a contract with the municipalities, for which care, where, and with which subcontractors: on any day, and "
    "as it was published. Everybody may read it. An answer has an ETag: ask again with If-None-Match and what has not "
    "changed is not sent again. Errors are problem details (RFC 9457)."
)
# Said of every answer.
HEADERS = {
    "API-Version": ("The version of this API.", "string"),
    "RateLimit-Limit": ("So many requests a minute are answered.", "integer"),
    "RateLimit-Remaining": ("So many are left of this minute.", "integer"),
    "RateLimit-Reset": ("Seconds until the next minute.", "integer"),
}
PROBLEMS = {
    "400": "A parameter cannot be read, does not exist, or is given twice.",
    "404": "There is no such thing, or no such page.",
    "405": "This API only reads.",
    "429": "Too many requests; Retry-After says how long to wait.",
}

api = NinjaAPI(
    title="Register of contracted providers", version=VERSION, description=ABOUT, openapi_url=None, docs_url=None,
    urls_namespace="register-api",
)  # fmt: skip
api.add_router("", routes.router)


@api.exception_handler(ValidationError)
def cannot_be_read(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Each parameter with its own reason."""
    invalid = [InvalidParameter(name=str(one["loc"][-1]), reason=one["msg"]) for one in error.errors]
    return problem(400, "Some parameters cannot be read.", invalid=invalid)


@api.exception_handler(HttpError)
def refused(request: HttpRequest, error: HttpError) -> HttpResponse:
    return problem(error.status_code, error.message)


@api.exception_handler(Http404)
def not_there(request: HttpRequest, error: Http404) -> HttpResponse:
    return problem(404, "There is nothing at this address.")


@cache
def document() -> dict[str, Any]:
    """The OpenAPI document: what ninja reads from the code, and what the gate adds to every answer."""
    made = dict(api.get_openapi_schema(path_prefix=""))
    made["openapi"] = "3.1.0"
    router_module = routes.__name__.replace(".", "_")
    made["servers"] = [{"url": f"{settings.BASE_URL.rstrip('/')}/{ROOT}", "description": "This portal."}]
    made["info"] |= {
        "license": {"name": "CC0 1.0", "url": "https://creativecommons.org/publicdomain/zero/1.0/"},
        "contact": {"name": "Team CLM", "url": settings.BASE_URL, "email": settings.DEFAULT_FROM_EMAIL},
    }
    made["tags"] = [
        {"name": "register", "description": "The register on any day"},
        {"name": "versions", "description": "Versions as they were published, and what differs between them"},
    ]
    components = made["components"]
    components["schemas"]["Problem"] = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    components["schemas"] |= components["schemas"]["Problem"].pop("$defs", {})
    components["headers"] = {
        name.replace("-", ""): {"description": text, "schema": {"type": kind}} for name, (text, kind) in HEADERS.items()
    }
    for item in made["paths"].values():
        for operation in item.values():
            operation["operationId"] = operation["operationId"].removeprefix(f"{router_module}_")
            operation["parameters"] = [_parameter(one) for one in operation.get("parameters", [])]
            _complete(operation)
    return made


def _parameter(said: dict[str, Any]) -> dict[str, Any]:
    """A parameter of an address is there or not there; it is never null."""
    schema = said["schema"]
    known = [one for one in schema.get("anyOf", []) if one.get("type") != "null"]
    kept = {name: value for name, value in schema.items() if name not in ("anyOf", "title", "description")}
    if kept.get("default", "") is None:
        del kept["default"]
    return {**said, "schema": {**kept, **(known[0] if known else {})}}


def _complete(operation: dict[str, Any]) -> None:
    responses = {str(status): said for status, said in operation["responses"].items()}
    headers = {name: {"$ref": f"#/components/headers/{name.replace('-', '')}"} for name in HEADERS}
    etag = {"ETag": {"description": "Names this answer.", "schema": {"type": "string"}}}
    responses["200"] |= {"description": "As asked.", "headers": {**headers, **etag}}
    responses["304"] = {"description": "Not changed since the ETag in If-None-Match.", "headers": {**headers, **etag}}
    for status, text in PROBLEMS.items():
        content = {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
        responses[status] = {"description": text, "headers": headers, "content": content}
    operation["responses"] = responses
