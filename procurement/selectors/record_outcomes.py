"""What was decided and told in a tender, for its proces-verbaal: who was chosen, who was not, and why (Aw 2.132).

Only decisions that were sent: what is still proposed, approved or waiting to be sent is nobody's yet. A fixed number of
queries, and two more for the prices of each award.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from procurement.domain.parties import CONSORTIUM_MEMBER, SUBCONTRACTOR
from procurement.enums import AwardStatus, DecisionStatus, Outcome, RoundStatus, Stage
from procurement.models import (
    ConsensusScore,
    Decision,
    EvaluationReport,
    RankingRow,
    RequirementCheck,
    Tender,
)
from procurement.selectors.letters import decision_number, figure
from procurement.selectors.parties import Party, parties_of
from procurement.selectors.ranking import prices_of

Facts = dict[str, Any]
IN_FORCE = (DecisionStatus.SENT, DecisionStatus.FINAL)


def told_decisions(tender: Tender) -> QuerySet[Decision]:
    """The decisions of this tender that its bidders were told, in an opened round; those taken back included."""
    found = Decision.objects.filter(
        segment_round__round__tender=tender, segment_round__round__status=RoundStatus.OPENED, sent_at__isnull=False
    )
    return (
        found.select_related(
            "segment_round__segment__lot", "segment_round__round", "ranking", "signed_by", "award_notice"
        )
        .defer("ranking__dossier", "ranking__result")
        .prefetch_related("college_decisions__municipality", "awards")
        .order_by("segment_round__round_id", "segment_round__segment__position", "pk")
    )


def outcomes_of(decisions: Iterable[Decision]) -> list[Facts]:
    """Each decision that holds, with every bidder of its ranking: the place, the reasons, and what followed."""
    held = [decision for decision in decisions if decision.status in IN_FORCE]
    rankings = [decision.ranking_id for decision in held]
    rows: dict[int, list[RankingRow]] = defaultdict(list)
    ranked = RankingRow.objects.filter(ranking__in=rankings).select_related("entry__submission__organisation")
    for row in ranked.order_by("ranking_id", "position"):
        rows[row.ranking_id].append(row)
    entries = [row.entry for found in rows.values() for row in found]
    reasons, unmet, parties = _reasons(held), _unmet(held), parties_of(entries)
    reports = _reports(rankings)
    return [
        _outcome(decision, rows[decision.ranking_id], reasons, unmet, parties, reports.get(decision.ranking_id))
        for decision in held
    ]


def _outcome(
    decision: Decision,
    rows: list[RankingRow],
    reasons: dict[tuple[int, int], list[Facts]],
    unmet: dict[int, list[Facts]],
    parties: dict[int, list[Party]],
    report: Facts | None,
) -> Facts:
    rules = decision.segment_round
    award = rules.round.stage == Stage.AWARD
    states = {found.entry_id: found.get_status_display() for found in decision.awards.all()}
    prices = prices_of(rules) if award else {}
    bidders = [
        _bidder(row, award, reasons[row.entry_id, rules.pk], unmet[row.entry_id], parties.get(row.entry_id, []))
        | {"award": states.get(row.entry_id, ""), "price": prices.get(row.entry.submission_id)}
        for row in rows
    ]
    return {
        "number": decision_number(decision),
        "award": award,
        "stage": rules.round.get_stage_display(),
        "segment": rules.segment.name,
        "places": rules.places,
        "ranking": decision.ranking.sequence,
        "digest": decision.ranking.digest,
        "report": report,
        "sent_at": decision.sent_at,
        "signed_at": decision.adopted_at,
        "signed_by": str(decision.signed_by or ""),
        "mandate": decision.mandate,
        "standstill_until": decision.standstill_until,
        "objection_cutoff": decision.objection_cutoff,
        "final_at": decision.final_at,
        "notice": _notice(decision),
        "colleges": [_college(found) for found in decision.college_decisions.all()],
        "chosen": [bidder for bidder in bidders if bidder["chosen"]],
        "others": [bidder for bidder in bidders if not bidder["chosen"]],
    }


def _notice(decision: Decision) -> Facts | None:
    """The notice of the award (Aw 2.134), where the award is final."""
    found = getattr(decision, "award_notice", None)
    if found is None:
        return None
    return {"due_on": found.due_on, "published_at": found.published_at, "reference": found.reference}


def _college(found: Any) -> Facts:
    return {
        "name": found.municipality.name,
        "state": found.get_status_display(),
        "reservation": found.reservation,
        "at": found.decided_at,
    }


def _bidder(row: RankingRow, award: bool, reasons: list[Facts], unmet: list[Facts], parties: list[Party]) -> Facts:
    submission = row.entry.submission
    stage = Stage.AWARD if award else Stage.SELECTION
    return {
        "name": submission.organisation.name,
        "kvk": submission.organisation.kvk_number,
        "number": submission.number,
        "rank": row.rank,
        "total": figure(row.total),
        "outcome": Outcome(row.outcome).said_in(stage),
        "chosen": row.outcome == Outcome.SELECTED,
        "why_out": row.entry.status_reason,
        "reasons": reasons,
        "unmet": unmet,
        "members": [party.name for party in parties if party.part == CONSORTIUM_MEMBER],
        "subcontractors": [party.name for party in parties if party.part == SUBCONTRACTOR],
    }


def _reasons(decisions: list[Decision]) -> dict[tuple[int, int], list[Facts]]:
    """The consensus score of each bid on each criterion with its motivation: those that the ranking rests on."""
    found: dict[tuple[int, int], list[Facts]] = defaultdict(list)
    scores = ConsensusScore.objects.filter(criterion__segment_round__in=[found.segment_round_id for found in decisions])
    ordered = scores.order_by("criterion__position", "criterion_id").values_list(
        "entry_id", "criterion__segment_round_id", "criterion__code", "criterion__title", "value", "reason"
    )
    for entry, rules, code, title, value, reason in ordered:
        found[entry, rules].append({"criterion": f"{code} {title}", "score": Decimal(value), "reason": reason})
    return found


def _unmet(decisions: list[Decision]) -> dict[int, list[Facts]]:
    found: dict[int, list[Facts]] = defaultdict(list)
    checks = RequirementCheck.objects.filter(
        met=False, entry__ranking_rows__ranking__in=[decision.ranking_id for decision in decisions]
    )
    ordered = checks.order_by("requirement__position", "requirement_id").distinct()
    for entry, code, title, reason, _place, _pk in ordered.values_list(
        "entry_id", "requirement__code", "requirement__title", "reason", "requirement__position", "requirement_id"
    ):
        found[entry].append({"requirement": f"{code} {title}", "reason": reason})
    return found


def _reports(rankings: list[int]) -> dict[int, Facts]:
    """The newest evaluation report on each ranking: it holds the reasons at length."""
    reports = EvaluationReport.objects.filter(ranking__in=rankings).order_by("sequence")
    return {
        ranking: {"number": number, "sha256": digest}
        for ranking, number, digest in reports.values_list("ranking_id", "sequence", "file__sha256")
    }


def taken_back(decisions: Iterable[Decision]) -> list[Facts]:
    """Decisions that were told and withdrawn afterwards, each with the reason that its bidders were told."""
    return [
        {
            "number": decision_number(found),
            "stage": found.segment_round.round.get_stage_display(),
            "segment": found.segment_round.segment.name,
            "sent_at": found.sent_at,
            "withdrawn_at": found.withdrawn_at,
            "reason": found.withdrawal_reason,
            "awards": sum(award.status == AwardStatus.CANCELLED for award in found.awards.all()),
        }
        for found in decisions
        if found.status == DecisionStatus.WITHDRAWN
    ]
