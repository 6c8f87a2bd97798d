"""Which individual scores count, and whether a consensus still rests on them.

A score counts as long as its evaluator has a seat that scores, and declared no interest in that bid. What a member
scored who has left stays in the file, and counts no more.
"""

from __future__ import annotations

from collections import defaultdict

from django.contrib.postgres.aggregates import StringAgg
from django.db.models import Exists, Func, OuterRef, QuerySet, TextField, Value
from django.db.models.functions import Cast, Concat

from procurement.domain.basis import basis_digest, digest_of_lines
from procurement.enums import CriterionKind, EntryStatus, Interest, SeatRole
from procurement.models import (
    CommitteeMember,
    ConsensusScore,
    Criterion,
    Entry,
    InterestDeclaration,
    Reevaluation,
    Score,
    SegmentRound,
)
from procurement.selectors.reevaluation import given_now
from procurement.selectors.seats import late_seats

# An entry and a criterion.
Pair = tuple[int, int]
NOTHING = basis_digest(())


class _TextDigest(Func):
    """The sha256 of a text as lower-case hexadecimal; PostgreSQL has it without an extension."""

    template = "ENCODE(SHA256(CONVERT_TO(%(expressions)s, 'UTF8')), 'hex')"
    output_field = TextField()


class _Plain(Func):
    """A decimal as the pure rule writes it: without trailing zeros."""

    template = "TRIM_SCALE(%(expressions)s)::text"
    output_field = TextField()


def counting_scores(segment_round: SegmentRound) -> QuerySet[Score]:
    """The individual scores of this segment that count: of members with a seat, without an interest in the bid.

    Those of who took over a seat after the closing join when all of them are in.
    """
    seat = CommitteeMember.objects.filter(
        segment_round=segment_round, user=OuterRef("evaluator"), role=SeatRole.MEMBER, ended_at__isnull=True
    )
    seat = seat.exclude(pk__in=late_seats(segment_round).values("pk"))
    tied = InterestDeclaration.objects.filter(
        seat__segment_round=segment_round,
        seat__ended_at__isnull=True,
        seat__user=OuterRef("evaluator"),
        entry=OuterRef("entry"),
        superseded_at__isnull=True,
    ).exclude(interest=Interest.NONE)
    return Score.objects.filter(Exists(seat), ~Exists(tied), criterion__segment_round=segment_round)


def counting_on(entry: Entry, criterion: Criterion) -> list[Score]:
    """The scores that count on one criterion of one entry."""
    return list(counting_scores(criterion.segment_round).filter(entry=entry, criterion=criterion).order_by("evaluator"))


def basis_of(scores: list[Score]) -> str:
    """The digest of these scores."""
    return basis_digest((score.evaluator_id, score.value, score.reason) for score in scores)


def bases_now(segment_round: SegmentRound) -> dict[Pair, str]:
    """What each consensus score would rest on today; one query. A pair without scores is not in it."""
    line = Concat(
        Cast("evaluator_id", TextField()), Value(":"), _Plain("value"), Value(":"), _TextDigest("reason"),
        output_field=TextField(),
    )  # fmt: skip
    rows = (
        counting_scores(segment_round)
        .order_by()
        .values_list("entry_id", "criterion_id")
        .annotate(lines=StringAgg(line, delimiter="\n", order_by="evaluator_id"))
    )
    return {(entry, criterion): digest_of_lines(lines) for entry, criterion, lines in rows}


def open_criteria(segment_round: SegmentRound) -> list[Criterion]:
    """The criteria on which the committee still decides: all that people score, or those that are scored again.

    In a re-evaluation the others keep the consensus they have.
    """
    graded = list(segment_round.criteria.filter(kind=CriterionKind.GRADED))
    again = Reevaluation.objects.filter(segment_round=segment_round, finished_at__isnull=True)
    named = set(again.values_list("criteria", flat=True)) - {None}
    return [criterion for criterion in graded if criterion.pk in named] if named else graded


def stale_consensus(segment_round: SegmentRound, criteria: list[Criterion] | None = None) -> dict[int, set[int]]:
    """The consensus scores to set again: by admitted entry, the criteria. `criteria`: those that are open.

    In a re-evaluation those that were set before it began are among them, whatever they rest on.
    """
    wanted = [criterion.pk for criterion in (open_criteria(segment_round) if criteria is None else criteria)]
    now = bases_now(segment_round)
    found: dict[int, set[int]] = defaultdict(set)
    rows = ConsensusScore.objects.filter(criterion__in=wanted, entry__status=EntryStatus.ADMITTED)
    given = rows.annotate(given=given_now()).values_list("entry_id", "criterion_id", "basis", "given")
    for entry, criterion, basis, is_given in given:
        if not is_given or basis != now.get((entry, criterion), NOTHING):
            found[entry].add(criterion)
    return dict(found)
