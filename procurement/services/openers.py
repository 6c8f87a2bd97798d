"""What is written down of who tried to open a vault."""

from __future__ import annotations

from django.db import transaction

from achterhoek.accounts.models import User
from achterhoek.audit.services import record
from procurement.models import Round


@transaction.atomic
def record_wrong_factor(*, round: Round, by: User) -> None:
    """Somebody logged in as this opener could not show the second factor. What was typed is not kept."""
    record("procurement.round.wrong_factor", by=by, target=round)
