"""The proces-verbaal of an opening as PDF/UA: made once, when everything was compared, and never made anew.

A record is proof and exists in Dutch only: its words stand in templates/letters/.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation

from achterhoek.audit.services import record
from achterhoek.documents.models import StoredFile
from achterhoek.documents.services import PDF, store_bytes
from achterhoek.links import absolute
from procurement.models import PriceOpening, PriceRecord, Round, VaultOpening
from procurement.selectors.gate import OPENING_FILE
from procurement.selectors.opening_record import OpeningContent, PriceContent, opening_content, price_content
from procurement.services.letter_pdf import html_to_pdf
from procurement.services.receipt_documents import SHEET


def record_html(content: OpeningContent) -> str:
    """The record of an opening as a whole HTML document."""
    return _html("letters/opening_record.html", content, content.round, content.opening.at)


def price_record_html(content: PriceContent) -> str:
    """The record of an opening of prices as a whole HTML document."""
    return _html("letters/price_record.html", content, content.round, content.opening.at)


def _html(template: str, content: object, round: Round, made: datetime) -> str:
    context: dict[str, Any] = {
        "content": content,
        "round": round,
        "tender": round.tender,
        "region": round.tender.region,
        "made": made,
        "verify": absolute("procurement:verify"),
    }
    with translation.override("nl"):
        return render_to_string(template, {**context, "stage": round.get_stage_display()})


@transaction.atomic
def make_opening_record(*, round_id: int) -> StoredFile | None:
    """Make and keep the record of this opening; None while not everything has been compared.

    Twice gives the same one. A worker that dies leaves nothing behind, and the next one begins anew.
    """
    rows = VaultOpening.objects.select_for_update(of=("self",)).select_related("round__tender", "record")
    opening = rows.filter(round=round_id, finished_at__isnull=False).first()
    if opening is None or opening.record is not None:
        return opening.record if opening else None
    with translation.override("nl"):
        pdf = html_to_pdf(record_html(opening_content(round_id)), sheet=SHEET)
    name = f"proces-verbaal-opening-{opening.round.tender.slug}-{opening.round.stage}.pdf"
    opening.record = store_bytes(content=pdf, name=name, content_type=PDF, kind=OPENING_FILE, by=None)
    opening.save(update_fields=["record"])
    detail = {"sha256": opening.record.sha256}
    record("procurement.round.opening_record", by=None, target=opening.round, detail=detail)
    return opening.record


@transaction.atomic
def make_price_record(*, opening_id: int) -> StoredFile:
    """Make and keep the record of this opening of prices. Twice gives the same one."""
    opening = PriceOpening.objects.select_for_update(of=("self",)).get(pk=opening_id)
    made = PriceRecord.objects.filter(opening=opening).select_related("file").first()
    if made is not None:
        return made.file
    with translation.override("nl"):
        content = price_content(opening_id)
        pdf = html_to_pdf(price_record_html(content), sheet=SHEET)
    found = opening.segment_round
    name = f"proces-verbaal-prijzen-{found.round.tender.slug}-{found.round.stage}-{found.segment.slug}.pdf"
    stored = store_bytes(content=pdf, name=name, content_type=PDF, kind=OPENING_FILE, by=None)
    PriceRecord.objects.create(opening=opening, file=stored)
    record("procurement.round.price_record", by=None, target=found, detail={"sha256": stored.sha256})
    return stored
