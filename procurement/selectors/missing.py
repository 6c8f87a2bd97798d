"""What keeps the scores of a segment from being fixed: all of it, bid by bid, so that a page can link to each."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from procurement.enums import EntryStatus
from procurement.models import ConsensusScore, Criterion, Requirement, RequirementCheck, SegmentRound
from procurement.selectors.basis import open_criteria, stale_consensus
from procurement.selectors.completeness import unclear_submissions
from procurement.selectors.evaluation import graded_criteria, requirements_of, segment_entries


@dataclass(frozen=True, slots=True)
class Gaps:
    """What one admitted bid lacks. `stale`: a consensus that no longer rests on the scores that count."""

    entry_id: int
    number: str
    organisation: str
    checks: tuple[Requirement, ...]
    scores: tuple[Criterion, ...]
    stale: tuple[Criterion, ...]

    def __bool__(self) -> bool:
        return bool(self.checks or self.scores or self.stale)


@dataclass(frozen=True, slots=True)
class Missing:
    """What keeps the scores from being fixed; false where nothing does. `unclear`: bids still to clarify."""

    entries: tuple[Gaps, ...] = ()
    unclear: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.entries or self.unclear)

    @property
    def scores(self) -> int:
        """Consensus scores that are not there."""
        return sum(len(gaps.scores) for gaps in self.entries)

    @property
    def checks(self) -> int:
        """Requirements that nobody judged."""
        return sum(len(gaps.checks) for gaps in self.entries)

    @property
    def stale(self) -> int:
        """Consensus scores to set again."""
        return sum(len(gaps.stale) for gaps in self.entries)


def missing_for_fixing(segment_round: SegmentRound) -> Missing:
    """All that admitted bids lack before scores count; nine queries, however many bids there are.

    Requirements go first: a bid with one that nobody judged cannot be fixed, however well it scored.
    """
    criteria = list(graded_criteria(segment_round))
    requirements = list(requirements_of(segment_round))
    given = _given(segment_round)
    judged = _judged(segment_round)
    stale = stale_consensus(segment_round, open_criteria(segment_round))
    rows = (
        segment_entries(segment_round)
        .filter(status=EntryStatus.ADMITTED)
        .values_list("id", "submission__number", "submission__organisation__name")
    )
    found = (
        Gaps(
            *row,
            checks=tuple(each for each in requirements if each.pk not in judged[row[0]]),
            scores=tuple(each for each in criteria if each.pk not in given[row[0]]),
            stale=tuple(each for each in criteria if each.pk in stale.get(row[0], ())),
        )
        for row in rows
    )
    return Missing(tuple(gaps for gaps in found if gaps), tuple(unclear_submissions(segment_round)))


def _given(segment_round: SegmentRound) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    rows = ConsensusScore.objects.filter(criterion__segment_round=segment_round)
    for entry, criterion in rows.values_list("entry_id", "criterion_id"):
        found[entry].add(criterion)
    return found


def _judged(segment_round: SegmentRound) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    rows = RequirementCheck.objects.filter(
        entry__submission__round_id=segment_round.round_id, entry__segment_id=segment_round.segment_id
    )
    for entry, requirement in rows.values_list("entry_id", "requirement_id"):
        found[entry].add(requirement)
    return found
