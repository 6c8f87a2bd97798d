"""The dossier of a segment: everything its ranking rests on, from what the database holds now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from achterhoek.audit.models import AuditEvent
from procurement.domain.score_scale import plain_text
from procurement.domain.scoring import FORMAT, Fault
from procurement.enums import CriterionKind, Formula, Interest, Method, SeatRole, SegmentRoundStatus
from procurement.models import ConsensusScore, Criterion, Entry, InterestDeclaration, Ranking, Score, SegmentRound
from procurement.selectors.evaluation import segment_entries
from procurement.selectors.ranking import fault_text, prices_of

# Only then the scores lie fast, and what the database holds has to be what the newest ranking was made of.
FAST = (SegmentRoundStatus.RANKED, SegmentRoundStatus.DECIDED)
# The steps by which a bid falls out.
FALLING = tuple(f"procurement.entry.{verb}" for verb in ("exclude", "withdraw", "drop"))
Scores = dict[int, dict[str, dict[str, Any]]]


def build_dossier(segment_round: SegmentRound) -> dict[str, Any]:
    """Everything the ranking rests on, as scoring-dossier/1.

    Bids are named by submission number and segment; evaluators by their place in the committee, so
    that the dossier can be shared without their names. Prices are read for a fixed round only.
    """
    criteria = list(segment_round.criteria.all())
    on_value = segment_round.method == Method.AWARD_ON_VALUE
    with_price = on_value or any(criterion.kind == CriterionKind.PRICE for criterion in criteria)
    entries = list(segment_entries(segment_round).select_related("submission"))
    prices = prices_of(segment_round) if with_price else {}
    scores = _scores(segment_round)
    return {
        "format": FORMAT,
        "method": segment_round.method,
        "scale_max": plain_text(segment_round.round.tender.scale_max),
        "places": segment_round.places,
        "minimum_total": _text(segment_round.minimum_total),
        "tie_break": list(segment_round.tie_break),
        "draw_seed": segment_round.draw_seed or None,
        "on_exclusion": segment_round.on_exclusion,
        "criteria": [_criterion(criterion, on_value=on_value) for criterion in criteria],
        "bids": [
            {
                "id": bid_id(entry, segment_round),
                "status": entry.status,
                **({"price": _text(prices.get(entry.submission_id))} if with_price else {}),
                "scores": scores.get(entry.pk, {}),
            }
            for entry in entries
        ],
    }


def bid_id(entry: Entry, segment_round: SegmentRound) -> str:
    """The public name of a bid in dossiers, which never changes: its number and its segment."""
    return f"{entry.submission.number}:{segment_round.segment.slug}"


def entries_by_bid(segment_round: SegmentRound) -> dict[str, int]:
    """The entries by the names that dossiers give them."""
    entries = segment_entries(segment_round).select_related("submission")
    return {bid_id(entry, segment_round): entry.pk for entry in entries}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a ranking cannot be made: in words, and the entry where it can be put right."""

    text: str
    entry_id: int | None


def refusals(segment_round: SegmentRound, faults: Iterable[Fault]) -> list[Refusal]:
    """All faults in plain words, each with the entry it is about; the names of their bids are read once."""
    entries = entries_by_bid(segment_round)
    return [Refusal(fault_text(fault), entries.get(fault.bid or "")) for fault in faults]


def fallen_since(segment_round: SegmentRound, moment: datetime) -> set[str]:
    """The bids that fell out after this moment by a step that the log knows."""
    events = AuditEvent.objects.filter(
        action__in=FALLING, target_type=Entry._meta.label_lower, at__gt=moment
    ).values_list("target_id", flat=True)
    fallen = {int(pk) for pk in events}
    return {bid for bid, pk in entries_by_bid(segment_round).items() if pk in fallen}


def _text(value: Decimal | None) -> str | None:
    return None if value is None else plain_text(value)


def _criterion(criterion: Criterion, *, on_value: bool) -> dict[str, Any]:
    shape: dict[str, Any] = {"id": criterion.code, "kind": criterion.kind}
    if on_value:
        shape["max_value"] = _text(criterion.max_value)
    else:
        shape["weight"] = _text(criterion.weight)
    if criterion.kind == CriterionKind.GRADED:
        return {**shape, "minimum": _text(criterion.minimum)}
    shape["formula"] = criterion.formula
    if criterion.formula == Formula.ABSOLUTE_LINEAR:
        shape |= {"low": _text(criterion.low), "high": _text(criterion.high)}
    return shape


def scores_that_count(segment_round: SegmentRound) -> QuerySet[Score]:
    """Individual scores of members whose seat holds, for bidders with whom they declared no interest.

    What is declared after the ranking stands in the record, and changes nothing that was fixed: for that there is a
    re-evaluation.
    """
    members = segment_round.committee.filter(role=SeatRole.MEMBER, ended_at__isnull=True)
    interest = InterestDeclaration.objects.filter(
        seat__segment_round=segment_round,
        seat__user=OuterRef("evaluator"),
        seat__ended_at__isnull=True,
        entry=OuterRef("entry"),
        superseded_at__isnull=True,
    ).exclude(interest=Interest.NONE)
    if segment_round.status in FAST:
        newest = Ranking.objects.filter(segment_round=segment_round).order_by("-sequence")
        interest = interest.filter(at__lte=Subquery(newest.values("computed_at")[:1]))
    found = Score.objects.filter(
        criterion__segment_round=segment_round,
        criterion__kind=CriterionKind.GRADED,
        evaluator__in=members.values("user"),
    )
    return found.filter(~Exists(interest))


def _scores(segment_round: SegmentRound) -> Scores:
    """Consensus and individual scores by entry and criterion code; evaluators as e1, e2, ... by their seats.

    A seat that ended keeps its number, so that nobody's name changes when a member is replaced.
    """
    seats = segment_round.committee.filter(role=SeatRole.MEMBER).order_by("pk").values_list("user_id", flat=True)
    names = {user_id: f"e{number}" for number, user_id in enumerate(seats, start=1)}
    found: Scores = defaultdict(dict)
    for entry_id, code, user_id, value in scores_that_count(segment_round).values_list(
        "entry_id", "criterion__code", "evaluator_id", "value"
    ):
        scores = found[entry_id].setdefault(code, {})
        scores.setdefault("individual", {})[names[user_id]] = plain_text(value)
    consensus = ConsensusScore.objects.filter(criterion__segment_round=segment_round)
    for entry_id, code, value in consensus.values_list("entry_id", "criterion__code", "value"):
        found[entry_id].setdefault(code, {})["consensus"] = plain_text(value)
    return found
