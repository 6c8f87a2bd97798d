"""Letters asked for: a batch for all bidders that something is told to, made by workers and sent at one moment."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from achterhoek.accounts.models import User
from achterhoek.audit.services import record
from achterhoek.errors import RuleViolation
from achterhoek.jobs.models import Job
from achterhoek.jobs.services import start_job
from achterhoek.queue import after_commit
from achterhoek.transitions.services import transition, transition_each
from procurement.domain.states import LETTER, LETTER_BATCH
from procurement.enums import BatchPurpose, BatchStatus, DecisionStatus, LetterStatus, Stage
from procurement.models import Decision, Letter, LetterBatch, Ranking
from procurement.rules import require_lead
from procurement.selectors.letter_gaps import letter_gaps
from procurement.selectors.letters import LetterSource, letter_source
from procurement.selectors.motivation import may_edit
from procurement.services.decision_rules import is_award, require_newest
from procurement.services.locks import locked_decision, locked_segment_round
from procurement.services.motivation import compose_motivations

SEND_TASK = "procurement.send_letters"


@transaction.atomic
def request_sending(*, decision: Decision, by: User, held: bool = False) -> Job:
    """Have all letters of a signed decision made and, when all are there, sent. Asking again takes up what was left,
    and tries the failed ones anew. With `held` they are made, and wait until the lead has read them (`let_go`).

    Raises `NotAllowed`, `RuleViolation` (not signed, sent already, or a letter would be incomplete: all gaps are
    named).
    """
    decision = _held(decision, by)
    if decision.status != DecisionStatus.ADOPTED:
        raise RuleViolation(_not_signed(decision))
    require_newest(decision)
    return _request(decision, BatchPurpose.DECISION, by, held=held)


@transaction.atomic
def request_withdrawal(*, decision: Decision, reason: str, by: User) -> Job:
    """Take back a decision that was sent and is not final: every bidder is told why in a letter, and at the moment of
    sending the decision is withdrawn, its awards are cancelled and the segment can be decided anew.

    Raises `NotAllowed`, `RuleViolation`.
    """
    decision = _held(decision, by)
    if decision.status != DecisionStatus.SENT:
        raise RuleViolation(_("Only a decision that was sent and is not final is withdrawn by letter."))
    if not reason.strip():
        raise RuleViolation(_("Give the reason why you withdraw this decision."), "reason")
    return _request(decision, BatchPurpose.WITHDRAWAL, by, facts={"reason": reason.strip()})


@transaction.atomic
def request_final_letters(*, decision: Decision, by: User) -> Job:
    """Tell every bidder that the award is final. Raises `NotAllowed`, `RuleViolation`."""
    decision = _held(decision, by)
    if decision.status != DecisionStatus.FINAL:
        raise RuleViolation(_("First make the award final."))
    return _request(decision, BatchPurpose.FINAL, by)


@transaction.atomic
def request_invitations(*, decision: Decision, by: User) -> Job:
    """Invite the selected candidates to bid, once the award stage is open. Raises `NotAllowed`, `RuleViolation`."""
    decision = _held(decision, by)
    if is_award(decision) or decision.sent_at is None or decision.status == DecisionStatus.WITHDRAWN:
        raise RuleViolation(_("Candidates are invited on a selection that was sent."))
    if not letter_source(decision=decision, purpose=BatchPurpose.INVITATION).bid_deadline:
        raise RuleViolation(_("The award stage is not open yet. Open it first: the invitation names its deadline."))
    return _request(decision, BatchPurpose.INVITATION, by)


@transaction.atomic
def announce_draw(*, ranking: Ranking, facts: dict[str, Any], by: User) -> Job:
    """Tell the bidders that are equal across the cut when and how lots are drawn, so that they can be there.

    `facts`: `moment` (ISO, aware), `place`, `how`. Raises `NotAllowed`, `RuleViolation`.
    """
    segment_round = locked_segment_round(ranking.segment_round_id)
    require_lead(by, segment_round.round.tender)
    source = letter_source(ranking=ranking, purpose=BatchPurpose.DRAW)
    if not source.receivers:
        raise RuleViolation(_("No bids are equal across the cut, so there is nothing to draw."))
    batch = _batch(BatchPurpose.DRAW, None, ranking, by, facts)
    return _prepare(batch, source, by)


def _held(decision: Decision, by: User) -> Decision:
    locked_segment_round(decision.segment_round_id)
    decision = locked_decision(decision)
    require_lead(by, decision.segment_round.round.tender)
    return decision


def _request(
    decision: Decision, purpose: BatchPurpose, by: User, facts: dict[str, Any] | None = None, *, held: bool = False
) -> Job:
    if purpose == BatchPurpose.DECISION and may_edit(decision):
        compose_motivations(decision=decision, by=by)
    source = letter_source(decision=decision, purpose=purpose, facts=facts or {})
    gaps = letter_gaps(source, by=by)
    if gaps:
        told = " ".join(gap.text for gap in gaps)
        raise RuleViolation(_("The letters cannot be made yet. %(gaps)s") % {"gaps": told})
    return _prepare(_batch(purpose, decision, decision.ranking, by, facts or {}, held=held), source, by)


def _batch(
    purpose: BatchPurpose,
    decision: Decision | None,
    ranking: Ranking,
    by: User,
    facts: dict[str, Any],
    *,
    held: bool = False,
) -> LetterBatch:
    """The batch of this purpose that is under way, or a new one. Raises `RuleViolation` where it was sent."""
    found = (
        LetterBatch.objects.select_for_update()
        .filter(purpose=purpose, decision=decision, ranking=ranking)
        .exclude(status=BatchStatus.STOPPED)
        .first()
    )
    if found is None:
        try:
            with transaction.atomic():
                return LetterBatch.objects.create(
                    purpose=purpose, decision=decision, ranking=ranking, facts=facts, asked_by=by, held=held
                )
        except IntegrityError as error:
            raise RuleViolation(_("These letters have been asked for already.")) from error
    if found.status == BatchStatus.SENT:
        raise RuleViolation(_("These letters were sent already."))
    if found.facts != facts:
        raise RuleViolation(_("These letters are being made already, with another text. Let those go on."))
    return found


def _prepare(batch: LetterBatch, source: LetterSource, by: User) -> Job:
    """One letter for every receiver; the unique keys keep those that were there. Failed ones are tried anew."""
    Letter.objects.bulk_create(
        [
            Letter(
                batch=batch, decision=batch.decision, entry_id=entry_id, kind=kind,
                language=source.rows[entry_id].entry.submission.organisation.letter_language,
            )
            for entry_id, kind in source.receivers.items()
        ],
        ignore_conflicts=True,
    )  # fmt: skip
    for letter in batch.letters.filter(status=LetterStatus.FAILED):
        transition(letter, LetterStatus.QUEUED, by=by, table=LETTER, error="")
    record("procurement.letterbatch.request", by=by, target=batch, detail={"purpose": batch.purpose})
    return _start(batch, by)


@transaction.atomic
def let_go(*, batch: LetterBatch, by: User) -> Job:
    """Send the letters of a batch that was held to be read first; what was not read yet goes too, as the lead decides.

    Raises `NotAllowed`, `RuleViolation`.
    """
    batch = _locked_batch(batch.pk, by)
    if batch.status != BatchStatus.PREPARED or not batch.held:
        raise RuleViolation(_("These letters do not wait for you any more."))
    if batch.letters.exclude(status=LetterStatus.RENDERED).exists():
        raise RuleViolation(_("Not all letters are made yet. Wait for them, or try the ones that failed again."))
    batch.held = False
    batch.save(update_fields=["held"])
    unread = batch.letters.filter(proofread_at=None).count()
    record("procurement.letterbatch.let_go", by=by, target=batch, detail={"not_looked_at": unread})
    return _start(batch, by, step=":send")


def _start(batch: LetterBatch, by: User, *, step: str = "") -> Job:
    job = start_job(
        key=f"letters:{batch.pk}{step}",
        label=_("Letters: %(purpose)s") % {"purpose": batch.get_purpose_display()},
        by=by,
        return_url=page_of(batch),
    )
    after_commit(SEND_TASK, batch.pk, by.pk, str(job.pk))
    return job


def page_of(batch: LetterBatch) -> str:
    """Where the lead follows this batch."""
    if batch.decision_id is not None:
        return reverse("procurement:decision", args=[batch.decision_id])
    return reverse("procurement:segment_round", args=[batch.ranking.segment_round_id])


@transaction.atomic
def retry_letter(*, letter: Letter, by: User) -> Job:
    """Try one failed letter again; the others stay as they are. Raises `NotAllowed`, `RuleViolation`."""
    batch = _locked_batch(letter.batch_id, by)
    if batch.status != BatchStatus.PREPARED:
        raise RuleViolation(_("These letters are no longer being made."))
    transition(letter, LetterStatus.QUEUED, by=by, table=LETTER, error="")
    return _start(batch, by)


@transaction.atomic
def stop_withdrawal(*, decision: Decision, reason: str, by: User) -> None:
    """Do not withdraw after all: the letters that would tell so are stopped before they are sent, and the decision
    stays as it was. The reason is kept in the file. A withdrawal can be asked for anew later, with other words.

    Raises `NotAllowed`, `RuleViolation` (sent or stopped already).
    """
    decision = _held(decision, by)
    if not reason.strip():
        raise RuleViolation(_("Give the reason why you stop these letters."), "reason")
    if not _stop(decision.batches.filter(purpose=BatchPurpose.WITHDRAWAL), by, reason.strip()):
        raise RuleViolation(_("No withdrawal is under way: its letters were sent or stopped already."))


def stop_batches(*, decision: Decision, by: User) -> None:
    """Nothing of a decision that is withdrawn before it was sent goes out."""
    _stop(decision.batches.all(), by)


def _stop(batches: QuerySet[LetterBatch], by: User, reason: str = "") -> bool:
    """Stop those that are still to be sent, with all their letters, made or not; whether there were any. A worker that
    is making one of them ends it first, and takes up no other.
    """
    found = list(batches.select_for_update().filter(status=BatchStatus.PREPARED))
    for batch in found:
        transition(batch, BatchStatus.STOPPED, by=by, table=LETTER_BATCH, reason=reason)
        letters = batch.letters.select_related("entry__submission", "entry__segment")
        transition_each(letters, LetterStatus.STOPPED, by=by, table=LETTER)
    return bool(found)


def _locked_batch(pk: int, by: User) -> LetterBatch:
    found = LetterBatch.objects.select_related("ranking__segment_round__round__tender").get(pk=pk)
    locked_segment_round(found.ranking.segment_round_id)
    require_lead(by, found.ranking.segment_round.round.tender)
    LetterBatch.objects.select_for_update().get(pk=pk)
    found.refresh_from_db(fields=["status"])
    return found


def _not_signed(decision: Decision) -> str:
    if decision.sent_at is not None:
        return _("This decision was sent already.")
    if decision.segment_round.round.stage == Stage.AWARD and decision.status == DecisionStatus.PROPOSED:
        return _("Only a signed decision can be sent; the colleges have not all decided yet.")
    return _("Only a signed decision can be sent.")
