"""Letters: asked for by the lead, made one by one by workers, sent all at once when all are there.

A worker may die half-way and run again, and two may run at the same time: each letter is claimed by its row's
lock and made once. Only when every letter of a decision is made, one transaction sends the decision.
"""

from __future__ import annotations

from datetime import datetime
from enum import Enum

import structlog
from django.db import transaction
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from achterhoek.accounts.models import User
from achterhoek.audit.services import record
from achterhoek.clock import database_now
from achterhoek.documents.models import StoredFile
from achterhoek.documents.services import PDF, discard, store_bytes
from achterhoek.errors import RuleViolation
from achterhoek.jobs.models import Job
from achterhoek.jobs.services import start_job
from achterhoek.mail.services import queue_mail
from achterhoek.queue import after_commit
from achterhoek.transitions.services import transition
from procurement.domain.letters import verdict_of
from procurement.domain.states import DECISION, LETTER, SEGMENT_ROUND
from procurement.enums import DecisionStatus, LetterStatus, Outcome, SegmentRoundStatus
from procurement.models import Award, Decision, Letter, RankingRow
from procurement.rules import require_lead
from procurement.selectors.decisions import LETTER_FILE
from procurement.selectors.letters import (
    LetterSource,
    decision_number,
    letter_content,
    letter_gaps,
    letter_source,
    notice_dates_of,
    printed_on,
)
from procurement.services.decision_rules import is_award, require_newest
from procurement.services.letter_pdf import render_pdf
from procurement.services.locks import locked_decision, locked_segment_round

logger = structlog.get_logger(__name__)

SEND_TASK = "procurement.send_letters"


class Sending(Enum):
    """How an attempt to send a decision ended."""

    SENT = "sent"
    WAITING = "waiting"
    OUTDATED = "outdated"
    FAILED = "failed"
    STOPPED = "stopped"


@transaction.atomic
def request_sending(*, decision: Decision, by: User) -> Job:
    """Have all letters made and, when all are there, sent. Asking again takes up what was left, and tries
    the failed ones anew.

    Raises `NotAllowed`, `RuleViolation` (not adopted, sent already, or a letter would be incomplete: all
    gaps are named).
    """
    locked_segment_round(decision.segment_round_id)
    decision = locked_decision(decision)
    require_lead(by, decision.segment_round.round.tender)
    if decision.status != DecisionStatus.ADOPTED:
        raise RuleViolation(_not_adopted(decision))
    require_newest(decision)
    gaps = letter_gaps(letter_source(decision.pk))
    if gaps:
        raise RuleViolation(_("The letters cannot be made yet. %(gaps)s") % {"gaps": " ".join(gaps)})
    _prepare_letters(decision)
    for letter in decision.letters.filter(status=LetterStatus.FAILED):
        transition(letter, LetterStatus.QUEUED, by=by, table=LETTER, error="")
    record("procurement.decision.request_sending", by=by, target=decision)
    return _start(decision, by)


def _not_adopted(decision: Decision) -> str:
    if decision.sent_at is not None:
        return _("This decision was sent already.")
    return _("Only an adopted decision can be sent.")


def _prepare_letters(decision: Decision) -> None:
    """One letter for every entry of the ranking. The unique key keeps those that were there."""
    award = is_award(decision)
    Letter.objects.bulk_create(
        [
            Letter(decision=decision, entry_id=entry_id, kind=verdict_of(outcome, award=award).value)
            for entry_id, outcome in RankingRow.objects.filter(ranking=decision.ranking)
            .order_by("position")
            .values_list("entry_id", "outcome")
        ],
        ignore_conflicts=True,
    )


def _start(decision: Decision, by: User) -> Job:
    job = start_job(
        key=f"letters:{decision.pk}",
        label=_("Letters of decision %(number)s") % {"number": decision_number(decision)},
        by=by,
        return_url=reverse("procurement:decision", args=[decision.pk]),
    )
    after_commit(SEND_TASK, decision.pk, by.pk, str(job.pk))
    return job


@transaction.atomic
def retry_letter(*, letter: Letter, by: User) -> Job:
    """Try one failed letter again; the others stay as they are. Raises `NotAllowed`, `RuleViolation`."""
    decision = locked_decision(letter.decision)
    require_lead(by, decision.segment_round.round.tender)
    if decision.status != DecisionStatus.ADOPTED:
        raise RuleViolation(_not_adopted(decision))
    transition(letter, LetterStatus.QUEUED, by=by, table=LETTER, error="")
    return _start(decision, by)


# The worker's part -------------------------------------------------------------------------------------


@transaction.atomic
def make_next_letter(source: LetterSource) -> Letter | None:
    """Make the next waiting letter of an adopted decision; None where none waits (or others have them).

    A letter that cannot be made is marked as failed with its cause, and does not hold up the others.
    """
    letter = _letters_to_make(source.decision.pk).filter(status=LetterStatus.QUEUED).order_by("entry_id").first()
    if letter is None:
        return None
    try:
        with transaction.atomic():
            return _make(letter, source)
    # Whatever the cause, the other letters go on.
    except Exception as error:
        logger.error("letter not made", letter=str(letter.pk), error=type(error).__name__, exc_info=True)
        cause = f"{type(error).__name__}: {error}"[:500]
        return transition(letter, LetterStatus.FAILED, by=None, table=LETTER, error=cause)


@transaction.atomic
def remake_outdated_letter(source: LetterSource) -> bool:
    """Make one letter anew of which the printed date has passed; False where there is none.

    Its dates would be wrong, and were never shown to anybody: the old file goes.
    """
    now = database_now()
    start_of_day = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    letter = (
        _letters_to_make(source.decision.pk)
        .filter(status=LetterStatus.RENDERED, rendered_at__lt=start_of_day)
        .order_by("entry_id")
        .first()
    )
    if letter is None:
        return False
    old = letter.file
    content = letter_content(source, letter.entry_id, on=timezone.localdate(now))
    letter.file = _store(letter, source, render_pdf(content))
    letter.rendered_at = now
    letter.save(update_fields=["file", "rendered_at"])
    if old is not None:
        discard(old)
    record("procurement.letter.remake", by=None, target=letter, detail={"sha256": letter.file.sha256})
    return True


def _letters_to_make(decision_id: int) -> QuerySet[Letter]:
    """Letters nobody else is making, of a decision that is still to be sent."""
    return Letter.objects.select_for_update(of=("self",), skip_locked=True).filter(
        decision_id=decision_id, decision__status=DecisionStatus.ADOPTED
    )


def _make(letter: Letter, source: LetterSource) -> Letter:
    now = database_now()
    content = letter_content(source, letter.entry_id, on=timezone.localdate(now))
    stored = _store(letter, source, render_pdf(content))
    return transition(
        letter, LetterStatus.RENDERED, by=None, table=LETTER,
        file=stored, rendered_at=now, error="", detail={"sha256": stored.sha256},
    )  # fmt: skip


def _store(letter: Letter, source: LetterSource, pdf: bytes) -> StoredFile:
    number = source.rows[letter.entry_id].entry.submission.number
    name = f"brief-{decision_number(source.decision)}-{number}.pdf"
    return store_bytes(content=pdf, name=name, content_type=PDF, kind=LETTER_FILE, by=None)


# Sending -----------------------------------------------------------------------------------------------


@transaction.atomic
def send_decision(*, decision: Decision, by: User) -> Sending:
    """Send the decision if every letter is made and bears today's date; all of it, or nothing.

    From this moment the bidders see their letters, the standstill runs (Aw 2.127) and the awards are
    provisional. Raises `NotAllowed`, `RuleViolation` (a newer ranking).
    """
    locked_segment_round(decision.segment_round_id)
    decision = locked_decision(decision)
    require_lead(by, decision.segment_round.round.tender)
    if decision.status != DecisionStatus.ADOPTED:
        return Sending.SENT if decision.sent_at is not None else Sending.STOPPED
    letters = _locked_letters(decision)
    now = database_now()
    state = _readiness(decision, letters, now)
    if state is not None:
        return state
    require_newest(decision)
    dates = notice_dates_of(decision, timezone.localdate(now))
    decision = transition(
        decision, DecisionStatus.SENT, by=by, table=DECISION, sent_at=now,
        standstill_until=dates.standstill_until, objection_cutoff=dates.objection_cutoff,
        detail={"letters": len(letters)},
    )  # fmt: skip
    if is_award(decision):
        _make_awards(decision)
    transition(decision.segment_round, SegmentRoundStatus.DECIDED, by=by, table=SEGMENT_ROUND)
    for letter in letters:
        _send(letter, decision, now)
    return Sending.SENT


def _locked_letters(decision: Decision) -> list[Letter]:
    """All letters of the decision, held until the end of the transaction.

    Locked first and read afterwards: a query that waits for a lock sees the new row, but joins it to
    files as they were before it waited, and would miss the file that another worker has just stored.
    """
    held = Letter.objects.select_for_update().filter(decision=decision).order_by("entry_id")
    list(held.values_list("pk", flat=True))
    return list(
        Letter.objects.filter(decision=decision)
        .select_related("file", "entry__submission__organisation", "entry__segment")
        .order_by("entry_id")
    )


def _readiness(decision: Decision, letters: list[Letter], now: datetime) -> Sending | None:
    """Why the decision cannot be sent yet; None where it can."""
    states = {letter.status for letter in letters}
    expected = RankingRow.objects.filter(ranking=decision.ranking).count()
    if LetterStatus.QUEUED in states or len(letters) != expected:
        return Sending.WAITING
    if LetterStatus.FAILED in states:
        return Sending.FAILED
    today = timezone.localdate(now)
    if any(printed_on(letter.rendered_at) != today for letter in letters):
        return Sending.OUTDATED
    return None


def _make_awards(decision: Decision) -> None:
    """The provisional awards (voorlopige gunning) of the selected bids."""
    selected = RankingRow.objects.filter(ranking=decision.ranking, outcome=Outcome.SELECTED).order_by("position")
    for entry_id in selected.values_list("entry_id", flat=True):
        award = Award.objects.create(decision=decision, entry_id=entry_id)
        record("procurement.award.make", by=None, target=award, detail={"decision": decision_number(decision)})


def _send(letter: Letter, decision: Decision, now: datetime) -> None:
    """One letter, one mail, whose key keeps it from ever being written twice."""
    organisation = letter.entry.submission.organisation
    assert letter.file is not None  # a made letter has one (letter_made_has_file)
    transition(letter, LetterStatus.SENT, by=None, table=LETTER, sent_at=now)
    context = {
        "letter": letter,
        "decision": decision,
        "segment": letter.entry.segment.name,
        "tender": decision.segment_round.round.tender,
        "number": decision_number(decision),
    }
    with translation.override("nl"):
        subject = f"Besluit over {letter.entry.segment.name} ({decision_number(decision)})"
        body = render_to_string("letters/mail.txt", context)
    queue_mail(key=f"letter:{letter.pk}", to=organisation.email, subject=subject, body=body, attachments=[letter.file])


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
