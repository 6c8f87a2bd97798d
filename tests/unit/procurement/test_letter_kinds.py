# ruff: noqa: E501 (what a reader reads stays on one line)
"""Every kind of letter in each language: its text as a reader gets it from the PDF, its form, and its picture."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from django.conf import settings
from django.utils import translation
from PIL import Image

from procurement.enums import LetterKind
from procurement.services.letter_pdf import render_body, render_html, render_pdf
from tests.letter_pictures import GOLDEN, differs, picture
from tests.letters import ALL, DIGEST, DUTCH, HEAD
from tests.pdf import assert_accessible, tags_of, text_of

# What a reader of this letter must find in it: the outcome, what to do, and until when.
SAYS: dict[tuple[str, str], tuple[str, ...]] = {
    ("selected", "nl"): ("U bent geselecteerd: Integrale", "geëindigd op plaats 1 van 3", "uiterlijk op 1 november 2020"),
    ("selected", "en"): ("You are selected: Integrale", "at place 1 of 3", "on 1 November 2020 at the latest"),
    ("not_selected", "nl"): (
        "Wij hebben u niet geselecteerd", "De laatste die wel geselecteerd is, heeft 76 punten", "binnen 15 dagen",
        "Hoe het voorliggend veld sterker wordt",
    ),
    ("not_selected", "en"): ("We have not selected you", "The last candidate to be selected has 76", "within 15 days"),
    ("awarded", "nl"): (
        "voorlopig een contract te gunnen", "de colleges van Aalten en Winterswijk hebben een voorbehoud",
        "tot en met 2 november 2020", "nog geen rechten ontlenen", "Coöperatie Buurtkracht", "Dank u wel voor het werk",
        "Wij zien uit naar de samenwerking.", "Retouradres: Postbus 100", "hoofd inkoop sociaal domein",
    ),
    ("awarded", "en"): (
        "provisionally award you a contract", "executives of Aalten and Winterswijk made a reservation",
        "up to and including 2 November 2020", "Thank you for the work you put into", "Return address: Postbus 100",
    ),
    ("not_awarded", "nl"): (
        "geen contract te gunnen", "Zorg Aan De Slinge, score 10. Elke partner is genoemd", "tot en met 2 november 2020",
        "uiterlijk op 1 november 2020", "voorzieningenrechter van de rechtbank Gelderland",
    ),
    ("not_awarded", "en"): (
        "not to award you a contract", "Zorg Aan De Slinge, score 10. Elke partner is genoemd", "The reasons are in Dutch",
        "before the rechtbank Gelderland", "on 1 November 2020 at the latest",
    ),
    ("reserve", "nl"): ("U staat wel op de reservelijst, op plaats 1", "alsnog een contract gunnen"),
    ("reserve", "en"): ("You are on the reserve list, at place 1", "still award a contract"),
    ("below_minimum", "nl"): ("nodig is minstens een 4, uw score is een 2", "Daarom doet u niet mee in de ranglijst"),
    ("below_minimum", "en"): ("at least 4 is needed, your score is 2", "you are not in the ranking"),
    ("excluded", "nl"): ("Eis E2: Verklaring omtrent gedrag", "De verklaring is ouder dan zes maanden"),
    ("excluded", "en"): ("Eis E2: Verklaring omtrent gedrag", "You do not meet one requirement"),
    ("withdrawn", "nl"): ("voor dit segment teruggetrokken", "Te weinig personeel", "krijgt voor dit segment geen contract"),
    ("withdrawn", "en"): ("you withdrew for this segment", "Te weinig personeel", "do not get a contract"),
    ("pending_draw", "nl"): (
        "9 november 2020, 10.00 uur", "Gemeentehuis, Raadhuisplein 1, Voorbeeldstad", "maakt het geheime getal bekend",
        DIGEST, "nog geen besluit over u genomen",
    ),
    ("pending_draw", "en"): ("9 November 2020, 10:00", "Gemeentehuis, Raadhuisplein 1", DIGEST, "Nothing has been decided"),
    ("invitation", "nl"): ("nodigen u uit om een inschrijving te doen", "tot 30 november 2020, 12.00 uur", "ontvangstbewijs"),
    ("invitation", "en"): ("invite you to hand in a tender", "until 30 November 2020, 12:00", "a receipt at once"),
    ("decision_withdrawn", "nl"): (
        "trekken dat besluit in", "maakte terecht bezwaar", "De opschortende termijn van het ingetrokken besluit stopt",
        "een nieuwe opschortende termijn van ten minste 20 dagen",
    ),
    ("decision_withdrawn", "en"): ("We withdraw that decision", "maakte terecht bezwaar", "standstill period of at least 20"),
    ("final", "nl"): ("is definitief", "Zorg Aan De Slinge", "U krijgt voor dit segment geen contract"),
    ("final", "en"): ("to you is final", "Only when you and we have signed is the contract concluded"),
    ("clarification", "nl"): ("In referentie 2 staat geen einddatum", "vóór 8 juni 2022, 12.00 uur", "evenveel tijd"),
    ("clarification", "en"): ("In referentie 2 staat geen einddatum", "before 8 June 2022, 12:00", "as much time"),
    ("contract", "nl"): (
        "1 juli 2022 tot en met 30 juni 2025", "Ontwikkelen, Stabiliseren", "1 juli 2027 tot en met 30 juni 2029",
        "uiterlijk 6 maanden",
    ),
    ("contract", "en"): ("1 July 2022 up to and including 30 June 2025", "at least 6 months before"),
    ("extension", "nl"): ("1 juli 2025 tot en met 30 juni 2027", "De tussenevaluatie is goed", "daar 30 juni 2025", "Berkelland"),
    ("extension", "en"): ("1 July 2025 up to and including 30 June 2027", "there is 30 June 2025", "Berkelland"),
    ("non_extension", "nl"): ("De laatste dag is 30 juni 2025", "De colleges kopen deze zorg opnieuw in", "overgedragen"),
    ("non_extension", "en"): ("Its last day is 30 June 2025", "has to be handed over well"),
    ("termination", "nl"): ("eerder dan afgesproken", "De laatste dag is 30 juni 2025", "niet meer leveren"),
    ("termination", "en"): ("earlier than agreed", "Its last day is 30 June 2025"),
    ("amendment", "nl"): ("Wijziging 3 van contract", "geldt vanaf 1 juli 2025", "tweede inloop", "artikel 2.163b", "40.000,00"),
    ("amendment", "en"): ("Amendment 3 of contract", "from 1 July 2025", "article 2.163b", "40.000,00"),
    ("subcontractor", "nl"): ("goed, met voorwaarden", "Praktijk De Oever", "Alleen in het weekend", "vanaf 1 juli 2022"),
    ("subcontractor", "en"): ("agree, on conditions", "Praktijk De Oever", "from 1 July 2022"),
}  # fmt: skip
EVERY = pytest.mark.parametrize(("kind", "language"), sorted(ALL), ids=["-".join(key) for key in sorted(ALL)])


def test_no_kind_is_forgotten():
    assert set(SAYS) == set(ALL)
    for language in ("nl", "en"):
        assert set(LetterKind.values) <= {kind for kind, spoken in ALL if spoken == language}


@EVERY
def test_what_it_says(kind, language):
    pdf = render_pdf(ALL[kind, language])
    text = text_of(pdf)
    for part in SAYS[kind, language]:
        assert part in text, part
    letter = ALL[kind, language]
    reference = f"{letter.our_reference} | {letter.your_reference}"
    assert reference in text
    assert "Stichting Łęgowska & Zonen" in text
    assert ("pagina 1 van" if language == "nl" else "page 1 of") in text
    for hole in ("{{", "{%", "None", "()", " ,", " ."):
        assert hole not in text, hole


@EVERY
def test_its_form_is_that_of_a_letter_for_everybody(kind, language):
    pdf = render_pdf(ALL[kind, language])
    reader = assert_accessible(pdf, language)
    assert reader.metadata.title in text_of(pdf)
    assert {"/H1", "/P"} <= tags_of(reader)
    with pikepdf.open(BytesIO(pdf)) as opened:
        assert opened.check_pdf_syntax() == []


@EVERY
def test_it_looks_as_it_was_approved(kind, language):
    with Image.open(GOLDEN / f"{kind}-{language}.png") as golden:
        assert differs(picture(render_pdf(ALL[kind, language])), golden.convert("L")) == ""


def test_a_picture_of_another_letter_is_not_taken_for_it():
    pdf = render_pdf(replace(DUTCH["final"], winners=DUTCH["final"].winners[:1]))
    with Image.open(GOLDEN / "final-nl.png") as golden:
        assert differs(picture(pdf), golden.convert("L"))


@pytest.mark.parametrize("kind", ["awarded", "pending_draw", "contract"])
def test_the_same_letter_is_the_same_file_on_any_screen(kind):
    letter = ALL[kind, "nl"]
    made = render_pdf(letter)
    with translation.override("en"):
        assert render_pdf(letter) == made


def test_qpdf_finds_nothing_wrong(tmp_path: Path):
    """Where the machine has the program itself; pikepdf carries the same library and is asked above, everywhere."""
    file = tmp_path / "letter.pdf"
    file.write_bytes(render_pdf(ALL["not_awarded", "nl"]))
    program = shutil.which("qpdf")
    if program is None:
        with pikepdf.open(file) as opened:
            assert opened.check_pdf_syntax() == []
        return
    checked = subprocess.run([program, "--check", file], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout


def test_what_is_quoted_in_dutch_is_marked_so_for_who_listens():
    html = render_html(ALL["not_awarded", "en"])
    assert '<html lang="en">' in html
    assert '<div lang="nl"><p>De commissie leest' in html


def test_a_logo_is_read_aloud_as_what_it_says():
    with pikepdf.open(BytesIO(render_pdf(ALL["awarded", "nl"]))) as opened:
        texts = [
            str(found.Alt) for found in opened.objects if isinstance(found, pikepdf.Dictionary) and "/Alt" in found
        ]
    assert texts == [HEAD.logo_text]


def test_the_colour_of_the_region_is_in_the_letter():
    assert "--house: #154273" in render_html(ALL["awarded", "nl"])
    assert "--house: " not in render_html(ALL["final", "nl"])


@EVERY
def test_on_the_screen_it_starts_a_heading_lower(kind, language):
    body = render_body(ALL[kind, language], headings=("h2", "h3", "h4"))
    assert "<h1" not in body
    assert body.count("<h2") == 1


def test_every_template_is_a_kind_of_letter():
    for language in ("nl", "en"):
        folder = settings.BASE_DIR / "templates" / "letters" / language
        kinds = {path.stem for path in folder.glob("*.html") if not path.stem.startswith("_")}
        assert kinds == {kind for kind, spoken in ALL if spoken == language}
