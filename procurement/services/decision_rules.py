"""What every step of a decision begins with: who has the row, who may, and is the ranking still the newest.

Locks are taken in one order: the segment round, then the decision, then its letters and college decisions.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from achterhoek.accounts.enums import Role
from achterhoek.accounts.roles import has_role, region_ids_of
from achterhoek.errors import NotAllowed, RuleViolation
from procurement.enums import Outcome, Stage
from procurement.models import Decision, Ranking, RankingRow, SegmentRound


def require_lead(segment_round: SegmentRound, by: Any) -> None:
    """Only the procurement lead of this region prepares, sends and finalises decisions."""
    if not has_role(by, Role.LEAD):
        raise NotAllowed(_("Only the procurement lead may take this step."))
    regions = region_ids_of(by, Role.LEAD)
    if regions is not None and segment_round.round.tender.region_id not in regions:
        raise NotAllowed(_("This tender belongs to another region."))


def locked_segment_round(pk: int) -> SegmentRound:
    """The segment round as it is now, held until the end of the transaction."""
    rows = SegmentRound.objects.select_for_update(of=("self",))
    return rows.select_related("round__tender__region", "segment").get(pk=pk)


def locked_decision(decision: Decision) -> Decision:
    """The decision as it is now, held until the end of the transaction."""
    rows = Decision.objects.select_for_update(of=("self",))
    return rows.select_related("segment_round__round__tender__region", "segment_round__segment", "ranking").get(
        pk=decision.pk
    )


def is_award(decision: Decision) -> bool:
    """Whether this decides on contracts, and not on who may bid."""
    return decision.segment_round.round.stage == Stage.AWARD


def newest_ranking(segment_round: SegmentRound) -> Ranking:
    """The ranking with the highest number. Raises `RuleViolation` where there is none."""
    newest = Ranking.objects.filter(segment_round=segment_round).order_by("-sequence").first()
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
