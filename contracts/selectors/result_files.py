"""The template of a file with figures: a row for each figure that can be filled in, with what was typed so far."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from achterhoek.spreadsheets import Table, Value
from contracts.domain.figure_rows import COLUMNS
from contracts.models import ResultReport
from contracts.selectors.results import sheet_of

NAME = "resultaten"


def template_table(reports: Iterable[ResultReport]) -> Table:
    """The open reports of a contractor as rows; who fills in the column of the figure can send the file in."""
    rows: list[list[Value]] = []
    for report in reports:
        sheet = sheet_of(report)
        typed = sheet.typed()
        for field in sheet.fields():
            rows.append([
                report.contract.number, report.year, report.quarter, field.asked.indicator.code,
                field.place.name if field.place else "", typed.get(field.name, ""), typed.get(field.remark_name, ""),
            ])  # fmt: skip
    return Table(_("Results"), list(COLUMNS), rows)
