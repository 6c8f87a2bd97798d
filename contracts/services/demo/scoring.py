"""The evaluation of the practice tenders: declarations, scores given alone, requirement checks, consensus."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Q
from django.utils import timezone

from achterhoek.accounts.models import User
from achterhoek.clock import database_now
from achterhoek.errors import RuleViolation
from contracts.services.demo.envelopes import Envelope
from contracts.services.demo.files import Document
from contracts.services.demo.people import Party
from procurement.models import (
    ConsensusScore,
    Criterion,
    Entry,
    Requirement,
    RequirementCheck,
    Score,
    SegmentRound,
)
from procurement.services.committee import set_attendants, set_committee
from procurement.services.evaluation import hand_in, record_consensus
from procurement.services.interests import PartyInterest, declare_interests
from procurement.services.meetings import record_minutes
from procurement.services.scoring import Kept, Typed, save_typed

Parties = Mapping[str, Party]
# Recorded where the committee's score lies outside what its members gave alone.
OUTSIDE = "In het overleg bleek dat de leden een bijlage verschillend hadden gelezen."


@dataclass(frozen=True)
class Judged:
    """One entry on one criterion: what each evaluator gave, and what the committee gave together."""

    entry: Entry
    criterion: Criterion
    position: int
    individual: list[str | None]
    consensus: str | None
    motivation: str


def judged(segment_round: SegmentRound, envelopes: list[Envelope]) -> Iterator[Judged]:
    """The scores in the data files for this segment, with the entries and criteria they are for."""
    slug = segment_round.segment.slug
    criteria = {criterion.code: criterion for criterion in segment_round.criteria.all()}
    entries = {
        entry.submission.organisation_id: entry
        for entry in Entry.objects.filter(
            submission__round=segment_round.round_id, segment=segment_round.segment_id
        ).select_related("submission")
    }
    for position, envelope in enumerate(envelopes):
        for row in envelope.rows:
            if row["segment"] != slug:
                continue
            entry = entries[envelope.party.organisation.pk]
            for code, score in row.get("scores", {}).items():
                yield Judged(
                    entry, criteria[code], position, score["individual"], score["consensus"],
                    score.get("motivation", ""),
                )  # fmt: skip


def seat_committee(
    segment_round: SegmentRound, evaluators: list[User], chair: User, observer: User, lead: User
) -> None:
    """Who scores, who leads the meeting and who looks on."""
    set_committee(segment_round=segment_round, users=evaluators, by=lead)
    set_attendants(segment_round=segment_round, chair=chair, observers=[observer], by=lead)


def declare(segment_round: SegmentRound, interests: list[Document], people: dict[str, User], parties: Parties) -> None:
    """Everybody with a seat declares about the bidders: no interest, but for those that the data has."""
    for seat in segment_round.committee.filter(ended_at__isnull=True).select_related("user").order_by("pk"):
        mine = {
            parties[row["provider"]].organisation.kvk_number: PartyInterest(row["interest"], row["explanation"])
            for row in interests
            if people[row["evaluator"]] == seat.user
        }
        declare_interests(segment_round=segment_round, interests=mine, by=seat.user)


def give_scores(
    segment_round: SegmentRound, envelopes: list[Envelope], evaluators: list[User], reasons: Document
) -> None:
    """Every evaluator's own scores, bid by bid as their page sends them, each with a reason from the pool for it."""
    now = database_now()
    sheets: dict[tuple[int, int], list[Typed]] = defaultdict(list)
    for found in judged(segment_round, envelopes):
        for number, value in enumerate(found.individual):
            if value is not None:
                reason = _reason(reasons[found.criterion.code][value], found.position + number + 1)
                sheets[found.entry.pk, number].append(Typed(found.criterion.pk, value, reason, seen=("", "")))
    for (entry, number), typed in sheets.items():
        _save_sheet(segment_round, entry, typed, evaluators[number])
    Score.objects.filter(criterion__segment_round=segment_round).update(changed_at=now)


def _save_sheet(segment_round: SegmentRound, entry: int, typed: list[Typed], by: User) -> None:
    """What the page would only point out beside a field is an error here."""
    _sheet, outcomes = save_typed(segment_round=segment_round.pk, entry=entry, typed=typed, by=by, final=True)
    for outcome in outcomes.values():
        if outcome.kept is not Kept.SCORE:
            raise RuleViolation(outcome.message, outcome.field)


def _reason(pool: list[str], turn: int) -> str:
    return pool[turn % len(pool)]


def hand_in_complete(segment_round: SegmentRound, envelopes: list[Envelope], evaluators: list[User]) -> None:
    """Those who have scored everything hand in; the others still have work to do."""
    scores = [found.individual for found in judged(segment_round, envelopes)]
    for number, evaluator in enumerate(evaluators):
        if scores and all(row[number] is not None for row in scores):
            hand_in(segment_round=segment_round, by=evaluator)


def agree(segment_round: SegmentRound, envelopes: list[Envelope], lead: User) -> None:
    """The consensus that the meeting has reached so far, and the requirements of those entries."""
    now = database_now()
    done: dict[int, Entry] = {}
    for found in judged(segment_round, envelopes):
        if found.consensus is None:
            continue
        record_consensus(
            entry=found.entry, criterion=found.criterion, value=Decimal(found.consensus), reason=found.motivation,
            outside_reason=OUTSIDE, by=lead,
        )  # fmt: skip
        done[found.entry.pk] = found.entry
    _check_requirements(segment_round, list(done.values()), lead, now)
    ConsensusScore.objects.filter(criterion__segment_round=segment_round).update(changed_at=now)


def keep_minutes(segment_round: SegmentRound, chair: User, minutes: str) -> None:
    """What was said in the meeting, by its chair; all who have a seat were there."""
    present = segment_round.committee.filter(ended_at__isnull=True)
    today = timezone.localdate(database_now())
    record_minutes(segment_round=segment_round, held_on=today, present=present, minutes=minutes, by=chair)


def _check_requirements(segment_round: SegmentRound, entries: list[Entry], lead: User, now: datetime) -> None:
    wanted = Q(segment=None) | Q(segment=segment_round.segment_id)
    requirements = list(Requirement.objects.filter(wanted, round=segment_round.round_id))
    RequirementCheck.objects.bulk_create(
        RequirementCheck(entry=entry, requirement=requirement, met=True, checked_by=lead)
        for entry in entries
        for requirement in requirements
    )
    RequirementCheck.objects.filter(entry__in=entries).update(checked_at=now)
