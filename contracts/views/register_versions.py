"""Versions of the register at addresses that stay: each as a page and as files, and what differs between two."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from achterhoek.accounts.access import public
from achterhoek.clock import database_today
from contracts.domain.register_difference import difference_json
from contracts.domain.register_schema import schema
from contracts.forms.register import CompareForm
from contracts.models import RegisterVersion
from contracts.selectors.register_choices import region_places
from contracts.selectors.register_versions import (
    difference_between,
    file_of,
    listed_versions,
    register_of,
    version_at,
    versions_until,
)
from contracts.views.conditional import KEEP_AND_ASK, KEEP_FOR_GOOD, known_page, shared, unchanged, with_etag
from contracts.views.register import PER_PAGE, XLSX, download, groups_of

CONTENT_TYPES = {"json": "application/json", "csv": "text/csv; charset=utf-8", "xlsx": XLSX}
# As many of each kind are shown at once; the rest unfolds.
AT_ONCE = 20


def _version(day: str) -> RegisterVersion:
    """The version of this day. An address with a date that cannot be, or of no version, is not there."""
    try:
        found = version_at(date.fromisoformat(day), database_today())
    except ValueError:
        found = None
    if found is None:
        raise Http404
    return found


@require_safe
@public
@known_page
def versions(request: HttpRequest) -> HttpResponse:
    """All versions, newest first, and the form that compares two."""
    listed = listed_versions(database_today())
    context = {"listed": listed, "form": CompareForm(days=[one.version.date for one in listed])}
    return render(request, "contracts/register/versions.html", context)


@require_safe
@public
@known_page
def version(request: HttpRequest, day: str) -> HttpResponse:
    """A version as it was kept. While its day lasts it is today's list, which may still change."""
    found = _version(day)
    if not found.is_kept:
        return redirect(f"{reverse('contracts:register')}?op={found.date.isoformat()}")
    register = register_of(found)
    page = Paginator(register.contracts, PER_PAGE).get_page(request.GET.get("page"))
    before = versions_until(found.date)[1:2]
    context = {
        "version": found,
        "register": register,
        "groups": groups_of(register.contracts, page, region_places()),
        "page_obj": page,
        "before": before[0] if before else None,
        "address": request.build_absolute_uri(request.path),
    }
    return render(request, "contracts/register/version.html", context)


@require_safe
@public
def version_file(request: HttpRequest, day: str, ending: str) -> HttpResponseBase:
    """A version as a file: from the day after its own always the same bytes, so that it may be kept for good."""
    found = _version(day)
    if not found.is_kept:
        return redirect(f"{reverse(f'contracts:register_{ending}')}?op={found.date.isoformat()}")
    facts = (found.digest, ending)
    if (same := unchanged(request, facts, KEEP_FOR_GOOD)) is not None:
        return same
    file = file_of(found, ending)
    if file is None:
        raise Http404
    response = download(bytes(file.content), CONTENT_TYPES[ending], found.date, ending)
    if ending == "json":
        del response["Content-Disposition"]
    return with_etag(response, facts, KEEP_FOR_GOOD)


@require_safe
@public
def version_compare(request: HttpRequest) -> HttpResponse:
    """From the form to the address of the difference; what cannot be is told beside its field."""
    listed = listed_versions(database_today())
    form = CompareForm(request.GET, days=[one.version.date for one in listed])
    if form.is_valid():
        return redirect("contracts:register_difference", form.cleaned_data["van"], form.cleaned_data["tot"])
    return render(request, "contracts/register/versions.html", {"listed": listed, "form": form})


@require_safe
@public
@known_page
def register_difference(request: HttpRequest, before: str, after: str) -> HttpResponse:
    """Who came and who went between two versions, and where."""
    first, second = _version(before), _version(after)
    found = difference_between(first, second)
    context = {"before": first, "after": second, "difference": found, "at_once": AT_ONCE}
    return render(request, "contracts/register/difference.html", context)


@require_safe
@public
def register_difference_json(request: HttpRequest, before: str, after: str) -> HttpResponseBase:
    """The same for programs. Between two days that are over it never changes."""
    first, second = _version(before), _version(after)
    kept = first.is_kept and second.is_kept
    facts, caching = (first.digest, second.digest, "difference"), KEEP_FOR_GOOD if kept else KEEP_AND_ASK
    if kept and (same := unchanged(request, facts, caching)) is not None:
        return same
    said = difference_json(difference_between(first, second))
    response = JsonResponse(said, json_dumps_params={"ensure_ascii": False, "indent": 1})
    return with_etag(response, facts, caching) if kept else shared(response, caching)


@require_safe
@public
def register_schema(request: HttpRequest) -> HttpResponseBase:
    """The JSON Schema of the files; a new format gets a new address."""
    address = f"{settings.BASE_URL.rstrip('/')}{request.path}"
    response = JsonResponse(schema(address), json_dumps_params={"indent": 1})
    response["Content-Type"] = "application/schema+json"
    return shared(response, "public, max-age=86400")
