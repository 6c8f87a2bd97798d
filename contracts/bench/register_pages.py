"""The pages and the API of the register as the public asks for them, and the bare views beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import cycle
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import Engine
from django.template.context import Context
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from contracts.bench.registry import Row, Sizes, medians
from contracts.models import Contract

COLUMNS = (
    "number", "start", "contractor__name", "contractor__kvk_number", "contractor__city", "segment__name",
    "segment__lot__name", "segment__tender__title",
)  # fmt: skip
BARE = """<!DOCTYPE html><html lang="nl"><head><title>Rows</title></head><body><table>
{% for row in rows %}<tr>{% for value in row.values %}<td>{{ value }}</td>{% endfor %}</tr>{% endfor %}
</table></body></html>"""
API = "/api/v1"
ON_A_PAGE, OF_THE_API = 100, 20


def rates(sizes: Sizes, made: Any) -> Iterator[Row]:
    client = _client()
    newest, oldest = made.days[-1].isoformat(), made.days[0].isoformat()
    page, api, whole = _bare_page(ON_A_PAGE), _bare_json(OF_THE_API), _bare_json(None)
    versions = f"/register/verschil/{oldest}/{newest}.json"
    pages = cycle(range(1, min(3, made.made // OF_THE_API) + 1) or [1])
    asked: list[tuple[str, Callable[[], object], Callable[[], object], str]] = [
        ("page of a day", lambda: _got(client, f"/register/?op={oldest}"), page, f"{ON_A_PAGE} rows"),
        ("page of a day, 304", _unchanged(client, f"/register/?op={oldest}"), page, f"{ON_A_PAGE} rows"),
        ("page after a write", _after_write(client, f"/register/?op={oldest}"), page, f"{ON_A_PAGE} rows"),
        (
            "page, name and place",
            lambda: _got(client, "/register/?gemeente=gemeente-1&zoek=0001"), page, f"{ON_A_PAGE} rows",
        ),
        ("API, 20 contracts", lambda: _got(client, f"{API}/registrations?page={next(pages)}"), api, "20 rows"),
        ("API, 304", _unchanged(client, f"{API}/registrations"), api, "20 rows"),
        ("register.json", lambda: _got(client, f"/register.json?op={oldest}"), whole, "all rows"),
        ("register.json, 304", _unchanged(client, "/register.json"), whole, "all rows"),
        ("kept version, JSON", lambda: _got(client, f"/register/versies/{oldest}.json"), whole, "all rows"),
        ("first and last version", lambda: _got(client, versions), whole, "all rows"),
    ]  # fmt: skip
    for name, ask, bare, rows in asked:
        ask()
        bare()
        with CaptureQueriesContext(connection) as seen:
            ask()
        queries = sum(not one["sql"].startswith("UPDATE") for one in seen)
        figure, floor = medians(sizes.runs, ask, bare)
        yield Row(f"{name}, {queries} queries", 1 / figure, "req/s", 1 / floor, f"bare view, {rows}, 1 query")


def _bare_page(limit: int) -> Callable[[], object]:
    template = Engine().from_string(BARE)
    request = RequestFactory().get("/")

    def view(request: HttpRequest) -> HttpResponse:
        rows = Contract.objects.order_by("number").values(*COLUMNS)[:limit]
        return HttpResponse(template.render(Context({"rows": rows})))

    return lambda: view(request)


def _bare_json(limit: int | None) -> Callable[[], object]:
    request = RequestFactory().get("/")

    def view(request: HttpRequest) -> HttpResponse:
        return JsonResponse({"results": list(Contract.objects.order_by("number").values(*COLUMNS)[:limit])})

    return lambda: view(request)


def _after_write(client: Client, address: str) -> Callable[[], object]:
    """The list is made anew each time, as something was written."""

    def ask() -> None:
        Contract.objects.filter(number="MET-00001").update(notice_months=6)
        _got(client, address)

    return ask


def _unchanged(client: Client, address: str) -> Callable[[], object]:
    """Asked again with the name of the answer that one has."""
    held: list[str] = []

    def ask() -> None:
        if not held:
            held.append(client.get(address, secure=True)["ETag"])
        answer = client.get(address, secure=True, headers={"If-None-Match": held[0]})
        if answer.status_code != 304:
            raise RuntimeError(f"{address}: {answer.status_code}")

    return ask


def _client() -> Client:
    host = next((name for name in settings.ALLOWED_HOSTS if not name.startswith((".", "*"))), "localhost")
    return Client(headers={"host": host, "accept-language": "nl"})


def _got(client: Client, address: str) -> bytes:
    answer = client.get(address, secure=True)
    if answer.status_code != 200:
        raise RuntimeError(f"{address}: {answer.status_code}")
    return answer.content
