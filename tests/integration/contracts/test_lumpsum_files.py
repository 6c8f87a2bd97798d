"""Lump sums from a file: every wrong row told, none half taken over; the template and the overview of a year."""

import io
from datetime import date
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from achterhoek.accounts.enums import Role
from achterhoek.errors import RuleViolation
from contracts.models import LumpsumAmount
from contracts.selectors.money import LumpsumPlace, LumpsumRow, proposals
from contracts.services.lumpsum_files import WrongLumpsums, import_lumpsums
from contracts.services.lumpsums import correct_lumpsum, plan_instalments, set_lumpsums
from tests.factories import RegionFactory, user_with
from tests.factories.contracts import contract_with_terms, in_municipalities

pytestmark = pytest.mark.django_db
HEADS = "contract;gemeente;jaar;bedrag"


@pytest.fixture
def clm():
    return user_with(Role.CLM)


@pytest.fixture
def contract():
    return contract_with_terms(start=date(2022, 7, 1))


@pytest.fixture
def places(contract):
    return in_municipalities(contract, "Aalten", "Berkelland")


def csv(*rows, heads=HEADS):
    return "\r\n".join([heads, *rows]).encode("utf-8-sig")


def taken(content, by, name="lumpsums.csv"):
    return import_lumpsums(name=name, content=content, by=by)


def test_a_file_sets_what_it_names_and_leaves_rows_without_an_amount(contract, places, clm):
    number = contract.number
    rows = (f"{number};Aalten;2023;1.250,50", f"{number.lower()};berkelland;2023;", f"{number};berkelland;2024;€ 900")
    assert taken(csv(*rows), clm) == 2
    assert list(LumpsumAmount.objects.order_by("year").values_list("municipality__name", "year", "amount")) == [
        ("Aalten", 2023, Decimal("1250.50")), ("Berkelland", 2024, Decimal(900)),
    ]  # fmt: skip
    assert taken(csv(*rows), clm) == 0


def test_a_workbook_is_read_to_the_cent(contract, places, clm):
    book = Workbook()
    book.active.append(HEADS.split(";"))
    book.active.append([contract.number, "Aalten", 2023, 123456789.12])
    out = io.BytesIO()
    book.save(out)
    assert taken(out.getvalue(), clm, "lumpsums.xlsx") == 1
    assert LumpsumAmount.objects.get().amount == Decimal("123456789.12")


def test_every_wrong_row_is_told_and_none_is_half_taken_over(contract, places, clm):
    number = contract.number
    set_lumpsums(contract=contract, amounts={(places[1].pk, 2023): Decimal(100)}, by=clm)
    plan_instalments(contract=contract, year=2023, parts=4, by=clm)
    with pytest.raises(WrongLumpsums) as refused:
        taken(
            csv(
                f"{number};Aalten;2023;1000",
                "XYZ-1;Aalten;2023;1",
                f"{number};Zutphen;2023;1",
                f"{number};Aalten;2029;1",
                f"{number};Aalten;2024;veel",
                f"{number};Aalten;2025;-1",
                f"{number};Aalten;2023;5",
                f"{number};Berkelland;2023;90",
                f"{number};Berkelland;2024;1,005",
            ),
            clm,
        )
    assert [(row.number, row.column) for row in refused.value.rows] == [
        (3, "contract"), (4, "gemeente"), (5, "jaar"), (6, "bedrag"), (7, "bedrag"), (8, "gemeente"), (9, "bedrag"),
        (10, "bedrag"),
    ]  # fmt: skip
    assert LumpsumAmount.objects.count() == 1


def test_a_contract_of_another_region_is_not_known(contract, places):
    other = user_with(Role.CLM, region=RegionFactory())
    with pytest.raises(WrongLumpsums) as refused:
        taken(csv(f"{contract.number};Aalten;2023;1"), other)
    assert refused.value.rows[0].column == "contract"


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.csv", csv("1;2", heads="contract;jaar")), ("a.txt", csv("x")), ("a.xlsx", b"PKnothing"), ("a.csv", csv())],
)
def test_a_file_that_is_no_table_of_lump_sums_is_refused_whole(clm, name, content):
    with pytest.raises(RuleViolation) as refused:
        taken(content, clm, name)
    assert refused.value.field == "file"


def test_of_a_part_of_a_year_the_part_by_days_is_proposed(contract, places, clm):
    amounts = {(places[0].pk, 2023): Decimal(365000), (places[1].pk, 2022): Decimal(5)}
    set_lumpsums(contract=contract, amounts=amounts, by=clm)
    run = [LumpsumPlace(place, date(2022, 7, 1), date(2025, 6, 30)) for place in places]
    rows = [LumpsumRow(row, ()) for row in contract.lumpsums.all()]
    assert proposals(run, rows, 2022) == {places[0].pk: (Decimal("184000.00"), 2023)}
    assert proposals(run, rows, 2025) == {places[0].pk: (Decimal("181000.00"), 2023)}
    assert proposals(run, rows, 2024) == {}


# Pages -------------------------------------------------------------------------------------------------


def test_the_template_comes_back_filled_in(client, contract, places, clm):
    client.force_login(clm)
    address = reverse("contracts:lumpsums_template", args=["csv"])
    lines = client.get(f"{address}?jaar=2023").content.decode("utf-8-sig").splitlines()
    assert lines == [HEADS, f"{contract.number};Aalten;2023;", f"{contract.number};Berkelland;2023;"]
    page = reverse("contracts:lumpsums_import")
    wrong = SimpleUploadedFile("fout.csv", csv(lines[1] + "veel", lines[2] + "10"))
    refused = client.post(page, {"file": wrong})
    assert refused.status_code == 422
    assert "“veel” is geen bedrag" in refused.content.decode()
    right = SimpleUploadedFile("goed.csv", csv(lines[1] + "20,50", lines[2] + "10"))
    assert client.post(page, {"file": right}).status_code == 302
    assert LumpsumAmount.objects.count() == 2
    assert client.post(page, {}).status_code == 422
    xlsx = client.get(reverse("contracts:lumpsums_template", args=["xlsx"]) + "?jaar=2023").content
    assert taken(xlsx, clm, "lumpsums.xlsx") == 0


def test_the_overview_of_a_year_adds_up_by_segment_and_municipality_with_corrections(client, contract, places, clm):
    set_lumpsums(contract=contract, amounts={(place.pk, 2023): Decimal(100) for place in places}, by=clm)
    row = LumpsumAmount.objects.get(municipality=places[0])
    correct_lumpsum(lumpsum=row, amount=Decimal("-10.50"), due_on=date(2023, 5, 1), reason="Minder.", by=clm)
    client.force_login(clm)
    content = client.get(reverse("contracts:payments_overview") + "?jaar=2023").content
    book = load_workbook(io.BytesIO(content))
    sheets = [[tuple(cell.value for cell in row) for row in sheet.iter_rows(min_row=2)] for sheet in book]
    name = contract.segment.name
    assert sheets == [
        [(name, "Aalten", 89.5), (name, "Berkelland", 100), ("Totaal", "", 189.5)],
        [(name, 189.5), ("Totaal", 189.5)],
        [("Aalten", 89.5), ("Berkelland", 100), ("Totaal", 189.5)],
    ]
    client.force_login(user_with(Role.CLM, region=RegionFactory()))
    content = client.get(reverse("contracts:payments_overview") + "?jaar=2023").content
    assert [row[0].value for row in load_workbook(io.BytesIO(content)).worksheets[1].iter_rows(min_row=2)] == ["Totaal"]
