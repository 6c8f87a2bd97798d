"""How the recomputing of rankings came out, and who is told."""

from __future__ import annotations

from typing import Any

from django.db.models import F, OuterRef, QuerySet, Subquery

from achterhoek.accounts.enums import Role
from achterhoek.accounts.models import User
from procurement.models import Ranking, RankingCheck, SegmentRound
from procurement.rules import overseen


def last_check_of(ranking: Ranking) -> RankingCheck | None:
    return RankingCheck.objects.filter(ranking=ranking).order_by("-id").first()


def last_findings(ranking: Ranking) -> list[dict[str, str]]:
    """What the check before this one found."""
    check = last_check_of(ranking)
    return check.findings if check else []


def open_alarms(user: Any) -> QuerySet[RankingCheck]:
    """The rankings whose last check found a difference, of the regions of this lead or auditor. One query."""
    newest = RankingCheck.objects.filter(ranking=OuterRef("ranking")).order_by("-id").values("pk")[:1]
    found = RankingCheck.objects.annotate(newest=Subquery(newest)).filter(pk=F("newest")).exclude(findings=[])
    return (
        found.filter(overseen(user, region="ranking__segment_round__round__tender__region"))
        .select_related("ranking__segment_round__segment", "ranking__segment_round__round__tender")
        .defer("ranking__dossier", "ranking__result")
    )


def alarm_of(segment_round: SegmentRound) -> RankingCheck | None:
    """The last check of the newest ranking of a segment, where it found a difference."""
    ranking = Ranking.objects.filter(segment_round=segment_round).only("pk").order_by("-sequence").first()
    check = last_check_of(ranking) if ranking else None
    return check if check is not None and check.findings else None


def alarm_receivers() -> list[User]:
    """The functional administrators."""
    return list(User.objects.filter(is_active=True, role_assignments__role=Role.ADMIN).distinct().order_by("pk"))


def ranking_ids() -> list[int]:
    """All rankings, oldest first."""
    return list(Ranking.objects.order_by("pk").values_list("pk", flat=True))


def ranking_by_id(pk: int) -> Ranking:
    found = Ranking.objects.select_related("segment_round__segment", "segment_round__round__tender__region")
    return found.get(pk=pk)
