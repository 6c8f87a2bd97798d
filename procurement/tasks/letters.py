"""The workers that make and send the letters of a batch: as many at once as there are processes for it."""

from __future__ import annotations

import structlog
from celery import shared_task
from django.db import InterfaceError, OperationalError
from django.utils import translation
from django.utils.translation import gettext as _

from achterhoek.accounts.models import User
from achterhoek.errors import RuleViolation
from achterhoek.jobs.services import advance, begin, fail, finish
from achterhoek.queue import after_commit, nobody_works, together
from procurement.models import LetterBatch
from procurement.selectors.letter_batches import batches_left, is_open, letters_wait
from procurement.selectors.letters import batch_source, made_and_total
from procurement.services.letter_batches import SEND_TASK
from procurement.services.letter_sending import Sending, send_batch
from procurement.services.letter_work import make_next_letter, remake_outdated_letter

logger = structlog.get_logger(__name__)

# One run makes at most this many, so that other work (mail, receipts) gets its turn between them.
SHIFT = 25
LOCK = "letters"


@shared_task(name=SEND_TASK)
def send_letters(batch_id: int, user_id: int, job_id: str) -> str:
    """Make what is still to be made, and send the batch once all of it is there.

    Runs as often and in as many processes as there are, or again after a run that died: each letter is made once and
    sent once. A run that begins while letters wait asks for one more; whichever process is free takes that up, so
    that all of them work and only one request waits in the queue.
    """
    with translation.override("nl"), together(LOCK, batch_id):
        try:
            state = _work(batch_id, user_id, job_id)
        except RuleViolation as violation:
            fail(job_id, violation.message)
            return Sending.STOPPED.value
        except (OperationalError, InterfaceError):
            raise  # the database went away: the scheduler has it taken up again
        except Exception:
            fail(job_id, _("Something went wrong, and nothing was sent. Ask for the sending again."))
            raise
    logger.info("letters", batch=batch_id, state=state.value)
    return state.value


@shared_task(name="procurement.take_up_letters")
def take_up_letters() -> int:
    """Batches that nobody works on although there is something to do: their worker died, or what was asked for was
    lost with the queue. How many were taken up.
    """
    taken = 0
    for left in batches_left():
        if nobody_works(LOCK, left.batch_id):
            after_commit(SEND_TASK, left.batch_id, left.user_id, left.job_id)
            taken += 1
    return taken


def _work(batch_id: int, user_id: int, job_id: str) -> Sending:
    if is_open(batch_id) and not _make(batch_id, user_id, job_id):
        return Sending.WAITING
    batch = LetterBatch.objects.select_related("decision", "ranking").get(pk=batch_id)
    by = User.objects.get(pk=user_id)
    while (state := send_batch(batch=batch, by=by)) is Sending.OUTDATED:
        # The day turned while the letters were being made: their dates are wrong by now.
        source = batch_source(batch_id)
        while remake_outdated_letter(source, batch_id):
            pass
    _report(job_id, state)
    return state


def _make(batch_id: int, user_id: int, job_id: str) -> bool:
    """Make letters until none is left for us; False where our turn is over before that."""
    made, total = made_and_total(batch_id)
    begin(job_id, total=total, done=made)
    source = batch_source(batch_id)
    if letters_wait(batch_id):
        after_commit(SEND_TASK, batch_id, user_id, job_id)
    for _turn in range(SHIFT):
        if make_next_letter(source, batch_id) is None:
            return True
        advance(job_id)
    return not letters_wait(batch_id)


def _report(job_id: str, state: Sending) -> None:
    """Tell the lead's progress page how it ended; where another worker still works, that one will."""
    if state in (Sending.SENT, Sending.HELD):
        finish(job_id)
    elif state is Sending.FAILED:
        fail(job_id, _("Some letters could not be made. Nothing was sent. The page of the decision shows which ones."))
    elif state is Sending.STOPPED:
        fail(job_id, _("These letters were stopped. Nothing was sent."))
