"""Sealing what is handed in, and making a draft of it again.

At submission the package is encrypted to the content key of the round, the prices in it once more to the price keys
of their segments, and all else that could open it is taken away: the rows of the draft, and the envelopes in which
the organisation's key held the keys of the files.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from achterhoek.accounts.models import User
from achterhoek.clock import database_now
from achterhoek.documents.models import StoredFile
from achterhoek.documents.sealed import FileKey, drop_envelope, key_of, seal_to
from achterhoek.errors import RuleViolation
from achterhoek.sealing import age
from achterhoek.sealing.models import SealingKey
from achterhoek.sealing.services import KeyWithheld
from procurement.domain.drafts import Value, encode
from procurement.domain.package import (
    Package,
    PackedAnswer,
    PackedConfirmation,
    PackedFile,
    encode_answers,
    encode_package,
)
from procurement.enums import QuestionKind
from procurement.models import (
    DraftAnswer,
    Question,
    Receipt,
    Requirement,
    Round,
    SealedPackage,
    Submission,
)
from procurement.selectors.checklist import Checklist
from procurement.selectors.content import (
    Given,
    all_answers,
    ask_of,
    current_package,
    open_package,
    round_secret,
    value_of,
)
from procurement.services.vault_keys import round_keys
from providers.services.keys import organisation_key


@dataclass(frozen=True)
class Packed:
    """A package before it is sealed: its answers, the prices among them, and the files it takes along."""

    answers: list[PackedAnswer]
    requirements: list[PackedConfirmation]
    files: list[StoredFile]


def pack(asked: Checklist) -> Packed:
    """Put together what is handed in: the answers for the chosen segments and those asked once, as they stand."""
    items = [(section.slug, item) for section in asked.sections for item in section.items]
    given = [
        (slug, item.question, item.answer)
        for slug, item in items
        if item.question and item.answer and (item.answer.file is not None or item.answer.value.plain)
    ]
    keys = [answer.file.pk for _slug, _question, answer in given if answer.file is not None]
    stored = {f.pk: f for f in StoredFile.objects.filter(pk__in=keys).select_related("sealing_key")}
    confirmations = [
        _packed_confirmation(slug, item.requirement, item.confirmation)
        for slug, item in items
        if item.requirement and item.confirmation and item.confirmation.value.meets is not None
    ]
    return Packed([_packed_answer(*line, stored) for line in given], confirmations, list(stored.values()))


def _packed_answer(segment: str, question: Question, item: Given, stored: dict[UUID, StoredFile]) -> PackedAnswer:
    if item.file is None:
        return PackedAnswer(segment, question.code, question.kind, salt=item.value.salt, value=item.value.plain)
    key = key_of(stored[item.file.pk])
    file = PackedFile(
        id=str(item.file.pk), key=key.secret, name=item.file.name, sha256=item.file.sha256, size=item.file.size,
        pages=item.file.pages,
    )  # fmt: skip
    return PackedAnswer(segment, question.code, question.kind, salt=item.value.salt, file=file)


def _packed_confirmation(segment: str, requirement: Requirement, item: Given) -> PackedConfirmation:
    return PackedConfirmation(
        segment=segment,
        requirement=requirement.code,
        salt=item.value.salt,
        meets=bool(item.value.meets),
        explanation=item.value.explanation,
    )


def seal_package(*, round: Round, receipt: Receipt, packed: Packed) -> SealedPackage:
    """Write the package of a receipt, so that only the key of its round opens it."""
    prices: dict[str, list[PackedAnswer]] = defaultdict(list)
    for answer in packed.answers:
        if answer.kind == QuestionKind.PRICE:
            prices[answer.segment].append(answer)
    keys = round_keys(round)
    package = Package(
        answers=[answer for answer in packed.answers if answer.kind != QuestionKind.PRICE],
        requirements=packed.requirements,
        prices={
            segment: age.seal(encode_answers(lines), keys.price(segment).public) for segment, lines in prices.items()
        },
    )
    sealed = SealedPackage.objects.create(
        receipt=receipt, sealed=age.seal(encode_package(package), keys.content().public)
    )
    held = SealedPackage.files.through
    held.objects.bulk_create(held(sealedpackage=sealed, storedfile=stored) for stored in packed.files)
    drop_envelope(packed.files)
    return sealed


def restore_draft(*, submission: Submission, by: User) -> bool:
    """Make a draft of what was handed in last; False where only the custodians can open that (the draft is empty)."""
    sealed = current_package(submission)
    if sealed is None:
        return True
    try:
        package = open_package(sealed, round_secret(submission.round_id))
    except KeyWithheld:
        return False
    _write_draft(submission, package, all_answers(package, submission.round_id), by)
    return True


def _write_draft(submission: Submission, package: Package, answers: Iterable[PackedAnswer], by: User) -> None:
    """Fill an empty draft with what a package answers to questions that this round asks (still)."""
    key, now = organisation_key(submission.organisation), database_now()
    questions, asked = ask_of(submission.round_id)

    def row(value: Value, **more: Any) -> DraftAnswer:
        sealed = age.seal(encode(value), key.public)
        return DraftAnswer(submission=submission, sealed=sealed, changed_at=now, changed_by=by, **more)

    rows = []
    for answer in answers:
        question = questions.get((answer.segment, answer.question))
        if question is not None and question.kind == answer.kind:
            stored = _reopen(answer.file, submission, key) if answer.file else None
            rows.append(row(value_of(answer), question=question, file=stored))
    for line in package.requirements:
        requirement = asked.get((line.segment, line.requirement))
        if requirement is not None:
            value = Value(meets=line.meets, explanation=line.explanation, salt=line.salt)
            rows.append(row(value, requirement=requirement))
    DraftAnswer.objects.bulk_create(rows)


def _reopen(file: PackedFile, submission: Submission, key: SealingKey) -> StoredFile:
    """The stored file of a package, as long as it belongs to this submission; this key opens it again."""
    found = StoredFile.objects.filter(pk=file.id, packages__receipt__submission=submission).distinct().first()
    if found is None:
        raise RuleViolation(_("A file of your submission is not there any more. Contact the procurement team."))
    seal_to(found, key, FileKey(file.key, file.name))
    return found
