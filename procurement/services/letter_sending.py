"""Sending: all letters of a batch at one moment, with what follows from it; all of it, or nothing."""

from __future__ import annotations

from datetime import datetime
from enum import Enum

from django.db import transaction
from django.db.models import CharField, OuterRef, Subquery, Value
from django.db.models.functions import Cast, Concat
from django.template.loader import render_to_string
from django.utils import timezone, translation

from achterhoek.accounts.models import User
from achterhoek.audit.services import record, record_each
from achterhoek.clock import database_now
from achterhoek.mail.models import OutboxMessage
from achterhoek.mail.services import Mail, queue_mails
from achterhoek.transitions.services import transition, transition_each
from procurement.domain.states import AWARD, DECISION, LETTER, LETTER_BATCH, SEGMENT_ROUND
from procurement.enums import (
    AwardStatus,
    BatchPurpose,
    BatchStatus,
    DecisionStatus,
    LetterStatus,
    Outcome,
    SegmentRoundStatus,
)
from procurement.models import Award, Decision, Letter, LetterBatch, RankingRow, SegmentRound
from procurement.rules import require_lead
from procurement.selectors.letters import decision_number, notice_dates_of, printed_on
from procurement.services.decision_rules import is_award, require_newest
from procurement.services.locks import locked_decision, locked_segment_round

MAIL_KEY = "letter:"
# What the log calls a letter or an award by.
NAMED = ("entry__submission__organisation", "entry__segment")


class Sending(Enum):
    """How an attempt to send a batch ended."""

    SENT = "sent"
    WAITING = "waiting"
    HELD = "held"
    OUTDATED = "outdated"
    FAILED = "failed"
    STOPPED = "stopped"


@transaction.atomic
def send_batch(*, batch: LetterBatch, by: User) -> Sending:
    """Send the letters of a batch if every one is made and bears today's date; all of them, or none.

    From this moment the bidders see their letters. With a decision the standstill begins (Aw 2.127) and its awards are
    provisional; with a withdrawal the decision is withdrawn. Raises `NotAllowed`, `RuleViolation` (a newer ranking).
    """
    segment_round = locked_segment_round(batch.ranking.segment_round_id)
    require_lead(by, segment_round.round.tender)
    decision = locked_decision(batch.decision) if batch.decision is not None else None
    batch = LetterBatch.objects.select_for_update().get(pk=batch.pk)
    if batch.status != BatchStatus.PREPARED:
        return Sending.SENT if batch.status == BatchStatus.SENT else Sending.STOPPED
    letters = _locked_letters(batch)
    now = database_now()
    state = _readiness(batch, letters, now)
    if state is not None:
        return state
    if decision is not None:
        decision = _take_effect(batch, decision, now, by)
    batch = transition(
        batch, BatchStatus.SENT, by=by, table=LETTER_BATCH, sent_at=now, detail={"letters": len(letters)}
    )
    _send(letters, batch, segment_round, decision, now)
    return Sending.SENT


def _take_effect(batch: LetterBatch, decision: Decision, now: datetime, by: User) -> Decision:
    if batch.purpose == BatchPurpose.DECISION:
        return _decide(decision, now, by)
    if batch.purpose == BatchPurpose.WITHDRAWAL:
        return _take_back(decision, batch, now, by)
    return decision


def _decide(decision: Decision, now: datetime, by: User) -> Decision:
    require_newest(decision)
    dates = notice_dates_of(decision, timezone.localdate(now))
    decision = transition(
        decision, DecisionStatus.SENT, by=by, table=DECISION, sent_at=now,
        standstill_until=dates.standstill_until, objection_cutoff=dates.objection_cutoff,
    )  # fmt: skip
    if is_award(decision):
        _make_awards(decision)
    transition(decision.segment_round, SegmentRoundStatus.DECIDED, by=by, table=SEGMENT_ROUND)
    return decision


def _take_back(decision: Decision, batch: LetterBatch, now: datetime, by: User) -> Decision:
    reason = str(batch.facts["reason"])
    pending = Award.objects.filter(decision=decision, status=AwardStatus.PENDING).order_by("pk")
    transition_each(pending.select_related(*NAMED), AwardStatus.CANCELLED, by=by, table=AWARD)
    transition(decision.segment_round, SegmentRoundStatus.RANKED, by=by, table=SEGMENT_ROUND)
    return transition(
        decision, DecisionStatus.WITHDRAWN, by=by, table=DECISION, reason=reason,
        withdrawn_at=now, withdrawal_reason=reason,
    )  # fmt: skip


def _locked_letters(batch: LetterBatch) -> list[Letter]:
    """All letters of the batch, held until the end of the transaction.

    Locked first and read afterwards: a query that waits for a lock sees the new row, but joins it to
    files as they were before it waited, and would miss the file that another worker has just stored.
    """
    held = Letter.objects.select_for_update().filter(batch=batch).order_by("entry_id")
    list(held.values_list("pk", flat=True))
    return list(Letter.objects.filter(batch=batch).select_related("file", *NAMED).order_by("entry_id"))


def _readiness(batch: LetterBatch, letters: list[Letter], now: datetime) -> Sending | None:
    """Why the batch cannot be sent yet; None where it can."""
    states = {letter.status for letter in letters}
    if LetterStatus.QUEUED in states or not letters:
        return Sending.WAITING
    if LetterStatus.FAILED in states:
        return Sending.FAILED
    if batch.held:
        return Sending.HELD
    today = timezone.localdate(now)
    if any(printed_on(letter.rendered_at) != today for letter in letters):
        return Sending.OUTDATED
    return None


def _make_awards(decision: Decision) -> None:
    """The provisional awards (voorlopige gunning) of the selected bids."""
    selected = RankingRow.objects.filter(ranking=decision.ranking, outcome=Outcome.SELECTED).order_by("position")
    awards = Award.objects.bulk_create(
        Award(decision=decision, entry=row.entry) for row in selected.select_related(*NAMED)
    )
    number = decision_number(decision)
    record_each("procurement.award.make", by=None, each=[(award, {"decision": number}) for award in awards])


def _send(
    letters: list[Letter], batch: LetterBatch, segment_round: SegmentRound, decision: Decision | None, now: datetime
) -> None:
    """One mail for each letter, whose key keeps it from ever being written twice; as many queries for two letters as
    for two hundred."""
    languages = {letter.language for letter in letters}
    texts = {language: _mail_text(language, batch, segment_round, decision) for language in languages}
    mails = []
    for letter in letters:
        assert letter.file is not None  # a made letter has one (letter_made_has_file)
        subject, body = texts[letter.language]
        to = letter.entry.submission.organisation.email
        mails.append(Mail(f"{MAIL_KEY}{letter.pk}", to, subject, body, [letter.file]))
    queue_mails(mails)
    key = Concat(Value(MAIL_KEY), Cast(OuterRef("pk"), CharField()))
    mail = Subquery(OutboxMessage.objects.filter(key=key).values("pk"))
    transition_each(letters, LetterStatus.SENT, by=None, table=LETTER, sent_at=now, message=mail)


def _mail_text(
    language: str, batch: LetterBatch, segment_round: SegmentRound, decision: Decision | None
) -> tuple[str, str]:
    """Subject and text of the mails of a batch to those who are written to in this language: the same for each. What
    is for one bidder alone stands in its letter."""
    context = {
        "purpose": batch.purpose,
        "decision": decision,
        "stage": segment_round.round.stage,
        "segment": segment_round.segment.name,
        "tender": segment_round.round.tender,
        "number": decision_number(decision) if decision else "",
    }
    with translation.override(language):
        subject = " ".join(render_to_string(f"letters/{language}/mail_subject.txt", context).split())
        return subject, render_to_string(f"letters/{language}/mail.txt", context)


@transaction.atomic
def mark_read(*, letter: Letter, by: User) -> None:
    """Note when the bidder first opened its letter. Only its own people count."""
    locked = Letter.objects.select_for_update(of=("self",)).select_related("entry__submission").get(pk=letter.pk)
    if locked.first_read_at is not None or locked.status != LetterStatus.SENT:
        return
    if not locked.entry.submission.organisation.memberships.filter(user=by).exists():
        return
    locked.first_read_at = database_now()
    locked.save(update_fields=["first_read_at"])
    record("procurement.letter.read", by=by, target=locked)
