"""What a decision rests on: the newest ranking, in which nothing is left to be drawn."""

from __future__ import annotations

from django.utils.translation import gettext as _

from achterhoek.errors import RuleViolation
from procurement.enums import Outcome, Stage
from procurement.models import Decision, Ranking, RankingRow, SegmentRound
from procurement.selectors.ranking import latest_ranking


def is_award(decision: Decision) -> bool:
    """Whether this decides on contracts, and not on who may bid."""
    return decision.segment_round.round.stage == Stage.AWARD


def newest_ranking(segment_round: SegmentRound) -> Ranking:
    """The ranking with the highest number. Raises `RuleViolation` where there is none."""
    newest = latest_ranking(segment_round)
    if newest is None:
        raise RuleViolation(_("There is no ranking yet. Make the ranking first."))
    return newest


def require_newest(decision: Decision) -> None:
    """A decision on a ranking that was replaced goes no further."""
    if newest_ranking(decision.segment_round).pk != decision.ranking_id:
        raise RuleViolation(
            _("There is a newer ranking than the one this decision is on. Withdraw the decision and propose a new one.")
        )


def require_decided_outcomes(ranking: Ranking) -> None:
    """A tie across the cut never awards itself: first the draw, then the decision."""
    outcomes = set(RankingRow.objects.filter(ranking=ranking).values_list("outcome", flat=True))
    if not outcomes:
        raise RuleViolation(_("The ranking is empty, so there is nothing to decide on."))
    if Outcome.PENDING_DRAW in outcomes:
        raise RuleViolation(
            _("Some bids are equal across the cut. Hold the draw and make a new ranking before you propose a decision.")
        )
