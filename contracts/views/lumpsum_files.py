"""Lump sums as files: the template, the file that comes back, and the overview of a year."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from achterhoek.accounts.access import allow
from achterhoek.accounts.enums import Role
from achterhoek.accounts.requests import UserRequest
from achterhoek.clock import database_today
from achterhoek.errors import RuleViolation
from achterhoek.spreadsheets import as_csv, as_xlsx
from contracts.forms.money import LumpsumFileForm
from contracts.selectors.lumpsum_files import TEMPLATE, overview_tables, template_table
from contracts.selectors.money import regions_of_money
from contracts.services.lumpsum_files import WrongCell, WrongLumpsums, import_lumpsums
from contracts.views.money import READERS, year_asked

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# A file with thousands of wrong rows is told of in a page that can be read.
SHOWN = 200


def _file(content: bytes, content_type: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_safe
@allow(Role.CLM)
def lumpsums_template(request: UserRequest, ending: str) -> HttpResponse:
    """The lump sums of a year as a file to fill in, with what is known."""
    year = year_asked(request, database_today())
    table = template_table(request.user, year)
    if ending == "csv":
        return _file(as_csv(table), CSV, f"{TEMPLATE}-{year}.csv")
    if ending == "xlsx":
        return _file(as_xlsx([table]), XLSX, f"{TEMPLATE}-{year}.xlsx")
    raise Http404


@allow(Role.CLM)
def lumpsums_import(request: UserRequest) -> HttpResponse:
    """Set the lump sums of a file, all of them or none, and tell of every row that is wrong."""
    posted = request.method == "POST"
    form = LumpsumFileForm(request.POST if posted else None, request.FILES if posted else None)
    wrong: list[WrongCell] = []
    if posted and form.is_valid():
        given = form.cleaned_data["file"]
        try:
            written = import_lumpsums(name=given.name, content=given.read(), by=request.user)
        except RuleViolation as violation:
            form.refuse(violation)
        except WrongLumpsums as found:
            wrong = found.rows
            text = ngettext(
                "%(count)d row cannot be taken over. Nothing of the file was kept.",
                "%(count)d rows cannot be taken over. Nothing of the file was kept.",
                len(wrong),
            )
            form.add_error("file", text % {"count": len(wrong)})
        else:
            text = ngettext("%(count)d amount is saved.", "%(count)d amounts are saved.", written)
            messages.success(request, text % {"count": written})
            return redirect("contracts:payments")
    year = year_asked(request, database_today())
    context = {
        "form": form,
        "wrong": wrong[:SHOWN],
        "more": max(len(wrong) - SHOWN, 0),
        "years": [year, year + 1],
    }
    return render(request, "contracts/money/import.html", context, status=form.http_status)


@require_safe
@allow(Role.CLM, read=READERS)
def payments_overview(request: UserRequest) -> HttpResponse:
    """What a year costs, by segment and municipality, as a workbook."""
    year = year_asked(request, database_today())
    tables = overview_tables(regions_of_money(request.user), year)
    return _file(as_xlsx(tables), XLSX, f"{TEMPLATE}-{year}-overzicht.xlsx")
