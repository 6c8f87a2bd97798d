"""What is recorded after scoring alone: requirements, consensus scores, and that both are fixed."""

from __future__ import annotations

from decimal import Decimal

from django.db import transaction
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from achterhoek.accounts.models import User
from achterhoek.audit.services import record
from achterhoek.errors import NotAllowed, RuleViolation
from achterhoek.transitions.services import transition
from procurement.domain.score_scale import lies_outside, plain_text
from procurement.domain.states import ENTRY, SEGMENT_ROUND
from procurement.enums import CriterionKind, EntryStatus, RequirementKind, SeatRole, SegmentRoundStatus
from procurement.models import (
    ConsensusScore,
    Criterion,
    Entry,
    Requirement,
    RequirementCheck,
    Score,
    SegmentRound,
)
from procurement.rules import is_lead, require_lead
from procurement.selectors.basis import basis_of, counting_on, open_criteria
from procurement.selectors.consensus import version_of
from procurement.selectors.evaluation import (
    choices_for,
    readable_segment_entries,
    requirements_of,
    seats_of,
    segment_entries,
)
from procurement.selectors.missing import missing_for_fixing
from procurement.selectors.seats import late_seats, scoring_seats, tied_seat
from procurement.services.locks import locked_segment_round
from procurement.services.opening import open_prices
from procurement.services.score_seal import commitment_of

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
        why = _knocked_out(requirement) % {"code": requirement.code, "reason": reason}
        transition(locked_entry, EntryStatus.EXCLUDED, by=by, table=ENTRY, reason=why, status_reason=why)
    return check


@transaction.atomic
def record_consensus(
    *,
    entry: Entry,
    criterion: Criterion,
    value: Decimal,
    reason: str,
    by: User,
    outside_reason: str = "",
    shown: str | None = None,
) -> ConsensusScore:
    """Record the score that the committee gave together, with the motivation the bidder will read.

    By the lead, or by the chair of the committee. A score outside what anybody gave alone needs a reason of its own
    (`outside_reason`). `shown` is what was on the screen (`CriterionScores.shown`): where something else has been set
    since (or something is set, and it was not told what), this is refused and told, so that of two who record at once
    neither overwrites the other unseen.
    Raises `NotAllowed`, `RuleViolation`.
    """
    segment_round = locked_segment_round(criterion.segment_round_id)
    require_leads_meeting(by, segment_round)
    if segment_round.status != SegmentRoundStatus.CONSENSUS:
        raise RuleViolation(_("Consensus scores are recorded after the individual scoring, until they are fixed."))
    locked_entry = _admitted(entry, segment_round)
    _require_reads(by, locked_entry, segment_round)
    refuse_off_scale(criterion, segment_round, value)
    if criterion not in open_criteria(segment_round):
        raise RuleViolation(_("This criterion is not scored again. Its consensus stays as it is."))
    reason, outside_reason = reason.strip(), outside_reason.strip()
    if not reason:
        raise RuleViolation(_("Give the motivation. The bidder will read it."), "reason")
    individual = counting_on(entry, criterion)
    basis = basis_of(individual)
    _refuse_unseen(locked_entry, criterion, basis, shown)
    outside = lies_outside(value, [score.value for score in individual])
    if outside and not outside_reason:
        raise RuleViolation(_outside_text(individual), "outside_reason")
    score, _created = ConsensusScore.objects.update_or_create(
        entry=locked_entry,
        criterion=criterion,
        defaults={
            "value": value,
            "reason": reason,
            "outside_reason": outside_reason if outside else "",
            "basis": basis,
            "recorded_by": by,
        },
    )
    record(
        "procurement.consensus.recorded",
        by=by,
        target=locked_entry,
        detail={
            "criterion": criterion.code,
            "value": plain_text(value),
            "reason": reason,
            "outside_individual_scores": outside,
            "outside_reason": score.outside_reason,
            "basis": basis,
            "score": score.pk,
            "commitment": commitment_of(score),
        },
    )
    return score


@transaction.atomic
def fix_scores(*, segment_round: SegmentRound, by: User) -> SegmentRound:
    """Close the consensus: every admitted entry has all consensus scores and all requirement checks.

    A consensus that rests on individual scores that have changed since has to be set again first.

    After this nothing changes; only now the prijskluis opens, and prices may be read.
    Raises `NotAllowed`, `RuleViolation`.
    """
    current = locked_segment_round(segment_round.pk)
    require_lead(by, current.round.tender)
    if current.status == SegmentRoundStatus.CONSENSUS:
        if late_seats(current).exists():
            raise RuleViolation(_("A member who took over a seat still has to hand in. Wait for these scores."))
        _refuse_tied(current)
        missing = missing_for_fixing(current)
        if missing.unclear and not missing.entries:
            raise RuleViolation(
                _("First judge what is still to clarify: %(numbers)s.") % {"numbers": ", ".join(missing.unclear)}
            )
        if missing:
            raise RuleViolation(
                _(
                    "The scores cannot be fixed yet. Scores missing: %(scores)d. Scores to set again: %(stale)d. "
                    "Requirements not judged: %(checks)d."
                )
                % {"scores": missing.scores, "stale": missing.stale, "checks": missing.checks}
            )
    fixed = transition(current, SegmentRoundStatus.FIXED, by=by, table=SEGMENT_ROUND)
    open_prices(segment_round=fixed, by=by)
    return fixed


def _refuse_tied(segment_round: SegmentRound) -> None:
    """The scores of somebody who has come to work for a provider do not count; another judges in their place."""
    tied = scoring_seats(segment_round).filter(tied_seat()).select_related("user").first()
    if tied is not None:
        text = _("%(name)s works for a provider now, and may not evaluate. First replace this member.")
        raise RuleViolation(text % {"name": tied.user})


def require_leads_meeting(by: User, segment_round: SegmentRound) -> None:
    """The lead of the region, or who holds the chair's seat, leads the meeting. Raises `NotAllowed`."""
    if is_lead(by, segment_round.round.tender):
        return
    if not seats_of(by).filter(segment_round=segment_round, role=SeatRole.CHAIR).exists():
        raise NotAllowed(_("Only the procurement lead of this region and the chair of the committee may do this."))


def _require_reads(by: User, entry: Entry, segment_round: SegmentRound) -> None:
    """A chair with an interest in a bid, or who has not declared yet, sets nothing about it (Aw 1.10b)."""
    if is_lead(by, segment_round.round.tender):
        return
    if not readable_segment_entries(by, segment_round).filter(pk=entry.pk).exists():
        raise NotAllowed(_("You may not read this bid: first declare whether you have an interest in it."))


def _refuse_unseen(entry: Entry, criterion: Criterion, basis: str, shown: str | None) -> None:
    """Refuse to overwrite what the one who records has not seen. Raises `RuleViolation`."""
    if shown is None:
        return
    now = ConsensusScore.objects.filter(entry=entry, criterion=criterion).select_related("recorded_by").first()
    if shown == version_of(now, basis) or (not shown and now is None):
        return
    if now is not None and shown.split(" ")[0] != version_of(now, basis).split(" ")[0]:
        raise RuleViolation(
            _(
                "%(name)s has set this score to %(value)s meanwhile. What you typed is still here: "
                "compare the two, and save again if yours has to replace it."
            )
            % {"name": now.recorded_by, "value": number_format(now.value.normalize())}
        )
    raise RuleViolation(
        _("The individual scores have changed meanwhile. What you typed is still here: look again, and save again.")
    )


def _outside_text(individual: list[Score]) -> str:
    values = [score.value for score in individual]
    return _("The individual scores run from %(low)s to %(high)s. Explain why the committee goes outside them.") % {
        "low": number_format(min(values).normalize()),
        "high": number_format(max(values).normalize()),
    }


def refuse_off_scale(criterion: Criterion, segment_round: SegmentRound, value: Decimal) -> None:
    """A score lies on the scale of a criterion that people score. Raises `RuleViolation`."""
    if criterion.kind != CriterionKind.GRADED:
        raise RuleViolation(_("This criterion is computed, not scored."))
    if value not in {choice.value for choice in choices_for(criterion, segment_round)}:
        raise RuleViolation(_("Choose one of the scores of the scale."), "value")


def _knocked_out(requirement: Requirement) -> str:
    """The words in which a bid falls out, by what it fails."""
    return {
        RequirementKind.EXCLUSION: _("Ground for exclusion %(code)s applies: %(reason)s"),
        RequirementKind.SUITABILITY: _("Suitability requirement %(code)s is not met: %(reason)s"),
        RequirementKind.MINIMUM: _("Minimum requirement %(code)s is not met: %(reason)s"),
    }[RequirementKind(requirement.kind)]


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
