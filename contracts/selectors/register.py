"""The register on any day, in a fixed number of queries. Pages, exports and open data all read this one."""

from __future__ import annotations

from datetime import date

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from achterhoek.region.models import Municipality, Region
from contracts.domain.register import (
    ContractLine,
    Party,
    Place,
    Register,
    SegmentLine,
    SubcontractorLine,
    Version,
)
from contracts.enums import ContractStatus, TermStatus
from contracts.models import Contract, ContractTerm, RegisterVersion, Subcontractor
from procurement.models import Participation, Segment
from providers.models import ConsortiumMember, Organisation

AGREED = (TermStatus.COMMITTED, TermStatus.EXERCISED)


def in_force_on(day: date) -> QuerySet[Contract]:
    """Signed contracts (ended ones too) with an agreed term that covers the day, not ended early before it."""
    term = ContractTerm.objects.filter(contract=OuterRef("pk"), status__in=AGREED, start__lte=day, end__gte=day)
    return Contract.objects.filter(Exists(term), Q(terminated_on__isnull=True) | Q(terminated_on__gte=day)).exclude(
        status=ContractStatus.PREPARED
    )


def register_on(day: date) -> Register:
    """Who has a contract on this day, with which subcontractors, for what and where, and since when."""
    members = ConsortiumMember.objects.select_related("organisation").order_by("organisation__name")
    contracts = (
        in_force_on(day)
        .select_related("contractor", "consortium", "segment__lot", "segment__tender__region")
        .prefetch_related(
            Prefetch("terms", ContractTerm.objects.filter(status__in=AGREED), to_attr="agreed_terms"),
            Prefetch("consortium__consortium_members", members, to_attr="member_rows"),
            Prefetch("subcontractors", _subcontractors_on(day), to_attr="working"),
            Prefetch("segment__participations", _taking_part(), to_attr="taking_part"),
            "subsegments",
        )
    )
    lines = sorted((_line(contract) for contract in contracts), key=_order)
    return Register(on=day, version=version_on(day), contracts=tuple(line for _key, line in lines))


def version_on(day: date) -> Version | None:
    """The version that was in force on this day: the latest one dated on or before it."""
    found = RegisterVersion.objects.filter(date__lte=day).order_by("-date").first()
    return Version(date=found.date, note=found.note) if found else None


def versions_until(day: date) -> list[RegisterVersion]:
    """The versions that were published up to this day, newest first."""
    return list(RegisterVersion.objects.filter(date__lte=day).order_by("-date"))


def segment_choices() -> list[tuple[str, str]]:
    """Segments that were ever contracted, by their slug; a name that comes back in a later tender once."""
    rows = Segment.objects.filter(contracts__isnull=False).order_by("position", "id").values_list("slug", "name")
    return list(dict(rows).items())


def region_places() -> list[tuple[Region, list[Municipality]]]:
    """Each region of which the register can hold contracts, with its municipalities and their tiles."""
    regions = (
        Region.objects.filter(Q(is_default=True) | Q(tenders__segments__contracts__isnull=False))
        .distinct()
        .order_by("-is_default", "name")
        .prefetch_related("municipalities")
    )
    return [(region, list(region.municipalities.all())) for region in regions]


def _subcontractors_on(day: date) -> QuerySet[Subcontractor]:
    return (
        Subcontractor.objects.filter(Q(end__isnull=True) | Q(end__gte=day), start__lte=day)
        .select_related("organisation")
        .order_by("organisation__name")
    )


def _taking_part() -> QuerySet[Participation]:
    return (
        Participation.objects.filter(participates=True)
        .select_related("municipality__region")
        .order_by("municipality__name")
    )


_Order = tuple[int, int, int, str, str]


def _order(item: tuple[_Order, ContractLine]) -> _Order:
    return item[0]


def _line(contract: Contract) -> tuple[_Order, ContractLine]:
    segment = contract.segment
    terms: list[ContractTerm] = contract.agreed_terms  # type: ignore[attr-defined]
    end = max(term.end for term in terms)
    consortium = contract.consortium
    line = ContractLine(
        number=contract.number,
        segment=SegmentLine(
            id=segment.pk, slug=segment.slug, name=segment.name, lot=segment.lot.name,
            tender=segment.tender.title, region=segment.tender.region.name,
        ),
        contractor=_party(contract.contractor),
        consortium=consortium.name if consortium else "",
        members=tuple(_party(m.organisation) for m in consortium.member_rows) if consortium else (),  # type: ignore[attr-defined]
        subsegments=tuple(s.name for s in contract.subsegments.all()),
        municipalities=tuple(_place(p.municipality) for p in segment.taking_part),  # type: ignore[attr-defined]
        since=contract.start,
        until=min(end, contract.terminated_on) if contract.terminated_on else end,
        subcontractors=tuple(
            SubcontractorLine(_party(s.organisation), s.part_of_work, s.start, s.end)
            for s in contract.working  # type: ignore[attr-defined]
        ),
    )  # fmt: skip
    return (segment.tender_id, segment.position, segment.pk, line.name.casefold(), line.number), line


def _place(municipality: Municipality) -> Place:
    return Place(region=municipality.region.name, slug=municipality.slug, name=municipality.name)


def _party(organisation: Organisation) -> Party:
    return Party(
        name=organisation.name,
        legal_form=organisation.get_legal_form_display(),
        kvk_number=organisation.kvk_number,
        agb_code=organisation.agb_code,
        city=organisation.city,
        website=organisation.website,
    )
