"""The documents of a receipt: PDF/UA for people, JSON for machines. The same bytes every time.

A receipt is proof and exists in Dutch only: its words stand in templates/letters/.
"""

from __future__ import annotations

from typing import Any

from django.template.loader import render_to_string
from django.utils import translation

from achterhoek.links import absolute
from procurement.domain.proof import canonical
from procurement.enums import ReceiptKind, Stage
from procurement.models import Receipt
from procurement.selectors.receipts import contents_of, deadline_of
from procurement.services.letter_pdf import html_to_pdf

SHEET = "letters/document.css"


def file_name(receipt: Receipt, ending: str) -> str:
    """What the document is called when it is kept."""
    return f"ontvangstbewijs-{receipt.number}.{ending}"


def manifest_json(receipt: Receipt) -> bytes:
    """The manifest, byte for byte as its digest was taken: `sha256sum` of this file gives the digest."""
    return canonical(receipt.manifest)


def receipt_html(receipt: Receipt) -> str:
    """The receipt as a whole HTML document. `receipt` comes with its submission, round, tender and region.

    All of it follows from the manifest and from what was asked, so that nothing changes when the receipt is made anew.
    """
    with translation.override("nl"):
        return render_to_string(_template(receipt), _context(receipt))


def _template(receipt: Receipt) -> str:
    withdrawn = receipt.kind == ReceiptKind.WITHDRAWAL
    return "letters/withdrawal.html" if withdrawn else "letters/receipt.html"


def _context(receipt: Receipt) -> dict[str, Any]:
    round = receipt.submission.round
    return {
        "receipt": receipt,
        "manifest": receipt.manifest,
        "contents": contents_of(receipt),
        "tender": round.tender,
        "region": round.tender.region,
        "stage": round.get_stage_display(),
        "what": "verzoek tot deelneming" if round.stage == Stage.SELECTION else "inschrijving",
        "deadline": deadline_of(receipt),
        "verify": absolute("procurement:verify"),
        "json_name": file_name(receipt, "json"),
    }


def receipt_pdf(receipt: Receipt) -> bytes:
    """The receipt as tagged PDF/UA-1."""
    return html_to_pdf(receipt_html(receipt), sheet=SHEET)
