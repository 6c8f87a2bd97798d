"""The proces-verbaal of the procedure from facts alone: the same bytes each time, and its picture."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from PIL import Image

from procurement.services.letter_pdf import html_to_pdf
from procurement.services.procedure_record import record_html
from procurement.services.receipt_documents import SHEET
from tests.letter_pictures import GOLDEN, differs, picture
from tests.pdf import assert_accessible, text_of

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TENDER = SimpleNamespace(
    title="Inkoop Jeugdhulp",
    region=SimpleNamespace(name="Achterhoek", authority=SimpleNamespace(name="Sociaal Domein Achterhoek")),
)
FACTS: dict[str, Any] = {
    "authority": {"name": "Sociaal Domein Achterhoek", "kvk": "12345678", "address": "Markt 1, 7001 AA Doetinchem"},
    "tender": {
        "title": "Inkoop Jeugdhulp", "summary": "Jeugdhulp voor twee gemeenten.", "procedure": "Niet-openbaar",
        "history": False, "known": True, "negotiated": False, "stopped": False, "strategy": "", "terms": [3, 2, 2],
        "framework_motivation": "Partnerschap vraagt tijd.", "long": True, "published_at": AT, "evaluators": 5,
    },
    "segments": [{"lot": "Jeugdhulp", "name": "Dyslexiezorg", "municipalities": ["Aalten", "Berkelland"]}],
    "grounds": [], "rounds": [], "selection": [], "award": [], "draws": [], "reevaluations": [], "ended_seats": [],
    "withdrawn": [{
        "number": "B-00001", "stage": "Gunningsfase", "segment": "Dyslexiezorg", "sent_at": AT, "withdrawn_at": AT,
        "reason": "De weging klopte niet.", "awards": 1,
    }],
    "interests": [{"member": "Bea Kok", "segment": "Dyslexiezorg", "interest": "Familie werkt daar", "bids": 1}],
    "corrections": [], "undecided": ["Dyslexiezorg"], "late": 1,
    "clarifications": [
        {"stage": "Gunningsfase", "subject": "Tweede bijlage", "sent_at": AT, "asked": 3, "answered": 2},
    ],
    "objections": [{
        "number": "BZ-00001", "kind": "Kort geding", "organisation": "Zorg Aan De Slinge", "segment": "Dyslexiezorg",
        "received_at": AT, "state": "Gegrond", "consequence": "Het besluit is ingetrokken",
        "case": "rechtbank Gelderland C/05/1", "ended_at": AT,
    }],
}  # fmt: skip


def pdf() -> bytes:
    html = record_html(TENDER, FACTS, digest="sha256:" + "a" * 64, number=2, at=AT)  # type: ignore[arg-type]
    return html_to_pdf(html, sheet=SHEET)


def test_it_is_the_same_every_time_and_looks_as_it_was_approved() -> None:
    made = pdf()
    assert made == pdf()
    assert_accessible(made)
    with Image.open(GOLDEN / "procedure-record.png") as golden:
        assert differs(picture(made), golden.convert("L")) == ""


def test_what_was_taken_back_and_brought_to_court_is_in_it() -> None:
    text = text_of(pdf())
    assert "Daarmee verviel één gunning. De reden: De weging klopte niet." in text
    assert "Kort geding" in text
    assert "rechtbank Gelderland C/05/1" in text
    assert '"Tweede bijlage", gevraagd op 2 maart 2026' in text
    assert "kwam nog één poging om in te dienen" in text
    assert "Bea Kok Dyslexiezorg Familie werkt daar 1" in text
