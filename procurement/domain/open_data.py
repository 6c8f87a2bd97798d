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
_EXTENSIONS: Final = (
    "lots", "bid", "subcontracting", "candidateLimit", "contractTerms", "awardCriteriaBreakdown", "selectionCriteria",
)  # fmt: skip
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
    """An award that was told. Its supplier is published only once it is final (Aw 2.127-2.131).

    `final_at` only where it is final now; `cancelled_at` where its decision was taken back. `notice` is the number of
    its award notice, published at `noticed_at` (Aw 2.134). `earlier`: from before this portal, known by its contract.
    """

    id: str
    segment: str
    title: str
    sent_at: datetime | None = None
    final_at: datetime | None = None
    cancelled_at: datetime | None = None
    suppliers: tuple[Supplier, ...] = ()
    notice: str = ""
    noticed_at: datetime | None = None
    earlier: bool = False

    @property
    def bid(self) -> str:
        """The id of the bid it was given to."""
        return self.id.replace("award-", "bid-", 1)


@dataclass(frozen=True, slots=True)
class ContractFact:
    """A signed contract. `award` is the key of its award, or None where it came from before this portal.

    `subcontractors` are those of the public register, each with the first day.
    """

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
    subcontractors: tuple[tuple[Supplier, date], ...] = ()

    @property
    def award_id(self) -> str:
        return f"award-{self.number if self.award is None else self.award}"


@dataclass(frozen=True, slots=True)
class Until:
    """What was public at a moment; without one, what is public now."""

    moment: datetime | None = None

    def seen(self, at: datetime | None) -> bool:
        return at is not None and (self.moment is None or at <= self.moment)

    def day_seen(self, day: date) -> bool:
        return self.moment is None or day <= self.moment.astimezone(_AMSTERDAM).date()


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


def award_json(award: AwardFact, until: Until, subcontractors: Iterable[tuple[Supplier, Supplier]] = ()) -> Json:
    """An award as it was known then: provisional and without a name, final, or cancelled."""
    final, cancelled = award.earlier or until.seen(award.final_at), until.seen(award.cancelled_at)
    public = final and not cancelled
    working = list(subcontractors) if public else []
    documents = [_notice(award)] if until.seen(award.noticed_at) else []
    return lean(
        {
            "id": award.id,
            "title": award.title,
            "status": "cancelled" if cancelled else "active" if final else "pending",
            "date": moment(award.cancelled_at if cancelled else award.final_at if final else award.sent_at),
            "suppliers": [reference(supplier) for supplier in award.suppliers] if public else [],
            "documents": documents,
            "relatedBids": [award.bid] if public and not award.earlier else [],
            "hasSubcontracting": True if working else None,
            "subcontracting": {"subcontracts": [_subcontract(award, *pair) for pair in working]} if working else {},
            "relatedLots": [award.segment],
        }
    )


def _notice(award: AwardFact) -> Json:
    return {
        "id": f"notice-{award.id}",
        "documentType": "awardNotice",
        "title": f"Aankondiging van de gegunde opdracht {award.notice}",
        "datePublished": moment(award.noticed_at),
        "language": "nl",
    }


def _subcontract(award: AwardFact, subcontractor: Supplier, main: Supplier) -> Json:
    return {
        "id": f"{award.id}-{subcontractor.kvk_number}",
        "subcontractor": reference(subcontractor),
        "mainContractors": [reference(main)],
    }


def bid_json(award: AwardFact) -> Json:
    """The bid that was awarded for good: the only bids of which the name is public."""
    return {
        "id": award.bid,
        "submissionType": "bid",
        "status": "valid",
        "tenderers": [reference(supplier) for supplier in award.suppliers],
        "relatedLots": [award.segment],
    }


def contract_json(contract: ContractFact, until: Until) -> Json:
    period = {
        "startDate": moment(contract.start),
        "endDate": last_moment(contract.end),
        "maxExtentDate": last_moment(contract.latest_end),
    }
    over = until.moment is None or until.seen(ended_at(contract))
    return lean(
        {
            "id": contract.number,
            "awardID": contract.award_id,
            "title": contract.title,
            "status": contract.status if over else "active",
            "period": period,
            "dateSigned": moment(contract.signed_at),
        }
    )


def ended_at(contract: ContractFact) -> datetime | None:
    """When a contract that is over ended: the last second of its last day."""
    if contract.status != "terminated":
        return None
    return datetime.combine(contract.end, time(23, 59, 59), tzinfo=_AMSTERDAM)


def roles_of(
    awards: Iterable[Json], contracted: Iterable[Supplier], hired: Iterable[Supplier], named: Iterable[Supplier]
) -> dict[Supplier, set[str]]:
    """What each organisation is: supplier of an award, bidder of a published bid, subcontractor. By its number."""
    known = {supplier.id: supplier for supplier in (*named, *contracted, *hired)}
    roles: dict[Supplier, set[str]] = {}
    for award in awards:
        for given in award.get("suppliers", []):
            found = roles.setdefault(known[given["id"]], set())
            found |= {"supplier", *(["tenderer"] if award.get("relatedBids") else [])}
        for part in award.get("subcontracting", {}).get("subcontracts", []):
            roles.setdefault(known[part["subcontractor"]["id"]], set()).add("subcontractor")
    for supplier in contracted:
        roles.setdefault(known[supplier.id], set()).add("supplier")
    return dict(sorted(roles.items(), key=lambda item: item[0].id))


def release_id(ocid: str, content: Json) -> str:
    """An id that is the same as long as the release says the same, and never names another text."""
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False).encode()
    return f"{ocid}-{hashlib.sha256(canonical).hexdigest()[:16]}"
