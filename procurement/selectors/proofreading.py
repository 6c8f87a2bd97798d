"""The list by which the lead reads the letters of a batch before they go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from achterhoek.nlds.formatting import format_day
from achterhoek.spreadsheets import Table
from procurement.enums import BatchStatus, LetterKind, LetterStatus
from procurement.models import LetterBatch
from procurement.rules import overseen
from procurement.selectors.letters import figure
from providers.enums import LetterLanguage


@dataclass(frozen=True, slots=True)
class ProofLine:
    """What of one letter is held against the record."""

    pk: UUID
    entry_id: int
    name: str
    address: str
    kind: str
    rank: int | None
    total: str
    language: str
    status: str
    made_at: datetime | None
    size: int | None
    looked_at: datetime | None
    looked_by: str


def visible_batches(user: Any) -> QuerySet[LetterBatch]:
    """Batches of the regions in which the user is lead or auditor."""
    return (
        LetterBatch.objects.filter(overseen(user, region="ranking__segment_round__round__tender__region"))
        .select_related("decision", "ranking__segment_round__segment", "ranking__segment_round__round__tender__region")
        .defer("ranking__dossier", "ranking__result")
    )


def proof_lines(batch: LetterBatch, *, unread: bool = False) -> list[ProofLine]:
    """The letters of a batch in the order of the ranking; `unread`: only those nobody looked at. One query."""
    letters = batch.letters.filter(entry__ranking_rows__ranking=batch.ranking_id)
    if unread:
        letters = letters.filter(proofread_at=None)
    kinds, languages = dict(LetterKind.choices), dict(LetterLanguage.choices)
    return [
        ProofLine(
            pk=pk, entry_id=entry_id, name=name, address=f"{street}, {postcode} {city}", kind=str(kinds[kind]),
            rank=rank, total=figure(total), language=str(languages[language]), status=status, made_at=made_at,
            size=size, looked_at=looked_at, looked_by=looked_by or "",
        )
        for pk, entry_id, name, street, postcode, city, kind, rank, total, language, status, made_at, size, looked_at,
        looked_by in letters.order_by("entry__ranking_rows__position").values_list(
            "pk", "entry_id", "entry__submission__organisation__name", "entry__submission__organisation__street",
            "entry__submission__organisation__postcode", "entry__submission__organisation__city", "kind",
            "entry__ranking_rows__rank", "entry__ranking_rows__total", "language", "status", "rendered_at",
            "file__size", "proofread_at", "proofread_by__name",
        )
    ]  # fmt: skip


def waits_for_reading(batch: LetterBatch, lines: Sequence[ProofLine]) -> bool:
    """Whether all letters are made, and go as soon as the lead says so."""
    made = all(line.status == LetterStatus.RENDERED for line in lines)
    return batch.held and batch.status == BatchStatus.PREPARED and bool(lines) and made


def proof_table(batch: LetterBatch, lines: Sequence[ProofLine]) -> Table:
    """The list on paper or in a spreadsheet, with room to tick."""
    headings = (
        _("Bidder"), _("Address"), _("Kind"), _("Rank"), _("Total"), _("Date of the letter"), _("Language"),
        _("Size in bytes"), _("Looked at"), _("By"),
    )  # fmt: skip
    rows = [
        (
            line.name, line.address, line.kind, line.rank, line.total, _day(line.made_at), line.language, line.size,
            _day(line.looked_at), line.looked_by,
        )
        for line in lines
    ]  # fmt: skip
    return Table(batch.get_purpose_display(), headings, rows)


def _day(moment: datetime | None) -> str:
    return format_day(timezone.localtime(moment)) if moment else ""
