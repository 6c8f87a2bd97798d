"""Writers of quarterly reports: typed, handed in, sent back, accepted, and taken up again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from achterhoek.accounts.enums import Role
from achterhoek.accounts.models import User
from achterhoek.clock import database_now
from achterhoek.errors import NotAllowed, RuleViolation
from achterhoek.transitions.services import transition
from contracts.domain.privacy import holds_bsn
from contracts.domain.results import changed_figures
from contracts.domain.states import RESULT_REPORT
from contracts.enums import ReportStatus
from contracts.models import Contract, ResultFigure, ResultReport
from contracts.rules import is_contractor
from contracts.selectors.indicators import why_not
from contracts.selectors.results import OPEN, FigureField, sheet_of
from contracts.services.result_mail import mail_judgement
from procurement.rules import require_role

LONGEST_TEXT = 4000
Key = tuple[int, int | None]


@dataclass(frozen=True, slots=True)
class Given:
    """What was filled in for one figure: a value, or none with a remark that says why."""

    value: Decimal | None
    remark: str = ""


@transaction.atomic
def save_draft(*, report: ResultReport, typed: Mapping[str, str], by: User) -> ResultReport:
    """Keep what was typed, word for word, also what cannot be a figure yet. Nobody but the contractor reads it.

    Raises `NotAllowed`; `RuleViolation` where the report is not open, or where a text looks like data of a client.
    """
    report = _open_for(report, by)
    sheet = sheet_of(report)
    # PostgreSQL takes no NUL, which nobody types.
    told = {name: text.replace("\x00", "").strip() for name, text in typed.items() if name in sheet.names}
    kept = {name: text for name, text in told.items() if text}
    for name, text in kept.items():
        if len(text) > LONGEST_TEXT:
            raise RuleViolation(_("This text is too long."), field=name)
        require_no_person(text, field=name)
    report.draft = {**kept, "explanation": kept.get("explanation", "")}
    report.save(update_fields=["draft"])
    return report


def require_no_person(text: str, *, field: str | None) -> None:
    """Numbers of clients, never who they are (AVG). Raises `RuleViolation`."""
    if holds_bsn(text):
        raise RuleViolation(
            _("This looks like a citizen service number (BSN). Take it out: write no data about clients here."), field
        )


@transaction.atomic
def submit_report(*, report: ResultReport, figures: Mapping[Key, Given], explanation: str, by: User) -> ResultReport:
    """Hand in a report. What is not known stays empty, with a remark that says why; a zero is a zero.

    Handed in again after it was sent back, the log keeps what each figure was before. Raises `NotAllowed`;
    `RuleViolation` beside its field for a figure that cannot be, one that lacks, or data of a client.
    """
    report = _open_for(report, by)
    sheet = sheet_of(report)
    require_no_person(explanation, field="explanation")
    rows = [row for field in sheet.fields() if (row := _figure(report, field, figures.get(field.key))) is not None]
    before = _known(report)
    report.figures.all().delete()
    ResultFigure.objects.bulk_create(rows)
    report.explanation, report.draft = explanation.strip(), {}
    report.save(update_fields=["explanation", "draft"])
    detail = {"contract": report.contract.number, "quarter": _name(report), "changes": _changes(before, report)}
    return transition(
        report, ReportStatus.SUBMITTED, by=by, table=RESULT_REPORT, detail=detail, submitted_at=database_now(),
        submitted_by=by,
    )  # fmt: skip


def _figure(report: ResultReport, field: FigureField, given: Given | None) -> ResultFigure | None:
    """The row of one figure; None where a municipality was left empty, which says nothing."""
    given = given or Given(None)
    remark = given.remark.strip()
    require_no_person(remark, field=field.remark_name)
    if len(remark) > 500:
        raise RuleViolation(_("Use at most 500 characters for a remark."), field=field.remark_name)
    if given.value is None and field.place is None and not remark:
        raise RuleViolation(
            _("Fill in the figure. Is it not known? Then leave it empty and say why in the remark."), field=field.name
        )
    if given.value is not None and (reason := why_not(field.asked.indicator, given.value)):
        raise RuleViolation(reason, field=field.name)
    if given.value is None and not remark:
        return None
    return ResultFigure(
        report=report, indicator=field.asked.indicator, municipality=field.place, value=given.value, remark=remark
    )


def _known(report: ResultReport) -> dict[tuple[str, str], Decimal | None]:
    rows = report.figures.values_list("indicator__code", "municipality__slug", "value")
    return {(code, place or ""): value for code, place, value in rows}


def _changes(before: Mapping[tuple[str, str], Decimal | None], report: ResultReport) -> list[dict[str, Any]]:
    """What the log keeps of a correction; of a first report nothing, its figures stand in it."""
    if not before:
        return []
    found = changed_figures(before, _known(report))
    return [
        {"indicator": code, "municipality": place, "before": old, "after": new}
        for (code, place), (old, new) in found.items()
    ]


@transaction.atomic
def accept_report(*, report: ResultReport, by: User) -> ResultReport:
    """Accept a report as it is. Raises `NotAllowed`, and `RuleViolation` where it was not handed in."""
    report = _for_clm(report, by)
    detail = {"contract": report.contract.number, "quarter": _name(report)}
    report = transition(
        report, ReportStatus.ACCEPTED, by=by, table=RESULT_REPORT, detail=detail, judged_at=database_now(),
        judged_by=by, judgement="",
    )  # fmt: skip
    return report


@transaction.atomic
def send_back_report(*, report: ResultReport, reason: str, by: User) -> ResultReport:
    """Send a report back to the contractor, handed in or accepted already; until it comes again it does not count.

    Raises `NotAllowed`; `RuleViolation` without a reason, or where there is nothing to send back.
    """
    report = _for_clm(report, by)
    if not reason.strip():
        raise RuleViolation(_("Say what has to be corrected. The contractor reads it."), field="reason")
    require_no_person(reason, field="reason")
    detail = {"contract": report.contract.number, "quarter": _name(report)}
    report = transition(
        report, ReportStatus.RETURNED, by=by, table=RESULT_REPORT, detail=detail, reason=reason.strip(),
        judged_at=database_now(), judged_by=by, judgement=reason.strip(),
    )  # fmt: skip
    mail_judgement(report)
    return report


def _name(report: ResultReport) -> str:
    return f"{report.year}-{report.quarter}"


def _locked(report: ResultReport) -> ResultReport:
    rows = ResultReport.objects.select_for_update(of=("self",))
    return rows.select_related("contract__segment__tender", "contract__contractor", "contract__consortium").get(
        pk=report.pk
    )


def _open_for(report: ResultReport, by: User) -> ResultReport:
    report = _locked(report)
    require_member(report.contract, by)
    if report.status not in OPEN:
        raise RuleViolation(_("This report was handed in. Only after Team CLM sent it back it can be changed."))
    return report


def require_member(contract: Contract, by: User) -> None:
    """Raises `NotAllowed` where the user does not work for the contractor."""
    if not is_contractor(by, contract):
        raise NotAllowed(_("Only the contractor itself fills in its results."))


def _for_clm(report: ResultReport, by: User) -> ResultReport:
    report = _locked(report)
    require_role(by, report.contract.segment.tender, Role.CLM)
    return report
