"""Mail about quarterly reports: one a person, however many contracts it is about."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from achterhoek.accounts.models import User
from achterhoek.links import absolute
from achterhoek.mail.services import queue_mail
from contracts.models import ResultReport
from contracts.selectors.results import quarter_name, quarter_of_report
from contracts.services.texts import in_dutch


def mail_asked(reports: Iterable[ResultReport], today: date) -> None:
    """That these reports are asked."""
    with in_dutch():
        _mail_each(
            reports, f"results:asked:{today.isoformat()}", _("Quarterly report: please hand in your figures"), "asked"
        )


def mail_reminders(reports: Iterable[ResultReport], today: date) -> None:
    """That these reports are not in: due in a week, or missing since a week."""
    with in_dutch():
        subject = _("Reminder: your quarterly report is not in yet")
        _mail_each(reports, f"results:reminder:{today.isoformat()}", subject, "reminder")


def mail_judgement(report: ResultReport) -> None:
    """That a report was sent back, to whoever works for the contractor."""
    with in_dutch():
        subject = _("Your quarterly report was sent back")
        _mail_each([report], f"results:returned:{report.pk}:{report.judged_at}", subject, "returned")


def _mail_each(reports: Iterable[ResultReport], key: str, subject: str, kind: str) -> None:
    told: dict[User, list[ResultReport]] = {}
    for report in reports:
        for person in _members(report):
            told.setdefault(person, []).append(report)
    for person, own in told.items():
        lines = [
            {
                "report": report,
                "contract": report.contract,
                "quarter": quarter_name(quarter_of_report(report)),
                "link": absolute("contracts:report", report.contract_id, report.year, report.quarter),
            }
            for report in own
        ]
        body = render_to_string("emails/contracts/results.txt", {"lines": lines, "kind": kind})
        queue_mail(key=f"{key}:{person.pk}:{own[0].pk}", to=person.email, subject=subject, body=body)


def _members(report: ResultReport) -> list[User]:
    people = (membership.user for membership in report.contract.contractor.memberships.all())
    return [person for person in people if person.is_active]
