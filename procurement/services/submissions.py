"""Writers of a submission's life: begin, choose segments, submit, withdraw, reopen.

Answers are written by `procurement.services.answers`. The deadline is judged by the database's clock,
while the round and the submission are held.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from achterhoek.accounts.enums import Role
from achterhoek.accounts.models import User
from achterhoek.accounts.roles import has_role
from achterhoek.audit.services import record
from achterhoek.errors import NotAllowed, RuleViolation
from achterhoek.transitions.services import transition
from procurement.domain.states import SUBMISSION
from procurement.enums import SubmissionStatus
from procurement.models import Entry, Receipt, Round, Segment, Submission
from procurement.selectors.checklist import checklist
from procurement.selectors.content import draft_content
from procurement.selectors.submissions import available_segments
from procurement.services.answers import clear_draft, require_draft, save_answers
from procurement.services.locks import (
    LateSubmission,
    current_round,
    locked_by_member,
    locked_submission,
    require_member,
    require_open,
    shared_round,
)
from procurement.services.packages import pack, restore_draft, seal_package
from procurement.services.receipt_mail import promise_receipt
from procurement.services.receipts import make_receipt, make_withdrawal_receipt, new_number
from providers.models import Organisation
from providers.rules import is_signatory
from providers.selectors.organisations import organisations_of

__all__ = [
    "IncompleteSubmission", "LateSubmission", "change_segments", "keep_submission", "reopen_submission",
    "replace_submission", "save_answers", "start_submission", "submit_submission", "withdraw_submission",
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
    chosen = allowed_segments(found, organisation, segments)
    submission, created = Submission.objects.get_or_create(
        round=found, organisation=organisation, defaults={"created_by": by}
    )
    if not created:
        raise RuleViolation(_("Your organisation has begun a submission already. Go on with that one."))
    Entry.objects.bulk_create(Entry(submission=submission, segment=segment) for segment in chosen)
    record("procurement.submission.start", by=by, target=submission, detail={"segments": [s.slug for s in chosen]})
    return submission


def allowed_segments(found: Round, organisation: Organisation, segments: Iterable[Segment]) -> list[Segment]:
    """The chosen segments, at least one, each of which this organisation may submit for in this round (Aw 2.99)."""
    chosen = list(segments)
    if not chosen:
        raise RuleViolation(_("Choose at least one segment."), field="segments")
    allowed = set(available_segments(round=found, organisation=organisation).values_list("pk", flat=True))
    if not allowed.issuperset(segment.pk for segment in chosen):
        raise RuleViolation(_("You cannot submit for one of these segments."), field="segments")
    return chosen


@transaction.atomic
def change_segments(*, submission: Submission, segments: Iterable[Segment], by: User) -> Submission:
    """Choose other segments in a draft. What was answered for the others is kept until submitting.

    Not while a submission is being replaced: the segments of what was submitted go on to count until then.
    """
    require_member(submission=submission, by=by)
    found = current_round(submission.round_id)
    require_open(found)
    locked = locked_submission(submission)
    require_draft(locked)
    if locked.replacing_since is not None:
        raise RuleViolation(_("To choose other segments, withdraw your submission first and then reopen it."))
    chosen = allowed_segments(found, locked.organisation, segments)
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
    found = shared_round(submission.round_id)
    locked, _asked_at, may_sign = locked_by_member(submission.pk, by=by)
    found.tender = locked.round.tender
    addresses = [by.email, locked.organisation.email]
    now = require_open(found)
    if locked.status == SubmissionStatus.SUBMITTED and locked.replacing_since is None:
        raise RuleViolation(_("This was submitted already. You find the receipt on the page of your submission."))
    require_draft(locked)
    if not may_sign:
        raise _only_signatories()
    receipt = seal_draft(locked, found, now, by=by)
    promise_receipt(receipt=receipt, addresses=addresses)
    for field in ("status", "number", "submitted_at", "submitted_by_id", "replacing_since"):
        setattr(submission, field, getattr(locked, field))
    return receipt


def seal_draft(locked: Submission, found: Round, now: datetime, *, by: User, in_time_by: str = "") -> Receipt:
    """Seal the draft of a locked submission, complete, and write down that it is handed in.

    `in_time_by` is the fingerprint that vouches for it where it came after the deadline (Aw 2.109a).
    """
    state = checklist(locked, draft_content(locked))
    chosen = [section.segment for section in state.sections if section.segment is not None]
    if not in_time_by:
        allowed_segments(found, locked.organisation, chosen)
    if not state.complete:
        raise IncompleteSubmission(state.gaps())
    packed = pack(state)
    number = locked.number or new_number(found.stage)
    receipt = make_receipt(
        submission=locked, segments=chosen, packed=packed, number=number, at=now, by=by, in_time_by=in_time_by
    )  # fmt: skip
    seal_package(round=found, receipt=receipt, packed=packed)
    clear_draft(locked, packed=packed.files)
    detail = {"receipt": receipt.number, "digest": receipt.digest}
    if in_time_by:
        detail["in_time_by"] = in_time_by
    if locked.status == SubmissionStatus.SUBMITTED:
        Submission.objects.filter(pk=locked.pk).update(submitted_at=now, submitted_by=by, replacing_since=None)
        locked.submitted_at, locked.submitted_by, locked.replacing_since = now, by, None
        record("procurement.submission.replace", by=by, target=locked, detail=detail)
    else:
        transition(
            locked, SubmissionStatus.SUBMITTED, by=by, table=SUBMISSION, number=number, submitted_at=now,
            submitted_by=by, detail=detail,
        )  # fmt: skip
    return receipt


def require_signatory(submission: Submission, by: User) -> None:
    """Only a person who may sign binds the organisation, by submitting or by withdrawing."""
    if not is_signatory(by, submission.organisation):
        raise _only_signatories()


def _only_signatories() -> NotAllowed:
    return NotAllowed(_("Only a person who may sign for your organisation can do this."))


def _mail_receipt(submission: Submission, receipt: Receipt, by: User) -> None:
    """To who submitted, and to the organisation's own address."""
    promise_receipt(receipt=receipt, addresses=[by.email, submission.organisation.email])


@transaction.atomic
def withdraw_submission(*, submission: Submission, by: User) -> Receipt:
    """Take a submission back, until the deadline. It then counts as not submitted; there is a receipt of that too."""
    require_member(submission=submission, by=by)
    found = shared_round(submission.round_id)
    locked = locked_submission(submission)
    now = require_open(found)
    require_signatory(locked, by)
    if locked.replacing_since is not None:
        clear_draft(locked)
    transition(locked, SubmissionStatus.WITHDRAWN, by=by, table=SUBMISSION, replacing_since=None)
    receipt = make_withdrawal_receipt(submission=locked, at=now, by=by)
    _mail_receipt(locked, receipt, by)
    submission.refresh_from_db()
    return receipt


@transaction.atomic
def reopen_submission(*, submission: Submission, by: User) -> bool:
    """Make a withdrawn submission a draft again, until the deadline; True where it holds all its answers.

    Where custodians hold the key, nobody can read what was handed in: the draft is then empty.
    """
    require_member(submission=submission, by=by)
    found = shared_round(submission.round_id)
    locked = locked_submission(submission)
    require_open(found)
    transition(locked, SubmissionStatus.DRAFT, by=by, table=SUBMISSION)
    return restore_draft(submission=locked, by=by)


@transaction.atomic
def replace_submission(*, submission: Submission, by: User) -> bool:
    """Begin a draft that is to replace what was submitted; until it is submitted itself, the earlier one counts.

    True where the draft begins with all that was submitted, False where nobody can read that (custodians).
    """
    require_member(submission=submission, by=by)
    found = shared_round(submission.round_id)
    locked = locked_submission(submission)
    require_open(found)
    if locked.status != SubmissionStatus.SUBMITTED or locked.replacing_since is not None:
        raise RuleViolation(
            _("This step is not possible now. The page may be out of date: load it again and look at the state.")
        )
    Submission.objects.filter(pk=locked.pk).update(replacing_since=Now())
    locked.refresh_from_db(fields=["replacing_since"])
    record("procurement.submission.begin_replacement", by=by, target=locked)
    return restore_draft(submission=locked, by=by)


@transaction.atomic
def keep_submission(*, submission: Submission, by: User) -> Submission:
    """Throw the replacement's draft away: what was submitted goes on to count."""
    require_member(submission=submission, by=by)
    found = shared_round(submission.round_id)
    locked = locked_submission(submission)
    require_open(found)
    if locked.replacing_since is None:
        raise RuleViolation(
            _("This step is not possible now. The page may be out of date: load it again and look at the state.")
        )
    clear_draft(locked)
    Submission.objects.filter(pk=locked.pk).update(replacing_since=None)
    record("procurement.submission.end_replacement", by=by, target=locked)
    submission.refresh_from_db()
    return submission
