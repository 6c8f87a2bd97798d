"""The worker's part of letters: made one by one, each once, whoever dies half-way and however many work."""

from __future__ import annotations

from datetime import datetime

import structlog
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import QuerySet
from django.utils import timezone, translation
from django.utils.text import slugify

from achterhoek.audit.services import record
from achterhoek.clock import ClockTimestamp, database_now
from achterhoek.documents.models import StoredFile
from achterhoek.documents.services import PDF, discard, store_bytes
from achterhoek.transitions.services import transition
from procurement.domain.states import LETTER
from procurement.enums import BatchStatus, LetterStatus
from procurement.models import Letter
from procurement.selectors.decisions import LETTER_FILE
from procurement.selectors.letters import LetterSource, letter_content
from procurement.services.letter_pdf import render_pdf

logger = structlog.get_logger(__name__)


@transaction.atomic
def make_next_letter(source: LetterSource, batch_id: int) -> Letter | None:
    """Make the next waiting letter of a batch; None where none waits (or others have them).

    A letter that cannot be made is marked as failed with its cause, and does not hold up the others.
    """
    waiting = letters_to_make(batch_id).filter(status=LetterStatus.QUEUED).annotate(now=ClockTimestamp())
    letter = waiting.order_by("entry_id").first()
    if letter is None:
        return None
    try:
        with transaction.atomic():
            return _make(letter, source, letter.now)
    except (OperationalError, InterfaceError):
        raise  # the database is gone: no fault of this letter
    # Whatever the cause, the other letters go on.
    except Exception as error:
        logger.error("letter not made", letter=str(letter.pk), error=type(error).__name__, exc_info=True)
        cause = f"{type(error).__name__}: {error}"[:500]
        return transition(letter, LetterStatus.FAILED, by=None, table=LETTER, error=cause)


@transaction.atomic
def remake_outdated_letter(source: LetterSource, batch_id: int) -> bool:
    """Make one letter anew of which the printed date has passed; False where there is none.

    Its dates would be wrong, and were never shown to anybody: the old file goes.
    """
    now = database_now()
    start_of_day = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    outdated = letters_to_make(batch_id).filter(status=LetterStatus.RENDERED, rendered_at__lt=start_of_day)
    letter = outdated.order_by("entry_id").first()
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


def letters_to_make(batch_id: int) -> QuerySet[Letter]:
    """Letters nobody else is making, of a batch that is still to be sent."""
    return Letter.objects.select_for_update(of=("self",), skip_locked=True).filter(
        batch_id=batch_id, batch__status=BatchStatus.PREPARED
    )


def _make(letter: Letter, source: LetterSource, now: datetime) -> Letter:
    # What the log calls a letter has been read with the source: three queries less for each.
    letter.entry = source.rows[letter.entry_id].entry
    letter.entry.segment = source.segment_round.segment
    content = letter_content(source, letter.entry_id, on=timezone.localdate(now))
    stored = _store(letter, source, render_pdf(content))
    return transition(
        letter, LetterStatus.RENDERED, by=None, table=LETTER,
        file=stored, rendered_at=now, error="", detail={"sha256": stored.sha256},
    )  # fmt: skip


def _store(letter: Letter, source: LetterSource, pdf: bytes) -> StoredFile:
    number = source.rows[letter.entry_id].entry.submission.number
    with translation.override(letter.language):
        kind = slugify(letter.get_kind_display())
    name = f"brief-{source.number}-{kind}-{number}.pdf"
    return store_bytes(content=pdf, name=name, content_type=PDF, kind=LETTER_FILE, by=None)
