"""What a ranking becomes when a bid drops out of it: computed from the dossier as it would be then, nothing written."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from procurement.domain.scoring import dossier_text, rank_json
from procurement.enums import EntryStatus, Outcome, SegmentRoundStatus
from procurement.models import Ranking, RankingRow
from procurement.selectors.dossier import bid_id, build_dossier
from procurement.selectors.ranking import RankingLine, decision_in_force, latest_ranking, ranking_lines


@dataclass(frozen=True, slots=True)
class Moved:
    """A bid that stands otherwise than before: its rank, outcome and total, before and after."""

    number: str
    organisation: str
    before: RankingLine
    rank: int | None
    outcome: str
    outcome_label: str
    total: Decimal | None


def may_drop_from(ranking: Ranking) -> bool:
    """Whether this is the ranking that stands, and nothing was decided on it: then a bid can still drop out of it."""
    return stands(ranking) and decision_in_force(ranking.segment_round) is None


def stands(ranking: Ranking) -> bool:
    """Whether this is the newest ranking of a segment that is ranked now."""
    if ranking.segment_round.status != SegmentRoundStatus.RANKED:
        return False
    latest = latest_ranking(ranking.segment_round)
    return latest is not None and latest.pk == ranking.pk


def bids_in(ranking: Ranking) -> list[tuple[int, str]]:
    """The admitted bids of a ranking, in its order, each with its name."""
    rows = ranking.rows.filter(entry__status=EntryStatus.ADMITTED).order_by("position")
    named = rows.values_list("entry_id", "entry__submission__organisation__name", "entry__submission__number")
    return [(entry, f"{name} ({number})") for entry, name, number in named]


def without(ranking: Ranking, entry_id: int) -> list[Moved]:
    """Which bids would stand otherwise if this one dropped out, the one itself first."""
    segment_round = ranking.segment_round
    row = RankingRow.objects.select_related("entry__submission").get(ranking=ranking, entry=entry_id)
    gone = bid_id(row.entry, segment_round)
    dossier = build_dossier(segment_round)
    for bid in dossier["bids"]:
        if bid["id"] == gone:
            bid["status"] = EntryStatus.DROPPED
    result = rank_json(dossier_text(dossier)).result
    after = {bid.bid: bid for bid in result.ranking} if result else {}
    stage = segment_round.round.stage
    moved = []
    for line in ranking_lines(ranking):
        then = after.get(f"{line.number}:{segment_round.segment.slug}")
        if then is None:
            continue
        total = Decimal(then.total) if then.total else None
        if (then.rank, then.outcome, total) != (line.rank, line.outcome, line.total):
            label = Outcome(then.outcome).said_in(stage)
            moved.append(Moved(line.number, line.organisation, line, then.rank, then.outcome, label, total))
    return sorted(moved, key=lambda one: one.before.entry_id != entry_id)
