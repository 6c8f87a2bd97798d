"""The completeness check: the lead judges each submission, before anything else is made of it."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from achterhoek.accounts.models import User
from achterhoek.audit.services import record
from achterhoek.clock import database_now
from achterhoek.errors import RuleViolation
from achterhoek.transitions.services import transition
from procurement.domain.clarification import same_point
from procurement.domain.states import ENTRY
from procurement.enums import Completeness, EntryStatus, RoundStatus, SubmissionStatus
from procurement.models import CompletenessCheck, Round, SegmentRound, Submission
from procurement.rules import require_lead
from procurement.selectors.completeness import judgment_hindrance, points_in_use
from procurement.services.locks import held_round, locked_submission


@transaction.atomic
def judge_completeness(
    *, submission: Submission, outcome: str, reason: str = "", point: str = "", by: User
) -> CompletenessCheck:
    """Judge one submission: complete, to clarify (which point), or excluded (with the reason).

    Excluding puts each of its admitted entries out, with that reason, in the same transaction. The judgment can
    change until the scores of a segment are fixed, but an exclusion stays. While a question to the organisation
    runs nothing is judged: everybody has the whole term (Aw 2.55). Raises `NotAllowed`, `RuleViolation`.
    """
    found = held_round(submission.round_id)
    require_lead(by, found.tender)
    if found.status != RoundStatus.OPENED:
        raise RuleViolation(_("The vault is not open yet."))
    _hold_segments(submission)
    locked = locked_submission(submission)
    if locked.status != SubmissionStatus.SUBMITTED:
        raise RuleViolation(_("This was not submitted, so there is nothing to judge."))
    hindrance = judgment_hindrance(locked)
    if hindrance:
        raise RuleViolation(hindrance)
    outcome, point, reason = Completeness(outcome), _wording(found, point), reason.strip()
    _refuse_incomplete(outcome, point, reason)
    if outcome != Completeness.CLARIFY:
        point = ""
    check, _created = CompletenessCheck.objects.update_or_create(
        submission=locked,
        defaults={
            "outcome": outcome,
            "point": point,
            "reason": reason or point,
            "checked_by": by,
            "checked_at": database_now(),
        },
    )
    record(
        "procurement.submission.completeness_judged",
        by=by,
        target=locked,
        detail={"outcome": outcome.value, "point": point, "reason": check.reason},
    )
    if outcome == Completeness.EXCLUDED:
        _exclude(locked, reason, by)
    return check


def _hold_segments(submission: Submission) -> None:
    """Hold the evaluations that this submission takes part in: nobody fixes their scores meanwhile."""
    segments = submission.entries.values("segment")
    rows = SegmentRound.objects.select_for_update().filter(round=submission.round_id, segment__in=segments)
    list(rows.order_by("pk").values_list("pk", flat=True))


def _wording(found: Round, point: str) -> str:
    """The point in the words in which it was named before, so that the same position reads the same."""
    bare = " ".join(point.split())
    return next((known for known in points_in_use(found) if same_point(known) == same_point(bare)), bare)


def _refuse_incomplete(outcome: Completeness, point: str, reason: str) -> None:
    if outcome == Completeness.CLARIFY and not point:
        raise RuleViolation(_("Say in a few words what has to be clarified."), "point")
    if outcome == Completeness.EXCLUDED and not reason:
        raise RuleViolation(_("Give the reason for excluding. The bidder will read it."), "reason")


def _exclude(submission: Submission, reason: str, by: User) -> None:
    for entry in submission.entries.filter(status=EntryStatus.ADMITTED).order_by("pk"):
        transition(entry, EntryStatus.EXCLUDED, by=by, table=ENTRY, reason=reason, status_reason=reason)
