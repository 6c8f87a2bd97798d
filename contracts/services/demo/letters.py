"""The letters of the demo: made and sent by the services that a worker would call, one after the other."""

from __future__ import annotations

from achterhoek.accounts.models import User
from achterhoek.clock import database_now
from achterhoek.jobs.services import finish
from achterhoek.transitions.services import transition
from procurement.domain.motivation import Standing
from procurement.domain.states import DECISION, SEGMENT_ROUND
from procurement.enums import DecisionStatus, SegmentRoundStatus
from procurement.models import Decision, LetterBatch
from procurement.selectors.letters import batch_source, letter_source
from procurement.selectors.motivation import bidders_of
from procurement.services.letter_batches import request_sending
from procurement.services.letter_pdf import LetterFontsMissing, press
from procurement.services.letter_sending import Sending, send_batch
from procurement.services.letter_work import make_next_letter
from procurement.services.motivation import accept_finding

ACCEPTED = "Dit gaat over samenwerken met andere aanbieders. De tekst vergelijkt niet met andere inschrijvingen."


def letters_can_be_made() -> bool:
    """Whether this machine has what PDF letters need: Pango and HarfBuzz, and the fonts."""
    try:
        press()
    except (ImportError, OSError, LetterFontsMissing):
        return False
    return True


def _look_at_reasons(decision: Decision, lead: User) -> None:
    """The lead looks at what was found in the motivations, and lets it stand: in the demo it is always about sharing
    knowledge with other providers, which compares with nobody."""
    for bidder in bidders_of(letter_source(decision=decision), by=lead):
        for reason in bidder.reasons:
            if reason.standing == Standing.LOOK:
                accept_finding(decision=decision, key=reason.key, reason=ACCEPTED, by=lead)


def send(decision: Decision, lead: User, *, with_letters: bool = True) -> None:
    """Make all letters of a signed decision, and send it.

    Without letters (only where this machine cannot make any, and only a selection) the candidates are
    told on their pages alone, so that the stages after it can be shown.
    """
    decision.refresh_from_db()
    if not with_letters:
        transition(decision, DecisionStatus.SENT, by=lead, table=DECISION, sent_at=database_now())
        transition(decision.segment_round, SegmentRoundStatus.DECIDED, by=lead, table=SEGMENT_ROUND)
        return
    _look_at_reasons(decision, lead)
    job = request_sending(decision=decision, by=lead)
    batch = LetterBatch.objects.select_related("decision", "ranking").get(decision=decision)
    source = batch_source(batch.pk)
    while make_next_letter(source, batch.pk) is not None:
        pass
    state = send_batch(batch=batch, by=lead)
    if state is not Sending.SENT:
        raise RuntimeError(f"the letters of {decision} ended as {state.value}")
    finish(str(job.pk))
