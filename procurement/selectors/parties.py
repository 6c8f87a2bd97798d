"""Which organisations stand behind a bid: the bidder, its consortium members and its subcontractors.

Subcontractors are known in an app above; that one registers a source from `ready()`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping

from procurement.domain.parties import BIDDER, CONSORTIUM_MEMBER, SUBCONTRACTOR, Party, parties_digest
from procurement.models import Entry
from providers.models import ConsortiumMember, Organisation

__all__ = ["Party", "organisations_behind", "parties_digest", "parties_of", "register_subcontractors"]

# Takes ids of organisations; gives the organisations that work for each, in a fixed number of queries.
Source = Callable[[Collection[int]], Mapping[int, Iterable[Organisation]]]
_sources: list[Source] = []


def register_subcontractors(source: Source) -> None:
    """Add a source that knows which subcontractors an organisation has."""
    if source not in _sources:
        _sources.append(source)


def organisations_behind(entries: Iterable[Entry]) -> dict[int, list[tuple[Organisation, str]]]:
    """The organisations of each entry with their part, the bidder first; a fixed number of queries."""
    bidder_of = dict(
        Entry.objects.filter(pk__in=[entry.pk for entry in entries]).values_list("pk", "submission__organisation_id")
    )
    bidders = Organisation.objects.in_bulk(set(bidder_of.values()))
    partners = _partners(bidders)
    helpers: dict[int, dict[int, Organisation]] = defaultdict(dict)
    everybody = set(bidders) | {one.pk for found in partners.values() for one in found}
    for source in _sources:
        for organisation_id, found in source(everybody).items():
            helpers[organisation_id] |= {one.pk: one for one in found}
    return {
        entry_id: _behind(bidders[organisation_id], partners[organisation_id], helpers)
        for entry_id, organisation_id in bidder_of.items()
    }


def _partners(bidders: Mapping[int, Organisation]) -> dict[int, list[Organisation]]:
    """The other members of each consortium that a bidder speaks for (Aw 2.52)."""
    found: dict[int, list[Organisation]] = defaultdict(list)
    rows = ConsortiumMember.objects.filter(consortium__lead__in=bidders).select_related("organisation", "consortium")
    for row in rows.order_by("organisation__name", "pk"):
        lead_id = row.consortium.lead_id
        if row.organisation_id != lead_id and row.organisation not in found[lead_id]:
            found[lead_id].append(row.organisation)
    return found


def _behind(
    bidder: Organisation, partners: list[Organisation], helpers: Mapping[int, Mapping[int, Organisation]]
) -> list[tuple[Organisation, str]]:
    own = {bidder.pk, *(one.pk for one in partners)}
    hired = {pk: one for owner in own for pk, one in helpers.get(owner, {}).items() if pk not in own}
    return [
        (bidder, BIDDER),
        *((one, CONSORTIUM_MEMBER) for one in partners),
        *((one, SUBCONTRACTOR) for one in sorted(hired.values(), key=lambda one: (one.name, one.pk))),
    ]


def parties_of(entries: Iterable[Entry]) -> dict[int, list[Party]]:
    """The parties behind each entry, by its id."""
    return {
        entry_id: [Party(organisation.name, organisation.kvk_number, part) for organisation, part in found]
        for entry_id, found in organisations_behind(entries).items()
    }
