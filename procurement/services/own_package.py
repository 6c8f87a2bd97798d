"""A team's own copy of its submission, as a ZIP; and a draft made of one again.

The ZIP holds `answers.json` (the answers with the salts of their digests, so that a receipt can be checked against it),
the files, the receipt where there is one, and a text to read. The same content gives the same bytes.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from achterhoek.accounts.models import User
from achterhoek.audit.services import record
from achterhoek.documents.models import StoredFile
from achterhoek.documents.names import clean_name
from achterhoek.documents.sealed import chunks
from achterhoek.errors import RuleViolation
from achterhoek.sealing.services import KeyWithheld
from procurement.domain.package import PackedAnswer, PackedConfirmation
from procurement.domain.proof import EXPORT_FORMATS, PACKAGE_NAME, README_NAME, canonical
from procurement.enums import QuestionKind
from procurement.models import Question, Receipt, Submission
from procurement.selectors.checklist import checklist
from procurement.selectors.content import (
    Content,
    all_answers,
    ask_of,
    current_package,
    draft_content,
    is_being_filled_in,
    open_package,
    round_secret,
)
from procurement.services.answers import held_draft, save_answers
from procurement.services.bring_in import announce, take_in
from procurement.services.locks import require_member
from procurement.services.package_reader import OwnFile, OwnPackage, damaged, plain_value, read_package
from procurement.services.packages import pack

UNPACKABLE = '<>:"/\\|?*'
# A ZIP must say when each file was made. Ours always says the same, so that the same content gives the same bytes.
LONG_AGO = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class OwnCopy:
    """What goes into the ZIP; the content of the files comes later, piece by piece."""

    texts: dict[str, bytes]
    files: dict[str, tuple[StoredFile, str]] = field(default_factory=dict)


def own_copy(*, submission: Submission, by: User) -> OwnCopy:
    """Collect what a team may take along of its own: the draft, or what was handed in last with its receipt.

    Raises `RuleViolation` where only custodians could open it.
    """
    require_member(submission=submission, by=by)
    answers, requirements, receipt = _held(submission)
    files: dict[str, tuple[StoredFile, str]] = {}
    keys = [answer.file.id for answer in answers if answer.file is not None]
    stored = {str(row.pk): row for row in StoredFile.objects.filter(pk__in=keys)}
    lines = []
    for answer in sorted(answers, key=lambda found: (found.segment, found.question)):
        line: dict[str, Any] = {"segment": answer.segment, "question": answer.question, "kind": answer.kind}
        if answer.file is None:
            lines.append(line | {"salt": answer.salt, "value": answer.value})
            continue
        held, name = answer.file, clean_name(answer.file.name)
        path = f"files/{_path(answer.segment or 'algemeen')}/{_path(answer.question)}/{_path(name)}"
        files[path] = (stored[held.id], held.key)
        told = {"path": path, "name": name, "sha256": held.sha256, "size": held.size, "pages": held.pages}
        lines.append(line | {"file": told})
    whole = {
        "format": EXPORT_FORMATS[0],
        "tender": submission.round.tender.slug,
        "stage": submission.round.stage,
        "segments": sorted(submission.entries.values_list("segment__slug", flat=True)),
        "answers": lines,
        "requirements": [
            line.as_dict() for line in sorted(requirements, key=lambda found: (found.segment, found.requirement))
        ],
    }
    texts = {PACKAGE_NAME: json.dumps(whole, sort_keys=True, indent=1, ensure_ascii=False).encode()}
    if receipt is not None:
        texts[f"{receipt.number}.json"] = canonical(receipt.manifest)
    texts[README_NAME] = _readme(submission, receipt)
    return OwnCopy(texts, files)


def _held(submission: Submission) -> tuple[list[PackedAnswer], list[PackedConfirmation], Receipt | None]:
    if is_being_filled_in(submission):
        packed = pack(checklist(submission, draft_content(submission)))
        return packed.answers, packed.requirements, None
    sealed = current_package(submission)
    if sealed is None:
        raise RuleViolation(_("There is nothing to download."))
    try:
        package = open_package(sealed, round_secret(submission.round_id))
    except KeyWithheld:
        raise RuleViolation(
            _("Custodians hold the key, so we cannot give you what you submitted. Use the copy that you downloaded.")
        ) from None
    return all_answers(package, submission.round_id), package.requirements, sealed.receipt


def _path(name: str) -> str:
    """A name that every computer can unpack."""
    plain = "".join("_" if sign in UNPACKABLE else sign for sign in name).strip(". ")
    return plain or "document.pdf"


def _readme(submission: Submission, receipt: Receipt | None) -> bytes:
    with translation.override("nl"):
        context = {"submission": submission, "tender": submission.round.tender, "receipt": receipt}
        return render_to_string("procurement/submission/readme.txt", context).encode()


class _Outlet:
    """Where a ZIP is written to, and taken out of at once: nothing of it is kept."""

    def __init__(self) -> None:
        self.waiting: list[bytes] = []

    def write(self, piece: bytes) -> int:
        self.waiting.append(bytes(piece))
        return len(piece)

    def flush(self) -> None:
        """There is nothing behind it."""

    def take(self) -> bytes:
        taken = b"".join(self.waiting)
        self.waiting.clear()
        return taken


def zip_pieces(copy: OwnCopy) -> Iterator[bytes]:
    """The ZIP, piece by piece, never more than one part of one file in memory. Raises as `sealed.chunks` does."""
    outlet = _Outlet()
    target: Any = outlet
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as made:
        for name, content in copy.texts.items():
            made.writestr(_entry(name, len(content)), content)
            yield outlet.take()
        for path, (stored, key) in copy.files.items():
            with made.open(_entry(path, stored.size), "w") as entry:
                for piece in chunks(stored, key):
                    entry.write(piece)
                    yield outlet.take()
    yield outlet.take()


def _entry(name: str, size: int) -> zipfile.ZipInfo:
    found = zipfile.ZipInfo(name, LONG_AGO)
    found.file_size = size
    found.external_attr = 0o600 << 16
    return found


@dataclass
class Restored:
    """What came of it: how many answers, how many were filled in already, and what could not be taken over."""

    answers: int = 0
    under_way: int = 0
    left: int = 0
    refused: list[str] = field(default_factory=list)


def restore_package(*, submission: Submission, package: UploadedFile, by: User) -> Restored:
    """Fill the empty places of a draft with what the team's own ZIP holds, by the codes of the questions.

    Of another round too, as far as this one asks the same. Files are judged anew. Raises `RuleViolation`.
    """
    assert package.file is not None
    own = read_package(package.file)
    restored = Restored()
    files = _restore_values(submission, own, by, restored)
    for question, file in files:
        try:
            if _restore_file(submission, question, file, by):
                restored.answers += 1
            else:
                restored.under_way += 1
        except RuleViolation as violation:
            restored.refused.append(f"{question.code}: {violation.message}")
    return restored


@transaction.atomic
def _restore_values(
    submission: Submission, own: OwnPackage, by: User, restored: Restored
) -> list[tuple[Question, OwnFile]]:
    locked = held_draft(submission=submission, by=by)
    content = draft_content(locked)
    empty = _empty_places(locked, content)
    questions, requirements = ask_of(locked.round_id)
    answers: dict[int, Any] = {}
    confirmations: dict[int, tuple[bool | None, str]] = {}
    files: list[tuple[Question, OwnFile]] = []
    for answer in own.answers:
        question = questions.get((answer.segment, answer.question))
        if question is None or question.kind != answer.kind or f"q{question.pk}" not in empty:
            restored.left += 1
        elif question.kind == QuestionKind.FILE:
            if answer.file is None:
                raise damaged()
            files.append((question, own.files[answer.file.id]))
        else:
            answers[question.pk] = plain_value(answer)
    for line in own.requirements:
        requirement = requirements.get((line.segment, line.requirement))
        if requirement is None or f"r{requirement.pk}" not in empty:
            restored.left += 1
        else:
            confirmations[requirement.pk] = (line.meets, line.explanation)
    saved = save_answers(submission=locked, answers=answers, confirmations=confirmations, by=by)
    restored.answers = len(saved.changed)
    codes = {question.pk: question.code for question in questions.values()}
    restored.refused += [f"{codes[pk]}: {message}" for pk, message in saved.refused.items()]
    record("procurement.submission.restore", by=by, target=locked)
    return files


def _empty_places(locked: Submission, content: Content) -> set[str]:
    """The keys of fields that this draft asks and in which nothing stands."""
    items = [item for section in checklist(locked, content).sections for item in section.items]
    return {item.key for item in items if item.given is None or not (item.given.value.plain or item.given.alternatives)}


def _restore_file(submission: Submission, question: Question, file: OwnFile, by: User) -> bool:
    """Bring in one file of a ZIP; as `take_in` does."""
    with file.uploaded() as content:
        upload = announce(submission=submission, question=question, name=file.name, size=file.size, by=by)
        return take_in(upload=upload, stream=content, by=by)
