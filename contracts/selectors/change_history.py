"""What happened to a change of subcontractor, as each side may read it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time

from django.utils import timezone
from django.utils.translation import gettext as _

from achterhoek.audit.models import AuditEvent
from contracts.enums import ChangeStatus, ContractLetterKind, MessageSide
from contracts.models import ContractLetter, SubcontractorChange
from contracts.selectors.change_evidence import evidence_of

WITHDRAWN = "contracts.subcontractorchange.withdraw"


@dataclass(frozen=True, slots=True)
class Event:
    """A line of the history: when, what, the words that were written, and who."""

    moment: datetime | date
    title: str
    text: str = ""
    actor: str = ""


def history_of(change: SubcontractorChange, *, internal: bool) -> list[Event]:
    """The whole course, oldest first. The contractor does not read advice, nor who in Team CLM it was."""
    events = [*_asked(change), *_said(change, internal), *_decided(change, internal), *_followed(change, internal)]
    if internal:
        events += _advised(change)
    return sorted(events, key=lambda event: _moment(event.moment))


def _moment(found: datetime | date) -> datetime:
    """A day without a time stands at its end."""
    if isinstance(found, datetime):
        return found
    return timezone.make_aware(datetime.combine(found, time(23, 59)))


def _asked(change: SubcontractorChange) -> Iterator[Event]:
    yield Event(change.requested_at, _("Asked"), change.reason, str(change.requested_by))
    for row in evidence_of(change):
        yield Event(
            row.added_at, _("Document added: %(kind)s") % {"kind": row.get_kind_display()}, "", str(row.added_by)
        )
    if change.status == ChangeStatus.WITHDRAWN:
        found = AuditEvent.objects.filter(action=WITHDRAWN, target_id=str(change.pk)).select_related("actor").first()
        if found is not None:
            yield Event(found.at, _("Withdrawn"), "", str(found.actor))


def _said(change: SubcontractorChange, internal: bool) -> Iterator[Event]:
    for message in change.messages.select_related("author"):
        if message.side == MessageSide.CLM:
            yield Event(message.at, _("Question of Team CLM"), message.text, _clm(message.author, internal))
        else:
            yield Event(message.at, _("Answer of the contractor"), message.text, str(message.author))


def _decided(change: SubcontractorChange, internal: bool) -> Iterator[Event]:
    if change.decided_at is None:
        return
    title = _("Decision: %(outcome)s") % {"outcome": change.get_status_display()}
    yield Event(change.decided_at, title, change.decision_reason, _clm(change.decided_by, internal))
    sent = ContractLetter.objects.filter(
        contract=change.contract_id,
        kind=ContractLetterKind.SUBCONTRACTOR,
        subject=str(change.pk),
        sent_at__isnull=False,
    )
    for letter in sent:
        assert letter.sent_at is not None  # filtered on
        yield Event(letter.sent_at, _("Letter sent"))


def _followed(change: SubcontractorChange, internal: bool) -> Iterator[Event]:
    for condition in change.followed.select_related("checked_by"):
        if condition.met_on is not None:
            yield Event(condition.met_on, _("Condition met"), condition.text, _clm(condition.checked_by, internal))


def _advised(change: SubcontractorChange) -> Iterator[Event]:
    for advice in change.advices.select_related("municipality", "asked_by", "given_by"):
        place = {"place": advice.municipality.name}
        yield Event(advice.asked_at, _("Advice asked of %(place)s") % place, advice.question, str(advice.asked_by))
        if advice.given_at is not None:
            said = {**place, "outcome": advice.get_outcome_display()}
            yield Event(
                advice.given_at, _("Advice of %(place)s: %(outcome)s") % said, advice.text, str(advice.given_by)
            )


def _clm(person: object, internal: bool) -> str:
    return str(person) if internal else _("Team CLM")
