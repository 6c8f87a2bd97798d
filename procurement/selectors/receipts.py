"""What a receipt says, in words, and whether it still counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from itertools import groupby
from typing import Any
from uuid import UUID

from achterhoek.clock import database_now
from achterhoek.prepared import Prepared
from procurement.enums import QuestionKind, ReceiptKind, SubmissionStatus
from procurement.models import Receipt, ReceiptDelivery, ReceiptRoot, Segment
from procurement.selectors.content import ask_of


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a manifest. `size` and `pages` are those of a file; a value has neither."""

    segment: str
    code: str
    title: str
    kind: str
    sha256: str
    size: int | None = None
    pages: int | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """The lines of one segment, or (`title` empty) those that hold for all."""

    title: str
    lines: list[Line]


@dataclass(frozen=True)
class Contents:
    """All that came in with a receipt, in the order in which it is asked."""

    segments: list[str]
    answers: list[Part]
    requirements: list[Part]

    @cached_property
    def files(self) -> int:
        return sum(line.size is not None for part in self.answers for line in part.lines)

    @cached_property
    def values(self) -> int:
        return sum(line.size is None for part in self.answers for line in part.lines)


_segments = Prepared(
    lambda tender: Segment.objects.filter(tender=tender).order_by("lot", "position").values_list("slug", "name"), int
)


def contents_of(receipt: Receipt) -> Contents:
    """What the manifest lists, with the titles of what was asked; three queries, whatever its size.

    The manifest itself decides what is in it: a question that is not there any more keeps its code.
    """
    manifest = receipt.manifest
    if receipt.kind == ReceiptKind.WITHDRAWAL:
        return Contents([], [], [])
    questions, requirements = ask_of(receipt.submission.round_id)
    tender = receipt.submission.round.tender_id
    names = dict(_segments(tender))
    order = {slug: index for index, slug in enumerate(["", *names])}

    def parts(lines: list[dict[str, Any]], code: str, asked: dict[tuple[str, str], Any]) -> list[Part]:
        def place(line: dict[str, Any]) -> tuple[int, str, int, str]:
            found = asked.get((line["segment"], line[code]))
            return order.get(line["segment"], len(order)), line["segment"], found.position if found else 0, line[code]

        ordered = sorted(lines, key=place)
        return [
            Part(names.get(slug, slug), [_line(line, code, asked.get((slug, line[code]))) for line in group])
            for slug, group in groupby(ordered, key=lambda line: line["segment"])
        ]

    return Contents(
        segments=[names.get(slug, slug) for slug in sorted(manifest["segments"], key=lambda s: order.get(s, 0))],
        answers=parts(manifest["answers"], "question", questions),
        requirements=parts(manifest["requirements"], "requirement", requirements),
    )


def _line(line: dict[str, Any], code: str, asked: Any) -> Line:
    kind = QuestionKind(line["kind"]).label if "kind" in line else ""
    return Line(
        segment=line["segment"], code=line[code], title=asked.title if asked else "", kind=str(kind),
        sha256=line["sha256"], size=line.get("file_size"), pages=line.get("pages"),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a receipt counts now. `later` took its place; `roots` were published over it."""

    counts: bool
    later: Receipt | None
    roots: list[ReceiptRoot]


_later = Prepared(
    lambda submission, receipt: Receipt.objects.filter(submission=submission, pk__gt=receipt).order_by("pk")[:1],
    UUID,
    int,
)
_roots = Prepared(lambda round: ReceiptRoot.objects.filter(round=round).order_by("deadline"), int)


def standing_of(receipt: Receipt) -> Standing:
    """A later receipt of the same submission takes the place of this one, also where it is of a withdrawal."""
    submission = receipt.submission
    later = _later.first(submission.pk, receipt.pk)
    counts = (
        later is None
        and receipt.kind == ReceiptKind.SUBMISSION
        and submission.status == SubmissionStatus.SUBMITTED
    )  # fmt: skip
    roots = [root for root in _roots(submission.round_id) if receipt.at <= root.at]
    return Standing(counts, later, roots)


def deadline_of(receipt: Receipt) -> datetime | None:
    """The deadline as it was when this came in: the one that its manifest names."""
    said = receipt.manifest.get("deadline")
    return datetime.fromisoformat(said) if said else None


def waiting_deliveries(limit: int, *, at_least: timedelta | None = None) -> list[int]:
    """Receipts that are still to be mailed, the oldest first; `at_least`: only those that wait for so long."""
    waiting = ReceiptDelivery.objects.filter(mailed_at=None).order_by("pk")
    if at_least is not None:
        waiting = waiting.filter(receipt__at__lt=database_now() - at_least)
    return list(waiting.values_list("pk", flat=True)[:limit])


def delivery_of(receipt: Receipt) -> ReceiptDelivery | None:
    """What was mailed of a receipt, where a worker has got that far."""
    return ReceiptDelivery.objects.filter(receipt=receipt).select_related("pdf").first()
