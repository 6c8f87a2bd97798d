"""Figures from a file: the template goes round, each wrong row is told, and nothing is half imported."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from achterhoek.audit.models import AuditEvent
from achterhoek.errors import RuleViolation
from contracts.models import ResultReport
from contracts.selectors.results import sheet_of
from contracts.services.result_files import WrongRows, import_figures
from tests.factories.contracts import in_municipalities, running_contract
from tests.factories.providers import member_of
from tests.factories.results import asked, complaints, handed_in, indicator

pytestmark = pytest.mark.django_db
HEAD = "contract;jaar;kwartaal;indicator;gemeente;cijfer;opmerking"


@pytest.fixture
def contract():
    return running_contract()


@pytest.fixture
def member(contract):
    return member_of(contract.contractor)


@pytest.fixture
def report(contract):
    indicator(contract)
    complaints(contract)
    in_municipalities(contract, "Aalten")
    return asked(contract)


def row(report, indicator="op-tijd", place="", figure="80,5", remark="", quarter=None):
    number, year = report.contract.number, report.year
    return f"{number};{year};{quarter or report.quarter};{indicator};{place};{figure};{remark}"


def csv_of(*rows):
    return "\r\n".join([HEAD, *rows]).encode("utf-8-sig")


def xlsx_of(*rows):
    book = Workbook()
    book.active.append(HEAD.split(";"))
    for one in rows:
        book.active.append(one)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def typed(report):
    report = ResultReport.objects.get(pk=report.pk)
    names = {(f.asked.indicator.code, f.place.name if f.place else ""): f.name for f in sheet_of(report).fields()}
    found = sheet_of(report).typed()
    return {key: found[name] for key, name in names.items() if found.get(name)}


def test_figures_come_in_the_draft_and_the_contractor_hands_in(report, member):
    done = import_figures(name="a.csv", content=csv_of(row(report), row(report, place="Aalten", figure="7")), by=member)
    assert (done.figures, [one.pk for one in done.reports]) == (2, [report.pk])
    assert typed(report) == {("op-tijd", ""): "80,5", ("op-tijd", "Aalten"): "7"}
    report.refresh_from_db()
    assert (report.status, report.figures.count()) == ("asked", 0)
    assert AuditEvent.objects.get(action="contracts.resultreport.import").detail["file"] == "a.csv"


def test_what_the_file_does_not_name_stays_as_it_was_typed(report, member):
    import_figures(name="a.csv", content=csv_of(row(report, "klachten", figure="3")), by=member)
    import_figures(name="b.csv", content=csv_of(row(report)), by=member)
    assert typed(report) == {("op-tijd", ""): "80,5", ("klachten", ""): "3"}


def test_a_workbook_is_read_as_well_with_its_figures_as_figures(report, member):
    number = report.contract.number
    content = xlsx_of(
        [number, report.year, report.quarter, "Op tijd gestart", None, 80.5, None],
        [number, report.year, report.quarter, "klachten", None, 0, None],
    )
    import_figures(name="a.xlsx", content=content, by=member)
    assert typed(report) == {("op-tijd", ""): "80,5", ("klachten", ""): "0"}


def test_each_wrong_row_is_told_and_nothing_is_kept(report, member):
    content = csv_of(
        row(report),
        row(report, figure="100,1"),
        row(report, indicator="bestaat-niet"),
        row(report, place="Zutphen"),
        row(report, figure="veel"),
        row(report, "klachten", figure="1,5"),
        row(report, quarter="9"),
        row(report, "klachten", figure=""),
        row(report, "klachten", figure="", remark="Client 111222333"),
        row(report, figure="81"),
    )
    with pytest.raises(WrongRows) as refused:
        import_figures(name="a.csv", content=content, by=member)
    told = {wrong.number: wrong.reason for wrong in refused.value.rows}
    assert sorted(told) == [3, 4, 5, 6, 7, 8, 9, 10, 11]
    for number, words in [
        (3, "tussen 0 en 100"), (4, "bestaat-niet"), (5, "Zutphen"), (6, "geen getal"), (7, "geheel getal"),
        (8, "kwartaal 9"), (9, "ontbreekt"), (10, "BSN"), (11, "twee keer"),
    ]:  # fmt: skip
        assert words in told[number]
    assert typed(report) == {}
    assert not AuditEvent.objects.filter(action="contracts.resultreport.import").exists()


def test_a_report_of_another_or_one_that_is_handed_in_is_not_open(report, member):
    other = running_contract(segment=report.contract.segment)
    theirs = asked(other)
    with pytest.raises(WrongRows, match="1"):
        import_figures(name="a.csv", content=csv_of(row(theirs)), by=member)
    handed_in(report, member, "8")
    with pytest.raises(WrongRows):
        import_figures(name="a.csv", content=csv_of(row(report)), by=member)


@pytest.mark.parametrize(("name", "content", "words"), [
    ("a.csv", b"contract;jaar\r\n1;2", "kwartaal, indicator, cijfer"), ("a.csv", HEAD.encode(), "geen rij"),
    ("a.xlsx", b"PK\x03\x04 niet waar", "niet te lezen"), ("a.pdf", b"%PDF-1.7", "CSV- of XLSX"),
    ("a.csv", b"", "ontbreken"),
])  # fmt: skip
def test_a_file_that_is_no_table_is_refused_as_a_whole(report, member, name, content, words):
    with pytest.raises(RuleViolation, match=words) as refused:
        import_figures(name=name, content=content, by=member)
    assert refused.value.field == "file"


def test_a_small_workbook_that_unpacks_to_a_huge_one_is_refused(report, member, monkeypatch):
    monkeypatch.setattr("contracts.services.result_files.LARGEST_UNPACKED", 1000)
    with pytest.raises(RuleViolation, match="groter"):
        import_figures(name="a.xlsx", content=xlsx_of(["x"]), by=member)


def test_a_formula_without_an_outcome_is_told_and_not_taken_for_an_empty_cell(report, member):
    line = [report.contract.number, report.year, report.quarter, "op-tijd"]
    content = xlsx_of([*line, None, 80.5, None], [*line, "Aalten", "=79+1", None])
    with pytest.raises(WrongRows) as refused:
        import_figures(name="a.xlsx", content=content, by=member)
    assert [(one.number, "=79+1" in one.reason) for one in refused.value.rows] == [(3, True)]


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_the_template_filled_in_is_taken_as_it_is(client, report, member, ending):
    client.force_login(member)
    response = client.get(reverse("contracts:results_template", args=[ending]))
    assert f"resultaten.{ending}" in response["Content-Disposition"]
    if ending == "xlsx":
        book = load_workbook(io.BytesIO(response.content))
        for line in book.active.iter_rows(min_row=2):
            line[5].value = 12
        out = io.BytesIO()
        book.save(out)
        content = out.getvalue()
    else:
        lines = response.content.decode("utf-8-sig").splitlines()
        content = "\r\n".join([lines[0], *(line[:-1] + "12;" for line in lines[1:])]).encode()
    given = SimpleUploadedFile(f"resultaten.{ending}", content)
    back = client.post(reverse("contracts:results_import"), {"file": given})
    assert back.status_code == 302
    assert set(typed(report).values()) == {"12"}
    assert len(typed(report)) == 4


def test_the_page_tells_every_wrong_row(client, report, member):
    client.force_login(member)
    given = SimpleUploadedFile("a.csv", csv_of(row(report, figure="101"), row(report, place="Zutphen")))
    response = client.post(reverse("contracts:results_import"), {"file": given})
    assert response.status_code == 422
    text = response.content.decode()
    assert "2 rijen kunnen niet worden overgenomen" in text
    assert "tussen 0 en 100" in text
    assert "Zutphen" in text
