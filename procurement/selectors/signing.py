"""What a mandate holder signs: who sees which decision, what waits, and what was signed before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q, QuerySet

from achterhoek.accounts.enums import Role
from achterhoek.accounts.roles import has_role, in_regions_of
from procurement.enums import DecisionStatus, Stage
from procurement.models import Decision
from procurement.rules import OVERSEERS, works_for_region
from procurement.selectors.ranking import latest_ranking

REGION = "segment_round__round__tender__region"
# A selection is signed as it was proposed, an award once all its colleges agreed.
READY = Q(status=DecisionStatus.APPROVED) | Q(
    status=DecisionStatus.PROPOSED, segment_round__round__stage=Stage.SELECTION
)


@dataclass(frozen=True)
class SigningRoom:
    """`waiting` can be signed now, `coming` still lies before the colleges, `signed` is what this person signed."""

    waiting: list[Decision]
    coming: list[Decision]
    signed: list[Decision]


def readable_decisions(user: Any) -> QuerySet[Decision]:
    """Decisions of the regions in which the user is lead or auditor, or signs."""
    return (
        Decision.objects.filter(in_regions_of(user, *OVERSEERS, Role.MANDATE, field=REGION))
        .select_related(
            "segment_round__round__tender__region__authority",
            "segment_round__segment__lot",
            "ranking",
            "proposed_by",
            "signed_by",
        )
        .defer("ranking__dossier", "ranking__result")
    )


def signing_room(user: Any) -> SigningRoom:
    """The first page of a mandate holder. Two queries."""
    open_states = [DecisionStatus.PROPOSED, DecisionStatus.APPROVED]
    found = readable_decisions(user).annotate(ready=READY).filter(status__in=open_states)
    open_ = list(found.order_by(F("approved_at").asc(nulls_last=True), "proposed_at", "pk"))
    return SigningRoom(
        waiting=[decision for decision in open_ if decision.ready],
        coming=[decision for decision in open_ if not decision.ready],
        signed=list(readable_decisions(user).filter(signed_by=user).order_by("-adopted_at", "-pk")),
    )


def oversees(user: Any) -> bool:
    """Whether the decision's own page is open to this person; a mandate holder has a page of their own."""
    return has_role(user, *OVERSEERS)


def may_sign(user: Any, decision: Decision) -> bool:
    """Whether this person can sign it now, and is not the one who proposed it."""
    award = decision.segment_round.round.stage == Stage.AWARD
    ready = decision.status == (DecisionStatus.APPROVED if award else DecisionStatus.PROPOSED)
    holds = works_for_region(user, decision.segment_round.round.tender, Role.MANDATE)
    return ready and holds and decision.proposed_by_id != user.pk


def on_newest_ranking(decision: Decision) -> bool:
    """Whether no newer ranking was made since. One query."""
    newest = latest_ranking(decision.segment_round)
    return newest is not None and newest.pk == decision.ranking_id


def mandate_of_last_time(user: Any) -> str:
    """On which mandate this person signed last, to be looked at and kept. One query."""
    last = Decision.objects.filter(signed_by=user).exclude(mandate="").order_by("-adopted_at", "-pk")
    return last.values_list("mandate", flat=True).first() or ""
