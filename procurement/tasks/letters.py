"""The worker that makes and sends the letters of a batch."""

from __future__ import annotations

import structlog
from celery import shared_task
from django.utils import translation
from django.utils.translation import gettext as _

from achterhoek.accounts.models import User
from achterhoek.errors import RuleViolation
from achterhoek.jobs.services import advance, begin, fail, finish
from procurement.models import LetterBatch
from procurement.selectors.letters import batch_source, made_and_total
from procurement.services.letter_sending import Sending, send_batch
from procurement.services.letter_work import make_next_letter, remake_outdated_letter

logger = structlog.get_logger(__name__)


@shared_task(name="procurement.send_letters")
def send_letters(batch_id: int, user_id: int, job_id: str) -> str:
    """Make what is still to be made, and send the batch once all of it is there.

    May run twice, at the same time, or after a run that died: each letter is made once and sent once.
    """
    with translation.override("nl"):
        try:
            state = _work(batch_id, user_id, job_id)
        except RuleViolation as violation:
            fail(job_id, violation.message)
            return Sending.STOPPED.value
        except Exception:
            fail(job_id, _("Something went wrong, and nothing was sent. Ask for the sending again."))
            raise
    logger.info("letters", batch=batch_id, state=state.value)
    return state.value


def _work(batch_id: int, user_id: int, job_id: str) -> Sending:
    source = batch_source(batch_id)
    made, total = made_and_total(batch_id)
    begin(job_id, total=total, done=made)
    while make_next_letter(source, batch_id) is not None:
        advance(job_id)
    batch = LetterBatch.objects.select_related("decision", "ranking").get(pk=batch_id)
    by = User.objects.get(pk=user_id)
    while (state := send_batch(batch=batch, by=by)) is Sending.OUTDATED:
        # The day turned while the letters were being made: their dates are wrong by now.
        while remake_outdated_letter(source, batch_id):
            pass
    _report(job_id, state)
    return state


def _report(job_id: str, state: Sending) -> None:
    """Tell the lead's progress page how it ended; where another worker still works, that one will."""
    if state is Sending.SENT:
        finish(job_id)
    elif state is Sending.FAILED:
        fail(job_id, _("Some letters could not be made. Nothing was sent. The page of the decision shows which ones."))
    elif state is Sending.STOPPED:
        fail(job_id, _("The decision was withdrawn. Nothing was sent."))
