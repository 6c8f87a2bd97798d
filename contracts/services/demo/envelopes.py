"""What the practice's candidates and tenderers hand in: drafts, answers, small PDFs, and the receipt."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Q

from achterhoek.documents.services import PDF
from contracts.services.demo.files import Document
from contracts.services.demo.pdf import small_pdf
from contracts.services.demo.people import Party
from procurement.enums import QuestionKind
from procurement.models import Question, Requirement, Round, Submission
from procurement.services.submissions import save_answers, start_submission, submit_submission


@dataclass(frozen=True)
class Envelope:
    """All rows of one party in one round: a row for each segment it wants."""

    party: Party
    rows: list[Document]

    @property
    def submitted(self) -> bool:
        return all(row["state"] == "submitted" for row in self.rows)

    @property
    def before_deadline(self) -> timedelta:
        """How long before the deadline it comes in: the hours of the file, and not on the stroke of one."""
        hours = max(row.get("submitted_hours_before_deadline", 48) for row in self.rows)
        return timedelta(hours=hours, seconds=int(self.party.organisation.kvk_number) % 2969)


def envelopes_of(rows: Iterable[Document], parties: dict[str, Party]) -> list[Envelope]:
    """The rows of a tender's stage, put together by who hands them in."""
    found: dict[str, list[Document]] = defaultdict(list)
    for row in rows:
        found[row.get("provider") or row["consortium"]].append(row)
    return [Envelope(parties[key], list(own)) for key, own in found.items()]


def fill_in(envelope: Envelope, round_: Round, texts: Document) -> Submission:
    """Begin a draft and answer what the envelope has answers for, through the services and as its signer."""
    party = envelope.party
    slugs = [row["segment"] for row in envelope.rows]
    segments = list(round_.tender.segments.filter(slug__in=slugs))
    submission = start_submission(round=round_, organisation=party.organisation, segments=segments, by=party.signer)
    wanted = Q(segment=None) | Q(segment__in=segments)
    questions = list(Question.objects.filter(wanted, round=round_).select_related("segment"))
    by_segment = {row["segment"]: row for row in envelope.rows}
    names = {segment.slug: segment.name for segment in segments}
    answers = {}
    for question in questions:
        slug = question.segment.slug if question.segment else slugs[0]
        value = _answer(question, by_segment[slug], _words(party, names[slug], by_segment[slug]), texts)
        if value is not None:
            answers[question.pk] = value
    confirmations: dict[int, tuple[bool | None, str]] = {
        requirement.pk: (True, "") for requirement in Requirement.objects.filter(wanted, round=round_)
    }
    saved = save_answers(
        submission=submission, answers=answers, by=party.signer,
        confirmations=confirmations if envelope.submitted else {},
    )  # fmt: skip
    if saved.refused:
        raise ValueError(f"{party.name}: {saved.refused}")
    return submission


def _words(party: Party, segment: str, row: Document) -> dict[str, str]:
    """What stands between braces in the texts."""
    return {"name": party.name, "city": party.organisation.city, "segment": segment, **row["fill"]}


def _answer(question: Question, row: Document, words: dict[str, str], texts: Document) -> Any:
    code = question.code
    if question.kind == QuestionKind.TEXT:
        chosen = row["answers"].get(code, [])
        paragraphs = {paragraph["id"]: paragraph["text"] for paragraph in texts["paragraphs"][code]}
        return "\n\n".join(paragraphs[key].format(**words) for key in chosen)
    if question.kind == QuestionKind.FILE:
        return small_upload(texts["files"][code], words) if code in row["files"] else None
    value = row["values"].get(code)
    if value is None or question.kind == QuestionKind.BOOLEAN:
        return value
    return Decimal(value)


def small_upload(text: Document, words: dict[str, str]) -> SimpleUploadedFile:
    """A small PDF as a browser would send it, with these words in its text."""
    content = small_pdf(text["title"].format(**words), [line.format(**words) for line in text["paragraphs"]])
    return SimpleUploadedFile(text["filename"], content, PDF)


def hand_in_envelope(envelope: Envelope, round_: Round) -> None:
    """Submit, as who may sign."""
    submission = Submission.objects.get(round=round_, organisation=envelope.party.organisation)
    submit_submission(submission=submission, by=envelope.party.signer)
