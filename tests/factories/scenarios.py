"""A whole tender, ready to be published, and the people who bring it to its end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from achterhoek.accounts.enums import Role
from achterhoek.accounts.models import User
from achterhoek.region.models import Municipality, Region
from procurement.enums import CriterionKind, Formula, QuestionKind, RoundStatus, Stage, TenderStatus
from procurement.models import Participation, Round, Segment, SubSegment, Tender
from tests.factories.accounts import user_with
from tests.factories.procurement import (
    CriterionFactory,
    LotFactory,
    QuestionFactory,
    RequirementFactory,
    RoundFactory,
    SegmentFactory,
    SegmentRoundFactory,
    TenderFactory,
)
from tests.factories.providers import OrganisationFactory, member_of
from tests.factories.region import ContractingAuthorityFactory, MunicipalityFactory, RegionFactory

# Two graded criteria a stage; the price comes beside them in the award.
SELECTION_CRITERIA = (("S1", "Samenwerking met lokale teams", 60), ("S2", "Afschaling van zorg", 40))
AWARD_CRITERIA = (("G1", "Partnerschap met gemeenten", 40), ("G2", "Continuïteit van zorg", 30))
PRICE_WEIGHT, PRICE_LOW, PRICE_HIGH = 30, Decimal(900_000), Decimal(1_200_000)
MUNICIPALITIES = ("Aalten", "Berkelland")
RUBRIC = [
    {"score": score, "meaning": meaning}
    for score, meaning in (
        (0, "niet beantwoord"), (2, "onvoldoende"), (4, "matig"), (6, "voldoende"), (8, "goed"), (10, "zeer goed"),
    )
]  # fmt: skip


@dataclass
class Scenario:
    """The tender with all the rules of both its stages, and everybody who works on it."""

    region: Region
    municipalities: list[Municipality]
    tender: Tender
    segment: Segment
    lead: User
    evaluators: list[User]
    openers: list[User]
    secretaries: list[User]
    mandate_holder: User
    clm: User

    def round(self, stage: str) -> Round:
        return Round.objects.get(tender=self.tender, stage=stage)


def draft_tender(*, starts: date) -> Scenario:
    """A draft: one lot, one segment that two municipalities buy; two candidates go on, one gets a contract.

    The contracts run three years from `starts`, with twice an option of two years.
    """
    authority = ContractingAuthorityFactory(name="Sociaal Domein Achterhoek")
    region = RegionFactory(slug="achterhoek", name="Achterhoek", authority=authority, is_default=True)
    municipalities = [
        MunicipalityFactory(region=region, name=name, slug=name.lower(), tile_x=column, tile_y=0)
        for column, name in enumerate(MUNICIPALITIES)
    ]
    tender = TenderFactory(
        region=region, slug="inkoop-jeugdhulp", title="Inkoop Jeugdhulp", status=TenderStatus.DRAFT, published_at=None,
        summary="Jeugdhulp voor inwoners van twee gemeenten.", contract_start=starts, evaluators_announced=2,
        notice_months=6, content={"court": "de rechtbank Gelderland"},
    )  # fmt: skip
    segment = SegmentFactory(
        tender=tender, lot=LotFactory(tender=tender, name="Jeugdhulp", slug="jeugdhulp"),
        name="Integrale Ambulante Jeugdhulp", slug="ambulante-jeugdhulp", position=1,
    )  # fmt: skip
    for position, name in enumerate(("Begeleiding", "Behandeling")):
        SubSegment.objects.create(segment=segment, slug=name.lower(), name=name, position=position)
    for municipality in municipalities:
        Participation.objects.create(segment=segment, municipality=municipality, participates=True)
    _selection(tender, segment)
    _award(tender, segment)
    return Scenario(
        region=region,
        municipalities=municipalities,
        tender=tender,
        segment=segment,
        lead=user_with(Role.LEAD, region=region, name="Lotte Inkoop", email="lead@demo.example"),
        evaluators=[
            user_with(Role.EVALUATOR, region=region, name=name, email=f"evaluator{number}@demo.example")
            for number, name in enumerate(("Bram Beoordelaar", "Bo Beoordelaar"), start=1)
        ],
        openers=[
            user_with(
                Role.OPENER, region=region, name=name, email=f"opener{number}@demo.example", is_demo=True
            )
            for number, name in enumerate(("Kees Kluis", "Kim Kluis"), start=1)
        ],
        secretaries=[
            user_with(
                Role.COLLEGE, municipality=municipality, name=f"Secretaris {municipality.name}",
                email=f"college.{municipality.slug}@demo.example",
            )
            for municipality in municipalities
        ],
        mandate_holder=user_with(Role.MANDATE, region=region, name="Maud Mandaat", email="mandate@demo.example"),
        clm=user_with(Role.CLM, region=region, name="Carla Beheer", email="clm@demo.example"),
    )  # fmt: skip


def _selection(tender: Tender, segment: Segment) -> None:
    """What a request to participate must hold: two answers once, two for the segment, and two requirements."""
    found = _planned(tender, Stage.SELECTION)
    rules = SegmentRoundFactory(round=found, segment=segment, places=2, tie_break=["S1"])
    for position, (code, title, weight) in enumerate(SELECTION_CRITERIA, start=1):
        CriterionFactory(
            segment_round=rules, code=code, title=title, weight=Decimal(weight), position=position, rubric=RUBRIC
        )
    RequirementFactory(round=found, code="E1", title="Kwaliteitskeurmerk", text="U heeft een geldig keurmerk.")
    RequirementFactory(
        round=found, segment=segment, code="E2", title="SKJ-registratie", text="Uw hulpverleners zijn geregistreerd."
    )
    QuestionFactory(round=found, code="V1", title="Aantal medewerkers", kind=QuestionKind.NUMBER, position=1)
    QuestionFactory(
        round=found, code="V2", title="Werkt u met een cliëntenraad?", kind=QuestionKind.BOOLEAN, position=2
    )
    QuestionFactory(
        round=found, segment=segment, code="V3", title="Uw visie op samenwerking", kind=QuestionKind.TEXT,
        max_chars=1500, criterion_code="S1", position=1,
    )  # fmt: skip
    QuestionFactory(
        round=found, segment=segment, code="V4", title="Uw plan voor afschaling", kind=QuestionKind.FILE,
        max_pages=2, criterion_code="S2", position=2,
    )  # fmt: skip


def _award(tender: Tender, segment: Segment) -> None:
    """What a bid must hold: a text, a plan, and the price; one minimum requirement."""
    found = _planned(tender, Stage.AWARD)
    rules = SegmentRoundFactory(round=found, segment=segment, places=1, tie_break=["G1"])
    for position, (code, title, weight) in enumerate(AWARD_CRITERIA, start=1):
        CriterionFactory(
            segment_round=rules, code=code, title=title, weight=Decimal(weight), position=position, rubric=RUBRIC
        )
    CriterionFactory(
        segment_round=rules, code="P", title="Prijs", kind=CriterionKind.PRICE, weight=Decimal(PRICE_WEIGHT),
        formula=Formula.ABSOLUTE_LINEAR, low=PRICE_LOW, high=PRICE_HIGH, position=3,
    )  # fmt: skip
    RequirementFactory(
        round=found, segment=segment, code="M1", title="Wachttijd", text="Hulp begint binnen tien weken."
    )
    QuestionFactory(
        round=found, segment=segment, code="W1", title="Uw aanpak van het partnerschap", kind=QuestionKind.TEXT,
        max_chars=3000, criterion_code="G1", position=1,
    )  # fmt: skip
    QuestionFactory(
        round=found, segment=segment, code="W2", title="Uw continuïteitsplan", kind=QuestionKind.FILE,
        max_pages=2, criterion_code="G2", position=2,
    )  # fmt: skip
    QuestionFactory(
        round=found, segment=segment, code="W3", title="Uw prijs per jaar", kind=QuestionKind.PRICE,
        criterion_code="P", position=3,
    )  # fmt: skip


def _planned(tender: Tender, stage: str) -> Round:
    made: Round = RoundFactory(tender=tender, stage=stage, status=RoundStatus.PLANNED, opens_at=None, deadline=None)
    return made


def provider(name: str, *, email: str, person: str) -> User:
    """A registered organisation, and the person who may sign for it."""
    organisation = OrganisationFactory(name=name, email=f"post.{email}")
    return member_of(organisation, email=email, name=person)
