"""Ticking letters off: the lead looked at them. Whether that is needed before they go is for the lead to decide."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from achterhoek.accounts.models import User
from achterhoek.audit.services import record
from achterhoek.clock import database_now
from achterhoek.errors import RuleViolation
from procurement.enums import LetterStatus
from procurement.models import LetterBatch
from procurement.rules import require_lead


@transaction.atomic
def mark_looked_at(*, batch: LetterBatch, letters: Iterable[UUID], by: User) -> int:
    """Note that `by` looked at these letters, those that are made; who looked first stays. How many are new.

    Raises `NotAllowed`, `RuleViolation` (none was chosen).
    """
    require_lead(by, batch.ranking.segment_round.round.tender)
    chosen = set(letters)
    if not chosen:
        raise RuleViolation(_("Tick the letters that you looked at."))
    made = batch.letters.filter(pk__in=chosen, proofread_at=None, status__in=[LetterStatus.RENDERED, LetterStatus.SENT])
    new = list(made.select_for_update().order_by("entry_id").values_list("pk", flat=True))
    if new:
        batch.letters.filter(pk__in=new).update(proofread_at=database_now(), proofread_by=by)
        record("procurement.letterbatch.look", by=by, target=batch, detail={"letters": [str(pk) for pk in new]})
    return len(new)
