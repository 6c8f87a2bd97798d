"""The register on a day, as pure values: narrowing, counting, and the files made of it."""

import csv
import io
import json
from datetime import date

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from openpyxl import load_workbook

from achterhoek.spreadsheets import harmless
from contracts.domain.register import (
    ContractLine,
    Part,
    Party,
    PartyLine,
    Place,
    PlaceLine,
    Register,
    SegmentLine,
    SubcontractorLine,
    Version,
    by_segment,
    narrowed,
    partners_in,
)
from contracts.domain.register_json import as_json, from_json
from contracts.domain.register_schema import schema
from contracts.selectors.exports import as_csv, as_xlsx

AALTEN, WINTERSWIJK = Place("Achterhoek", "aalten", "Aalten"), Place("Achterhoek", "winterswijk", "Winterswijk")
DAY = date(2024, 6, 27)
START = date(2022, 7, 1)


def party(name, kvk="90000001"):
    return Party(name, "Stichting", kvk, "22000001", "Aalten")


def segment(number, name):
    return SegmentLine(name.lower(), name, "Wmo", f"inkoop-{number}", "Inkoop 2022", "Achterhoek")


def subcontractor(name):
    return SubcontractorLine(party(name, "90000009"), "Begeleiding", START, None)


def line(name, *, seg, places=(AALTEN,), subs=(), consortium="", others=(), kvk="90000001"):
    parties = (PartyLine(party(name, kvk), True, START), *(PartyLine(other, False, START) for other in others))
    return ContractLine(
        number=f"ACH-{name}", segment=seg, consortium=consortium, parties=parties,
        subsegments=(Part("ontwikkelen", "Ontwikkelen"),), places=tuple(PlaceLine(place, START) for place in places),
        since=START, until=date(2025, 6, 30), subcontractors=tuple(subcontractor(name) for name in subs),
    )  # fmt: skip


@pytest.fixture
def register():
    logeren, wonen = segment(1, "Logeren"), segment(2, "Wonen")
    return Register(
        DAY,
        Version(DAY, "Lijst"),
        (
            line("Coöperatie Beek", seg=logeren, subs=("De Spoorzoeker",)),
            line("Zorg Een", seg=logeren, places=(AALTEN, WINTERSWIJK)),
            line("Zorg Een", seg=wonen, places=(WINTERSWIJK,)),
            line("Zorg Lid", seg=wonen, consortium="Combinatie Oost", others=(party("Twee", "90000002"),)),
        ),
    )  # fmt: skip


def test_a_search_finds_without_accents_and_by_subcontractor_and_by_member(register):
    assert [c.name for c in narrowed(register, search="cooperatie  BEEK").contracts] == ["Coöperatie Beek"]
    assert [c.name for c in narrowed(register, search="spoorzoeker").contracts] == ["Coöperatie Beek"]
    assert [c.name for c in narrowed(register, search="twee").contracts] == ["Combinatie Oost"]
    assert narrowed(register, search="bestaat niet").contracts == ()


def test_filters_work_together(register):
    found = narrowed(register, segment="wonen", municipality="winterswijk")
    assert [(c.name, c.segment.slug) for c in found.contracts] == [("Zorg Een", "wonen")]


def test_a_consortium_and_a_partner_of_two_segments_count_once(register):
    assert register.partner_count == 3
    assert register.subcontractor_count == 1
    assert partners_in(register) == {AALTEN: 3, WINTERSWIJK: 1}


def test_contracts_stand_under_their_segment(register):
    assert [(s.name, len(lines)) for s, lines in by_segment(register.contracts)] == [("Logeren", 2), ("Wonen", 2)]


def test_the_csv_opens_in_a_dutch_spreadsheet(register):
    content = as_csv(register)
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))
    assert len(rows) == 6  # four contractors, one other member, one subcontractor
    assert "Coöperatie Beek" in rows[0].values()
    assert "2024-06-27" in rows[0].values()


@pytest.mark.parametrize("text", ["=1+1", "+31", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_no_name_becomes_a_formula(register, text):
    assert harmless(text) == f"'{text}"
    evil = Register(DAY, None, (line(text, seg=segment(1, "Logeren")),))
    rows = csv.reader(io.StringIO(as_csv(evil).decode("utf-8-sig"), newline=""), delimiter=";")
    assert f"'{text}" in list(rows)[1]
    sheet = load_workbook(io.BytesIO(as_xlsx(evil))).active
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)


def test_the_workbook_holds_dates_as_dates_and_survives_control_characters():
    odd = Register(DAY, None, (line("Zorg\x0bRaar", seg=segment(1, "Logeren")),))
    sheet = load_workbook(io.BytesIO(as_xlsx(odd))).active
    assert sheet["A2"].value.date() == DAY
    assert sheet["J2"].value == "ZorgRaar"


def test_the_json_says_what_its_schema_says(register):
    data = as_json(register)
    Draft202012Validator.check_schema(schema("https://portaal.example/register/schema-2.0.json"))
    Draft202012Validator(schema("https://portaal.example/x.json"), format_checker=FormatChecker()).validate(data)
    assert data["version"] == {"date": "2024-06-27", "note": "Lijst"}
    first = data["contracts"][0]
    assert first["parties"][0]["kvk_number"] == "90000001"
    assert first["subcontractors"][0]["name"] == "De Spoorzoeker"
    assert first["subcontractors"][0]["until"] is None
    assert (first["from"], first["until"]) == ("2022-07-01", "2025-06-30")
    assert data["contracts"][3]["consortium"] == "Combinatie Oost"


def test_the_list_comes_back_out_of_its_json(register):
    assert from_json(json.loads(json.dumps(as_json(register)))) == register
    with pytest.raises(ValueError, match="was kept in format"):
        from_json({**as_json(register), "format": "1.0"})


def test_what_a_kind_of_help_is_can_be_asked(register):
    assert len(narrowed(register, segment="wonen", subsegment="ontwikkelen").contracts) == 2
    assert narrowed(register, segment="wonen", subsegment="stabiliseren").contracts == ()
