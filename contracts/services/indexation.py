"""Indexation: what a contract pays from a year on, raised (or lowered) by a percentage."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from achterhoek.accounts.models import User
from achterhoek.clock import database_today
from achterhoek.errors import RuleViolation
from contracts.models import Contract
from contracts.services.lumpsums import index_lumpsums
from contracts.services.tariffs import index_tariffs


@dataclass(frozen=True, slots=True)
class Indexed:
    """How many amounts and tariffs changed."""

    lumpsums: int
    tariffs: int


@transaction.atomic
def index_amounts(
    *, contract: Contract, percentage: Decimal, year: int, by: User, due_on: date | None = None
) -> Indexed:
    """Index the lump sums and the tariffs of a contract from a year on, all of it or nothing.

    A year that is divided into instalments gets a correction, due on `due_on` (today where none is given).
    Raises `NotAllowed`, and `RuleViolation` where nothing of that year or later is to be indexed.
    """
    tariffs = contract.tariffs.filter(Q(end__isnull=True) | Q(end__gte=date(year, 1, 1))).exists()
    lumpsums = contract.lumpsums.filter(year__gte=year).exists()
    if not tariffs and not lumpsums:
        raise RuleViolation(
            _("The contract has no lump sum or tariff of %(year)s or later.") % {"year": year}, field="year"
        )
    found = Indexed(0, 0)
    due = due_on or database_today()
    if lumpsums:
        changed = index_lumpsums(contract=contract, year=year, percentage=percentage, due_on=due, by=by)
        found = Indexed(changed, 0)
    if tariffs:
        found = Indexed(found.lumpsums, index_tariffs(contract=contract, year=year, percentage=percentage, by=by))
    return found
