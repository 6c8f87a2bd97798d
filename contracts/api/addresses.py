"""The addresses of the API: those of ninja, each behind the gate, and a few of our own."""

from __future__ import annotations

from django.urls import URLPattern, path

from contracts.api import pages
from contracts.api.app import ROOT, api, document
from contracts.api.gate import gated

# All but ninja's own root, which has no operation.
OPERATIONS = frozenset(
    f"api_{name}"
    for name in (
        "registrations", "registration", "providers", "provider", "versions", "version", "version_registrations",
        "differences",
    )
)  # fmt: skip


def _parameters(route: str) -> frozenset[str]:
    """The query parameters of the operation at this route, as the document names them."""
    operation = document()["paths"]["/" + route.replace("<", "{").replace(">", "}")]["get"]
    return frozenset(one["name"] for one in operation.get("parameters", []) if one["in"] == "query")


def addresses() -> list[URLPattern]:
    """No slash at the end; what does not exist is told as a problem too."""
    found = [one for one in api.urls[0] if isinstance(one, URLPattern) and one.name in OPERATIONS]
    return [
        path(ROOT, gated(pages.root), name="api_root"),
        path(f"{ROOT}/openapi.json", gated(pages.openapi), name="api_openapi"),
        path(f"{ROOT}/docs", pages.documentation, name="api_docs"),
        *(
            path(f"{ROOT}/{one.pattern}", gated(one.callback, _parameters(str(one.pattern))), name=str(one.name))
            for one in found
        ),
        path(f"{ROOT}/", gated(pages.unknown), name="api_slash"),
        path(f"{ROOT}/<path:rest>", gated(pages.unknown), name="api_unknown"),
    ]
