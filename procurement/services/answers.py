"""Writers of what a draft holds: answers and confirmations, each sealed before it is kept."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from achterhoek.accounts.models import User
from achterhoek.audit.services import record
from achterhoek.clock import database_now
from achterhoek.documents.models import StoredFile
from achterhoek.documents.services import accept_pdf, discard, sha256_of
from achterhoek.errors import RuleViolation
from achterhoek.sealing import age
from achterhoek.sealing.models import SealingKey
from procurement.domain.drafts import Value, encode
from procurement.enums import QuestionKind, SubmissionStatus
from procurement.models import DraftAlternative, DraftAnswer, Question, Requirement, SealedPackage, Submission
from procurement.selectors.checklist import Checklist
from procurement.selectors.content import (
    Content,
    Given,
    HeldFile,
    draft_content,
    draft_stamp,
    is_being_filled_in,
    is_untouched,
    seen_version,
)
from procurement.selectors.gate import ANSWER_FILE
from procurement.services.locks import locked_by_member, require_open_at
from providers.services.keys import organisation_key

# What an answer may hold: 16 digits of which 4 behind the point.
NUMBER_LIMIT = Decimal(10) ** 12
Confirmation = tuple[bool | None, str]


@dataclass
class Saved:
    """What came of saving: refused answers by question, with what to do about it; and by key of the field
    (`q<question>`, `r<requirement>`) those that somebody else had changed meanwhile, with who that was.
    """

    refused: dict[int, str] = field(default_factory=dict)
    conflicts: dict[str, str] = field(default_factory=dict)
    changed: list[str] = field(default_factory=list)


def require_draft(submission: Submission) -> None:
    """After submitting nothing changes, except in a draft that is to replace it."""
    if is_being_filled_in(submission):
        return
    if submission.status == SubmissionStatus.SUBMITTED:
        raise RuleViolation(
            _("You have submitted already. To change something, choose to replace your submission first.")
        )
    raise RuleViolation(_("You have withdrawn your submission. Reopen it first to change something."))


def held_draft(*, submission: Submission, by: User) -> Submission:
    """The submission, locked, where this person may change its draft at this moment."""
    return _held(submission.pk, by)[0]


def _held(pk: UUID, by: User) -> tuple[Submission, datetime]:
    locked, now, _may_sign = locked_by_member(pk, by=by)
    require_open_at(locked.round, now)
    require_draft(locked)
    return locked, now


@transaction.atomic
def save_answers(
    *,
    submission: Submission,
    answers: Mapping[int, Any],
    confirmations: Mapping[int, Confirmation] | None = None,
    by: User,
    seen: Mapping[str, str] | None = None,
    state: Checklist | None = None,
) -> Saved:
    """Save answers (by question id) and confirmations (by requirement id) in a draft, complete or not.

    A value is a text, a number, a boolean or an uploaded PDF, by the question's kind; empty or None
    takes the answer away. Questions that are not in `answers` stay as they are. What cannot be saved
    is left as it was and told, the rest is saved. `seen` are the marks of what the form had shown
    (`procurement.selectors.content.mark_of`): a field that this person left alone is left alone, and where
    somebody else changed the same answer meanwhile both versions are kept. `state` is what the caller has just read
    of this draft: it is read again only where it has changed since.
    Raises `RuleViolation` where nothing may be saved: no draft, or the deadline has passed.
    """
    locked, now = _held(submission.pk, by)
    before = state.content if state is not None and state.content.stamp == draft_stamp(locked) else None
    writer = DraftWriter(locked, by, seen=seen, now=now, before=before)
    if state is None:
        writer.save_answers(answers)
        writer.save_confirmations(confirmations or {})
    else:
        asked = [item for section in state.sections for item in section.items]
        writer.write_answers([i.question for i in asked if i.question and i.question.pk in answers], answers)
        found = [i.requirement for i in asked if i.requirement and i.requirement.pk in (confirmations or {})]
        writer.write_confirmations(found, confirmations or {})
    writer.finish()
    return writer.saved


class DraftWriter:
    """One saving of one person in one locked draft.

    `seen` are marks and `salts` salts that the team knows already, both by the keys of the fields.
    """

    def __init__(
        self,
        submission: Submission,
        by: User,
        *,
        seen: Mapping[str, str] | None = None,
        salts: Mapping[str, str] | None = None,
        now: datetime | None = None,
        before: Content | None = None,
    ) -> None:
        self.submission, self.by, self.seen, self.salts = submission, by, seen or {}, salts or {}
        self.key: SealingKey = organisation_key(submission.organisation)
        self.before: Content = draft_content(submission) if before is None else before
        self.now = now or database_now()
        self.saved = Saved()
        self._new: list[DraftAnswer] = []
        segments = submission.entries.values("segment")
        self.asked = Q(segment__isnull=True) | Q(segment__in=segments)

    def save_answers(self, answers: Mapping[int, Any]) -> None:
        """By the keys of questions. What cannot be is told in `saved.refused`. Raises `RuleViolation`: not asked."""
        questions = Question.objects.filter(self.asked, round=self.submission.round_id, pk__in=answers.keys())
        self.write_answers(list(questions), answers)

    def write_answers(self, questions: list[Question], answers: Mapping[int, Any]) -> None:
        """The same, where the questions have been read."""
        _require_all(questions, answers)
        for question in questions:
            old = self.before.answers.get(question.pk)
            try:
                value, stored = self._read(question, old, answers[question.pk])
            except RuleViolation as violation:
                self.saved.refused[question.pk] = violation.message
                continue
            self.keep(f"q{question.pk}", question.code, old, value, stored, {"question": question})

    def save_confirmations(self, confirmations: Mapping[int, Confirmation]) -> None:
        """By the keys of minimum requirements. Raises `RuleViolation` for one that is not asked."""
        found = Requirement.objects.filter(self.asked, round=self.submission.round_id, pk__in=confirmations.keys())
        self.write_confirmations(list(found), confirmations)

    def write_confirmations(self, found: list[Requirement], confirmations: Mapping[int, Confirmation]) -> None:
        """The same, where the requirements have been read."""
        _require_all(found, confirmations)
        for requirement in found:
            meets, explanation = confirmations[requirement.pk]
            value = Value(meets=meets, explanation=explanation if meets is not None else "")
            old = self.before.confirmations.get(requirement.pk)
            self.keep(f"r{requirement.pk}", requirement.code, old, value, None, {"requirement": requirement})

    def keep(
        self, key: str, code: str, old: Given | None, value: Value, stored: StoredFile | None, asked: dict[str, Any]
    ) -> None:
        """Write the value; or, where somebody else was first, put it beside theirs."""
        value = replace(value, salt=self.salts.get(key, value.salt))
        mark = self.seen.get(key, "")
        if _same(old, value, stored) or (mark and stored is None and is_untouched(key, mark, value)):
            return
        version = old.version if old else 0
        if mark and seen_version(mark) != version and old is not None:
            if self._put_beside(old, value, stored, asked):
                self.saved.conflicts[key] = old.changed_by
            return
        self._write(version, value, stored, asked)
        self.saved.changed.append(code)
        if old is not None:
            self._let_go([old.file])

    def flush(self) -> None:
        """Write what was not there yet: one statement for all of it."""
        DraftAnswer.objects.bulk_create(self._new)
        self._new = []

    def finish(self) -> None:
        """The same, and down who changed what, by the codes of the questions; nothing where nothing changed."""
        self.flush()
        if not self.saved.changed and not self.saved.conflicts:
            return
        detail = {"changed": sorted(self.saved.changed)}
        if self.saved.conflicts:
            detail["conflicts"] = sorted(self.saved.conflicts)
        record("procurement.submission.save", by=self.by, target=self.submission, detail=detail)

    def _read(self, question: Question, old: Given | None, value: Any) -> tuple[Value, StoredFile | None]:
        """The value as it is to be, with its file. Raises `RuleViolation` where it cannot be."""
        if value is None or value == "":
            return Value(), None
        if question.kind == QuestionKind.TEXT:
            return Value(text=_text(question, str(value))), None
        if question.kind == QuestionKind.BOOLEAN:
            return Value(boolean=bool(value)), None
        if question.kind != QuestionKind.FILE:
            return Value(number=_number(question, value)), None
        if old is not None and old.file is not None and old.file.sha256 == sha256_of(value):
            return old.value, StoredFile.objects.get(pk=old.file.pk)
        stored = self._accept(question, value)
        return Value(text=value.name[-200:]), stored

    def _accept(self, question: Question, upload: UploadedFile) -> StoredFile:
        try:
            return accept_pdf(
                upload=upload, kind=ANSWER_FILE, sealing_key=self.key, by=self.by, max_pages=question.max_pages
            )
        except RuleViolation as violation:
            raise RuleViolation(f"{upload.name}: {violation.message}") from violation

    def _sealed(self, value: Value) -> bytes:
        """A new salt with every change; a value out of a package keeps the one that its team knows."""
        return age.seal(encode(replace(value, salt=value.salt or secrets.token_hex(16))), self.key.public)

    def _write(self, version: int, value: Value, stored: StoredFile | None, asked: dict[str, Any]) -> None:
        """The submission is held, so what was read of its draft is what there is."""
        row = {
            "sealed": self._sealed(value), "file": stored, "version": version + 1, "changed_at": self.now,
            "changed_by": self.by,
        }  # fmt: skip
        if version:
            DraftAnswer.objects.filter(submission=self.submission, **asked).update(**row)
        else:
            self._new.append(DraftAnswer(submission=self.submission, **asked, **row))

    def _put_beside(self, old: Given, value: Value, stored: StoredFile | None, asked: dict[str, Any]) -> bool:
        """Keep the second version, once for each person: who types on changes their own. Whether it is new."""
        mine = next((other for other in old.alternatives if other.changed_by_id == self.by.pk), None)
        kept = stored.pk if stored else None
        if mine is not None and mine.value.same_as(value) and (mine.file.pk if mine.file else None) == kept:
            return False
        row = DraftAnswer.objects.get(submission=self.submission, **asked)
        DraftAlternative.objects.update_or_create(
            answer=row,
            changed_by=self.by,
            defaults={"sealed": self._sealed(value), "file": stored, "changed_at": self.now},
        )
        if mine is not None:
            self._let_go([mine.file])
        return True

    def _let_go(self, files: Iterable[HeldFile | None]) -> None:
        keys = [file.pk for file in files if file is not None]
        if keys:
            let_go(StoredFile.objects.filter(pk__in=keys))


def _require_all(found: list[Any], wanted: Mapping[int, Any]) -> None:
    if len(found) != len(wanted):
        raise RuleViolation(_("The form has changed. Load the page again."))


def _same(old: Given | None, value: Value, stored: StoredFile | None) -> bool:
    if old is None:
        return stored is None and value.same_as(Value())
    if (old.file.pk if old.file else None) != (stored.pk if stored else None):
        return False
    return stored is not None or old.value.same_as(value)


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


@transaction.atomic
def put_file(
    *,
    submission: Submission,
    question: Question,
    stored: StoredFile,
    name: str,
    by: User,
    seen: int | None = None,
    only_empty: bool = False,
) -> None:
    """Make a file that came in on its own (a resumable upload) the answer to a question.

    `seen` is the version of the answer when the file began to come in: where somebody else changed it meanwhile,
    both are kept. With `only_empty` it is refused where anything stands there already.
    """
    locked, now = _held(submission.pk, by)
    writer = DraftWriter(locked, by, now=now, before=draft_content(locked, question=question))
    asked = question.kind == QuestionKind.FILE and question.round_id == locked.round_id
    if not asked or not (question.segment_id is None or locked.entries.filter(segment=question.segment_id).exists()):
        raise RuleViolation(_("The form has changed. Load the page again."))
    old = writer.before.answers.get(question.pk)
    if only_empty and old is not None and (old.file is not None or old.alternatives):
        raise RuleViolation(_("There is a file here already. It was not replaced."))
    key = f"q{question.pk}"
    if seen is not None and old is not None and old.changed_by_id != by.pk:
        writer.seen = {key: f"{seen}.file"}
    writer.keep(key, question.code, old, Value(text=name[-200:]), stored, {"question": question})
    writer.finish()


@transaction.atomic
def choose_version(*, submission: Submission, alternative: int, keep: bool, by: User) -> str:
    """End a conflict: take the other version (`keep`) in place of what stands there, or let it go.

    Gives the key of the field that it is about.
    """
    locked = held_draft(submission=submission, by=by)
    other = (
        DraftAlternative.objects.select_related("answer__file", "answer__question", "answer__requirement", "file")
        .filter(pk=alternative, answer__submission=locked)
        .first()
    )
    if other is None:
        raise RuleViolation(_("This other version is not there any more. Somebody has chosen already."))
    row = other.answer
    gone = row.file if keep else other.file
    if keep:
        row.sealed, row.file, row.version = other.sealed, other.file, row.version + 1
        row.changed_at, row.changed_by = other.changed_at, other.changed_by
        row.save()
    other.delete()
    if gone is not None and gone != (row.file if keep else None):
        let_go([gone])
    asked = row.question or row.requirement
    record(
        "procurement.submission.choose_version",
        by=by, target=locked, detail={"answer": asked.code if asked else "", "other_taken": keep},
    )  # fmt: skip
    return f"q{row.question_id}" if row.question_id else f"r{row.requirement_id}"


# Away, and which files they held, in one statement each: nothing else hangs on these rows.
_ANSWERS, _ALTERNATIVES = DraftAnswer._meta.db_table, DraftAlternative._meta.db_table
CLEAR_ALTERNATIVES = f"""DELETE FROM {_ALTERNATIVES} USING {_ANSWERS} AS answer
    WHERE answer.id = answer_id AND answer.submission_id = %s RETURNING {_ALTERNATIVES}.file_id"""  # noqa: S608
CLEAR_ANSWERS = f"DELETE FROM {_ANSWERS} WHERE submission_id = %s RETURNING file_id"  # noqa: S608


def clear_draft(submission: Submission, *, packed: Iterable[StoredFile] = ()) -> None:
    """Take the whole draft away: after submitting nothing of it is left, and the files that were not handed in go.

    `packed` are those that were.
    """
    with connection.cursor() as cursor:
        cursor.execute(CLEAR_ALTERNATIVES, [submission.pk])
        files = {file for (file,) in cursor.fetchall()}
        cursor.execute(CLEAR_ANSWERS, [submission.pk])
        files |= {file for (file,) in cursor.fetchall()}
    let_go(StoredFile(pk=pk) for pk in files - {None, *(stored.pk for stored in packed)})


def let_go(files: Iterable[StoredFile]) -> None:
    """Remove files that neither a draft nor a package holds (any more)."""
    keys = [stored.pk for stored in files]
    if not keys:
        return
    free = StoredFile.objects.filter(
        ~Exists(DraftAnswer.objects.filter(file=OuterRef("pk"))),
        ~Exists(DraftAlternative.objects.filter(file=OuterRef("pk"))),
        ~Exists(SealedPackage.files.through.objects.filter(storedfile=OuterRef("pk"))),
        pk__in=keys,
    )
    for stored in free:
        discard(stored)
