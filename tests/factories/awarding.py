"""An award stage as it stands just before its rankings: two segments, 24 bidders in each, scored and agreed.

What everybody scored is a table here, so that a test can say itself what has to stand in a letter.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db import transaction

from achterhoek.accounts.enums import Role
from achterhoek.accounts.models import User
from procurement.enums import EntryStatus, SegmentRoundStatus, Stage
from procurement.models import Criterion, Entry, Participation, Requirement, SegmentRound, SubSegment
from procurement.services.evaluation import (
    check_requirement,
    close_scoring,
    fix_scores,
    hand_in,
    record_consensus,
    save_score,
)
from tests.factories.accounts import user_with
from tests.factories.evaluation import seated
from tests.factories.procurement import (
    CriterionFactory,
    EntryFactory,
    LotFactory,
    RequirementFactory,
    RoundFactory,
    SegmentFactory,
    SegmentRoundFactory,
    SubmissionFactory,
    TenderFactory,
)
from tests.factories.providers import OrganisationFactory, member_of
from tests.factories.region import ContractingAuthorityFactory, MunicipalityFactory, RegionFactory
from tests.factories.scenarios import RUBRIC, Scenario

PLACES, RESERVES, WEIGHTS, LEAST = 3, 2, (60, 40), 4
CRITERIA = (("G1", "Partnerschap met gemeenten"), ("G2", "Continuïteit van zorg"))
SEGMENTS = ("Integrale Ambulante Jeugdhulp", "Begeleiding bij Zelfstandig Leven")
MUNICIPALITIES = ("Aalten", "Berkelland")
NAMES = (
    "Stichting Aalbes", "Coöperatie Braamstruik", "Praktijk Cederhout", "Zorggroep Dotterbloem", "Huize Egelantier",
    "Maatschap Fluitenkruid", "Stichting Gagel", "Zorgboerderij Hazelaar", "Collectief IJzerhard",
    "Praktijk Jeneverbes", "Stichting Kamperfoelie", "Coöperatie Lavendel", "Zorggroep Meidoorn", "Huize Nachtegaal",
    "Maatschap Ooievaarsbek", "Stichting Pimpernel", "Praktijk Quendel", "Zorgboerderij Rozemarijn",
    "Collectief Sleedoorn", "Stichting Tormentil", "Coöperatie Uiltjesbloem", "Zorggroep Valeriaan", "Huize Wolfskers",
    "Maatschap Zuring",
)  # fmt: skip
ENGLISH = NAMES[8]
# The scores on both criteria in the order of the ranking; at the end one under the minimum, one that fails the
# requirement, and one that drew back.
SCORES = (
    (10, 10), (10, 8), (8, 8), (8, 6), (6, 8), (6, 6), (6, 6), (8, 4), (6, 4), (4, 8), (4, 8), (4, 6), (4, 6), (4, 4),
    (4, 4), (2, 8), (2, 6), (2, 6), (2, 4), (2, 4), (0, 4), (10, 2),
)  # fmt: skip
UNDER, FAILS, LEFT = 21, 22, 23
UNMET, DREW_BACK = "Het keurmerk is verlopen.", "Wij hebben te weinig personeel."
READS = {
    10: "Elke partner is genoemd, met een vaste persoon en een dag in de week. Dat is te controleren.",
    8: "De partners zijn genoemd, met een vaste persoon. Op welke dagen is minder uitgewerkt.",
    6: "De partners zijn genoemd. Wie het werk doet en wanneer, is nog algemeen beschreven.",
    4: "Het plan noemt het doel, en nog niet wie wat doet.",
    2: "Het plan herhaalt vooral de vraag.",
    0: "Op de vraag naar partners is geen antwoord gegeven.",
}
# Something to look at in the reasons of two bidders: one names another bidder, one seems to compare.
NAMES_ANOTHER, COMPARES = 7, 6


@dataclass(frozen=True)
class Bidder:
    """One of the 24 in a segment, with what the committee gave it."""

    place: int
    name: str
    user: User
    entry: Entry
    scores: tuple[int, ...]
    reasons: tuple[str, ...]

    @property
    def points(self) -> tuple[int, ...]:
        return tuple(weight * score // 10 for weight, score in zip(WEIGHTS, self.scores, strict=False))

    @property
    def total(self) -> int:
        return sum(self.points)


@dataclass
class Part:
    """One segment: its bidders in the order of the table, and the people as the chapters of a chain know them."""

    scenario: Scenario
    segment_round: SegmentRound
    criteria: list[Criterion]
    bidders: list[Bidder]

    @property
    def pk(self) -> int:
        return self.segment_round.pk

    def ranked(self) -> list[Bidder]:
        """Who has a place in the ranking, by total; equal ones in the order of the table."""
        return sorted(self.bidders[:UNDER], key=lambda bidder: -bidder.total)


@dataclass
class Awarding:
    """The whole stage."""

    parts: list[Part]
    newcomers: list[User] = field(default_factory=list)


@transaction.atomic
def awarding(*, starts: date) -> Awarding:
    """Everything up to fixed scores, by the services that the pages call."""
    scenario = _people(starts)
    round_ = RoundFactory(tender=scenario.tender, stage=Stage.AWARD, vault_opened=True)
    asked = RequirementFactory(round=round_, code="M1", title="Keurmerk", text="U hebt een geldig keurmerk.")
    users = [_bidder(number, name) for number, name in enumerate(NAMES, start=1)]
    submissions = [
        SubmissionFactory(round=round_, submitted=True, organisation=user.memberships.get().organisation)
        for user in users
    ]
    parts = []
    for position, name in enumerate(SEGMENTS):
        segment_round, criteria = _segment(scenario, round_, name, position)
        # In the second segment they stand the other way round.
        order = list(zip(users, submissions, strict=True))[:: 1 - 2 * position]
        bidders = [
            _entry(place, user, EntryFactory(submission=submission, segment=segment_round.segment), name)
            for place, (user, submission) in enumerate(order)
        ]
        own = Scenario(**vars(scenario) | {"segment": segment_round.segment})
        parts.append(Part(own, segment_round, criteria, bidders))
        _judge(parts[-1], asked)
    region = scenario.region
    newcomers = [user_with(Role.EVALUATOR, region=region, name=name) for name in ("Nine Nieuw", "Niek Nieuw")]
    return Awarding(parts, newcomers)


def _people(starts: date) -> Scenario:
    authority = ContractingAuthorityFactory(name="Sociaal Domein Achterhoek", phone="0314 000 000")
    region = RegionFactory(slug="achterhoek", name="Achterhoek", authority=authority, is_default=True)
    municipalities = [
        MunicipalityFactory(region=region, name=name, slug=name.lower(), tile_x=column, tile_y=0)
        for column, name in enumerate(MUNICIPALITIES)
    ]
    tender = TenderFactory(
        region=region, slug="inkoop-jeugdhulp", title="Inkoop Jeugdhulp en Wmo", contract_start=starts,
        evaluators_announced=2, notice_months=6, content={"court": "rechtbank Gelderland"},
    )  # fmt: skip
    scenario = Scenario(
        region=region, municipalities=municipalities, tender=tender, segment=None,
        lead=user_with(Role.LEAD, region=region, name="Lotte Inkoop", email="lead@demo.example"),
        evaluators=[
            user_with(Role.EVALUATOR, region=region, name=name) for name in ("Bram Beoordelaar", "Bo Beoordelaar")
        ],
        openers=[],
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
    return scenario


def _bidder(number: int, name: str) -> User:
    organisation = OrganisationFactory(
        name=name, street=f"Zorgstraat {number}", letter_language="en" if name == ENGLISH else "nl"
    )
    return member_of(organisation, name=f"Bestuurder {number}")


def _segment(scenario: Scenario, round_: object, name: str, position: int) -> tuple[SegmentRound, list[Criterion]]:
    tender = scenario.tender
    segment = SegmentFactory(
        tender=tender, lot=LotFactory(tender=tender, name=name.split()[0]), name=name, position=position
    )
    for municipality in scenario.municipalities:
        Participation.objects.create(segment=segment, municipality=municipality, participates=True)
    SubSegment.objects.create(segment=segment, slug="begeleiding", name="Begeleiding")
    segment_round = SegmentRoundFactory(
        round=round_, segment=segment, status=SegmentRoundStatus.SCORING, places=PLACES, reserves=RESERVES,
        tie_break=["G1"],
    )  # fmt: skip
    criteria = [
        CriterionFactory(
            segment_round=segment_round, code=code, title=title, weight=Decimal(weight), position=number,
            rubric=RUBRIC, minimum=LEAST if code == "G2" else None,
        )
        for number, ((code, title), weight) in enumerate(zip(CRITERIA, WEIGHTS, strict=True), start=1)
    ]  # fmt: skip
    return segment_round, criteria


def _entry(place: int, user: User, entry: Entry, segment: str) -> Bidder:
    scores = SCORES[place] if place <= UNDER else ()
    reasons = tuple(
        f"Voor {title[0].lower()}{title[1:]} leest de commissie een plan in {place + 3} stappen. {READS[score]}"
        for (_code, title), score in zip(CRITERIA, scores, strict=False)
    )
    return Bidder(place, str(entry.submission.organisation.name), user, entry, scores, reasons)


def recorded(part: Part, bidder: Bidder, number: int) -> str:
    """What the committee wrote; in two reasons stands what the lead has to look at before a letter can go."""
    reason = bidder.reasons[number]
    if bidder.place == NAMES_ANOTHER and number == 1:
        return f"{reason} {part.bidders[9].name} is hier niet genoemd."
    if bidder.place == COMPARES and number == 1:
        return f"{reason} Het is concreter dan de vorige afspraken."
    return reason


def _judge(part: Part, asked: Requirement) -> None:
    lead, evaluators = part.scenario.lead, part.scenario.evaluators
    for user in evaluators:
        seated(part.segment_round, user)
    for bidder in part.bidders:
        if bidder.place == LEFT:
            Entry.objects.filter(pk=bidder.entry.pk).update(status=EntryStatus.WITHDRAWN, status_reason=DREW_BACK)
            continue
        met = bidder.place != FAILS
        check_requirement(entry=bidder.entry, requirement=asked, met=met, reason="" if met else UNMET, by=lead)
    scored = [bidder for bidder in part.bidders if bidder.scores]
    for user in evaluators:
        for bidder in scored:
            for number, criterion in enumerate(part.criteria):
                save_score(
                    entry=bidder.entry, criterion=criterion, value=Decimal(bidder.scores[number]),
                    reason=bidder.reasons[number], by=user,
                )  # fmt: skip
        hand_in(segment_round=part.segment_round, by=user)
    close_scoring(segment_round=part.segment_round, by=lead)
    for bidder in scored:
        for number, criterion in enumerate(part.criteria):
            record_consensus(
                entry=bidder.entry, criterion=criterion, value=Decimal(bidder.scores[number]),
                reason=recorded(part, bidder, number), by=lead,
            )  # fmt: skip
    part.segment_round = fix_scores(segment_round=part.segment_round, by=lead)
