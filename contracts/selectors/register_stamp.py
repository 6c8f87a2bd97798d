"""Whether the register can read differently than before: one question, without making it."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from datetime import date
from threading import Lock

from django.db import connection, models
from django.utils import timezone
from django.utils.translation import get_language

from achterhoek.region.models import Municipality, Region
from contracts.domain.register import Register
from contracts.models import (
    Contract,
    ContractMunicipality,
    ContractParty,
    ContractTerm,
    RegisterVersion,
    Subcontractor,
)
from contracts.selectors.register import register_on
from procurement.models import Lot, Segment, SubSegment, Tender
from providers.models import Consortium, Organisation

# All that a line of the register is made of.
MODELS: tuple[type[models.Model], ...] = (
    RegisterVersion, Contract, Contract.subsegments.through, ContractTerm, ContractParty, ContractMunicipality,
    Subcontractor, Subcontractor.subsegments.through, Organisation, Consortium, Region, Municipality, Tender, Lot,
    Segment, SubSegment,
)  # fmt: skip
# Days of the register that one process keeps in memory, as long as nothing was written.
KEPT_DAYS = 4


@dataclass(frozen=True, slots=True)
class State:
    """The register as it stands in the database: what is the same has the same stamp. And the day it is there."""

    stamp: str
    today: date


def register_state() -> State:
    """A stamp that is another one after any committed write to what the register is made of; one query.

    PostgreSQL keeps with each row which transaction wrote it and where it lies: the sum over all rows is taken,
    without reading what they say. A version's date alone would miss an organisation that got a new name.
    """
    with connection.cursor() as cursor:
        cursor.execute(_question())
        [(now, *sums)] = cursor.fetchall()
    return State(hashlib.sha256(repr(sums).encode()).hexdigest()[:32], timezone.localdate(now))


def _question() -> str:
    told = ", ".join(f"(SELECT {_told(model)})" for model in MODELS)
    return f"SELECT clock_timestamp(), {told}"


def _told(model: type[models.Model]) -> str:
    table = connection.ops.quote_name(model._meta.db_table)
    row = "hashtextextended(xmin::text || ctid::text, 0)"
    return f"concat(count(*), ' ', bit_xor({row})) FROM {table}"


_kept: OrderedDict[tuple[str, str, date], Register] = OrderedDict()
_lock = Lock()


def register_at(day: date, state: State) -> Register:
    """The register on a day; of the last few days that were asked for, only made anew after a write."""
    key = (state.stamp, get_language() or "", day)
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    made = register_on(day)
    with _lock:
        _kept[key] = made
        while len(_kept) > KEPT_DAYS:
            _kept.popitem(last=False)
    return made
