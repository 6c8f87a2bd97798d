"""Writers of a submission's life: begin, choose segments, submit, withdraw, reopen.

Answers are written by `procurement.services.answers`. The deadline is judged by the database's clock,
while the round and the submission are held.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from achterhoek.accounts.enums import Role
from achterhoek.accounts.models import User
from achterhoek.accounts.roles import has_role
from achterhoek.audit.services import record
from achterhoek.errors import NotAllowed, RuleViolation
from achterhoek.mail.services import queue_mail
from achterhoek.transitions.services import transition
from procurement.domain.states import SUBMISSION
from procurement.enums import SubmissionStatus
from procurement.models import Entry, Receipt, Round, Segment, Submission
from procurement.selectors.checklist import checklist
from procurement.selectors.submissions import available_segments
from procurement.services.answers import drop_answers_outside, require_draft, save_answers
from procurement.services.locks import (
    LateSubmission,
    current_round,
    locked_submission,
    require_member,
    require_open,
    shared_round,
)
from procurement.services.receipts import make_receipt, new_number
from providers.models import Organisation
from providers.rules import is_signatory
from providers.selectors.organisations import organisations_of

__all__ = [
    "IncompleteSubmission", "LateSubmission", "change_segments", "reopen_submission", "save_answers",
    "start_submission", "submit_submission", "withdraw_submission",
]  # fmt: skip


class IncompleteSubmission(RuleViolation):
    """Something required is missing; `gaps` names everything that is."""

    def __init__(self, gaps: list[str]) -> None:
        super().__init__(_("Your submission is not complete yet: %(gaps)s.") % {"gaps": "; ".join(gaps)})
        self.gaps = gaps


@transaction.atomic
def start_submission(*, round: Round, organisation: Organisation, segments: Iterable[Segment], by: User) -> Submission:
    """Begin a draft for these segments. An organisation has one submission in a round."""
    if not has_role(by, Role.PROVIDER) or not organisations_of(by).filter(pk=organisation.pk).exists():
        raise NotAllowed(_("You do not work for this organisation."), field="organisation")
    found = current_round(round.pk)
    require_open(found)
    chosen = _allowed(found, organisation, segments)
    submission, created = Submission.objects.get_or_create(
        round=found, organisation=organisation, defaults={"created_by": by}
    )
    if not created:
        raise RuleViolation(_("Your organisation has begun a submission already. Go on with that one."))
    Entry.objects.bulk_create(Entry(submission=submission, segment=segment) for segment in chosen)
    record("procurement.submission.start", by=by, target=submission, detail={"segments": [s.slug for s in chosen]})
    return submission


def _allowed(found: Round, organisation: Organisation, segments: Iterable[Segment]) -> list[Segment]:
    chosen = list(segments)
    if not chosen:
        raise RuleViolation(_("Choose at least one segment."), field="segments")
    allowed = set(available_segments(round=found, organisation=organisation))
    if not allowed.issuperset(chosen):
        raise RuleViolation(_("You cannot submit for one of these segments."), field="segments")
    return chosen


@transaction.atomic
def change_segments(*, submission: Submission, segments: Iterable[Segment], by: User) -> Submission:
    """Choose other segments in a draft. What was answered for the others is kept until submitting."""
    require_member(submission=submission, by=by)
    found = current_round(submission.round_id)
    require_open(found)
    locked = locked_submission(submission)
    require_draft(locked)
    chosen = _allowed(found, locked.organisation, segments)
    locked.entries.exclude(segment__in=chosen).delete()
    had = set(locked.entries.values_list("segment_id", flat=True))
    Entry.objects.bulk_create(Entry(submission=locked, segment=s) for s in chosen if s.pk not in had)
    record("procurement.submission.segments", by=by, target=locked, detail={"segments": [s.slug for s in chosen]})
    return locked


def submit_submission(*, submission: Submission, by: User) -> Receipt:
    """Hand the submission in, before the deadline and complete, by who may sign for the organisation.

    Gives a receipt with a digest of all that came in, on screen and by mail (Aw 2.52a). An attempt
    after the deadline is refused and written down. Raises `LateSubmission`, `IncompleteSubmission` with
    every gap, or `RuleViolation`.
    """
    try:
        return _submit(submission=submission, by=by)
    except LateSubmission as late:
        with transaction.atomic():
            record("procurement.submission.late", by=by, target=submission, detail={"at": late.at.isoformat()})
        raise


@transaction.atomic
def _submit(*, submission: Submission, by: User) -> Receipt:
    require_member(submission=submission, by=by)
    found = shared_round(submission.round_id)
    locked = locked_submission(submission)
    now = require_open(found)
    if locked.status == SubmissionStatus.SUBMITTED:
        raise RuleViolation(_("This was submitted already. You find the receipt on the page of your submission."))
    require_draft(locked)
    require_signatory(locked, by)
    _allowed(found, locked.organisation, [entry.segment for entry in locked.entries.select_related("segment")])
    state = checklist(locked)
    if not state.complete:
        raise IncompleteSubmission(state.gaps())
    drop_answers_outside(locked)
    number = locked.number or new_number(found.stage)
    receipt = make_receipt(submission=locked, number=number, at=now, by=by)
    transition(
        locked, SubmissionStatus.SUBMITTED, by=by, table=SUBMISSION, number=number, submitted_at=now, submitted_by=by,
        detail={"receipt": receipt.number, "digest": receipt.digest},
    )  # fmt: skip
    _mail_receipt(locked, receipt, by)
    submission.refresh_from_db()
    return receipt


def require_signatory(submission: Submission, by: User) -> None:
    """Only a person who may sign binds the organisation, by submitting or by withdrawing."""
    if not is_signatory(by, submission.organisation):
        raise NotAllowed(_("Only a person who may sign for your organisation can do this."))


def _mail_receipt(submission: Submission, receipt: Receipt, by: User) -> None:
    context = {"submission": submission, "receipt": receipt, "tender": submission.round.tender}
    body = render_to_string("procurement/submission/receipt_mail.txt", context)
    for address in dict.fromkeys([by.email.lower(), submission.organisation.email.lower()]):
        queue_mail(
            key=f"receipt:{receipt.number}:{address}",
            to=address,
            subject=_("Receipt %(number)s") % {"number": receipt.number},
            body=body,
        )


@transaction.atomic
def withdraw_submission(*, submission: Submission, by: User) -> Submission:
    """Take a submission back, until the deadline. It then counts as not submitted."""
    require_member(submission=submission, by=by)
    found = shared_round(submission.round_id)
    locked = locked_submission(submission)
    require_open(found)
    require_signatory(locked, by)
    return transition(locked, SubmissionStatus.WITHDRAWN, by=by, table=SUBMISSION)


@transaction.atomic
def reopen_submission(*, submission: Submission, by: User) -> Submission:
    """Make a withdrawn submission a draft again, with all its answers, until the deadline."""
    require_member(submission=submission, by=by)
    found = shared_round(submission.round_id)
    locked = locked_submission(submission)
    require_open(found)
    return transition(locked, SubmissionStatus.DRAFT, by=by, table=SUBMISSION)
