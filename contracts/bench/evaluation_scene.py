"""A segment in full evaluation, in a database that is made for it and dropped after it."""

from __future__ import annotations

import random
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import connection, transaction

from achterhoek.accounts.enums import Role
from achterhoek.accounts.models import RoleAssignment, User
from achterhoek.clock import database_now
from achterhoek.region.models import ContractingAuthority, Region
from contracts.bench.registry import Sizes
from contracts.bench.scratch import scratch_portal
from procurement.enums import (
    Interest,
    Procedure,
    QuestionKind,
    RoundStatus,
    SegmentRoundStatus,
    Stage,
    SubmissionStatus,
    TenderStatus,
)
from procurement.models import (
    Answer,
    CommitteeMember,
    Criterion,
    Entry,
    InterestDeclaration,
    Lot,
    Question,
    Round,
    Score,
    Segment,
    SegmentRound,
    Submission,
    Tender,
)
from procurement.selectors.parties import parties_digest, parties_of
from providers.enums import LegalForm
from providers.models import Organisation

SCALE = tuple(Decimal(text) for text in ("2", "4", "6", "8", "10"))
REASON = "Concreet en goed onderbouwd met eigen voorbeelden; minder uitgewerkt is wat een inwoner ervan merkt."


@dataclass(frozen=True, slots=True)
class Scene:
    """Who looks at what."""

    segment_round: SegmentRound
    lead: User
    evaluators: list[User]
    entries: list[Entry]
    criteria: list[Criterion]


@contextmanager
def scene(sizes: Sizes) -> Iterator[Scene]:
    """The scene in a portal of its own, so that a clean clone can be measured; the planner knows its tables."""
    with scratch_portal():
        with transaction.atomic():
            made = _make(sizes)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        yield made


def _make(sizes: Sizes) -> Scene:
    mark = secrets.token_hex(4)
    authority = ContractingAuthority.objects.create(name=f"Meting {mark}")
    region = Region.objects.create(name=f"Meting {mark}", slug=f"meting-{mark}", authority=authority)
    segment_round = _segment_round(region, mark, sizes)
    people = [_person(f"m{number}-{mark}", region, Role.EVALUATOR) for number in range(sizes.seats)]
    lead = _person(f"lead-{mark}", region, Role.LEAD)
    entries = _entries(segment_round, sizes.overview, lead, mark)
    criteria = Criterion.objects.bulk_create(
        Criterion(
            segment_round=segment_round, code=f"C{number}", title=f"Criterium {number}", position=number, weight=10
        )
        for number in range(1, sizes.overview_criteria + 1)
    )
    _answers(segment_round, entries, criteria, lead)
    _seats(segment_round, people, entries)
    chance = random.Random(2022)  # noqa: S311 - repeatable, nothing secret
    Score.objects.bulk_create(
        (
            Score(entry=entry, criterion=criterion, evaluator=person, value=chance.choice(SCALE), reason=REASON)
            for entry in entries
            for criterion in criteria
            for person in people
        ),
        batch_size=2000,
    )
    return Scene(segment_round, lead, people, entries, list(criteria))


def _segment_round(region: Region, mark: str, sizes: Sizes) -> SegmentRound:
    now = database_now()
    tender = Tender.objects.create(
        region=region, slug=f"meting-{mark}", title="Meting", procedure=Procedure.RESTRICTED,
        status=TenderStatus.PUBLISHED, evaluators_announced=sizes.seats, term_pattern=[3],
        published_at=now - timedelta(days=60),
    )  # fmt: skip
    lot = Lot.objects.create(tender=tender, slug="perceel", name="Perceel 1")
    segment = Segment.objects.create(tender=tender, lot=lot, slug="segment", name="Segment 1")
    opened = Round.objects.create(
        tender=tender, stage=Stage.AWARD, status=RoundStatus.OPENED, opens_at=now - timedelta(days=40),
        deadline=now - timedelta(hours=2), opened_at=now - timedelta(hours=1),
    )  # fmt: skip
    return SegmentRound.objects.create(round=opened, segment=segment, status=SegmentRoundStatus.SCORING, places=30)


def _person(name: str, region: Region, role: str) -> User:
    user = User.objects.create_user(email=f"{name}@meting.example", password=None, name=name)
    RoleAssignment.objects.create(user=user, role=role, region=region)
    return user


def _entries(segment_round: SegmentRound, count: int, by: User, mark: str) -> list[Entry]:
    now = database_now() - timedelta(hours=3)
    first = 10_000_000 + int(mark, 16) % 80_000_000
    organisations = Organisation.objects.bulk_create(
        Organisation(
            name=f"Zorgaanbieder {number} & Zn",
            legal_form=LegalForm.PRIVATE_LIMITED,
            kvk_number=str(first + number),
            agb_code=str(first + number),
            city="Doetinchem",
            email=f"bestuur{number}@meting.example",
        )
        for number in range(count)
    )
    submissions = Submission.objects.bulk_create(
        Submission(
            round=segment_round.round, organisation=organisation, created_by=by, submitted_by=by, submitted_at=now,
            status=SubmissionStatus.SUBMITTED, number=f"M-{mark}-{number:05d}",
        )
        for number, organisation in enumerate(organisations)
    )  # fmt: skip
    return list(
        Entry.objects.bulk_create(
            Entry(submission=submission, segment=segment_round.segment) for submission in submissions
        )
    )


def _answers(segment_round: SegmentRound, entries: list[Entry], criteria: list[Criterion], by: User) -> None:
    questions = Question.objects.bulk_create(
        Question(
            round=segment_round.round, segment=segment_round.segment, kind=QuestionKind.TEXT, code=f"V{criterion.code}",
            title=criterion.title, criterion_code=criterion.code,
        )
        for criterion in criteria
    )  # fmt: skip
    Answer.objects.bulk_create(
        Answer(submission=entry.submission, question=question, text=REASON * 10, changed_by=by)
        for entry in entries
        for question in questions
    )


def _seats(segment_round: SegmentRound, people: list[User], entries: list[Entry]) -> None:
    seats = [CommitteeMember.objects.create(segment_round=segment_round, user=person) for person in people]
    parties = parties_of(entries)
    said: dict[Any, Any] = {
        entry.pk: ([asdict(party) for party in parties[entry.pk]], parties_digest(parties[entry.pk]))
        for entry in entries
    }
    InterestDeclaration.objects.bulk_create(
        InterestDeclaration(
            seat=seat, entry=entry, interest=Interest.NONE, parties=said[entry.pk][0], parties_digest=said[entry.pk][1]
        )
        for seat in seats
        for entry in entries
    )
