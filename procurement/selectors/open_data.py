"""Published facts of tenders in the Open Contracting Data Standard (OCDS 1.1): a release for each published step, and
a record of each tender. A release says all that was public at its moment, so that the last one is the compiled one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.conf import settings

from achterhoek.clock import database_now
from achterhoek.region.models import Region
from procurement.domain.open_data import (
    EXTENSION_URLS,
    LICENSE,
    VERSION,
    Json,
    Supplier,
    Until,
    award_json,
    bid_json,
    contract_json,
    ended_at,
    lean,
    moment,
    party,
    release_id,
    roles_of,
)
from procurement.domain.open_data_steps import Step, decision_steps, steps
from procurement.enums import RoundStatus, TenderStatus
from procurement.models import Tender
from procurement.selectors.open_data_facts import Contracts, Published, fingerprint, published
from procurement.selectors.open_data_tender import (
    buyer_of,
    draws_of,
    extensions_of,
    municipalities_of,
    roots_of,
    tender_json,
)

__all__ = ["fingerprint", "open_tenders", "record_package", "release_package", "tender_package", "tender_release"]


def open_tenders() -> list[Tender]:
    """The tenders of which there is open data, by title. One query."""
    return list(Tender.objects.public().select_related("region").order_by("title", "pk"))


def release_package(*, uri: str, base: str, changed: datetime | None, contracts_of: Contracts) -> Json:
    """The package of all published tenders, one release each: as they are now. A fixed number of queries."""
    return _package(uri, changed) | {
        "releases": [_release(held, base, Until(), _tags(held), _last(held)) for held in published(None, contracts_of)]
    }


def tender_package(slug: str, *, uri: str, base: str, changed: datetime | None, contracts_of: Contracts) -> Json | None:
    """The releases of one tender, one for each published step, the first one first; None where there is none."""
    found = published([slug], contracts_of)
    return _package(uri, changed) | {"releases": list(_releases(found[0], base))} if found else None


def tender_release(slug: str, *, base: str, contracts_of: Contracts) -> Json | None:
    """One tender as it is now."""
    found = published([slug], contracts_of)
    return _release(found[0], base, Until(), _tags(found[0]), _last(found[0])) if found else None


def record_package(slug: str, *, uri: str, base: str, changed: datetime | None, contracts_of: Contracts) -> Json | None:
    """The record of one tender: all its releases, and what they say together."""
    found = published([slug], contracts_of)
    if not found:
        return None
    releases = list(_releases(found[0], base))
    compiled = _release(found[0], base, Until(), ["compiled"], _last(found[0]))
    record = {"ocid": compiled["ocid"], "releases": releases, "compiledRelease": compiled}
    return _package(uri, changed) | {"records": [record]}


def _package(uri: str, changed: datetime | None) -> Json:
    return {
        "uri": uri,
        "version": VERSION,
        "extensions": list(EXTENSION_URLS),
        "publishedDate": moment(changed or database_now()),
        "publisher": {"name": _publisher()},
        "license": LICENSE,
    }


def _publisher() -> str:
    region = Region.objects.select_related("authority").order_by("-is_default", "pk").first()
    return region.authority.name if region else ""


def _releases(held: Published, base: str) -> Iterator[Json]:
    for step in _steps(held):
        yield _release(held, base, Until(step.at), list(step.tags), step.at)


def _steps(held: Published) -> list[Step]:
    """When something about this tender was published, and what."""
    tender, first = held.tender, held.tender.published_at
    assert first is not None  # only published tenders are read
    happened: list[tuple[datetime | None, str]] = [(root.at, "tenderUpdate") for root in roots_of(tender)]
    happened += [(moved.at, "tenderAmendment") for moved in extensions_of(tender)]
    happened += [(at, "tenderUpdate") for draw in draws_of(tender) for at in (draw.committed_at, draw.shown_at)]
    opened = [found for found in tender.rounds.all() if found.status != RoundStatus.PLANNED]
    happened += [(found.opens_at, "tenderUpdate") for found in opened if found.opens_at and found.opens_at > first]
    for decision in held.decisions:
        happened += decision_steps(decision)
    happened += [(at, "tenderUpdate") for again in held.again for at in (again.started_at, again.finished_at)]
    happened += [(award.noticed_at, "awardUpdate") for award in held.awards]
    happened += [(contract.signed_at, "contract") for contract in held.contracts]
    ended = [(ended_at(contract), "contractTermination") for contract in held.contracts]
    happened += [(at, tag) for at, tag in ended if at and at <= held.now]
    cancelled = tender.status == TenderStatus.WITHDRAWN
    happened.append((held.closed_at, "tenderCancellation" if cancelled else "tenderUpdate"))
    return steps(happened, first=first)


def _last(held: Published) -> datetime:
    """When something about this tender was last published."""
    return _steps(held)[-1].at


def _tags(held: Published) -> list[str]:
    """What a release of everything is about."""
    return ["tender", *(["award"] if held.awards else []), *(["contract"] if held.contracts else [])]


def _release(held: Published, base: str, until: Until, tags: list[str], at: datetime) -> Json:
    tender = held.tender
    ocid = f"{settings.OCDS_PREFIX}-{tender.region.slug}-{tender.slug}"
    contracts = [found for found in held.contracts if found.signed_at is None or until.seen(found.signed_at)]
    signed = {contract.award_id for contract in contracts}
    # An award from before this portal is known by its contract, and from then on.
    shown = [award for award in held.awards if (award.id in signed if award.earlier else until.seen(award.sent_at))]
    hired = _hired(held, until)
    awards = [award_json(award, until, hired.get(award.id, [])) for award in shown]
    roles = roles_of(
        awards,
        [supplier for contract in contracts for supplier in contract.suppliers],
        [helper for pairs in hired.values() for helper, _main in pairs],
        [supplier for award in shown for supplier in award.suppliers],
    )
    buyer = buyer_of(tender)
    content = lean(
        {
            "ocid": ocid,
            "date": moment(at),
            "tag": tags,
            "initiationType": "tender",
            "language": "nl",
            "parties": [
                buyer,
                *municipalities_of(tender),
                *(party(supplier, sorted(found)) for supplier, found in roles.items()),
            ],
            "buyer": {"id": buyer["id"], "name": buyer["name"]},
            "tender": tender_json(held, ocid, base, until),
            "bids": _bids(held, until),
            "awards": awards,
            "contracts": [contract_json(contract, until) for contract in contracts],
        }
    )
    return {**content, "id": release_id(ocid, content)}


def _hired(held: Published, until: Until) -> dict[str, list[tuple[Supplier, Supplier]]]:
    """The subcontractors in the public register, each with the first of those it works for, by award."""
    return {
        contract.award_id: [
            (helper, contract.suppliers[0]) for helper, since in contract.subcontractors if until.day_seen(since)
        ]
        for contract in held.contracts
        if contract.suppliers
    }


def _bids(held: Published, until: Until) -> dict[str, Any]:
    """How many there were, and those that were awarded: both once an award is final, and of others nothing."""
    counted = [
        {"id": f"{measure}-{segment}", "measure": measure, "value": value, "date": moment(at), "relatedLot": segment}
        for segment, measure, value, at in held.counts
        if until.seen(at)
    ]
    won = [bid_json(award) for award in held.awards if award.suppliers and until.seen(award.final_at)]
    return lean({"statistics": counted, "details": won})
