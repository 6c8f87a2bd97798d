from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import factory
from django.utils import timezone

from achterhoek.accounts.enums import Role
from achterhoek.clock import database_today
from contracts.domain.terms import contract_terms
from contracts.enums import ChangeKind, ContractStatus, SigningSide, TermStatus
from contracts.models import (
    Contract,
    ContractMunicipality,
    ContractSignature,
    ContractTerm,
    RegisterVersion,
    Subcontractor,
    SubcontractorChange,
)
from contracts.services.options import CollegeSays, conclude_option, record_college_decisions
from contracts.services.parties import open_contract
from contracts.services.signing import Signed, sign_contract
from procurement.enums import AwardStatus, DecisionStatus, SegmentRoundStatus, Stage
from procurement.models import Award, Decision, Participation, Ranking, Segment, SubSegment
from tests.factories.accounts import UserFactory, user_with
from tests.factories.procurement import RoundFactory, SegmentFactory, SegmentRoundFactory, submitted_entry
from tests.factories.providers import ConsortiumFactory, OrganisationFactory
from tests.factories.region import MunicipalityFactory

SIGNED = datetime(2022, 6, 1, 12, tzinfo=ZoneInfo("Europe/Amsterdam"))


class ContractFactory(factory.django.DjangoModelFactory):
    """A contract in force; use `contract_with_terms` for one with its terms."""

    class Meta:
        model = Contract

    class Params:
        unsigned = factory.Trait(status=ContractStatus.PREPARED, signed_at=None)

    number = factory.Sequence(lambda n: f"TST-2022-{n:04d}")
    segment = factory.SubFactory(SegmentFactory)
    contractor = factory.SubFactory(OrganisationFactory)
    status = ContractStatus.ACTIVE
    signed_at = SIGNED
    start = date(2022, 7, 1)


class SubcontractorFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Subcontractor

    organisation = factory.SubFactory(OrganisationFactory)
    part_of_work = "Speltherapie"


class SubcontractorChangeFactory(factory.django.DjangoModelFactory):
    """A request to add a subcontractor from today, still to be decided."""

    class Meta:
        model = SubcontractorChange

    kind = ChangeKind.ADD
    organisation = factory.SubFactory(OrganisationFactory)
    part_of_work = "Speltherapie"
    effective_on = factory.LazyFunction(timezone.localdate)
    reason = "De wachttijd is langer dan tien weken."
    requested_by = factory.SubFactory(UserFactory)


class RegisterVersionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = RegisterVersion

    date = date(2024, 6, 27)
    note = "Lijst met hoofd- en onderaannemers."


def contract_with_terms(*, years: tuple[int, ...] = (3, 2, 2), taken: int = 0, **fields: Any) -> Contract:
    """A contract with its terms, of which the first `taken` options were taken, and its parties."""
    contract = ContractFactory(**fields)
    for number, term in enumerate(contract_terms(contract.start, years), start=1):
        status = TermStatus.EXERCISED if number - 1 <= taken else TermStatus.OPEN
        ContractTerm.objects.create(
            contract=contract, sequence=number, start=term.start, end=term.end,
            status=TermStatus.COMMITTED if number == 1 else status,
        )  # fmt: skip
    open_contract(contract)
    return contract


def contract_until(last: date, *, taken: bool = False, **fields: Any) -> Contract:
    """A contract whose first term ends on this day, with one option of two years after it."""
    contract = ContractFactory(start=last - timedelta(days=1095), **fields)
    ContractTerm.objects.create(
        contract=contract, sequence=1, start=contract.start, end=last, status=TermStatus.COMMITTED
    )
    ContractTerm.objects.create(
        contract=contract, sequence=2, start=last + timedelta(days=1), end=last + timedelta(days=730),
        status=TermStatus.EXERCISED if taken else TermStatus.OPEN,
    )  # fmt: skip
    open_contract(contract)
    return contract


def running_contract(**fields: Any) -> Contract:
    """A contract that began a year ago and runs on for two, with two options."""
    fields.setdefault("start", timezone.localdate() - timedelta(days=365))
    return contract_with_terms(**fields)


def consortium_contract(*shares: int | None, **fields: Any) -> Contract:
    """A running contract of a consortium, its lead first, each with this share in percent or none."""
    consortium = ConsortiumFactory()
    for _share in shares[1:]:
        consortium.consortium_members.create(organisation=OrganisationFactory())
    make = contract_with_terms if "start" in fields else running_contract
    contract = make(consortium=consortium, contractor=consortium.lead, **fields)
    for party, share in zip(contract.parties.order_by("-is_lead", "pk"), shares, strict=True):
        party.share = share
        party.save(update_fields=["share"])
    return contract


def signed_by_contractor(contract: Contract) -> Contract:
    """The contractor's side has signed, as was written down."""
    ContractSignature.objects.create(
        contract=contract, side=SigningSide.CONTRACTOR, name="Zus Zorg", function="bestuurder",
        signed_on=timezone.localdate(), recorded_by=user_with(Role.LEAD),
    )  # fmt: skip
    return contract


def sign_for_authority(contract: Contract, by: Any) -> Contract:
    """The authority signs today."""
    says = Signed("Maud Mandaat", "hoofd inkoop", database_today())
    return sign_contract(contract=contract, side=SigningSide.AUTHORITY, says=says, by=by)


def sign_by_both(contract: Contract, by: Any) -> Contract:
    """The contractor signed, and now the authority does."""
    if not contract.signatures.exists():
        signed_by_contractor(contract)
    return sign_for_authority(contract, by)


def in_municipalities(contract: Contract, *names: str) -> list[Any]:
    """Municipalities of the contract's region in which it runs, from its start."""
    region = contract.segment.tender.region
    places = [MunicipalityFactory(region=region, name=name, slug=name.lower()) for name in names]
    ContractMunicipality.objects.bulk_create(
        ContractMunicipality(contract=contract, municipality=place, start=contract.start) for place in places
    )
    return places


def said(outcome: str, **fields: Any) -> CollegeSays:
    """What a college decided today."""
    return CollegeSays(outcome, fields.pop("decided_on", timezone.localdate()), **fields)


def option_decided(contract: Contract, outcome: str, by: Any, reason: str = "Zo besloten de colleges.") -> ContractTerm:
    """The next option of a contract, decided by the college of its one municipality, and concluded."""
    places = [row.municipality for row in contract.contract_municipalities.all()] or in_municipalities(contract, "Dorp")
    term = contract.terms.filter(status=TermStatus.OPEN).first()
    for place in places:
        record_college_decisions(terms=[term], municipality=place, says=said(outcome, reason="Besloten."), by=by)
    return conclude_option(term=term, reason=reason, by=by)


def final_award_decision(*, bids: int = 2, segment: Segment | None = None, **segment_fields: Any) -> Decision:
    """A final award decision of a segment with two subsegments, after its standstill, with its active awards."""
    segment = segment or SegmentFactory(**segment_fields)
    for name in ("Behandeling", "Ondersteuning"):
        SubSegment.objects.create(segment=segment, slug=name.lower(), name=name)
    round_ = RoundFactory(tender=segment.tender, stage=Stage.AWARD, vault_opened=True)
    segment_round = SegmentRoundFactory(round=round_, segment=segment, status=SegmentRoundStatus.DECIDED, places=bids)
    ranking = Ranking.objects.create(
        segment_round=segment_round, sequence=1, dossier="{}", result="{}", digest="sha256:0", code_version="1"
    )
    now = timezone.now()
    decision = Decision.objects.create(
        segment_round=segment_round, ranking=ranking, status=DecisionStatus.FINAL, proposed_by=user_with(Role.LEAD),
        adopted_at=now - timedelta(days=30), sent_at=now - timedelta(days=25),
        standstill_until=timezone.localdate() - timedelta(days=4), final_at=now,
    )  # fmt: skip
    for _number in range(bids):
        Award.objects.create(decision=decision, entry=submitted_entry(segment_round), status=AwardStatus.ACTIVE)
    return decision


def takes_part(segment: Segment, *names: str) -> None:
    """Municipalities that take part in the segment."""
    for number, name in enumerate(names):
        municipality = MunicipalityFactory(
            region=segment.tender.region, name=name, slug=name.lower().replace(" ", "-"), tile_x=number, tile_y=0
        )
        Participation.objects.create(segment=segment, municipality=municipality, participates=True)
