"""The API's own document, its page for people, and what is said at an address that does not exist."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from achterhoek.accounts.access import public
from contracts.api.app import document
from contracts.api.problems import problem


def openapi(request: HttpRequest) -> HttpResponse:
    """The OpenAPI document, for every site."""
    return JsonResponse(document(), json_dumps_params={"ensure_ascii": False, "indent": 1})


def root(request: HttpRequest) -> HttpResponse:
    """Where everything is."""
    names = ("registrations", "providers", "versions", "differences", "openapi", "docs")
    return JsonResponse({name: request.build_absolute_uri(reverse(f"contracts:api_{name}")) for name in names})


def unknown(request: HttpRequest, rest: str = "") -> HttpResponse:
    """Nothing is here; also not with a slash at the end."""
    return problem(404, "There is nothing at this address. See /api/v1/openapi.json.")


@require_safe
@public
def documentation(request: HttpRequest) -> HttpResponse:
    """What can be asked, in HTML made of the same document."""
    made = document()
    groups = [
        {**tag, "operations": [one for one in _operations(made) if tag["name"] in one["tags"]]} for tag in made["tags"]
    ]
    context = {"about": made["info"], "server": made["servers"][0]["url"], "groups": groups}
    return render(request, "contracts/register/api.html", context)


def _operations(made: dict[str, Any]) -> list[dict[str, Any]]:
    found = []
    for path, item in made["paths"].items():
        operation = item["get"]
        parameters = [
            {**one, "kind": _kind(one["schema"]), "default": one["schema"].get("default")}
            for one in operation.get("parameters", [])
        ]
        found.append(
            {
                "path": path,
                "address": f"{made['servers'][0]['url']}{path}",
                "summary": operation["summary"],
                "description": operation["description"],
                "tags": operation["tags"],
                "parameters": parameters,
                "id": operation["operationId"],
                "example": "{" not in path and not any(one.get("required") for one in parameters),
            }
        )
    return found


def _kind(said: dict[str, Any]) -> str:
    """The kind of a parameter in a word; of one that may be left out, that of the other."""
    known = next((one for one in said.get("anyOf", [said]) if one.get("type") != "null"), said)
    return str(known.get("format") or known.get("type", ""))
