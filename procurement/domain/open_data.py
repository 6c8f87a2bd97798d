"""Published facts in the words of the Open Contracting Data Standard (OCDS 1.1). Pure.

What comes in here is public already; whether it is, is judged where it is read (`selectors/open_data.py`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

VERSION: Final = "1.1"
LICENSE: Final = "https://creativecommons.org/publicdomain/zero/1.0/"
_AMSTERDAM: Final = ZoneInfo("Europe/Amsterdam")
_EXTENSIONS: Final = ("lots", "candidateLimit", "contractTerms", "awardCriteriaBreakdown", "selectionCriteria")
EXTENSION_URLS: Final = tuple(
    f"https://raw.githubusercontent.com/open-contracting-extensions/ocds_{name}_extension/master/extension.json"
    for name in _EXTENSIONS
)
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Supplier:
    """An organisation whose award or contract is public; a consortium is published as its members."""

    kvk_number: str
    name: str
    city: str = ""

    @property
    def id(self) -> str:
        return f"NL-KVK-{self.kvk_number}"


@dataclass(frozen=True, slots=True)
class AwardFact:
    """An award that was sent. `suppliers` only once it is final (Aw 2.127-2.131)."""

    id: str
    segment: str
    status: str
    title: str
    decided_at: datetime | None
    suppliers: tuple[Supplier, ...] = ()


@dataclass(frozen=True, slots=True)
class ContractFact:
    """A signed contract. `award` is the key of its award, or None where it came from before this portal."""

    tender: int
    segment: str
    number: str
    title: str
    status: str
    start: date
    end: date
    latest_end: date
    signed_at: datetime | None
    suppliers: tuple[Supplier, ...]
    award: int | None = None


def moment(value: datetime | date | None) -> str | None:
    """A moment with its offset; a day is its beginning in Dutch time."""
    if value is None:
        return None
    if not isinstance(value, datetime):
        value = datetime.combine(value, time(), tzinfo=_AMSTERDAM)
    return value.astimezone(_AMSTERDAM).isoformat(timespec="seconds")


def last_moment(day: date) -> str:
    """The end of a last day, which is included."""
    return datetime.combine(day, time(23, 59, 59), tzinfo=_AMSTERDAM).isoformat()


def number(value: Decimal) -> int | float:
    """An exact decimal as a JSON number."""
    return int(value) if value == value.to_integral_value() else float(value)


def lean(fields: Mapping[str, Any]) -> Json:
    """Without what is empty: OCDS leaves out what is not known."""
    return {key: value for key, value in fields.items() if value not in (None, "", [], {})}


def party(supplier: Supplier, roles: Iterable[str]) -> Json:
    identifier = {"scheme": "NL-KVK", "id": supplier.kvk_number, "legalName": supplier.name}
    return lean(
        {
            "id": supplier.id,
            "name": supplier.name,
            "identifier": identifier,
            "address": lean({"locality": supplier.city, "countryName": "Nederland" if supplier.city else ""}),
            "roles": sorted(roles),
        }
    )


def reference(supplier: Supplier) -> Json:
    return {"id": supplier.id, "name": supplier.name}


def award_json(award: AwardFact) -> Json:
    return lean(
        {
            "id": award.id,
            "title": award.title,
            "status": award.status,
            "date": moment(award.decided_at),
            "suppliers": [reference(supplier) for supplier in award.suppliers],
            "relatedLots": [award.segment],
        }
    )


def contract_json(contract: ContractFact, award_id: str) -> Json:
    period = {
        "startDate": moment(contract.start),
        "endDate": last_moment(contract.end),
        "maxExtentDate": last_moment(contract.latest_end),
    }
    return lean(
        {
            "id": contract.number,
            "awardID": award_id,
            "title": contract.title,
            "status": contract.status,
            "period": period,
            "dateSigned": moment(contract.signed_at),
        }
    )


def suppliers_of(awards: Iterable[AwardFact], contracts: Iterable[ContractFact]) -> list[Supplier]:
    """Every supplier once, by its number."""
    given: list[AwardFact | ContractFact] = [*awards, *contracts]
    found = {supplier.id: supplier for fact in given for supplier in fact.suppliers}
    return [found[key] for key in sorted(found)]


def release_id(ocid: str, content: Json) -> str:
    """An id that is the same as long as the release says the same, and never names another text."""
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False).encode()
    return f"{ocid}-{hashlib.sha256(canonical).hexdigest()[:16]}"
