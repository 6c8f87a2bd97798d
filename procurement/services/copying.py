"""Copying answers out of an earlier submission of the same organisation, into what is still empty."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from achterhoek.accounts.models import User
from achterhoek.audit.services import record
from achterhoek.documents import uploads
from achterhoek.documents.gate import open_for
from achterhoek.documents.intake import AT_ONCE
from achterhoek.documents.models import StoredFile, Upload
from achterhoek.documents.sealed import chunks
from achterhoek.errors import NotAllowed, RuleViolation
from achterhoek.queue import after_commit
from achterhoek.sealing.age import SealBroken
from procurement.enums import QuestionKind
from procurement.models import Submission
from procurement.selectors.checklist import checklist
from procurement.selectors.content import draft_content
from procurement.selectors.copying import COPY, Line, copy_plan, is_withheld
from procurement.selectors.gate import team_submission
from procurement.services.answers import held_draft, save_answers
from procurement.services.bring_in import Pieces, announce, take_in


@dataclass
class Copied:
    """What came of copying: how many answers, files among them that a worker brings in, and what could not be."""

    answers: int = 0
    under_way: int = 0
    refused: list[str] = field(default_factory=list)


def copy_from(*, submission: Submission, source: Submission, by: User) -> Copied:
    """Copy what an earlier submission answered to the questions that this draft asks too.

    The same code, the same kind, and the same segment or none. What stands in the draft already stays. A file becomes
    another file with a key of its own. Raises `RuleViolation`.
    """
    if source.organisation_id != submission.organisation_id or team_submission(by, source.pk) is None:
        raise NotAllowed(_("This submission belongs to another organisation."))
    if source.pk == submission.pk:
        raise RuleViolation(_("Choose another submission."))
    if is_withheld(source):
        raise RuleViolation(_("Custodians hold the key of that submission, so nobody can read it."))
    copied = Copied()
    files = _copy_values(submission, source, by, copied)
    room = AT_ONCE
    for line in files:
        room = _copy_file(submission, line, by, copied, room)
    return copied


@transaction.atomic
def _copy_values(submission: Submission, source: Submission, by: User, copied: Copied) -> list[Line]:
    """Copy all that is no file, while nobody else can fill it in; gives the lines of files."""
    locked = held_draft(submission=submission, by=by)
    lines = [line for line in copy_plan(by, checklist(locked, draft_content(locked)), source) if line.state == COPY]
    answers: dict[int, Any] = {}
    confirmations: dict[int, tuple[bool | None, str]] = {}
    for line in lines:
        value = line.given.value
        if line.item.requirement is not None:
            confirmations[line.item.requirement.pk] = (value.meets, value.explanation)
        elif line.item.question is not None and line.given.file is None:
            kind = line.item.question.kind
            plain = {QuestionKind.TEXT.value: value.text, QuestionKind.BOOLEAN.value: value.boolean}
            answers[line.item.question.pk] = plain.get(kind, value.number)
    saved = save_answers(submission=locked, answers=answers, confirmations=confirmations, by=by)
    copied.answers = len(saved.changed)
    codes = {line.item.question.pk: line.item.code for line in lines if line.item.question}
    copied.refused += [f"{codes[pk]}: {message}" for pk, message in saved.refused.items()]
    record("procurement.submission.copy", by=by, target=locked, detail={"source": str(source.pk)})
    return [line for line in lines if line.given.file is not None]


def _copy_file(submission: Submission, line: Line, by: User, copied: Copied, room: int) -> int:
    """Copy one file: now, as long as there is room for it in this request, or by a worker. The room that is left."""
    file, question = line.given.file, line.item.question
    assert file is not None and question is not None  # noqa: PT018 - a line of a file
    try:
        upload = announce(submission=submission, question=question, name=file.name, size=file.size, by=by)
        if file.size > room:
            after_commit("procurement.copy_file", str(upload.pk), str(file.pk), by.pk)
            copied.under_way += 1
            return room
        if bring_over(upload=upload, source=file.pk, by=by):
            copied.answers += 1
        else:
            copied.under_way += 1
    except RuleViolation as violation:
        copied.refused.append(f"{question.code}: {violation.message}")
    return room - file.size


def bring_over(*, upload: Upload, source: uuid.UUID, by: User) -> bool:
    """Bring a file that this user may read into an upload that was announced; as `take_in` does.

    What came in before a worker died is not done again. Raises `RuleViolation` where it cannot be.
    """
    stored = StoredFile.objects.filter(pk=source).select_related("sealing_key").first()
    key = open_for(by, stored) if stored else None
    if stored is None or key is None:
        problem = _("The earlier file cannot be read now.")
    else:
        try:
            pieces = Pieces(chunks(stored, key.secret), skip=upload.offset)
            return take_in(upload=upload, stream=pieces, by=by)
        except (FileNotFoundError, SealBroken):
            problem = _("The earlier file is damaged.")
    uploads.refuse(upload=upload, message=problem)
    raise RuleViolation(problem)
