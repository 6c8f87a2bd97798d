"""Many figures at once: the template to download, and the file that comes back."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from achterhoek.accounts.access import allow
from achterhoek.accounts.enums import Role
from achterhoek.accounts.requests import UserRequest
from achterhoek.errors import RuleViolation
from achterhoek.spreadsheets import as_csv, as_xlsx
from contracts.forms.results import ImportForm
from contracts.selectors.result_files import NAME, template_table
from contracts.selectors.results import own_open_reports, quarter_name, quarter_of_report
from contracts.services.result_files import WrongRow, WrongRows, import_figures

KINDS = {
    "csv": ("text/csv; charset=utf-8", as_csv),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", lambda table: as_xlsx([table])),
}
# A file with thousands of wrong rows is told of in a page that can be read.
SHOWN = 200


@require_safe
@allow(Role.PROVIDER)
def results_template(request: UserRequest, ending: str) -> HttpResponse:
    """The open reports of the contractor as a file to fill in."""
    if ending not in KINDS:
        raise Http404
    content_type, write = KINDS[ending]
    response = HttpResponse(write(template_table(own_open_reports(request.user))), content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{NAME}.{ending}"'
    return response


@allow(Role.PROVIDER)
def results_import(request: UserRequest) -> HttpResponse:
    """Take over the figures of a file, all of them or none, and tell of every row that is wrong."""
    form = ImportForm(request.POST or None, request.FILES or None)
    wrong: list[WrongRow] = []
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data["file"]
        try:
            done = import_figures(name=given.name, content=given.read(), by=request.user)
        except RuleViolation as violation:
            form.refuse(violation)
        except WrongRows as found:
            wrong = found.rows
            text = ngettext(
                "%(count)d row cannot be taken over. Nothing of the file was kept.",
                "%(count)d rows cannot be taken over. Nothing of the file was kept.",
                len(wrong),
            )
            form.add_error("file", text % {"count": len(wrong)})
        else:
            text = ngettext(
                "%(count)d figure stands in your drafts. Look at it and hand in the report.",
                "%(count)d figures stand in your drafts. Look at them and hand in the reports.",
                done.figures,
            )
            messages.success(request, text % {"count": done.figures})
            first = done.reports[0]
            return redirect("contracts:report", first.contract_id, first.year, first.quarter)
    reports = [(row, quarter_name(quarter_of_report(row))) for row in own_open_reports(request.user)]
    context = {"form": form, "wrong": wrong[:SHOWN], "more": max(len(wrong) - SHOWN, 0), "reports": reports}
    return render(request, "contracts/results/import.html", context, status=form.http_status)
