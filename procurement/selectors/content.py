"""What a team filled in, or handed in: opened for it, by the one gate.

A draft lies sealed to the key of its organisation, what was submitted to the key of its round. Nothing here is kept:
it is opened for the page that asks, after `procurement.selectors.gate` has said who may.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, QuerySet, prefetch_related_objects
from django.utils.crypto import constant_time_compare, salted_hmac

from achterhoek.documents.models import Scan, StoredFile
from achterhoek.prepared import Prepared
from achterhoek.sealing import age
from achterhoek.sealing.models import SealingKey
from achterhoek.sealing.services import KeyWithheld, secret_of
from procurement.domain.drafts import Value, decode, parse
from procurement.domain.package import Package, PackedAnswer, decode_answers, decode_package
from procurement.enums import ReceiptKind, SubmissionStatus, VaultContent
from procurement.models import DraftAlternative, DraftAnswer, Question, Requirement, SealedPackage, Submission, VaultKey


@dataclass(frozen=True)
class HeldFile:
    """A file of an answer, with the name its uploader gave it."""

    pk: uuid.UUID
    name: str
    size: int
    pages: int | None
    sha256: str
    content_type: str
    is_shown: bool
    has_thumbnail: bool


@dataclass(frozen=True)
class Alternative:
    """The other version of an answer that two people changed at once."""

    pk: int
    value: Value
    file: HeldFile | None
    changed_at: datetime
    changed_by: str
    changed_by_id: int


@dataclass(frozen=True)
class Given:
    """What stands filled in for one question or one minimum requirement."""

    value: Value
    file: HeldFile | None = None
    version: int = 0
    changed_at: datetime | None = None
    changed_by: str = ""
    changed_by_id: int | None = None
    alternatives: list[Alternative] = field(default_factory=list)

    @property
    def text(self) -> str:
        return self.value.text

    @property
    def number(self) -> Any:
        return self.value.number

    @property
    def boolean(self) -> bool | None:
        return self.value.boolean

    @property
    def meets(self) -> bool | None:
        return self.value.meets

    @property
    def explanation(self) -> str:
        return self.value.explanation


Stamp = tuple[tuple[Any, ...], ...]


@dataclass(frozen=True)
class Content:
    """All of it, by the keys of questions and requirements. `withheld`: only the custodians can open it now."""

    answers: dict[int, Given] = field(default_factory=dict)
    confirmations: dict[int, Given] = field(default_factory=dict)
    withheld: bool = False
    stamp: Stamp = ()
    """Of a draft: which versions of its answers these are (`draft_stamp`)."""


def is_being_filled_in(submission: Submission) -> bool:
    """Whether there is a draft: from the beginning, or beside what was submitted and is being replaced."""
    return submission.status == SubmissionStatus.DRAFT or submission.replacing_since is not None


def content_of(submission: Submission) -> Content:
    """What the team reads of its own submission now: its draft, or what it handed in last.

    For callers that have the submission from the gate (`team_submission`), and for the writers of its draft.
    """
    return draft_content(submission) if is_being_filled_in(submission) else submitted_content(submission)


# Of a file in a draft, and of who put it there, what a page shows.
SHOWN = (
    "file__size", "file__pages", "file__sha256", "file__content_type", "file__scan", "file__thumbnail",
    "changed_by__name",
)  # fmt: skip


def _rows_of(submission: uuid.UUID) -> QuerySet[Any]:
    found = DraftAnswer.objects.filter(submission=submission)
    return (
        found.annotate(has_alternatives=Exists(DraftAlternative.objects.filter(answer=OuterRef("pk"))))
        .select_related("file", "changed_by")
        .only("submission", "question", "requirement", "sealed", "version", "changed_at", *SHOWN)
        .order_by("pk")
    )


_draft = Prepared(_rows_of, uuid.UUID)
_draft_of_question = Prepared(
    lambda submission, question: _rows_of(submission).filter(question=question), uuid.UUID, int
)
_stamp = Prepared(
    lambda submission: (
        DraftAnswer.objects.filter(submission=submission)
        .order_by("pk", "alternatives__pk")
        .values_list("pk", "version", "alternatives__pk", "alternatives__changed_at")
    ),
    uuid.UUID,
)


def draft_content(submission: Submission, *, question: Question | None = None) -> Content:
    """The draft, or what stands in it for one question, opened with the key of the organisation; at most three
    queries, whatever its size."""
    rows: list[Any]
    rows = _draft(submission.pk) if question is None else _draft_of_question(submission.pk, question.pk)
    if not rows:
        return Content()
    others = DraftAlternative.objects.select_related("file", "changed_by").order_by("pk")
    divided = [row for row in rows if row.has_alternatives]
    if divided:
        prefetch_related_objects(divided, Prefetch("alternatives", others))
    if submission.organisation.sealing_key is None:
        submission.organisation.refresh_from_db(fields=["sealing_key"])
    key = submission.organisation.sealing_key
    assert key is not None  # without it there could be no rows
    secret = secret_of(key)
    content = Content(stamp=_stamp_of(rows))
    for row in rows:
        value = decode(age.unseal(row.sealed, secret))
        given = Given(
            value=value,
            file=_held(row.file, value.text),
            version=row.version,
            changed_at=row.changed_at,
            changed_by=row.changed_by.name,
            changed_by_id=row.changed_by_id,
            alternatives=[_alternative(other, secret) for other in _alternatives(row)],
        )
        if row.question_id is not None:
            content.answers[row.question_id] = given
        elif row.requirement_id is not None:
            content.confirmations[row.requirement_id] = given
    return content


def _alternatives(row: Any) -> list[DraftAlternative]:
    return list(row.alternatives.all()) if row.has_alternatives else []


def _stamp_of(rows: Iterable[Any]) -> Stamp:
    found: list[tuple[Any, ...]] = []
    for row in rows:
        others: list[tuple[Any, ...]] = [(other.pk, other.changed_at) for other in _alternatives(row)]
        others = others or [(None, None)]
        found += [(row.pk, row.version, *other) for other in others]
    return tuple(found)


def draft_stamp(submission: Submission) -> Stamp:
    """Which versions of its answers a draft holds now: who has read those need not read and open them again."""
    return tuple(_stamp(submission.pk))


def _alternative(other: Any, secret: str) -> Alternative:
    value = decode(age.unseal(other.sealed, secret))
    return Alternative(
        pk=other.pk,
        value=value,
        file=_held(other.file, value.text),
        changed_at=other.changed_at,
        changed_by=other.changed_by.name,
        changed_by_id=other.changed_by_id,
    )


def _held(stored: StoredFile | None, name: str) -> HeldFile | None:
    if stored is None:
        return None
    return HeldFile(
        pk=stored.pk, name=name, size=stored.size, pages=stored.pages, sha256=stored.sha256,
        content_type=stored.content_type, is_shown=stored.scan in (Scan.NONE, Scan.CLEAN),
        has_thumbnail=bool(stored.thumbnail),
    )  # fmt: skip


def current_package(submission: Submission) -> SealedPackage | None:
    """What counts of this submission: the package of its last receipt that is one of handing in."""
    found = SealedPackage.objects.filter(
        receipt__submission=submission, receipt__kind=ReceiptKind.SUBMISSION
    ).select_related("receipt")
    return found.order_by("-receipt_id").first()


def round_secret(round_id: int) -> str:
    """The private content key of a round. Raises `KeyWithheld` where only its custodians have it."""
    row = VaultKey.objects.select_related("key").get(round=round_id, content=VaultContent.CONTENT)
    return secret_of(row.key)


def open_package(package: SealedPackage, secret: str) -> Package:
    """The package of a receipt, its prices still closed. Raises `age.SealBroken`."""
    return decode_package(age.unseal(package.sealed, secret))


def price_keys(round_id: int) -> dict[str, SealingKey]:
    """The keys of the prices of a round, by the slug of their segment."""
    rows = VaultKey.objects.filter(round=round_id, content=VaultContent.PRICE)
    return {
        row.segment_round.segment.slug if row.segment_round else "": row.key
        for row in rows.select_related("key", "segment_round__segment")
    }


def all_answers(package: Package, round_id: int) -> list[PackedAnswer]:
    """Every answer of a package, the prices too: for the team whose own they are."""
    answers = list(package.answers)
    if package.prices:
        keys = price_keys(round_id)
        for segment, sealed in package.prices.items():
            answers += decode_answers(age.unseal(sealed, secret_of(keys[segment])))
    return answers


def submitted_content(submission: Submission) -> Content:
    """What was handed in last, opened with the key of the round where the portal holds it."""
    sealed = current_package(submission)
    if sealed is None:
        return Content()
    try:
        package = open_package(sealed, round_secret(submission.round_id))
    except KeyWithheld:
        return Content(withheld=True)
    answers = all_answers(package, submission.round_id)
    questions, requirements = ask_of(submission.round_id)
    stored = {str(file.pk): file for file in sealed.files.all()}
    at, by = sealed.receipt.at, sealed.receipt.manifest["submitted_by"]
    content = Content()
    for answer in answers:
        question = questions.get((answer.segment, answer.question))
        if question is not None:
            content.answers[question.pk] = Given(
                value=value_of(answer),
                file=_held(stored[answer.file.id], answer.file.name) if answer.file else None,
                changed_at=at,
                changed_by=by,
            )
    for line in package.requirements:
        requirement = requirements.get((line.segment, line.requirement))
        if requirement is not None:
            value = Value(meets=line.meets, explanation=line.explanation, salt=line.salt)
            content.confirmations[requirement.pk] = Given(value=value, changed_at=at, changed_by=by)
    return content


def value_of(answer: PackedAnswer) -> Value:
    """The value of a packed answer; of a file, its name."""
    if answer.file is not None:
        return Value(text=answer.file.name, salt=answer.salt)
    return Value(**parse(answer.kind, answer.value), salt=answer.salt)


_questions = Prepared(lambda round: Question.objects.filter(round=round).select_related("segment"), int)
_requirements = Prepared(lambda round: Requirement.objects.filter(round=round).select_related("segment"), int)
Asked = tuple[dict[tuple[str, str], Question], dict[tuple[str, str], Requirement]]


def ask_of(round_id: int) -> Asked:
    """Questions and requirements of a round by (slug of the segment or nothing, code)."""

    def by_code(rows: Iterable[Any]) -> dict[tuple[str, str], Any]:
        return {(row.segment.slug if row.segment else "", row.code): row for row in rows}

    return (
        by_code(_questions(round_id)),
        by_code(_requirements(round_id)),
    )


def mark_of(key: str, given: Given | None) -> str:
    """What a form carries of the value it showed: its version, and a keyed digest that only we can make.

    Coming back with the form it tells whether this person changed the answer, and whether another did meanwhile.
    """
    version = given.version if given else 0
    return f"{version}.{_digest(key, version, given.value if given else Value())}"


def _digest(key: str, version: int, value: Value) -> str:
    shown = f"{key}\0{version}\0{value.plain}"
    return salted_hmac("procurement.draft", shown, algorithm="sha256").hexdigest()[:24]


def seen_version(mark: str) -> int | None:
    """The version that a form showed; None where it carried nothing that can be read."""
    version, _separator, digest = mark.partition(".")
    return int(version) if version.isascii() and version.isdigit() and digest else None


def is_untouched(key: str, mark: str, value: Value) -> bool:
    """Whether the value that came back is the one that the form had shown: then this person changed nothing."""
    version = seen_version(mark)
    if version is None:
        return False
    return constant_time_compare(mark.partition(".")[2], _digest(key, version, value))
