"""Clarification: one question to all in the same position, and their answers beside their bids (Aw 2.55)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from achterhoek.accounts.models import User
from achterhoek.audit.services import record
from achterhoek.clock import database_now
from achterhoek.documents.models import StoredFile
from achterhoek.documents.services import accept_pdf, discard
from achterhoek.errors import RuleViolation
from achterhoek.mail.services import queue_mail
from procurement.calendar_data import legal_calendar
from procurement.domain.clarification import same_point, working_days
from procurement.enums import RoundStatus
from procurement.models import Clarification, ClarificationRequest, Round, Submission
from procurement.rules import require_lead
from procurement.selectors.completeness import CLARIFICATION_FILE, asked_about, fixed_segments, waiting_for
from procurement.services.clarification_letters import make_clarification_letter
from procurement.services.locks import held_round, require_member
from providers.services.keys import organisation_key

MAX_PAGES = 20
MAX_BYTES = 25 * 1024 * 1024


class LateAnswer(RuleViolation):
    """The term has passed, also by a second. `at` is the moment by the database's clock."""

    def __init__(self, *, at: datetime) -> None:
        super().__init__(_("The term has passed. Your answer was not saved. Late is late, for everybody."))
        self.at = at


@transaction.atomic
def ask_clarification(
    *,
    round: Round,
    point: str,
    submissions: Iterable[Submission],
    subject: str,
    text: str,
    due_at: datetime,
    difference: str = "",
    by: User,
) -> ClarificationRequest:
    """Put one question, with one term, to submissions that are to clarify the same point.

    Who is to clarify the same point is asked too, or the lead says why not; that is kept with the request. Everybody
    is asked about a point once, and who is asked later gets as many working days as those before. All mails
    or none. Raises `NotAllowed`, `RuleViolation`.
    """
    found = held_round(round.pk)
    require_lead(by, found.tender)
    if found.status != RoundStatus.OPENED:
        raise RuleViolation(_("The vault is not open yet."))
    now = database_now()
    _refuse_term(found, point, now, due_at)
    chosen = list(submissions)
    left_out = _refuse_unequal(found, point, chosen, difference)
    request = ClarificationRequest.objects.create(
        round=found, point=" ".join(point.split()), difference=difference.strip() if left_out else "",
        subject=subject.strip(), text=text.strip(), due_at=due_at, sent_at=now, sent_by=by,
    )  # fmt: skip
    for submission in chosen:
        letter = make_clarification_letter(request, submission)
        Clarification.objects.create(request=request, submission=submission, letter=letter)
        _mail(request, submission, letter)
    record(
        "procurement.clarification.asked",
        by=by,
        target=request,
        detail={
            "point": request.point,
            "due_at": due_at.isoformat(),
            "asked": [submission.number for submission in chosen],
            "left_out": [submission.number for submission in left_out],
            "difference": request.difference,
        },
    )
    return request


def _refuse_term(found: Round, point: str, now: datetime, due_at: datetime) -> None:
    """The term lies ahead, and is as long as what others got for the same point."""
    if due_at <= now:
        raise RuleViolation(_("This moment has passed. Choose one that lies ahead."), "due_at")
    days = _days(now, due_at)
    for earlier in found.clarification_requests.all():
        given = _days(earlier.sent_at, earlier.due_at)
        if same_point(earlier.point) == same_point(point) and given != days:
            message = ngettext(
                "Others got %(count)d working day for this point. Give these the same.",
                "Others got %(count)d working days for this point. Give these the same.",
                given,
            )
            raise RuleViolation(message % {"count": given}, "due_at")


def _days(sent: datetime, due: datetime) -> int:
    return working_days(timezone.localdate(sent), timezone.localdate(due), calendar=legal_calendar())


def _refuse_unequal(found: Round, point: str, chosen: list[Submission], difference: str) -> list[Submission]:
    """Who stands in the same position and is left out. Without a reason for it that is refused (Aw 1.8)."""
    if not chosen:
        raise RuleViolation(_("Choose at least one submission."), "submissions")
    if asked_about(found, point).intersection(submission.pk for submission in chosen):
        raise RuleViolation(_("This was asked already. Everybody is asked about a point once."), "submissions")
    waiting = waiting_for(found, point)
    wanted = {submission.pk for submission in chosen}
    if not wanted <= {submission.pk for submission in waiting}:
        raise RuleViolation(_("Ask only those who are to clarify this point."), "submissions")
    fixed = fixed_segments(list(wanted))
    if fixed:
        raise RuleViolation(
            _("The scores are fixed of: %(segments)s. Nothing can be clarified there any more.")
            % {"segments": ", ".join(fixed)},
            "submissions",
        )
    left_out = [submission for submission in waiting if submission.pk not in wanted]
    if left_out and not difference.strip():
        raise RuleViolation(
            _("You leave out %(numbers)s, with the same point to clarify. Ask them too, or explain the difference.")
            % {"numbers": ", ".join(submission.number for submission in left_out)},
            "difference",
        )
    return left_out


def _mail(request: ClarificationRequest, submission: Submission, letter: StoredFile) -> None:
    """That there is a question, and until when, with the letter. The mail itself does not say what it is about."""
    context = {"request": request, "submission": submission, "tender": request.round.tender}
    queue_mail(
        key=f"clarification:{request.pk}:{submission.pk}",
        to=submission.organisation.email,
        subject=_("Question about your submission: %(tender)s") % {"tender": request.round.tender.title},
        body=render_to_string("procurement/completeness/mail.txt", context),
        attachments=[letter],
    )


def answer_clarification(
    *, clarification: Clarification, answer: str, upload: UploadedFile | None = None, drop_file: bool = False, by: User
) -> Clarification:
    """Answer the question, or change the answer, strictly before its term ends by the database's clock.

    The bid itself never changes: the answer stands beside it. A file replaces the one before it. An attempt after the
    term is refused and written down. Raises `LateAnswer`, `NotAllowed`, `RuleViolation`.
    """
    require_member(submission=clarification.submission, by=by)
    stored: StoredFile | None = None
    try:
        _require_in_time(clarification)
        if not answer.strip():
            raise RuleViolation(_("Write your answer. You may add a PDF to it."), "answer")
        stored = _accept(clarification, upload, by) if upload is not None else None
        return _save(clarification, answer.strip(), stored, drop_file, by)
    except BaseException as error:
        if stored is not None:
            with transaction.atomic():
                discard(stored)
        if isinstance(error, LateAnswer):
            with transaction.atomic():
                detail = {"at": error.at.isoformat(), "due_at": clarification.request.due_at.isoformat()}
                record("procurement.clarification.late", by=by, target=clarification, detail=detail)
        raise


def _require_in_time(clarification: Clarification) -> datetime:
    now = database_now()
    if now >= clarification.request.due_at:
        raise LateAnswer(at=now)
    return now


def _accept(clarification: Clarification, upload: UploadedFile, by: User) -> StoredFile:
    key = organisation_key(clarification.submission.organisation)
    try:
        return accept_pdf(
            upload=upload, kind=CLARIFICATION_FILE, sealing_key=key, by=by, max_pages=MAX_PAGES, max_bytes=MAX_BYTES
        )
    except RuleViolation as refused:
        raise RuleViolation(refused.message, "file") from refused


@transaction.atomic
def _save(
    clarification: Clarification, answer: str, stored: StoredFile | None, drop_file: bool, by: User
) -> Clarification:
    # Its file is read only after the lock is held: a query that waited would join the file of before.
    locked = Clarification.objects.select_for_update(of=("self",)).get(pk=clarification.pk)
    # Judged once more while the row is held: a file may have come in slowly, and somebody may have waited.
    now = _require_in_time(locked)
    again, old = locked.answered_at is not None, locked.file
    if stored is not None or drop_file:
        locked.file = stored
    locked.answer, locked.answered_at, locked.answered_by = answer, now, by
    locked.save(update_fields=["answer", "file", "answered_at", "answered_by"])
    if old is not None and old != locked.file:
        discard(old)
    record(
        "procurement.clarification.answered",
        by=by,
        target=locked,
        detail={
            "sha256": hashlib.sha256(answer.encode()).hexdigest(),
            "file": locked.file.sha256 if locked.file else "",
            "again": again,
        },
    )
    return locked
