"""The text of a contract from facts alone: what stands in it, the same bytes each time, and its picture."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from PIL import Image

from contracts.services.contract_documents import contract_pdf
from tests.letter_pictures import GOLDEN, differs, picture
from tests.pdf import assert_accessible, text_of

FACTS: dict[str, Any] = {
    "number": "ACH-2022-0001", "made": date(2022, 6, 1), "lot": "Wmo", "segment": "Wmo Integrale Ondersteuning",
    "region": {"name": "Achterhoek", "authority": {"name": "Sociaal Domein Achterhoek"}},
    "tender": {"title": "Inkoop Jeugdhulp, Wmo en Wonen"}, "consortium": "Combinatie Oost",
    "contractor": "Combinatie Oost",
    "authority": {"name": "Sociaal Domein Achterhoek", "address": "Markt 1, 7001 AA Doetinchem", "kvk": "12345678"},
    "parties": [
        {"name": "Zorg Aan De Slinge", "address": "Slingestraat 1, 7101 AB Winterswijk", "kvk": "90000001",
         "lead": True, "share": Decimal("62.50")},
        {"name": "Stichting Łęgowska", "address": "Brink 2, 7121 AB Aalten", "kvk": "90000002", "lead": False,
         "share": Decimal("37.50")},
    ],
    "subsegments": ["Ontwikkelen", "Stabiliseren"], "municipalities": ["Aalten", "Berkelland", "Winterswijk"],
    "fundings": [
        {"part": "Ontwikkelen", "model": "Lumpsum", "provisional": False, "note": ""},
        {"part": "Stabiliseren", "model": "PxQ", "provisional": True, "note": "Tarief volgt in oktober."},
    ],
    "value": Decimal("1250000.00"), "notice_months": 6,
    "terms": [
        {"number": 1, "start": date(2022, 7, 1), "end": date(2025, 6, 30), "latest": None},
        {"number": 2, "start": date(2025, 7, 1), "end": date(2027, 6, 30), "latest": date(2024, 12, 31)},
        {"number": 3, "start": date(2027, 7, 1), "end": date(2029, 6, 30), "latest": date(2026, 12, 31)},
    ],
    "long_term_reason": "Partnerschap en afschaling vragen tijd: resultaten worden pas na jaren zichtbaar.",
    "obligations": [
        {"number": 1, "promise": "De wachttijd is nooit langer dan vier weken.", "source": "G2 Doorlooptijd, vraag K3",
         "indicator": "Wachttijd in weken", "target": Decimal("4.00"), "due_on": None},
        {"number": 2, "promise": "Een inloop in elke gemeente.", "source": "G1 Samenwerking, vraag K1",
         "indicator": "", "target": None, "due_on": date(2023, 1, 1)},
    ],
}  # fmt: skip


def test_it_says_what_was_agreed() -> None:
    text = text_of(contract_pdf(FACTS))
    for said in (
        "Contract ACH-2022-0001", "Combinatie Oost", "Zorg Aan De Slinge (penvoerder)", "62,50%", "37,50%",
        "Aalten, Berkelland, Winterswijk", "PxQ (voorlopig)", "1.250.000", "31 december 2024",
        "meer dan 6 maanden", "Artikel 2.140, derde lid", "Partnerschap en afschaling", "De wachttijd is nooit langer",
        "Bron: G2 Doorlooptijd", "Namens de opdrachtnemer",
    ):  # fmt: skip
        assert said in text, said


def test_a_short_contract_with_one_party_says_no_more_than_it_needs() -> None:
    short = {**FACTS, "parties": FACTS["parties"][:1], "terms": FACTS["terms"][:1], "long_term_reason": "",
             "obligations": [], "value": None, "contractor": "Zorg Aan De Slinge", "consortium": ""}  # fmt: skip
    text = text_of(contract_pdf(short))
    for absent in ("2.140", "penvoerder", "Aandeel", "colleges", "Geraamde waarde"):
        assert absent not in text
    assert "geen toezeggingen apart" in text


def test_it_is_the_same_every_time_and_looks_as_it_was_approved() -> None:
    made = contract_pdf(FACTS)
    assert made == contract_pdf(FACTS)
    assert_accessible(made)
    with Image.open(GOLDEN / "contract-text.png") as golden:
        assert differs(picture(made), golden.convert("L")) == ""
