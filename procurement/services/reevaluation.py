"""Second thoughts: a scoring done again for some criteria, after an objection, a judgment or a mistake.

The first result is kept beside the second. At the end the lead explains what came out otherwise, before any decision
can rest on it.
"""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction
from django.utils.translation import gettext as _

from achterhoek.accounts.models import User
from achterhoek.audit.services import record
from achterhoek.clock import database_now
from achterhoek.errors import RuleViolation
from achterhoek.transitions.services import transition
from procurement.domain.states import SEGMENT_ROUND
from procurement.enums import CriterionKind, ReevaluationCause, SegmentRoundStatus
from procurement.models import Criterion, Reevaluation, SegmentRound
from procurement.rules import require_lead
from procurement.selectors.ranking import decision_in_force, latest_ranking
from procurement.selectors.reevaluation import new_ranking
from procurement.services.draw_promise import see_to_promise
from procurement.services.interests import ask_again
from procurement.services.locks import locked_segment_round


@transaction.atomic
def start_reevaluation(
    *, segment_round: SegmentRound, cause: str, reason: str, criteria: Collection[Criterion], by: User
) -> Reevaluation:
    """Open some criteria of a ranked segment for scoring again; the others keep their scores and their consensus.

    Those who sit in the committee have to hand in again. Whoever should not judge again is replaced on the committee
    page. A seed that was shown is not used again, since who scores now knows it: a new one is promised at once, and
    the draw before stays with the ranking before. Whoever declared about parties that have changed is asked again.
    Raises `NotAllowed`, `RuleViolation` (not ranked, a decision in force, one that has not ended).
    """
    current = locked_segment_round(segment_round.pk)
    require_lead(by, current.round.tender)
    if decision_in_force(current) is not None:
        raise RuleViolation(_("A decision rests on the ranking. Withdraw the decision first."))
    ranking = latest_ranking(current)
    if current.status != SegmentRoundStatus.RANKED or ranking is None:
        raise RuleViolation(_("Only a segment that has been ranked can be scored again."))
    if Reevaluation.objects.filter(segment_round=current, finished_at__isnull=True).exists():
        raise RuleViolation(_("First end the re-evaluation that has begun: explain what changed."))
    reason = _checked(current, cause, reason, criteria)
    made = Reevaluation.objects.create(
        segment_round=current, cause=cause, reason=reason, before=ranking, started_at=database_now(), started_by=by
    )
    made.criteria.set(criteria)
    current.committee.filter(ended_at__isnull=True).update(handed_in_at=None)
    SegmentRound.objects.filter(pk=current.pk).update(draw_seed="")
    current.draw_seed = ""
    codes = sorted(criterion.code for criterion in criteria)
    detail = {"cause": cause, "criteria": codes, "before": ranking.digest}
    transition(current, SegmentRoundStatus.SCORING, by=by, table=SEGMENT_ROUND, reason=reason, detail=detail)
    record("procurement.reevaluation.started", by=by, target=made, detail={**detail, "reason": reason})
    see_to_promise(segment_round=current, by=by)
    ask_again(segment_round=current)
    return made


@transaction.atomic
def finish_reevaluation(*, segment_round: SegmentRound, explanation: str, by: User) -> Reevaluation:
    """End a re-evaluation of which the new ranking is there, with what changed and why. Both results stay.

    Raises `NotAllowed`, `RuleViolation`.
    """
    current = locked_segment_round(segment_round.pk)
    require_lead(by, current.round.tender)
    begun = Reevaluation.objects.select_for_update().filter(segment_round=current, finished_at__isnull=True).first()
    if begun is None:
        raise RuleViolation(_("No re-evaluation is under way."))
    after = new_ranking(begun)
    if after is None:
        raise RuleViolation(_("The new ranking is not there yet. Finish the scoring and make the ranking first."))
    if not explanation.strip():
        raise RuleViolation(_("Explain what changed, and why."), "explanation")
    begun.after, begun.explanation, begun.finished_at = after, explanation.strip(), database_now()
    begun.save(update_fields=["after", "explanation", "finished_at"])
    detail = {"before": begun.before.digest, "after": after.digest, "explanation": begun.explanation}
    record("procurement.reevaluation.finished", by=by, target=begun, detail=detail)
    return begun


def _checked(segment_round: SegmentRound, cause: str, reason: str, criteria: Collection[Criterion]) -> str:
    if cause not in ReevaluationCause.values:
        raise RuleViolation(_("Choose why the scoring is done again."), "cause")
    if not reason.strip():
        raise RuleViolation(_("Explain why the scoring is done again."), "reason")
    if not criteria:
        raise RuleViolation(_("Choose at least one criterion."), "criteria")
    for criterion in criteria:
        if criterion.segment_round_id != segment_round.pk or criterion.kind != CriterionKind.GRADED:
            raise RuleViolation(_("Choose criteria of this segment that people score."), "criteria")
    return reason.strip()


def refuse_closed(segment_round: SegmentRound, criterion: Criterion) -> None:
    """In a re-evaluation only the chosen criteria are open. Raises `RuleViolation`."""
    begun = Reevaluation.objects.filter(segment_round=segment_round, finished_at__isnull=True)
    if begun.exists() and not begun.filter(criteria=criterion).exists():
        raise RuleViolation(_("This criterion is not scored again. Its scores stay as they are."))


def refuse_unexplained(segment_round: SegmentRound) -> None:
    """No decision before the difference is explained. Raises `RuleViolation`."""
    if Reevaluation.objects.filter(segment_round=segment_round, finished_at__isnull=True).exists():
        raise RuleViolation(_("First end the re-evaluation that has begun: explain what changed."))
