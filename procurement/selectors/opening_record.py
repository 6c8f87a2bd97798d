"""What the proces-verbaal of an opening holds: who, when, what was found, and what does not match (Aw 2.108).

Nothing of what was answered is in it, and no price.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch
from django.utils.translation import gettext as _

from procurement.enums import Custody
from procurement.models import (
    DeadlineExtension,
    Fingerprint,
    PriceOpening,
    PriceRecord,
    ReceiptRoot,
    Round,
    VaultConfirmation,
    VaultOpening,
)
from procurement.selectors.outage import LateAttempt, late_attempts


@dataclass(frozen=True, slots=True)
class FoundLine:
    """One submission as it came out of the vault."""

    number: str
    organisation: str
    received_at: datetime | None
    digest: str
    computed: str
    matches: bool
    problems: list[str]


@dataclass(frozen=True)
class OpeningContent:
    """All that stands in the record of one opening."""

    opening: VaultOpening
    round: Round
    confirmations: list[VaultConfirmation]
    extensions: list[DeadlineExtension]
    custodians: list[str]
    lines: list[FoundLine]
    late: list[LateAttempt]
    fingerprints: list[Fingerprint]
    roots: list[ReceiptRoot]

    @property
    def mismatches(self) -> list[FoundLine]:
        return [line for line in self.lines if not line.matches]


def problem_words(problem: str) -> str:
    """What does not match, for a person. `file_differs:` is followed by how the digest of the file begins."""
    name, _colon, detail = problem.partition(":")
    words = {
        "no_package": _("There is no sealed package that belongs to this receipt."),
        "seal_broken": _("The package cannot be opened: it is damaged, or sealed to another key."),
        "content_differs": _("What is in the package is not what stands on the receipt."),
        "file_differs": _("The file whose digest begins with %(digest)s is gone, or is not the same any more.")
        % {"digest": detail},
    }
    return words.get(name, _("It does not match the receipt."))


def found_lines(opening: VaultOpening) -> list[FoundLine]:
    """The submissions of an opening, as it wrote them down."""
    return [
        FoundLine(
            number=line["number"],
            organisation=line["organisation"],
            received_at=datetime.fromisoformat(line["received_at"]) if line.get("received_at") else None,
            digest=line["digest"],
            computed=line.get("computed", ""),
            matches=line["matches"],
            problems=[problem_words(problem) for problem in line.get("problems", [])]
            or ([] if line["matches"] else [problem_words("")]),
        )
        for line in opening.submissions
    ]


def opening_content(round_id: int) -> OpeningContent:
    """The record of the opening of this round; a fixed number of queries, whatever the number of submissions."""
    rounds = Round.objects.select_related("tender__region__authority", "opening").prefetch_related(
        Prefetch("confirmations", VaultConfirmation.objects.select_related("opener").order_by("at", "pk")),
        "extensions", "custodian_shares", "receipt_roots",
    )  # fmt: skip
    round = rounds.get(pk=round_id)
    held = round.tender.custody == Custody.CUSTODIANS
    fingerprints = Fingerprint.objects.filter(submission__round=round).select_related("submission__organisation")
    return OpeningContent(
        opening=round.opening,
        round=round,
        confirmations=list(round.confirmations.all()),
        extensions=list(round.extensions.all()),
        custodians=[share.holder for share in round.custodian_shares.all()] if held else [],
        lines=found_lines(round.opening),
        late=late_attempts(round),
        fingerprints=list(fingerprints.order_by("at", "pk")),
        roots=list(round.receipt_roots.all()),
    )


@dataclass(frozen=True, slots=True)
class PriceLine:
    """The prices of one submission, compared with its receipt."""

    number: str
    organisation: str
    part: str
    matches: bool


@dataclass(frozen=True)
class PriceContent:
    """All that stands in the record of the opening of a segment's prices. Not the prices themselves."""

    opening: PriceOpening
    round: Round
    segment: str
    lines: list[PriceLine]

    @property
    def mismatches(self) -> list[PriceLine]:
        return [line for line in self.lines if not line.matches]


def price_content(opening_id: int) -> PriceContent:
    """The record of the opening of the prices of one segment; two queries."""
    rows = PriceOpening.objects.select_related(
        "by", "segment_round__segment", "segment_round__round__tender__region__authority"
    )
    opening = rows.get(pk=opening_id)
    round, segment = opening.segment_round.round, opening.segment_round.segment
    names = dict(round.submissions.values_list("number", "organisation__name"))
    lines = [
        PriceLine(
            number=line["number"],
            organisation=names.get(line["number"], ""),
            part=segment.name if line["segment"] else _("All segments"),
            matches=line["matches"],
        )
        for line in opening.submissions
    ]
    return PriceContent(opening, round, segment.name, lines)


def openings_without_record() -> list[int]:
    """Rounds that were opened and of which the record is still to be made."""
    waiting = VaultOpening.objects.filter(finished_at__isnull=False, record=None)
    return list(waiting.order_by("pk").values_list("round", flat=True))


def prices_without_record() -> list[int]:
    """Openings of prices of which the record is still to be made."""
    return list(PriceOpening.objects.filter(record=None).order_by("pk").values_list("pk", flat=True))


def price_records(round: Round) -> list[PriceRecord]:
    """The records of opened prices of a round, by segment."""
    rows = PriceRecord.objects.filter(opening__segment_round__round=round)
    return list(
        rows.select_related("file", "opening__segment_round__segment").order_by("opening__segment_round__segment")
    )
