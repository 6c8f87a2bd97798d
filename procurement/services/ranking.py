"""The ranking of a segment: the dossier is built, ranked by the pure computation, and kept with its result."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from achterhoek.accounts.models import User
from achterhoek.audit.services import record
from achterhoek.errors import RuleViolation
from achterhoek.jobs.models import Job
from achterhoek.jobs.services import begin, fail, finish, reach, start_job
from achterhoek.queue import after_commit
from achterhoek.transitions.services import transition
from procurement.domain.scoring import CODE_VERSION, Fault, RankOutcome, dossier_text, rank_json
from procurement.domain.scoring import digest as digest_of
from procurement.domain.states import SEGMENT_ROUND
from procurement.enums import SegmentRoundStatus
from procurement.models import Ranking, SegmentRound
from procurement.rules import require_lead
from procurement.selectors.dossier import bid_id, build_dossier
from procurement.selectors.ranking import decision_in_force, fault_text, latest_ranking, price_waits_for
from procurement.services.locks import locked_segment_round
from procurement.services.ranking_rows import keep_rows

__all__ = ["DossierRefused", "bid_id", "build_dossier", "rank_for_job", "rank_segment", "request_ranking"]

RANKABLE = (SegmentRoundStatus.FIXED, SegmentRoundStatus.RANKED)
PRICE_FAULTS = ("missing_price", "bad_price")
# What a worker reports: the dossier is there, it is ranked, it is kept.
STEPS = 3


class DossierRefused(RuleViolation):
    """The dossier cannot be ranked; `causes` says why, one line a fault, in the user's language."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        self.faults = faults
        self.causes = [fault_text(fault) for fault in faults]
        super().__init__("\n".join([_("The ranking cannot be made:"), *self.causes]))


@transaction.atomic
def request_ranking(*, segment_round: SegmentRound, by: User) -> Job:
    """Ask a worker for the ranking. Asking twice gives the same job.

    What is missing is told at once, all of it. Raises `NotAllowed`, `DossierRefused`, `RuleViolation`.
    """
    current = locked_segment_round(segment_round.pk)
    require_lead(by, current.round.tender)
    _refuse_unrankable(current)
    latest = latest_ranking(current)
    text = dossier_text(build_dossier(current))
    if _is_made(current, latest, text):
        raise RuleViolation(_("There is a ranking already, and nothing has changed since."))
    faults = rank_json(text).faults
    if faults:
        raise DossierRefused(faults)
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
def rank_segment(*, segment_round: SegmentRound, by: User, known: RankOutcome | None = None) -> Ranking:
    """Build the dossier, rank it, keep both with digest and code version; the segment is then ranked.

    The same dossier never makes a second ranking, whoever asks, however often. A changed one (a bid
    dropped out) makes the next, as long as no decision rests on the one before; and so does a scoring that was
    done again, also where nothing came out otherwise. `known` is what came out of this dossier before the lock.
    Raises `NotAllowed`, `DossierRefused`, `RuleViolation`.
    """
    current = locked_segment_round(segment_round.pk)
    require_lead(by, current.round.tender)
    text = dossier_text(build_dossier(current))
    latest = latest_ranking(current)
    if latest is not None and _is_made(current, latest, text):
        return latest
    _refuse_unrankable(current)
    fits = known is not None and known.result is not None and known.result.digest == digest_of(text)
    outcome = known if known is not None and fits else rank_json(text)
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
    keep_rows(ranking)
    if current.status == SegmentRoundStatus.FIXED:
        transition(current, SegmentRoundStatus.RANKED, by=by, table=SEGMENT_ROUND)
    detail = {
        "digest": ranking.digest,
        "result": result_digest(ranking),
        "code_version": CODE_VERSION,
        "number": ranking.sequence,
    }
    record("procurement.ranking.made", by=by, target=ranking, detail=detail)
    return ranking


def missing_for_ranking(segment_round: SegmentRound) -> tuple[Fault, ...]:
    """Everything for which a ranking would be refused now; prices only where those may be read. Reads only."""
    faults = rank_json(dossier_text(build_dossier(segment_round))).faults
    if segment_round.status in RANKABLE:
        return faults
    return tuple(fault for fault in faults if fault.code not in PRICE_FAULTS)


def result_digest(ranking: Ranking) -> str:
    """What the log keeps of the result, beside the digest of the dossier."""
    return "sha256:" + hashlib.sha256(ranking.result.encode()).hexdigest()


def rank_for_job(*, segment_round: SegmentRound, by: User, job_id: str) -> Ranking | None:
    """Rank, and tell the job how it went. None where a rule was broken, which the job then explains."""
    begin(job_id, total=STEPS)
    try:
        known = _computed(segment_round, lambda done: reach(job_id, done))
        ranking = rank_segment(segment_round=segment_round, by=by, known=known)
    except RuleViolation as error:
        fail(job_id, error.message)
        return None
    except Exception:
        fail(job_id, _("Something went wrong. Ask for the ranking again."))
        raise
    finish(job_id)
    return ranking


def _computed(segment_round: SegmentRound, tell: Callable[[int], None]) -> RankOutcome:
    """The ranking before anything is locked, telling how far it is: what takes long keeps nobody waiting."""
    text = dossier_text(build_dossier(SegmentRound.objects.select_related("round__tender").get(pk=segment_round.pk)))
    tell(1)
    outcome = rank_json(text)
    tell(2)
    return outcome


def _is_made(segment_round: SegmentRound, latest: Ranking | None, text: str) -> bool:
    """Whether the newest ranking is the one of this dossier, and of this scoring."""
    again = segment_round.status == SegmentRoundStatus.FIXED
    return latest is not None and not again and latest.digest == digest_of(text)


def _refuse_unrankable(segment_round: SegmentRound) -> None:
    if segment_round.status not in RANKABLE:
        raise RuleViolation(_("A ranking is made after the scores are fixed and before the decision."))
    if decision_in_force(segment_round) is not None:
        raise RuleViolation(_("A decision rests on the ranking. Withdraw the decision first."))
    if price_waits_for(segment_round):
        raise RuleViolation(
            _("The price counts for several segments. First fix the scores of the other segments of these bidders.")
        )
