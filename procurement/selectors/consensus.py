"""Questions of the lead: the matrix of entries and criteria, and what is still missing."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Max, Min

from procurement.domain.score_scale import Spread, lies_outside, spread_of
from procurement.enums import EntryStatus
from procurement.models import ConsensusScore, Criterion, Entry, RequirementCheck, Score, SegmentRound
from procurement.selectors.basis import NOTHING, basis_of, counting_scores
from procurement.selectors.evaluation import (
    graded_criteria,
    readable_segment_entries,
)
from procurement.selectors.missing import Missing as Missing
from procurement.selectors.missing import missing_for_fixing as missing_for_fixing


@dataclass(frozen=True, slots=True)
class Cell:
    """One criterion of one entry: the consensus score where there is one, and how far scores lie apart."""

    consensus: Decimal | None
    spread: str


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """An entry in the lead's matrix. `checked` counts the minimum requirements judged."""

    id: int
    number: str
    organisation: str
    status: str
    status_label: str
    checked: int
    cells: tuple[Cell, ...]

    @property
    def admitted(self) -> bool:
        return self.status == EntryStatus.ADMITTED

    @property
    def complete(self) -> bool:
        return all(cell.consensus is not None for cell in self.cells)


@dataclass(frozen=True, slots=True)
class IndividualScore:
    """One member's score with its reason, as the consensus meeting sees it."""

    name: str
    value: Decimal
    reason: str
    user_id: int = 0


def version_of(consensus: ConsensusScore | None, basis: str) -> str:
    """Which consensus there is, and which individual scores: a form sends along which of these it showed."""
    return f"{consensus.changed_at.isoformat() if consensus else '-'} {basis}"


@dataclass(frozen=True, slots=True)
class CriterionScores:
    """The individual scores on one criterion of one entry."""

    scores: tuple[IndividualScore, ...]
    scale_max: Decimal
    consensus: ConsensusScore | None
    basis: str = NOTHING

    @property
    def stale(self) -> bool:
        """Whether the recorded consensus rests on scores that have changed since."""
        return self.consensus is not None and self.consensus.basis != self.basis

    @property
    def shown(self) -> str:
        """What somebody has seen who sees this: whoever then records says so, and nothing set meanwhile is lost."""
        return version_of(self.consensus, self.basis)

    @property
    def lowest(self) -> Decimal | None:
        return min((score.value for score in self.scores), default=None)

    @property
    def highest(self) -> Decimal | None:
        return max((score.value for score in self.scores), default=None)

    @property
    def spread(self) -> str:
        if self.lowest is None or self.highest is None:
            return Spread.SMALL.value
        return spread_of(self.lowest, self.highest, self.scale_max).value

    @property
    def outside(self) -> bool:
        """Whether the recorded consensus lies outside what anybody gave alone."""
        given = [score.value for score in self.scores]
        return self.consensus is not None and lies_outside(self.consensus.value, given)


def matrix(user: Any, segment_round: SegmentRound, *, revealed: bool) -> list[MatrixRow]:
    """Entries and criteria as flat rows, in the same number of queries for 1 entry and for 300.

    While members score alone (`revealed` is false) not even the spread is told.
    """
    criteria = list(graded_criteria(segment_round).values_list("pk", flat=True))
    consensus, spreads = _cell_values(segment_round) if revealed else ({}, {})
    checked = _checked(segment_round)
    labels = dict(EntryStatus.choices)
    rows = (
        readable_segment_entries(user, segment_round)
        .order_by("submission__number", "id")
        .values_list("id", "submission__number", "submission__organisation__name", "status")
    )
    return [
        MatrixRow(
            entry_id, number, name, status, str(labels[EntryStatus(status)]), checked[entry_id],
            tuple(Cell(consensus.get((entry_id, pk)), spreads.get((entry_id, pk), "")) for pk in criteria),
        )
        for entry_id, number, name, status in rows
    ]  # fmt: skip


def _cell_values(
    segment_round: SegmentRound,
) -> tuple[dict[tuple[int, int], Decimal], dict[tuple[int, int], str]]:
    scale_max = segment_round.round.tender.scale_max
    consensus = ConsensusScore.objects.filter(criterion__segment_round=segment_round)
    individual = (
        counting_scores(segment_round)
        .order_by()
        .values_list("entry_id", "criterion_id")
        .annotate(Min("value"), Max("value"))
    )
    return (
        {(e, c): value for e, c, value in consensus.values_list("entry_id", "criterion_id", "value")},
        {(e, c): spread_of(low, high, scale_max).value for e, c, low, high in individual},
    )


def _checked(segment_round: SegmentRound) -> dict[int, int]:
    counts: dict[int, int] = defaultdict(int)
    checks = RequirementCheck.objects.filter(
        entry__submission__round_id=segment_round.round_id, entry__segment_id=segment_round.segment_id
    )
    for entry_id in checks.values_list("entry_id", flat=True):
        counts[entry_id] += 1
    return counts


def criterion_scores(
    entry: Entry, segment_round: SegmentRound, criterion: Criterion | None = None
) -> dict[int, CriterionScores]:
    """The individual scores that count on an entry, with their reasons, by criterion, and its consensus. Two queries.

    With `criterion`: of that one alone.
    """
    scores = counting_scores(segment_round).filter(entry=entry).select_related("evaluator").order_by("evaluator_id")
    agreed = ConsensusScore.objects.filter(entry=entry, criterion__segment_round=segment_round)
    if criterion is not None:
        scores, agreed = scores.filter(criterion=criterion), agreed.filter(criterion=criterion)
    given: dict[int, list[Score]] = defaultdict(list)
    for score in scores:
        given[score.criterion_id].append(score)
    consensus = {score.criterion_id: score for score in agreed.select_related("recorded_by")}
    scale_max = segment_round.round.tender.scale_max
    return {
        pk: CriterionScores(
            tuple(IndividualScore(str(one.evaluator), one.value, one.reason, one.evaluator_id) for one in given[pk]),
            scale_max,
            consensus.get(pk),
            basis_of(given[pk]),
        )
        for pk in given.keys() | consensus.keys()
    }


def checks_of(entry: Entry) -> dict[int, RequirementCheck]:
    """The judgments on the minimum requirements of an entry, by requirement."""
    return {check.requirement_id: check for check in RequirementCheck.objects.filter(entry=entry)}
