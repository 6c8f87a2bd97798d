"""Decisions that were told to their bidders, without making their letters: what the record and open data speak of."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from procurement.enums import AwardStatus, DecisionStatus, Outcome, Stage
from procurement.models import Award, Decision, RankingRow
from tests.factories.decisions import Ranked, adopted


def told(stage: str = Stage.AWARD, *, at: datetime | None = None, **fields: Any) -> tuple[Ranked, Decision]:
    """A decision that was sent, with its standstill; an award has its provisional awards."""
    ranked, decision = adopted(stage, **fields)
    sent = at or timezone.now()
    Decision.objects.filter(pk=decision.pk).update(
        status=DecisionStatus.SENT,
        sent_at=sent,
        standstill_until=(sent + timedelta(days=20)).date() if stage == Stage.AWARD else None,
        objection_cutoff=(sent + timedelta(days=20)).date() if stage == Stage.AWARD else None,
    )
    if stage == Stage.AWARD:
        chosen = RankingRow.objects.filter(ranking=ranked.ranking, outcome=Outcome.SELECTED).order_by("position")
        for row in chosen:
            Award.objects.create(decision=decision, entry=row.entry)
    decision.refresh_from_db()
    return ranked, decision


def made_final(decision: Decision, *, at: datetime | None = None) -> None:
    """Final, as if the standstill had passed; its awards are active."""
    moment = at or timezone.now()
    Decision.objects.filter(pk=decision.pk).update(
        status=DecisionStatus.FINAL, final_at=moment, standstill_until=(moment - timedelta(days=1)).date()
    )
    Award.objects.filter(decision=decision).update(status=AwardStatus.ACTIVE)
    decision.refresh_from_db()


def taken_back(decision: Decision, *, reason: str = "Een fout in de weging.", at: datetime | None = None) -> None:
    """Withdrawn after it was sent; its awards are cancelled."""
    Decision.objects.filter(pk=decision.pk).update(
        status=DecisionStatus.WITHDRAWN, withdrawn_at=at or timezone.now(), withdrawal_reason=reason
    )
    Award.objects.filter(decision=decision).update(status=AwardStatus.CANCELLED)
    decision.refresh_from_db()
