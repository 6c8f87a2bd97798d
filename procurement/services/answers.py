"""The writer of answers in a draft. Nothing has to be complete, and one wrong answer holds back no other."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from achterhoek.accounts.models import User
from achterhoek.audit.services import record
from achterhoek.documents.models import StoredFile
from achterhoek.documents.services import accept_pdf, discard
from achterhoek.errors import RuleViolation
from procurement.enums import QuestionKind, SubmissionStatus
from procurement.models import Answer, Question, Requirement, RequirementConfirmation, Submission
from procurement.selectors.gate import ANSWER_FILE
from procurement.services.locks import current_round, locked_submission, require_member, require_open

# What the column holds: 16 digits of which 4 behind the point.
NUMBER_LIMIT = Decimal(10) ** 12
FIELDS = ("text", "number", "boolean", "file", "changed_at", "changed_by")
Confirmation = tuple[bool | None, str]


def require_draft(submission: Submission) -> None:
    """After submitting nothing changes; who wants to, withdraws and reopens first."""
    if submission.status == SubmissionStatus.SUBMITTED:
        raise RuleViolation(
            _("You have submitted already. To change something, withdraw your submission and reopen it first.")
        )
    if submission.status != SubmissionStatus.DRAFT:
        raise RuleViolation(_("You have withdrawn your submission. Reopen it first to change something."))


@transaction.atomic
def save_answers(
    *,
    submission: Submission,
    answers: Mapping[int, Any],
    confirmations: Mapping[int, Confirmation] | None = None,
    by: User,
) -> dict[int, str]:
    """Save answers (by question id) and confirmations (by requirement id) in a draft, complete or not.

    A value is a text, a number, a boolean or an uploaded PDF, by the question's kind; empty or None
    takes the answer away. Questions that are not in `answers` stay as they are. What cannot be saved
    is left as it was and returned, by question id, with what to do about it; the rest is saved.
    Raises `RuleViolation` where nothing may be saved: no draft, or the deadline has passed.
    """
    require_member(submission=submission, by=by)
    require_open(current_round(submission.round_id))
    locked = locked_submission(submission)
    require_draft(locked)
    for_segments = Q(segment__isnull=True) | Q(segment__in=locked.entries.values("segment"))
    refused, changed = _save_values(locked, for_segments, answers, by)
    changed += _save_confirmations(locked, for_segments, confirmations or {})
    if changed:
        record("procurement.submission.save", by=by, target=locked, detail={"changed": sorted(changed)})
    return refused


def _save_values(
    submission: Submission, for_segments: Q, answers: Mapping[int, Any], by: User
) -> tuple[dict[int, str], list[str]]:
    questions = list(Question.objects.filter(for_segments, round=submission.round_id, pk__in=answers.keys()))
    if len(questions) != len(answers):
        raise RuleViolation(_("The form has changed. Load the page again."))
    before = {a.question_id: a for a in submission.answers.select_related("file").filter(question__in=questions)}
    refused: dict[int, str] = {}
    written: list[Answer] = []
    emptied: list[Answer] = []
    replaced: list[StoredFile] = []
    changed: list[str] = []
    for question in questions:
        old = before.get(question.pk)
        try:
            new = _answer(submission, question, old, answers[question.pk], by)
        except RuleViolation as violation:
            refused[question.pk] = violation.message
            continue
        if _same(old, new):
            continue
        changed.append(question.code)
        if new is not None:
            written.append(new)
        elif old is not None:
            emptied.append(old)
        if old is not None and old.file is not None:
            replaced.append(old.file)
    Answer.objects.bulk_create(
        written, update_conflicts=True, unique_fields=("submission", "question"), update_fields=FIELDS
    )
    _remove(submission, emptied, replaced)
    return refused, changed


def _answer(submission: Submission, question: Question, old: Answer | None, value: Any, by: User) -> Answer | None:
    """The answer as it is to be; None where there is to be none. Raises `RuleViolation` where it cannot be."""
    if value is None or value == "":
        return None
    new = Answer(submission=submission, question=question, changed_by=by)
    if question.kind == QuestionKind.TEXT:
        new.text = _text(question, str(value))
    elif question.kind == QuestionKind.BOOLEAN:
        new.boolean = bool(value)
    elif question.kind == QuestionKind.FILE:
        new.file = _file(question, old, value, by)
    else:
        new.number = _number(question, value)
    return new


def _text(question: Question, value: str) -> str:
    over = len(value) - question.max_chars if question.max_chars else 0
    if over > 0:
        raise RuleViolation(
            _("Your text has %(over)s characters too many; at most %(limit)s fit. Make it shorter.")
            % {"over": over, "limit": question.max_chars}
        )
    return value


def _number(question: Question, value: Decimal) -> Decimal:
    if abs(value) >= NUMBER_LIMIT:
        raise RuleViolation(_("This number is too large. Check what you entered."))
    if question.kind == QuestionKind.PRICE and value <= 0:
        raise RuleViolation(_("Enter a price above zero."))
    return value


def _file(question: Question, old: Answer | None, upload: UploadedFile, by: User) -> StoredFile:
    """Take the file in; the same file once more (saved while typing) stays the one that is there."""
    if old is not None and old.file is not None and old.file.sha256 == _sha256(upload):
        return old.file
    try:
        return accept_pdf(upload=upload, kind=ANSWER_FILE, by=by, max_pages=question.max_pages)
    except RuleViolation as violation:
        raise RuleViolation(f"{upload.name}: {violation.message}") from violation


def _sha256(upload: UploadedFile) -> str:
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    return digest.hexdigest()


def _same(old: Answer | None, new: Answer | None) -> bool:
    if old is None or new is None:
        return old is new
    return (old.text, old.number, old.boolean, old.file_id) == (new.text, new.number, new.boolean, new.file_id)


def _save_confirmations(
    submission: Submission, for_segments: Q, confirmations: Mapping[int, Confirmation]
) -> list[str]:
    found = Requirement.objects.filter(for_segments, round=submission.round_id, pk__in=confirmations.keys())
    requirements = {requirement.pk: requirement for requirement in found}
    if len(requirements) != len(confirmations):
        raise RuleViolation(_("The form has changed. Load the page again."))
    before = {c.requirement_id: c for c in submission.confirmations.filter(requirement__in=requirements)}
    written: list[RequirementConfirmation] = []
    emptied: list[int] = []
    changed: list[str] = []
    for pk, (meets, explanation) in confirmations.items():
        old = before.get(pk)
        if meets is None:
            emptied += [old.pk] if old else []
            changed += [requirements[pk].code] if old else []
        elif old is None or (old.meets, old.explanation) != (meets, explanation):
            changed.append(requirements[pk].code)
            written.append(
                RequirementConfirmation(submission=submission, requirement_id=pk, meets=meets, explanation=explanation)
            )
    RequirementConfirmation.objects.bulk_create(
        written,
        update_conflicts=True,
        unique_fields=("submission", "requirement"),
        update_fields=("meets", "explanation"),
    )
    if emptied:
        submission.confirmations.filter(pk__in=emptied).delete()
    return changed


def drop_answers_outside(submission: Submission) -> None:
    """Take away what was answered for segments that are not chosen (any more); called when submitting."""
    outside = ~Q(segment__in=submission.entries.values("segment")) & Q(segment__isnull=False)
    stray = list(
        submission.answers.select_related("file").filter(
            question__in=Question.objects.filter(outside, round=submission.round_id)
        )
    )
    _remove(submission, stray, [answer.file for answer in stray if answer.file is not None])
    submission.confirmations.filter(
        requirement__in=Requirement.objects.filter(outside, round=submission.round_id)
    ).delete()


def _remove(submission: Submission, emptied: Iterable[Answer], files: Iterable[StoredFile]) -> None:
    """Delete answers, and files that no answer holds any more; a file that a receipt names is kept."""
    keys = [answer.pk for answer in emptied]
    if keys:
        submission.answers.filter(pk__in=keys).delete()
    unused = list(files)
    if unused and not submission.receipts.exists():
        for stored in unused:
            discard(stored)
