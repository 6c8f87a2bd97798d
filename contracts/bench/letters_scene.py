"""What is there before letters are made: an award with so many bids, agreed to by its colleges and signed."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import translation

from achterhoek.accounts.enums import Role
from achterhoek.accounts.models import RoleAssignment, User
from achterhoek.clock import database_now
from achterhoek.embedded.prepare import migrate
from achterhoek.mail.models import MessageStatus, OutboxMessage
from achterhoek.region.models import ContractingAuthority, Municipality, Region
from procurement.enums import (
    LetterStatus,
    Outcome,
    Procedure,
    RoundStatus,
    SegmentRoundStatus,
    Stage,
    SubmissionStatus,
    TenderStatus,
)
from procurement.models import (
    CollegeDecision,
    ConsensusScore,
    Criterion,
    Decision,
    Entry,
    Letter,
    LetterBatch,
    Lot,
    Participation,
    Ranking,
    RankingRow,
    Round,
    Segment,
    SegmentRound,
    Submission,
    Tender,
)
from procurement.services.decisions import decide_as_college, propose_decision, request_sending, sign_decision
from providers.enums import LegalForm
from providers.models import Organisation

PLACES = 3
REASON = (
    "De commissie is positief over de vaste plek op acht scholen en in drie dorpshuizen, en daarnaast over het"
    " contact met huisartsen en wijkteams. Dat is goed onderbouwd. Minder uitgewerkt: hoe het voorliggend veld"
    " sterker wordt, en wat een inwoner van de samenwerking merkt."
)
CRITERIA = (("G1", "Kwaliteit van samenwerking", 40), ("G2", "Doorlooptijd", 30), ("G3", "Afschaling", 30))


def main() -> None:
    """Answer one request."""
    asked = json.load(sys.stdin)
    translation.activate("nl")
    steps: dict[str, Callable[..., Any]] = {"prepare": prepare, "make": make, "check": check}
    answer = steps[asked.pop("do")](**asked)
    print(json.dumps(answer))  # noqa: T201 - the answer


def prepare() -> Any:
    """Tables; no demo data."""
    migrate()
    return {}


def make(*, name: str, letters: int) -> Any:
    """A signed award with so many bidders, whose letters are asked for; the batch."""
    decision, lead = signed_award(name, letters)
    request_sending(decision=decision, by=lead)
    return {"batch": LetterBatch.objects.get(decision=decision).pk}


def check(*, batch: int, accepted: list[dict[str, Any]]) -> Any:
    """What is not as it must be, beside the log of the mail server: each bidder one letter, one entry of the outbox,
    sent under one Message-ID.
    """
    problems = []
    letters = list(Letter.objects.filter(batch=batch).select_related("message", "file", "entry__submission"))
    organisations = Organisation.objects.filter(submissions__entries__letters__batch=batch).distinct().count()
    if len({letter.entry_id for letter in letters}) != len(letters) or organisations != len(letters):
        problems.append(f"{len(letters)} letters for {organisations} bidders")
    ours = {letter.message.message_id: letter for letter in letters if letter.message is not None}
    bring = OutboxMessage.objects.filter(attachments__letter__batch=batch).values_list("message_id", flat=True)
    strays = OutboxMessage.objects.filter(key__startswith="letter:", letter__isnull=True)
    if sorted(bring) != sorted(ours) or len(ours) != len(letters) or strays.exists():
        problems.append("not one entry of the outbox for each letter")
    for letter in letters:
        if letter.status != LetterStatus.SENT or letter.message is None or letter.message.status != MessageStatus.SENT:
            problems.append(f"letter {letter.pk} is {letter.status}")
        if letter.file is None or not letter.file.file.storage.exists(letter.file.file.name):
            problems.append(f"letter {letter.pk} has no file")
    if len({letter.sent_at for letter in letters}) != 1:
        problems.append("the letters were not sent at one moment")
    arrived: dict[str, set[str]] = {}
    for mail in accepted:
        for file in mail["files"]:
            arrived.setdefault(file, set()).add(mail["message_id"])
    for file, under in arrived.items():
        if len(under) != 1:
            problems.append(f"{file} arrived under {len(under)} Message-IDs")
    if set().union(*arrived.values(), set()) != set(ours):
        problems.append(f"{len(arrived)} letters arrived of {len(ours)}")
    doubled = sum(len(mail["files"]) for mail in accepted) - len(arrived)
    return {"problems": problems, "letters": len(letters), "arrived": len(arrived), "doubled": doubled}


def signed_award(name: str, letters: int) -> tuple[Decision, User]:
    """A decision that only has to be sent, and the lead who may."""
    with transaction.atomic():
        segment_round, lead = _ranked(name, letters)
    decision = propose_decision(segment_round=segment_round, by=lead)
    for college in CollegeDecision.objects.filter(decision=decision).select_related("municipality"):
        secretary = _person(f"college{college.municipality_id}", Role.COLLEGE, municipality=college.municipality)
        decide_as_college(college_decision=college, outcome="approved", reservation="", by=secretary)
    region = segment_round.round.tender.region
    decision = sign_decision(
        decision=decision, mandate="Mandaatbesluit 2026, artikel 4", by=_person(f"mandaat-{name}", Role.MANDATE, region)
    )
    return decision, lead


def _ranked(name: str, letters: int) -> tuple[SegmentRound, User]:
    now = database_now()
    authority = ContractingAuthority.objects.create(
        name=f"Regio {name}", kvk_number="90000001", street="Plein 1", postcode="7001 AA", city="Plaats",
        email="inkoop@letters.example",
    )  # fmt: skip
    region = Region.objects.create(slug=name, name=f"Streek {name}", authority=authority)
    tender = Tender.objects.create(
        region=region, slug=name, title=f"Wonen {name}", summary="Zorg.", procedure=Procedure.RESTRICTED,
        status=TenderStatus.PUBLISHED, term_pattern=[3, 2, 2], framework_motivation="Partnerschap.",
        published_at=now - timedelta(days=60),
    )  # fmt: skip
    segment = Segment.objects.create(
        tender=tender, lot=Lot.objects.create(tender=tender, slug="wmo", name="Wmo"), slug="wonen", name="Wmo Wonen"
    )
    opened = Round.objects.create(
        tender=tender, stage=Stage.AWARD, status=RoundStatus.OPENED, opens_at=now - timedelta(days=40),
        deadline=now - timedelta(hours=2), opened_at=now - timedelta(hours=1),
    )  # fmt: skip
    segment_round = SegmentRound.objects.create(
        round=opened, segment=segment, status=SegmentRoundStatus.RANKED, places=PLACES
    )
    for town in ("Aalten", "Berkelland", "Bronckhorst", "Doetinchem"):
        municipality = Municipality.objects.create(region=region, slug=f"{town.lower()}-{name}", name=town)
        Participation.objects.create(segment=segment, municipality=municipality, participates=True)
    lead = _person(f"lead-{name}", Role.LEAD, region)
    criteria = [
        Criterion.objects.create(segment_round=segment_round, code=code, title=title, weight=weight, position=position)
        for position, (code, title, weight) in enumerate(CRITERIA)
    ]
    entries = [_entry(segment_round, number, lead) for number in range(letters)]
    ConsensusScore.objects.bulk_create(
        ConsensusScore(
            entry=entry, criterion=criterion, value=_score(position), reason=REASON, recorded_by=lead,
        )
        for position, entry in enumerate(entries)
        for criterion in criteria
    )  # fmt: skip
    _rank(segment_round, entries, criteria)
    return segment_round, lead


def _score(position: int) -> Decimal:
    return Decimal(10 if position == 0 else 8 if position < PLACES else 6)


def _entry(segment_round: SegmentRound, number: int, by: User) -> Entry:
    count = Organisation.objects.count()
    organisation = Organisation.objects.create(
        name=f"Zorgaanbieder {number} B.V.", legal_form=LegalForm.PRIVATE_LIMITED, kvk_number=f"{10_000_000 + count}",
        agb_code=f"{20_000_000 + count}", street="Voorbeeldstraat 1", postcode="7001 AA", city="Doetinchem",
        email=f"bestuur{count}@letters.example",
    )  # fmt: skip
    submission = Submission.objects.create(
        round=segment_round.round, organisation=organisation, created_by=by, submitted_by=by,
        submitted_at=database_now() - timedelta(hours=3), status=SubmissionStatus.SUBMITTED,
        number=f"I-{segment_round.pk:03d}-{number:05d}",
    )  # fmt: skip
    return Entry.objects.create(submission=submission, segment=segment_round.segment)


def _rank(segment_round: SegmentRound, entries: list[Entry], criteria: list[Criterion]) -> None:
    ranking = Ranking.objects.create(
        segment_round=segment_round, sequence=1, dossier="{}", digest=f"sha256:{segment_round.pk:064x}", result="{}",
        code_version="1",
    )  # fmt: skip
    for position, entry in enumerate(entries):
        points = {criterion.code: str((criterion.weight or 0) * _score(position) / 10) for criterion in criteria}
        RankingRow.objects.create(
            ranking=ranking, entry=entry, position=position + 1, rank=position + 1, points=points,
            outcome=Outcome.SELECTED if position < PLACES else Outcome.RESERVE,
            total=str(sum(Decimal(value) for value in points.values())),
        )  # fmt: skip


def _person(name: str, role: str, region: Region | None = None, municipality: Municipality | None = None) -> User:
    user = User.objects.create_user(email=f"{name}@letters.example", password=None, name=name)
    RoleAssignment.objects.create(user=user, role=role, region=region, municipality=municipality)
    return user
