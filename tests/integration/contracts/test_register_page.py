"""The public register: any day, any filter, as a page and as files."""

import csv
import io
from datetime import date, timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse
from openpyxl import load_workbook

from contracts.enums import ContractStatus
from contracts.models import Contract
from contracts.selectors.register import register_on
from contracts.services.register import keep_due_versions
from procurement.models import Segment, SubSegment
from tests.factories import ConsortiumFactory, OrganisationFactory, RegionFactory, SegmentFactory, TenderFactory
from tests.factories.contracts import (
    RegisterVersionFactory,
    SubcontractorFactory,
    contract_with_terms,
    takes_part,
)

pytestmark = pytest.mark.django_db
DAY = date(2024, 6, 27)
URL = "/register/"


def names_on(day):
    return [line.name for line in register_on(day).contracts]


# Which contracts stand in it -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "there"),
    [
        (date(2022, 6, 30), False),
        (date(2022, 7, 1), True),
        (date(2025, 6, 30), True),
        (date(2025, 7, 1), False),
    ],
)
def test_both_the_first_and_the_last_day_count(day, there):
    contract = contract_with_terms(status=ContractStatus.ENDED)
    assert names_on(day) == ([contract.contractor.name] if there else [])


def test_an_option_that_was_taken_keeps_it_in_the_list():
    contract_with_terms(taken=1)
    [line] = register_on(date(2027, 6, 30)).contracts
    assert line.until == date(2027, 6, 30)
    assert names_on(date(2027, 7, 1)) == []


def test_an_unsigned_contract_is_not_public():
    contract_with_terms(unsigned=True)
    assert names_on(DAY) == []


def test_an_early_end_takes_it_off_the_list_from_the_next_day():
    contract_with_terms(
        status=ContractStatus.TERMINATED, terminated_on=date(2024, 3, 31), termination_reason="Gestopt."
    )
    assert len(names_on(date(2024, 3, 31))) == 1
    assert names_on(date(2024, 4, 1)) == []


def test_subcontractors_are_those_of_the_day():
    contract = contract_with_terms()
    SubcontractorFactory(contract=contract, start=date(2022, 7, 1), end=date(2023, 12, 31))
    later = SubcontractorFactory(contract=contract, start=date(2024, 1, 1))
    [line] = register_on(date(2024, 1, 1)).contracts
    assert [s.party.name for s in line.subcontractors] == [later.organisation.name]


def test_a_consortium_stands_with_its_members_under_its_own_name():
    consortium = ConsortiumFactory()
    consortium.consortium_members.create(organisation=OrganisationFactory())
    contract_with_terms(consortium=consortium, contractor=consortium.lead)
    [line] = register_on(DAY).contracts
    assert line.name == consortium.name
    assert len(line.members) == 2


def test_the_version_is_the_latest_one_on_that_day(client):
    RegisterVersionFactory(date=date(2023, 9, 4))
    RegisterVersionFactory(date=DAY)
    RegisterVersionFactory(date=date(2025, 7, 1))
    assert register_on(date(2024, 6, 26)).version.date == date(2023, 9, 4)
    assert "Versie 27 juni 2024" in client.get(URL, {"op": "2024-06-30"}).content.decode()
    assert register_on(date(2020, 1, 1)).version is None


# The page ------------------------------------------------------------------------------------------


@pytest.fixture
def filled():
    tender = TenderFactory(title="Inkoop 2022", region=RegionFactory(is_default=True))
    jeugd = SegmentFactory(tender=tender, slug="jeugd", name="Jeugd")
    wonen = SegmentFactory(tender=tender, slug="wonen", name="Wonen")
    takes_part(jeugd, "Aalten", "Oost Gelre")
    takes_part(wonen, "Winterswijk")
    beek = contract_with_terms(segment=jeugd, contractor=OrganisationFactory(name="Coöperatie Beek"))
    SubcontractorFactory(contract=beek, organisation=OrganisationFactory(name="De Spoorzoeker"), start=beek.start)
    contract_with_terms(segment=wonen, contractor=OrganisationFactory(name="Stichting Wonen"))


def test_everybody_may_read_it_and_it_shows_who_works_where(client, filled):
    page = client.get(URL, {"op": "2024-06-27"}).content.decode()
    for text in ("Coöperatie Beek", "De Spoorzoeker", "Speltherapie", "Stichting Wonen", "Oost Gelre", "1 juli 2022"):
        assert text in page


def test_long_lists_are_folded_until_somebody_asks_for_a_part(client, filled):
    everything = client.get(URL, {"op": "2024-06-27"}).content.decode()
    asked = client.get(URL, {"op": "2024-06-27", "zoek": "o"}).content.decode()
    assert '<details class="nlds-disclosure"><summary class="nlds-disclosure__title">1 contract' in everything
    assert '<details class="nlds-disclosure" open><summary class="nlds-disclosure__title">1 contract' in asked


def test_an_answer_comes_before_the_map_and_is_folded_where_it_is_long(client):
    region = RegionFactory(is_default=True)
    segments = [SegmentFactory(tender=TenderFactory(region=region), slug=slug) for slug in ("jeugd", "wonen")]
    for number in range(14):
        contract_with_terms(segment=segments[number % 2], contractor=OrganisationFactory(name=f"Zorg {number:02d}"))
    takes_part(segments[0], "Aalten")
    everything = client.get(URL, {"op": "2024-06-27"}).content.decode()
    assert everything.index('id="map-1"') < everything.index("Zorg 00")
    many = client.get(URL, {"op": "2024-06-27", "zoek": "zorg"}).content.decode()
    assert many.index("Zorg 00") < many.index('id="map-1"')
    assert '<details class="nlds-disclosure" open>' not in many
    few = client.get(URL, {"op": "2024-06-27", "zoek": "zorg 0"}).content.decode()
    assert '<details class="nlds-disclosure" open>' in few


def test_subsegments_that_all_have_are_told_once(client, filled):
    segment = Segment.objects.get(slug="jeugd")
    parts = [
        SubSegment.objects.create(segment=segment, slug=name.lower(), name=name, position=position)
        for position, name in enumerate(("Begeleiding", "Behandeling"))
    ]
    first, second = Contract.objects.get(segment=segment), contract_with_terms(segment=segment)
    for contract in (first, second):
        contract.subsegments.set(parts)
    page = client.get(URL, {"op": "2024-06-27"}).content.decode()
    assert page.count("Begeleiding, Behandeling") == 1
    second.subsegments.set(parts[:1])
    page = client.get(URL, {"op": "2024-06-27"}).content.decode()
    assert 'data-label="Subsegmenten">Begeleiding</td>' in page


def test_a_segment_of_the_whole_region_does_not_list_its_municipalities(client):
    segment = SegmentFactory(tender=TenderFactory(region=RegionFactory(is_default=True)), slug="jeugd")
    takes_part(segment, "Aalten", "Oost Gelre")
    contract_with_terms(segment=segment)
    page = client.get(URL, {"op": "2024-06-27"}).content.decode()
    assert "Alle 2 gemeenten doen mee." in page
    assert "Gemeenten: Aalten" not in page


def test_where_a_municipality_left_one_contract_each_contract_says_where_it_holds(client):
    segment = SegmentFactory(tender=TenderFactory(region=RegionFactory(is_default=True)), slug="jeugd")
    takes_part(segment, "Aalten", "Oost Gelre")
    left, _stays = contract_with_terms(segment=segment), contract_with_terms(segment=segment)
    left.contract_municipalities.filter(municipality__slug="aalten").update(end=date(2023, 12, 31))
    page = client.get(URL, {"op": "2024-06-27"}).content.decode()
    assert "Niet elk contract geldt in dezelfde gemeenten." in page
    page = client.get(URL, {"op": "2023-06-27"}).content.decode()
    assert "Alle 2 gemeenten doen mee." in page


def test_a_long_list_goes_on_on_the_next_page_with_the_same_filters(client):
    segment = SegmentFactory(tender=TenderFactory(region=RegionFactory(is_default=True)), slug="jeugd")
    for number in range(102):
        contract_with_terms(segment=segment, contractor=OrganisationFactory(name=f"Zorg {number:03d}"))
    first = client.get(URL, {"op": "2024-06-27", "segment": "jeugd"}).content.decode()
    assert "100 van 102 contracten" in first or "102 contracten" in first
    assert "Zorg 099" in first
    assert "Zorg 100" not in first
    assert "page=2" in first
    second = client.get(URL, {"op": "2024-06-27", "segment": "jeugd", "page": "2"}).content.decode()
    assert "Zorg 101" in second


def test_a_date_that_was_refused_is_not_asked_of_the_files(client, filled):
    page = client.get(URL, {"op": "1800-01-01", "zoek": "beek"}).content.decode()
    assert "/register.csv?zoek=beek" in page
    assert "/register.csv?op" not in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"segment": "jeugd"}, ["Coöperatie Beek"]),
        ({"gemeente": "winterswijk"}, ["Stichting Wonen"]),
        ({"zoek": "cooperatie"}, ["Coöperatie Beek"]),
        ({"zoek": "spoorzoeker"}, ["Coöperatie Beek"]),
        ({"gemeente": "oost-gelre", "segment": "wonen"}, []),
    ],
)
def test_filters(client, filled, query, found):
    data = client.get("/register.json", {"op": "2024-06-27", **query}).json()
    assert [c["partner"] for c in data["contracts"]] == found


@pytest.mark.parametrize(
    "op",
    [
        "2024-02-31",
        "gisteren",
        "0000-01-01",
        "2024-06",
        "2024-06-27T10:00",
        "0001-01-01",
        "9999-12-31",
        "2024-06-27' OR 1=1",
        "\x00",
    ],
)
def test_a_date_that_cannot_be_is_told_beside_its_field(client, filled, op):
    response = client.get(URL, {"op": op})
    page = response.content.decode()
    assert response.status_code == 200
    assert 'id="id_op_error"' in page
    assert "Fout: " in page
    assert client.get("/register.csv", {"op": op}).status_code == 400
    assert "op" in client.get("/register.json", {"op": op}).json()["errors"]


@pytest.mark.parametrize("query", [{"segment": "bestaat-niet"}, {"gemeente": "nergens"}, {"zoek": "x" * 101}])
def test_an_unknown_filter_is_told_too(client, filled, query):
    assert "_error" in client.get(URL, query).content.decode()
    assert client.get("/register.xlsx", query).status_code == 400


@pytest.mark.parametrize("zoek", ["%", "_", "\x00", "' OR 1=1 --", "\\", "*", "<b>"])
def test_a_search_is_taken_as_it_was_typed(client, filled, zoek):
    response = client.get(URL, {"op": "2024-06-27", "zoek": zoek})
    assert response.status_code == 200
    assert "Coöperatie Beek" not in response.content.decode() or 'id="id_zoek_error"' in response.content.decode()


def test_an_empty_register_says_so(client):
    assert "Geen contracten gevonden" in client.get(URL, {"op": "1999-01-01"}).content.decode()


def test_names_are_escaped(client):
    contract_with_terms(contractor=OrganisationFactory(name="<script>alert(1)</script>"))
    assert "<script>alert" not in client.get(URL, {"op": "2024-06-27"}).content.decode()


# Files ---------------------------------------------------------------------------------------------


def test_csv_and_xlsx_hold_the_same_rows(client, filled):
    query = {"op": "2024-06-27", "segment": "jeugd"}
    response = client.get("/register.csv", query)
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert "register-2024-06-27.csv" in response["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig")), delimiter=";"))
    assert [row[9] for row in rows[1:]] == ["Coöperatie Beek", "De Spoorzoeker"]
    sheet = load_workbook(io.BytesIO(client.get("/register.xlsx", query).content)).active
    assert [row[9].value for row in sheet.iter_rows(min_row=2)] == ["Coöperatie Beek", "De Spoorzoeker"]


# Queries -------------------------------------------------------------------------------------------


def many(count):
    tender = TenderFactory(region=RegionFactory(is_default=True))
    segment = SegmentFactory(tender=tender)
    takes_part(segment, "Aalten", "Oost Gelre", "Winterswijk")
    for number in range(count):
        consortium = ConsortiumFactory() if number % 3 == 0 else None
        lead = {"consortium": consortium, "contractor": consortium.lead} if consortium else {}
        contract = contract_with_terms(segment=segment, **lead)
        SubcontractorFactory(contract=contract, start=contract.start)
    for number in range(min(count, 20)):
        RegisterVersionFactory(date=date(2024, 6, 27) - timedelta(days=30 * number))
    keep_due_versions()


@pytest.mark.parametrize("count", [1, 70])
def test_the_register_takes_the_same_queries_for_one_contract_as_for_seventy(client, django_assert_num_queries, count):
    many(count)
    with django_assert_num_queries(7):
        assert len(register_on(DAY).contracts) == count
    cache.clear()
    # Any date under twelve: once more as many contracts or versions ask no more.
    with django_assert_num_queries(11):
        client.get(URL, {"op": "2024-06-27"})
    with django_assert_num_queries(4):
        client.get(URL, {"op": "2024-06-27", "zoek": "zorg"})


def test_its_addresses_are_fixed():
    assert reverse("contracts:register") == "/register/"
    assert reverse("contracts:register_json") == "/register.json"
