"""A register with many providers and many versions, in a database that is made for it and dropped after it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import connection, transaction

from achterhoek.clock import database_now, database_today
from achterhoek.region.models import ContractingAuthority, Municipality, Region
from contracts.bench.scratch import scratch_portal
from contracts.domain.terms import contract_terms
from contracts.enums import ContractStatus, TermStatus
from contracts.models import Contract, ContractTerm, RegisterVersion, Subcontractor
from contracts.services.parties import open_contracts
from contracts.services.register import keep_due_versions
from procurement.enums import Procedure, TenderStatus
from procurement.models import Lot, Participation, Segment, SubSegment, Tender
from providers.enums import LegalForm
from providers.models import Organisation

SEGMENTS, PARTS, PLACES, HIRED = 6, 4, 8, 3
# Of every ten contracts so many began after the first version, so that versions differ.
LATER = 3
_DAY = timedelta(days=1)


@dataclass
class Scene:
    """A portal that fills with providers; the day of each version, oldest first."""

    days: list[date]
    segments: list[Segment]
    made: int = 0

    def grow_to(self, providers: int) -> None:
        """So many providers, each with a contract and subcontractors; the planner knows the tables."""
        with transaction.atomic():
            _fill(self, range(self.made, providers))
        self.made = providers
        _analyze()

    def publish(self) -> None:
        """All versions, kept as they are."""
        RegisterVersion.objects.bulk_create(
            RegisterVersion(date=day, note="Er kwamen partijen bij.") for day in self.days
        )
        keep_due_versions()
        _analyze()


@contextmanager
def scene(versions: int) -> Iterator[Scene]:
    """A portal of its own, without providers yet."""
    with scratch_portal():
        today = database_today()
        yield Scene([today - timedelta(days=30 * number) for number in range(versions, 0, -1)], _segments())


def _analyze() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _fill(scene: Scene, numbers: range) -> None:
    chance = random.Random(2022)  # noqa: S311 - repeatable, nothing secret
    organisations = Organisation.objects.bulk_create(
        Organisation(
            name=f"Zorgorganisatie {number:05d}", legal_form=LegalForm.FOUNDATION, kvk_number=f"{80000000 + number}",
            agb_code=f"{20000000 + number}", street="Dorpsstraat 1", postcode="7000 AA", city="Doetinchem",
            email=f"p{number}@meting.example", phone="0314 000 000", website="https://meting.example",
        )
        for number in numbers
    )  # fmt: skip
    rows = []
    for contract in _contracts(organisations, numbers, scene):
        for hired in chance.sample(organisations, min(HIRED, len(organisations))):
            if hired.pk != contract.contractor_id:
                since = max(contract.start, chance.choice(scene.days))
                rows.append(
                    Subcontractor(contract=contract, organisation=hired, part_of_work="Speltherapie", start=since)
                )
    Subcontractor.objects.bulk_create(rows)


def _segments() -> list[Segment]:
    authority = ContractingAuthority.objects.create(name="Meting")
    region = Region.objects.create(name="Meting", slug="meting", authority=authority, is_default=True)
    places = Municipality.objects.bulk_create(
        Municipality(region=region, slug=f"gemeente-{n}", name=f"Gemeente {n}", tile_x=n % 4, tile_y=n // 4)
        for n in range(PLACES)
    )
    tender = Tender.objects.create(
        region=region,
        slug="meting",
        title="Meting",
        procedure=Procedure.RESTRICTED,
        status=TenderStatus.PUBLISHED,
        term_pattern=[4, 2],
        published_at=database_now(),
    )
    lot = Lot.objects.create(tender=tender, slug="meting", name="Meting")
    segments = [
        Segment.objects.create(tender=tender, lot=lot, slug=f"segment-{n}", name=f"Segment {n}", position=n)
        for n in range(SEGMENTS)
    ]
    SubSegment.objects.bulk_create(
        SubSegment(segment=segment, slug=f"deel-{n}", name=f"Deel {n}", position=n)
        for segment in segments
        for n in range(PARTS)
    )
    Participation.objects.bulk_create(
        Participation(segment=segment, municipality=place, participates=True)
        for segment in segments
        for place in places
    )
    return segments


def _contracts(organisations: list[Organisation], numbers: range, scene: Scene) -> list[Contract]:
    days, segments = scene.days, scene.segments
    first, signed = days[0] - 90 * _DAY, database_now() - timedelta(days=30 * len(days) + 120)
    contracts = Contract.objects.bulk_create(
        Contract(
            number=f"MET-{number:05d}", segment=segments[number % SEGMENTS], contractor=organisation,
            status=ContractStatus.ACTIVE, signed_at=signed,
            start=days[number % len(days)] if number % 10 < LATER else first,
        )
        for number, organisation in zip(numbers, organisations, strict=True)
    )  # fmt: skip
    terms = []
    for contract in contracts:
        for number, term in enumerate(contract_terms(contract.start, (4, 2)), start=1):
            status = TermStatus.COMMITTED if number == 1 else TermStatus.OPEN
            terms.append(
                ContractTerm(contract=contract, sequence=number, start=term.start, end=term.end, status=status)
            )
    ContractTerm.objects.bulk_create(terms)
    parts = {segment.pk: list(segment.subsegments.all()) for segment in segments}
    through = Contract.subsegments.through
    through.objects.bulk_create(
        through(contract=contract, subsegment=part) for contract in contracts for part in parts[contract.segment_id]
    )
    open_contracts(contracts)
    return contracts
