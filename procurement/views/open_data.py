"""Open data: what is published, for machines, and a page that says where it is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.cache import get_conditional_response
from django.utils.http import http_date, quote_etag
from django.views.decorators.http import require_safe

from achterhoek.accounts.access import public
from achterhoek.spreadsheets import Table, as_csv
from procurement.domain.open_data import Json
from procurement.domain.open_data_csv import COLUMNS, HEADINGS, rows
from procurement.open_data_registry import contracts_of
from procurement.selectors import open_data

Made = Callable[[str, datetime | None], HttpResponse | None]


@public
@require_safe
def ocds_index(request: HttpRequest) -> HttpResponse:
    """Where the data of each tender is, in which forms, and what the columns of the table mean."""
    return render(request, "procurement/open_data/page.html", {"tenders": open_data.open_tenders(), "columns": COLUMNS})


@public
@require_safe
def ocds(request: HttpRequest) -> HttpResponseBase:
    """An OCDS 1.1 release package of all published tenders, each as it is now."""
    uri = _address("procurement:ocds")
    return _newest(
        request,
        lambda base, at: _json(open_data.release_package(uri=uri, base=base, changed=at, contracts_of=contracts_of)),
    )


@public
@require_safe
def ocds_tender(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The releases of one tender: one for each step that was published."""
    uri = _address("procurement:ocds_tender", slug)
    return _newest(
        request,
        lambda base, at: _json(
            open_data.tender_package(slug, uri=uri, base=base, changed=at, contracts_of=contracts_of)
        ),
    )


@public
@require_safe
def ocds_record(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The record of one tender: its releases, and what they say together."""
    uri = _address("procurement:ocds_record", slug)
    return _newest(
        request,
        lambda base, at: _json(
            open_data.record_package(slug, uri=uri, base=base, changed=at, contracts_of=contracts_of)
        ),
    )


@public
@require_safe
def ocds_csv(request: HttpRequest, slug: str) -> HttpResponseBase:
    """One tender as a flat table for a spreadsheet."""
    return _newest(
        request, lambda base, _at: _csv(slug, open_data.tender_release(slug, base=base, contracts_of=contracts_of))
    )


def _address(name: str, *args: str) -> str:
    return f"{settings.BASE_URL.rstrip('/')}{reverse(name, args=args)}"


def _json(package: Json | None) -> HttpResponse | None:
    if package is None:
        return None
    return JsonResponse(package, json_dumps_params={"ensure_ascii": False, "indent": 1})


def _csv(slug: str, release: Json | None) -> HttpResponse | None:
    if release is None:
        return None
    response = HttpResponse(as_csv(Table(slug, HEADINGS, list(rows(release)))), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{slug}.csv"'
    return response


def _newest(request: HttpRequest, make: Made) -> HttpResponseBase:
    """The data as it is now; who has it already gets 304, and what was never published is not there."""
    digest, changed = open_data.fingerprint()
    etag = quote_etag(digest)
    modified = int(changed.timestamp()) if changed else None
    unchanged = get_conditional_response(request, etag=etag, last_modified=modified)
    if unchanged is not None:
        return unchanged
    # The data is in the language of the tenders, whatever the reader's.
    with translation.override(settings.LANGUAGE_CODE):
        response = make(settings.BASE_URL.rstrip("/"), changed)
    if response is None:
        raise Http404
    return _shared(response, etag, changed)


def _shared(response: HttpResponse, etag: str, changed: datetime | None) -> HttpResponse:
    response["ETag"] = etag
    if changed is not None:
        response["Last-Modified"] = http_date(int(changed.timestamp()))
    response["Cache-Control"] = "public, no-cache"
    response["Access-Control-Allow-Origin"] = "*"
    return response
