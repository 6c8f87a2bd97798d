"""The ranking of a segment: the dossier is built, ranked by the pure computation, and kept with its result."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from achterhoek.accounts.models import User
from achterhoek.audit.services import record
from achterhoek.errors import RuleViolation
from achterhoek.jobs.models import Job
from achterhoek.jobs.services import begin, fail, finish, start_job
from achterhoek.queue import after_commit
from achterhoek.transitions.services import transition
from procurement.domain.score_scale import plain_text
from procurement.domain.scoring import CODE_VERSION, FORMAT, Fault, Result, dossier_text, rank_json
from procurement.domain.scoring import digest as digest_of
from procurement.domain.states import SEGMENT_ROUND
from procurement.enums import CriterionKind, Formula, Method, SegmentRoundStatus
from procurement.models import ConsensusScore, Criterion, Entry, Ranking, RankingRow, Score, SegmentRound
from procurement.rules import require_lead
from procurement.selectors.evaluation import segment_entries
from procurement.selectors.ranking import decision_in_force, fault_text, latest_ranking, price_waits_for, prices_of
from procurement.services.locks import locked_segment_round

RANKABLE = (SegmentRoundStatus.FIXED, SegmentRoundStatus.RANKED)
Scores = dict[int, dict[str, dict[str, Any]]]


class DossierRefused(RuleViolation):
    """The dossier cannot be ranked; `causes` says why, one line a fault, in the user's language."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        self.causes = [fault_text(fault) for fault in faults]
        super().__init__("\n".join([_("The ranking cannot be made:"), *self.causes]))


@transaction.atomic
def request_ranking(*, segment_round: SegmentRound, by: User) -> Job:
    """Ask a worker for the ranking. Asking twice gives the same job. Raises `NotAllowed`, `RuleViolation`."""
    current = locked_segment_round(segment_round.pk)
    require_lead(by, current.round.tender)
    _refuse_unrankable(current)
    latest = latest_ranking(current)
    if latest is not None and latest.digest == digest_of(build_dossier(current)):
        raise RuleViolation(_("There is a ranking already, and nothing has changed since."))
    number = latest.sequence + 1 if latest else 1
    job = start_job(
        key=f"rank:{current.pk}:{number}",
        label=_("Ranking of %(segment)s") % {"segment": current.segment},
        by=by,
        return_url=reverse("procurement:segment_round", args=[current.pk]),
    )
    after_commit("procurement.rank_segment", current.pk, by.pk, str(job.pk))
    record("procurement.ranking.requested", by=by, target=current, detail={"number": number})
    return job


@transaction.atomic
def rank_segment(*, segment_round: SegmentRound, by: User) -> Ranking:
    """Build the dossier, rank it, keep both with digest and code version; the segment is then ranked.

    The same dossier never makes a second ranking, whoever asks, however often. A changed one (a bid
    dropped out) makes the next, as long as no decision rests on the one before.
    Raises `NotAllowed`, `DossierRefused`, `RuleViolation`.
    """
    current = locked_segment_round(segment_round.pk)
    require_lead(by, current.round.tender)
    text = dossier_text(build_dossier(current))
    latest = latest_ranking(current)
    if latest is not None and latest.digest == digest_of(text):
        return latest
    _refuse_unrankable(current)
    outcome = rank_json(text)
    if outcome.result is None:
        raise DossierRefused(outcome.faults)
    ranking = Ranking.objects.create(
        segment_round=current,
        sequence=latest.sequence + 1 if latest else 1,
        dossier=text,
        digest=outcome.result.digest,
        result=outcome.text,
        code_version=CODE_VERSION,
        asked_by=by,
    )
    _keep_rows(ranking, current, outcome.result)
    if current.status == SegmentRoundStatus.FIXED:
        transition(current, SegmentRoundStatus.RANKED, by=by, table=SEGMENT_ROUND)
    detail = {"digest": ranking.digest, "code_version": CODE_VERSION, "number": ranking.sequence}
    record("procurement.ranking.made", by=by, target=ranking, detail=detail)
    return ranking


def rank_for_job(*, segment_round: SegmentRound, by: User, job_id: str) -> Ranking | None:
    """Rank, and tell the job how it went. None where a rule was broken, which the job then explains."""
    begin(job_id, total=1)
    try:
        ranking = rank_segment(segment_round=segment_round, by=by)
    except RuleViolation as error:
        fail(job_id, error.message)
        return None
    except Exception:
        fail(job_id, _("Something went wrong. Ask for the ranking again."))
        raise
    finish(job_id)
    return ranking


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


def _refuse_unrankable(segment_round: SegmentRound) -> None:
    if segment_round.status not in RANKABLE:
        raise RuleViolation(_("A ranking is made after the scores are fixed and before the decision."))
    if decision_in_force(segment_round) is not None:
        raise RuleViolation(_("A decision rests on the ranking. Withdraw the decision first."))
    if price_waits_for(segment_round):
        raise RuleViolation(
            _("The price counts for several segments. First fix the scores of the other segments of these bidders.")
        )


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


def _scores(segment_round: SegmentRound) -> Scores:
    """Consensus and individual scores by entry and criterion code; evaluators as e1, e2, ... by their seats."""
    seats = segment_round.committee.order_by("pk").values_list("user_id", flat=True)
    names = {user_id: f"e{number}" for number, user_id in enumerate(seats, start=1)}
    found: Scores = defaultdict(dict)
    individual = Score.objects.filter(
        criterion__segment_round=segment_round, criterion__kind=CriterionKind.GRADED, evaluator_id__in=names
    )
    for entry_id, code, user_id, value in individual.values_list(
        "entry_id", "criterion__code", "evaluator_id", "value"
    ):
        scores = found[entry_id].setdefault(code, {})
        scores.setdefault("individual", {})[names[user_id]] = plain_text(value)
    consensus = ConsensusScore.objects.filter(criterion__segment_round=segment_round)
    for entry_id, code, value in consensus.values_list("entry_id", "criterion__code", "value"):
        found[entry_id].setdefault(code, {})["consensus"] = plain_text(value)
    return found


def _keep_rows(ranking: Ranking, segment_round: SegmentRound, result: Result) -> None:
    entries = {
        bid_id(entry, segment_round): entry.pk for entry in segment_entries(segment_round).select_related("submission")
    }
    RankingRow.objects.bulk_create(
        RankingRow(
            ranking=ranking,
            entry_id=entries[row.bid],
            position=position,
            rank=row.rank,
            outcome=row.outcome,
            total=row.total or "",
            points=dict(row.points),
        )
        for position, row in enumerate(result.ranking, start=1)
    )
