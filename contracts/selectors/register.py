"""The register on any day, in a fixed number of queries. Pages, files, the API and versions all read this one.

Rows are read as bare values: of a thousand contracts there are twenty times as many, and models would take most of the
time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from contracts.domain.register import (
    ContractLine,
    Part,
    Party,
    PartyLine,
    Place,
    PlaceLine,
    Register,
    SegmentLine,
    SubcontractorLine,
    Version,
    run_around,
)
from contracts.enums import TermStatus
from contracts.models import (
    Contract,
    ContractMunicipality,
    ContractParty,
    ContractTerm,
    RegisterVersion,
    Subcontractor,
)
from providers.enums import LegalForm

AGREED = (TermStatus.COMMITTED, TermStatus.EXERCISED)
ORGANISATION = tuple(
    f"organisation__{name}" for name in ("name", "legal_form", "kvk_number", "agb_code", "city", "website", "phone")
)
KVK = ORGANISATION.index("organisation__kvk_number")
Grouped = dict[int, tuple[Any, ...]]


def in_force_on(day: date) -> QuerySet[Contract]:
    """Contracts that were signed by that day, with an agreed term that covers it, not ended early before it."""
    term = ContractTerm.objects.filter(contract=OuterRef("pk"), status__in=AGREED, start__lte=day, end__gte=day)
    return Contract.objects.filter(
        Exists(term), Q(terminated_on__isnull=True) | Q(terminated_on__gte=day), signed_at__date__lte=day
    )


def register_on(day: date) -> Register:
    """Who has a contract on this day, with which subcontractors, for what and where, and since when; seven queries."""
    rows = _contracts(day)
    keys = [row[0] for row in rows]
    labels = {value: str(label) for value, label in LegalForm.choices}
    parties, places = _parties(day, keys, labels), _places(day, keys)
    parts, working = _parts_of(keys), _subcontractors(day, keys, labels)
    lines = [
        (row[1:4], _line(row, parties[row[0]], places.get(row[0], ()), parts.get(row[0], ()), working.get(row[0], ())))
        for row in rows
        # A contract that nobody has on that day is not told of.
        if row[0] in parties
    ]
    lines.sort(key=_order)
    return Register(on=day, version=version_on(day), contracts=tuple(line for _place, line in lines))


def version_on(day: date) -> Version | None:
    """The version that was in force on this day: the latest one dated on or before it."""
    found = RegisterVersion.objects.filter(date__lte=day).order_by("-date").values_list("date", "note").first()
    return Version(*found) if found else None


def _contracts(day: date) -> list[Sequence[Any]]:
    """First its key and place in the list, then what the line says of itself."""
    last = ContractTerm.objects.filter(contract=OuterRef("pk"), status__in=AGREED).order_by("-end").values("end")[:1]
    return list(
        in_force_on(day).values_list(
            "pk", "segment__tender", "segment__position", "segment", "number", "start", Subquery(last), "terminated_on",
            "consortium__name", "segment__slug", "segment__name", "segment__lot__name", "segment__tender__slug",
            "segment__tender__title", "segment__tender__region__name",
        )
    )  # fmt: skip


def _order(item: tuple[Sequence[Any], ContractLine]) -> tuple[Any, ...]:
    """By tender, segment and name."""
    return (*item[0], *item[1].sort_key)


def _line(
    row: Sequence[Any],
    parties: tuple[PartyLine, ...],
    places: tuple[PlaceLine, ...],
    parts: tuple[Part, ...],
    working: tuple[SubcontractorLine, ...],
) -> ContractLine:
    number, start, end, ended, consortium, slug, name, lot, tender_slug, tender, region = row[4:]
    return ContractLine(
        number=number,
        segment=SegmentLine(slug, name, lot, tender_slug, tender, region),
        # What is left of a consortium when one party goes on alone is a single contractor.
        consortium=consortium if consortium and len(parties) > 1 else "",
        parties=parties,
        subsegments=parts,
        places=places,
        since=start,
        until=min(end, ended) if ended else end,
        subcontractors=working,
    )


def _grouped(rows: Any, make: Any) -> Grouped:
    """The rows of each contract, made into lines; their first column is the contract."""
    found: dict[int, list[Any]] = defaultdict(list)
    for contract, *rest in rows:
        found[contract].append(make(*rest))
    return {contract: tuple(lines) for contract, lines in found.items()}


def _parties(day: date, keys: list[int], labels: dict[str, str]) -> Grouped:
    rows = (
        ContractParty.objects.filter(contract__in=keys)
        .order_by("-is_lead", "organisation__name", "start")
        .values_list("contract", "is_lead", "start", "end", *ORGANISATION)
    )
    # Another share, or the lead, is a row of its own: somebody is in it from the first of those that follow each other.
    runs: dict[tuple[int, str], list[tuple[date, date | None]]] = defaultdict(list)
    for contract, _lead, start, end, *who in rows:
        runs[contract, who[KVK]].append((start, end))
    now = [row for row in rows if row[2] <= day and (row[3] is None or day <= row[3])]

    def line(contract: int, lead: bool, *who: str) -> PartyLine:
        since, until = run_around(day, runs[contract, who[KVK]])
        return PartyLine(_party(who, labels), lead, since, until)

    return _grouped(((contract, contract, lead, *who) for contract, lead, _start, _end, *who in now), line)


def _places(day: date, keys: list[int]) -> Grouped:
    rows = (
        ContractMunicipality.objects.filter(*_on(day), contract__in=keys)
        .order_by("municipality__name", "pk")
        .values_list(
            "contract", "start", "end", "municipality__region__name", "municipality__slug", "municipality__name"
        )
    )
    same: dict[tuple[Any, ...], PlaceLine] = {}

    def place(start: date, end: date | None, *where: str) -> PlaceLine:
        """Most contracts hold in the same municipalities on the same days: one line serves them all."""
        key = (start, end, *where)
        if key not in same:
            same[key] = PlaceLine(Place(*where), start, end)
        return same[key]

    return _grouped(rows, place)


def _parts_of(keys: list[int]) -> Grouped:
    rows = (
        Contract.subsegments.through.objects.filter(contract__in=keys)
        .order_by("subsegment__position", "subsegment")
        .values_list("contract", "subsegment__slug", "subsegment__name")
    )
    return _grouped(rows, Part)


def _subcontractors(day: date, keys: list[int], labels: dict[str, str]) -> Grouped:
    working = Subcontractor.objects.filter(*_on(day), contract__in=keys)
    through = Subcontractor.subsegments.through.objects.filter(subcontractor__in=working.values("pk"))
    parts = _grouped(
        through.order_by("subsegment__position", "subsegment").values_list(
            "subcontractor", "subsegment__slug", "subsegment__name"
        ),
        Part,
    )
    rows = working.order_by("organisation__name", "start").values_list(
        "contract", "pk", "part_of_work", "start", "end", *ORGANISATION
    )

    def line(pk: int, work: str, start: date, end: date | None, *who: str) -> SubcontractorLine:
        return SubcontractorLine(_party(who, labels), work, start, end, parts.get(pk, ()))

    return _grouped(rows, line)


def _on(day: date) -> tuple[Q, Q]:
    return Q(start__lte=day), Q(end__isnull=True) | Q(end__gte=day)


def _party(who: Sequence[str], labels: dict[str, str]) -> Party:
    name, legal_form, *rest = who
    return Party(name, labels.get(legal_form, legal_form), *rest)
