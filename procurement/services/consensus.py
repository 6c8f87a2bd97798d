"""What the lead records: minimum requirements, consensus scores, and that both are fixed."""

from __future__ import annotations

from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from achterhoek.accounts.models import User
from achterhoek.audit.services import record
from achterhoek.errors import RuleViolation
from achterhoek.transitions.services import transition
from procurement.domain.score_scale import lies_outside, plain_text
from procurement.domain.states import ENTRY, SEGMENT_ROUND
from procurement.enums import CriterionKind, EntryStatus, SegmentRoundStatus
from procurement.models import (
    ConsensusScore,
    Criterion,
    Entry,
    Requirement,
    RequirementCheck,
    Score,
    SegmentRound,
)
from procurement.rules import require_lead
from procurement.selectors.completeness import unclear_submissions
from procurement.selectors.consensus import missing_for_fixing
from procurement.selectors.evaluation import choices_for, requirements_of, segment_entries
from procurement.services.locks import locked_segment_round
from procurement.services.opening import open_prices

CHECKING = (SegmentRoundStatus.SCORING, SegmentRoundStatus.CONSENSUS)


@transaction.atomic
def check_requirement(*, entry: Entry, requirement: Requirement, met: bool, reason: str, by: User) -> RequirementCheck:
    """Judge one minimum requirement of one entry. Not met excludes the entry, with the reason.

    Possible while the scores are given and in the consensus; an exclusion cannot be undone here.
    Raises `NotAllowed`, `RuleViolation`.
    """
    segment_round = _segment_round_of(entry)
    require_lead(by, segment_round.round.tender)
    if segment_round.status not in CHECKING:
        raise RuleViolation(_("Minimum requirements are judged during the scoring and the consensus only."))
    if not requirements_of(segment_round).filter(pk=requirement.pk).exists():
        raise RuleViolation(_("This requirement does not belong to this segment."))
    locked_entry = _admitted(entry, segment_round)
    reason = reason.strip()
    if not met and not reason:
        raise RuleViolation(_("Explain why this requirement is not met."), "reason")
    check, _created = RequirementCheck.objects.update_or_create(
        entry=locked_entry,
        requirement=requirement,
        defaults={"met": met, "reason": reason, "checked_by": by},
    )
    record(
        "procurement.requirement.checked",
        by=by,
        target=locked_entry,
        detail={"requirement": requirement.code, "met": met, "reason": reason},
    )
    if not met:
        why = _("Minimum requirement %(code)s is not met: %(reason)s") % {
            "code": requirement.code,
            "reason": reason,
        }
        transition(locked_entry, EntryStatus.EXCLUDED, by=by, table=ENTRY, reason=why, status_reason=why)
    return check


@transaction.atomic
def record_consensus(*, entry: Entry, criterion: Criterion, value: Decimal, reason: str, by: User) -> ConsensusScore:
    """Record the score that the committee gave together, with the motivation the bidder will read.

    A score outside what anybody gave alone is possible, and is marked in the audit event.
    Raises `NotAllowed`, `RuleViolation`.
    """
    segment_round = locked_segment_round(criterion.segment_round_id)
    require_lead(by, segment_round.round.tender)
    if segment_round.status != SegmentRoundStatus.CONSENSUS:
        raise RuleViolation(_("Consensus scores are recorded after the individual scoring, until they are fixed."))
    locked_entry = _admitted(entry, segment_round)
    refuse_off_scale(criterion, segment_round, value)
    reason = reason.strip()
    if not reason:
        raise RuleViolation(_("Give the motivation. The bidder will read it."), "reason")
    score, _created = ConsensusScore.objects.update_or_create(
        entry=locked_entry,
        criterion=criterion,
        defaults={"value": value, "reason": reason, "recorded_by": by},
    )
    individual = Score.objects.filter(entry=entry, criterion=criterion).values_list("value", flat=True)
    record(
        "procurement.consensus.recorded",
        by=by,
        target=locked_entry,
        detail={
            "criterion": criterion.code,
            "value": plain_text(value),
            "reason": reason,
            "outside_individual_scores": lies_outside(value, individual),
        },
    )
    return score


@transaction.atomic
def fix_scores(*, segment_round: SegmentRound, by: User) -> SegmentRound:
    """Close the consensus: every admitted entry has all consensus scores and all requirement checks.

    After this nothing changes; only now the prijskluis opens, and prices may be read.
    Raises `NotAllowed`, `RuleViolation`.
    """
    current = locked_segment_round(segment_round.pk)
    require_lead(by, current.round.tender)
    if current.status == SegmentRoundStatus.CONSENSUS:
        missing = missing_for_fixing(current)
        if missing:
            raise RuleViolation(
                _("The scores cannot be fixed yet. Scores missing: %(scores)d. Requirements not judged: %(checks)d.")
                % {"scores": missing.scores, "checks": missing.checks}
            )
        unclear = unclear_submissions(current)
        if unclear:
            raise RuleViolation(
                _("First judge what is still to clarify: %(numbers)s.") % {"numbers": ", ".join(unclear)}
            )
    fixed = transition(current, SegmentRoundStatus.FIXED, by=by, table=SEGMENT_ROUND)
    open_prices(segment_round=fixed, by=by)
    return fixed


def refuse_off_scale(criterion: Criterion, segment_round: SegmentRound, value: Decimal) -> None:
    """A score lies on the scale of a criterion that people score. Raises `RuleViolation`."""
    if criterion.kind != CriterionKind.GRADED:
        raise RuleViolation(_("This criterion is computed, not scored."))
    if value not in {choice.value for choice in choices_for(criterion, segment_round)}:
        raise RuleViolation(_("Choose one of the scores of the scale."), "value")


def _segment_round_of(entry: Entry) -> SegmentRound:
    found = SegmentRound.objects.get(round=entry.submission.round_id, segment=entry.segment_id)
    return locked_segment_round(found.pk)


def _admitted(entry: Entry, segment_round: SegmentRound) -> Entry:
    """The entry, locked. Raises `RuleViolation` where it is not for this segment or has fallen out."""
    current = (
        segment_entries(segment_round)
        .select_related("submission", "segment")
        .select_for_update(of=("self",))
        .filter(pk=entry.pk)
        .first()
    )
    if current is None:
        raise RuleViolation(_("This entry is not for this segment."))
    if current.status != EntryStatus.ADMITTED:
        raise RuleViolation(_("This entry is no longer admitted. What was recorded stays as it is."))
    return current
