"""The dates a letter prints, and the letter itself as an accessible PDF that is always the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from io import BytesIO

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from procurement.calendar_data import legal_calendar
from procurement.domain.letters import (
    Advantage,
    Comparison,
    CriterionLine,
    LetterContent,
    NoticeDates,
    Party,
    UnmetRequirement,
    Winner,
    kind_of,
    notice_dates,
)
from procurement.selectors.letters import figure
from procurement.services.letter_pdf import render_html, render_pdf

LETTER = LetterContent(
    kind="not_awarded",
    award=True,
    language="nl",
    outcome="reserve",
    dates=NoticeDates(date(2020, 10, 12), date(2020, 11, 2), date(2020, 11, 1)),
    sender=Party("Sociaal Domein Streek", "Raadhuisplein 1", "7001 AA", "Voorbeeldstad", "inkoop@streek.example"),
    region="Voorbeeldstreek",
    receiver=Party("Stichting Łęgowska & Zonen", "Zorgstraat 12", "7001 AB", "Voorbeeldstad", "bestuur@zorg.example"),
    decision_number="B-00012",
    submission_number="T-000123",
    tender="Inkoop 2022",
    lot="Jeugdhulp",
    segment="Integrale Ambulante Jeugdhulp",
    places=1,
    by_value=False,
    scale_max="10",
    criteria=(CriterionLine("G1", "Samenwerking", "60", "6", "36", "Het plan noemt <geen> namen."),),
    rank="2",
    ranked=2,
    total="36",
    minimum_total="",
    last_place_total="60",
    status_reason="",
    unmet=(),
    winners=(Winner("Zorg Aan De Slinge", "1", "60", ("10",)),),
    comparisons=(
        Comparison("G1", "Samenwerking", "6", (Advantage("Zorg Aan De Slinge", "10", "Elke partner is genoemd."),)),
    ),
    reservations=(),
    municipalities=("Aalten", "Winterswijk"),
    court="rechtbank Gelderland",
    bid_deadline="",
    signatory="Lotte Inkoop",
    digest="sha256:" + "ab" * 32,
)


def text_of(letter: LetterContent) -> str:
    pages = PdfReader(BytesIO(render_pdf(letter))).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def test_an_award_has_a_standstill_that_rolls_and_a_cut_off_that_does_not():
    # domain.md, section 8: 12-10-2020 -> Sunday 1-11 -> 2-11-2020.
    assert notice_dates(date(2020, 10, 12), award=True, calendar=legal_calendar()) == LETTER.dates


def test_a_selection_has_no_standstill():
    dates = notice_dates(date(2020, 10, 12), award=False, calendar=legal_calendar(), cutoff_days=15)
    assert dates.standstill_until is None
    assert dates.objection_cutoff == date(2020, 10, 27)


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_the_standstill_is_never_shorter_than_twenty_days(sent):
    dates = notice_dates(sent, award=True, calendar=legal_calendar())
    assert dates.standstill_until is not None
    assert (dates.standstill_until - sent).days >= 20
    assert dates.objection_cutoff <= dates.standstill_until


def test_a_cut_off_of_no_days_is_refused():
    with pytest.raises(ValueError, match="at least one day"):
        notice_dates(date(2020, 10, 12), award=True, calendar=legal_calendar(), cutoff_days=0)


def test_only_the_selected_get_the_good_news():
    assert kind_of("selected", award=True) == "awarded"
    assert kind_of("selected", award=False) == "selected"
    for outcome in ("reserve", "knocked_out", "below_minimum", "excluded", "withdrawn", "dropped", "pending_draw"):
        for award in (True, False):
            assert not replace(LETTER, kind=kind_of(outcome, award=award), award=award).good_news


def test_who_is_out_is_told_so_and_not_that_others_were_better():
    assert kind_of("knocked_out", award=True) == kind_of("below_minimum", award=True) == "below_minimum"
    assert kind_of("excluded", award=False) == kind_of("dropped", award=False) == "excluded"
    assert kind_of("withdrawn", award=True) == "withdrawn"


def test_only_as_many_reserves_as_were_announced_are_told_so():
    assert kind_of("reserve", award=True) == "not_awarded"
    assert kind_of("reserve", award=False) == "not_selected"
    assert kind_of("reserve", award=True, announced_reserve=True) == "reserve"
    assert kind_of("knocked_out", award=True, announced_reserve=True) == "below_minimum"


@pytest.mark.parametrize(
    ("value", "places", "shown"),
    [("26.6667", None, "26,6667"), ("80", None, "80"), ("100", None, "100"), ("7.50", None, "7,5"),
     ("1010000", 2, "1.010.000,00"), (None, None, ""), ("", None, "")],
)  # fmt: skip
def test_figures_are_exact_and_dutch(value, places, shown):
    assert figure(value, places) == shown


def test_a_party_says_what_its_address_lacks():
    assert replace(LETTER.receiver, street=" ", city="").missing == ("street", "city")
    assert LETTER.receiver.missing == ()


def test_the_letter_is_tagged_titled_and_in_dutch():
    reader = PdfReader(BytesIO(render_pdf(LETTER)))
    catalog = reader.trailer["/Root"]
    assert catalog["/MarkInfo"]["/Marked"]
    assert catalog["/Lang"] == "nl"
    assert catalog["/ViewerPreferences"]["/DisplayDocTitle"]
    assert "/StructTreeRoot" in catalog
    assert reader.metadata.title == "Geen gunning: Integrale Ambulante Jeugdhulp"
    assert b"pdfuaid:part" in catalog["/Metadata"].get_data()
    assert [item.title for item in reader.outline if not isinstance(item, list)] == [reader.metadata.title]


def tags_of(node: object, found: set[str]) -> set[str]:
    node = node.get_object() if hasattr(node, "get_object") else node
    if isinstance(node, list):
        for kid in node:
            tags_of(kid, found)
    elif isinstance(node, dict):
        if "/S" in node:
            found.add(node["/S"])
        tags_of(node.get("/K"), found)
    return found


def test_tables_have_captions_and_header_cells_that_readers_find():
    catalog = PdfReader(BytesIO(render_pdf(LETTER))).trailer["/Root"]
    assert {"/H1", "/H2", "/H3", "/P", "/Table", "/Caption", "/TH", "/TD", "/L", "/LI"} <= tags_of(
        catalog["/StructTreeRoot"], set()
    )
    html = render_html(LETTER)
    assert html.count("<table") == html.count("<caption")
    assert html.count("<th ") == html.count('scope="')


def test_every_font_is_embedded_and_none_is_the_systems():
    reader = PdfReader(BytesIO(render_pdf(LETTER)))
    fonts = {
        font.get_object()["/BaseFont"]: font.get_object()["/DescendantFonts"][0].get_object()
        for page in reader.pages
        for font in page["/Resources"]["/Font"].values()
    }
    assert fonts
    for name, descendant in fonts.items():
        assert "Letter-Sans" in name
        assert {"/FontFile2", "/FontFile3"} & set(descendant["/FontDescriptor"].get_object())


def test_the_same_letter_is_the_same_file_and_another_one_is_not():
    assert render_pdf(LETTER) == render_pdf(LETTER)
    assert render_pdf(LETTER) != render_pdf(replace(LETTER, total="37"))


def test_a_letter_is_dutch_whatever_language_the_screen_is_in():
    with translation.override("en"):
        english_screen = render_html(LETTER)
    assert english_screen == render_html(LETTER)
    assert "2 november 2020" in english_screen


def test_what_a_bidder_or_an_evaluator_wrote_is_text_and_never_markup():
    html = render_html(LETTER)
    assert "Het plan noemt &lt;geen&gt; namen." in html
    assert "Łęgowska &amp; Zonen" in html


def test_the_reasons_and_the_exact_dates_are_in_it():
    text = text_of(LETTER)
    for part in (
        "tot en met 2 november 2020", "uiterlijk op 1 november 2020", "rechtbank Gelderland",
        "Zorg Aan De Slinge, score 10. Elke partner is genoemd.", "Het plan noemt <geen> namen.",
        "plaats 2 van 2", "Stichting Łęgowska & Zonen", "pagina 1 van 2", "B-00012", "T-000123",
    ):  # fmt: skip
        assert part in text, part


def test_reservations_are_told_to_who_is_awarded():
    letter = replace(LETTER, kind="awarded", outcome="selected", comparisons=(), reservations=("Aalten",))
    assert "het college van Aalten heeft een voorbehoud gemaakt" in text_of(letter)


def test_an_excluded_bidder_reads_which_requirement_and_why():
    unmet = (UnmetRequirement("E2", "Verklaring omtrent gedrag", "De verklaring is ouder dan zes maanden."),)
    text = text_of(
        replace(
            LETTER, kind="excluded", outcome="excluded", criteria=(), comparisons=(), total="", rank="", unmet=unmet
        )
    )
    assert "Eis E2: Verklaring omtrent gedrag" in text
    assert "De verklaring is ouder dan zes maanden." in text
    assert "Uw scores" not in text


def test_who_scored_below_a_minimum_reads_which_one():
    line = replace(LETTER.criteria[0], score="2", minimum="4", below_minimum=True)
    text = text_of(replace(LETTER, kind="below_minimum", outcome="knocked_out", criteria=(line,), rank=""))
    assert "nodig is minstens een 4, uw score is een 2" in text


def test_an_award_on_value_speaks_of_prices_not_of_points():
    text = text_of(replace(LETTER, by_value=True, total="€ 1.020.000,00", last_place_total="€ 1.010.000,00"))
    assert "een fictieve inschrijfprijs van € 1.020.000,00" in text
    assert "punten" not in text


def test_the_selected_read_the_one_deadline():
    letter = replace(
        LETTER, kind="selected", award=False, outcome="selected", winners=(), comparisons=(),
        dates=replace(LETTER.dates, standstill_until=None), bid_deadline="1 juni 2021, 12:00 uur",
    )  # fmt: skip
    text = text_of(letter)
    assert "U bent geselecteerd: Integrale Ambulante Jeugdhulp" in text
    assert "1 juni 2021, 12:00 uur" in text
    assert "pschortende termijn" not in text
