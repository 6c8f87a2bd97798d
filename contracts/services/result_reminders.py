"""The clock of quarterly reports: asked when a quarter is over, reminded of a week before and a week after its day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db import transaction

from achterhoek.accounts.models import User
from achterhoek.audit.services import record
from achterhoek.clock import database_today
from contracts.domain.results import REMIND, Quarter, last_ended, must_remind
from contracts.models import Contract, ResultReport, SegmentIndicator
from contracts.selectors.results import OPEN, contracts_that_ran
from contracts.services.result_mail import mail_asked, mail_reminders

WITH_PEOPLE = "contract__contractor__memberships__user"


@transaction.atomic
def ask_due_reports() -> int:
    """Ask the last quarter of each contract that ran in it; how many were asked. Safe to repeat.

    The report is due six weeks after the end of the quarter; asked late (a contract that was signed after it), two
    weeks from today at the earliest.
    """
    today = database_today()
    quarter = last_ended(today)
    due_on = max(quarter.due_on, today + 2 * REMIND)
    made = ask_reports(quarter=quarter, contracts=contracts_that_ran(quarter), due_on=due_on)
    if made:
        mail_asked(_with_people(made), today)
    return len(made)


@transaction.atomic
def ask_reports(
    *, quarter: Quarter, contracts: Iterable[Contract], due_on: date | None = None, by: User | None = None
) -> list[ResultReport]:
    """Ask the report of a quarter of these contracts, as far as it was not asked yet and something is asked at all."""
    asked_of = set(SegmentIndicator.objects.values_list("segment", flat=True).distinct())
    wanted = {one.pk: one for one in contracts if one.segment_id in asked_of}
    there = ResultReport.objects.filter(contract__in=wanted, year=quarter.year, quarter=quarter.number)
    known = set(there.values_list("contract", flat=True))
    rows = [
        ResultReport(contract=one, year=quarter.year, quarter=quarter.number, due_on=due_on or quarter.due_on)
        for pk, one in wanted.items()
        if pk not in known
    ]
    made = ResultReport.objects.bulk_create(rows)
    for row in made:
        detail = {"contract": row.contract.number, "quarter": f"{row.year}-{row.quarter}"}
        record("contracts.resultreport.ask", by=by, target=row, detail=detail)
    return made


@transaction.atomic
def remind_of_reports() -> int:
    """Remind of each report that is not in, once a week before its day and once a week after; how many. Repeatable."""
    today = database_today()
    rows = ResultReport.objects.filter(status__in=OPEN, due_on__lte=today + REMIND)
    held = rows.select_for_update(of=("self",), skip_locked=True)
    due = [row for row in held if must_remind(row.due_on, row.reminded_on, today)]
    if due:
        mail_reminders(_with_people(due), today)
        ResultReport.objects.filter(pk__in=[row.pk for row in due]).update(reminded_on=today)
    return len(due)


def _with_people(reports: list[ResultReport]) -> list[ResultReport]:
    """The same reports, with the contractor and who works for it, in a fixed number of queries."""
    rows = ResultReport.objects.filter(pk__in=[row.pk for row in reports])
    found = rows.select_related("contract__contractor", "contract__consortium", "contract__segment")
    return list(found.prefetch_related(WITH_PEOPLE).order_by("year", "quarter", "contract__number"))
