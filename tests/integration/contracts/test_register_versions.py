"""Versions of the register: kept when their day is over, at addresses that always give the same bytes; and compared."""

from __future__ import annotations

import hashlib
import io
import json
from datetime import date, timedelta

import pytest
from django.db import ProgrammingError, connection, transaction
from django.utils import timezone
from jsonschema import Draft202012Validator
from openpyxl import load_workbook

from achterhoek.audit.models import AuditEvent
from contracts.models import ContractParty, RegisterFile, RegisterVersion
from contracts.selectors.register import register_on
from contracts.services.register import keep_due_versions, publish_version
from contracts.tasks import keep_register_versions
from tests.factories import OrganisationFactory, RegionFactory, SegmentFactory, TenderFactory
from tests.factories.contracts import (
    RegisterVersionFactory,
    SubcontractorFactory,
    contract_with_terms,
    running_contract,
    takes_part,
)

pytestmark = pytest.mark.django_db
FIRST, SECOND = date(2022, 7, 1), date(2024, 6, 27)
ENDINGS = ("json", "csv", "xlsx")


@pytest.fixture
def contract():
    tender = TenderFactory(title="Inkoop 2022", region=RegionFactory(is_default=True))
    segment = SegmentFactory(tender=tender, slug="jeugd", name="Jeugd")
    takes_part(segment, "Aalten", "Winterswijk")
    return contract_with_terms(segment=segment, contractor=OrganisationFactory(name="Coöperatie Beek"))


@pytest.fixture
def kept(contract):
    """Two versions; between them a subcontractor came."""
    RegisterVersionFactory(date=FIRST, note="De eerste lijst.")
    RegisterVersionFactory(date=SECOND, note="Een onderaannemer erbij.")
    SubcontractorFactory(
        contract=contract, organisation=OrganisationFactory(name="De Spoorzoeker"), start=date(2024, 1, 1)
    )
    assert keep_due_versions() == 2
    return contract


def address(day, ending=""):
    return f"/register/versies/{day.isoformat()}{f'.{ending}' if ending else '/'}"


# Kept ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ENDINGS)
def test_an_address_always_gives_the_same_bytes(client, kept, ending):
    before = client.get(address(SECOND, ending)).content
    kept.contractor.name = "Een andere naam"
    kept.contractor.save()
    kept.subcontractors.all().delete()
    again = client.get(address(SECOND, ending), headers={"accept-language": "en"})
    assert again.content == before
    assert "immutable" in again["Cache-Control"]
    file = RegisterFile.objects.get(version__date=SECOND, ending=ending)
    assert file.digest == f"sha256:{hashlib.sha256(before).hexdigest()}"


def test_what_was_kept_is_what_the_schema_says_and_what_the_day_was(client, kept):
    schema = client.get("/register/schema-2.0.json")
    assert schema["Access-Control-Allow-Origin"] == "*"
    said = client.get(address(SECOND, "json")).json()
    Draft202012Validator(schema.json()).validate(said)
    Draft202012Validator(schema.json()).validate(client.get("/register.json").json())
    assert said["version"] == {"date": "2024-06-27", "note": "Een onderaannemer erbij."}
    assert [sub["name"] for sub in said["contracts"][0]["subcontractors"]] == ["De Spoorzoeker"]
    rows = load_workbook(io.BytesIO(client.get(address(SECOND, "xlsx")).content)).active
    assert [row[9].value for row in rows.iter_rows(min_row=2)] == ["Coöperatie Beek", "De Spoorzoeker"]


def test_the_log_keeps_the_digests(kept):
    event = AuditEvent.objects.filter(action="contracts.registerversion.keep").latest("id")
    assert event.detail["json"] == RegisterVersion.objects.get(date=SECOND).digest


def test_the_database_refuses_to_alter_or_remove_what_was_kept(kept):
    version = RegisterVersion.objects.get(date=SECOND)
    for change in (
        lambda: RegisterVersion.objects.filter(pk=version.pk).update(note="Anders."),
        lambda: connection.cursor().execute("DELETE FROM contracts_registerversion"),
        lambda: version.files.update(content=b""),
        lambda: version.files.all().delete(),
    ):
        with pytest.raises(ProgrammingError, match="Cannot update or delete"), transaction.atomic():
            change()


def test_keeping_twice_keeps_once(kept):
    assert keep_register_versions() == 0


def test_a_version_may_change_as_long_as_its_day_lasts(client, contract):
    today = timezone.localdate()
    publish_version(note="Een eerste wijziging.", by=None)
    publish_version(note="Nog een wijziging.", by=None)
    assert keep_due_versions() == 0
    response = client.get(address(today))
    assert (response.status_code, response["Location"]) == (302, f"/register/?op={today.isoformat()}")
    assert client.get(address(today, "csv"))["Location"] == f"/register.csv?op={today.isoformat()}"
    page = client.get("/register/versies/").content.decode()
    assert "Nog een wijziging." in page


def test_a_version_of_a_day_to_come_is_not_there_yet(client, contract):
    day = timezone.localdate() + timedelta(days=3)
    publish_version(note="Straks.", by=None, on=day)
    assert client.get(address(day)).status_code == 404
    assert "Straks." not in client.get("/register/versies/").content.decode()


def test_what_is_told_late_of_a_day_that_is_over_stands_with_today(kept):
    version = publish_version(note="Contract eindigde.", by=None, on=SECOND)
    assert version.date == timezone.localdate()


@pytest.mark.parametrize("day", ["2024-06-28", "gisteren", "2024-02-30", "9999-99-99"])
def test_a_day_without_a_version_is_not_there(client, kept, day):
    for path in (f"/register/versies/{day}/", f"/register/versies/{day}.json", f"/register/verschil/{day}/{day}/"):
        assert client.get(path).status_code == 404


def test_its_page_shows_the_list_as_it_was(client, kept):
    OrganisationFactory._meta.model.objects.filter(name="De Spoorzoeker").update(name="Iets anders")
    page = client.get(address(SECOND)).content.decode()
    for text in ("De Spoorzoeker", "Coöperatie Beek", "Een onderaannemer erbij.", "Versie", "27 juni 2024"):
        assert text in page
    assert "Iets anders" not in page


# Compared ------------------------------------------------------------------------------------------


def test_what_differs_is_told_as_a_page_and_as_json(client, kept):
    path = f"/register/verschil/{FIRST}/{SECOND}"
    page = client.get(f"{path}/").content.decode()
    assert "De Spoorzoeker" in page
    found = client.get(f"{path}.json")
    assert [one["name"] for one in found.json()["subcontractors"]["added"]] == ["De Spoorzoeker"]
    again = client.get(f"{path}.json", headers={"If-None-Match": found["ETag"]})
    assert again.status_code == 304
    back = client.get(f"/register/verschil/{SECOND}/{FIRST}.json").json()
    assert [one["name"] for one in back["subcontractors"]["ended"]] == ["De Spoorzoeker"]


def test_the_form_leads_to_the_difference_and_says_what_is_wrong(client, kept):
    found = client.get("/register/versies/vergelijk/", {"van": "2022-07-01", "tot": "2024-06-27"})
    assert found["Location"] == "/register/verschil/2022-07-01/2024-06-27/"
    for query in ({"van": "2022-07-01", "tot": "2022-07-01"}, {"van": "2022-07-01"}, {"van": "x", "tot": "y"}):
        page = client.get("/register/versies/vergelijk/", query)
        assert page.status_code == 200
        assert 'id="id_tot_error"' in page.content.decode()


def test_two_equal_lists_say_so(client, contract):
    for day in (FIRST, SECOND):
        RegisterVersionFactory(date=day)
    keep_due_versions()
    assert "Niets verschilt" in client.get(f"/register/verschil/{FIRST}/{SECOND}/").content.decode()


# Any day -------------------------------------------------------------------------------------------


def test_a_replaced_contractor_stands_until_its_last_day_and_the_new_one_from_the_next(contract):
    new = OrganisationFactory(name="Zorg Nieuw")
    contract.parties.update(end=date(2024, 3, 31))
    ContractParty.objects.create(contract=contract, organisation=new, is_lead=True, start=date(2024, 4, 1))
    assert [line.name for line in register_on(date(2024, 3, 31)).contracts] == ["Coöperatie Beek"]
    [line] = register_on(date(2024, 4, 1)).contracts
    assert (line.name, line.lead.since) == ("Zorg Nieuw", date(2024, 4, 1))


def test_a_municipality_that_left_is_no_longer_there(contract):
    contract.contract_municipalities.filter(municipality__slug="aalten").update(end=date(2024, 12, 31))
    [before], [after] = (register_on(day).contracts for day in (date(2024, 12, 31), date(2025, 1, 1)))
    assert [place.slug for place in before.municipalities] == ["aalten", "winterswijk"]
    assert [place.slug for place in after.municipalities] == ["winterswijk"]


def test_nobody_is_listed_for_a_day_before_it_was_signed(contract):
    contract.signed_at = timezone.make_aware(timezone.datetime(2022, 9, 1, 12))
    contract.save()
    assert register_on(date(2022, 8, 31)).contracts == ()
    assert len(register_on(date(2022, 9, 1)).contracts) == 1


# Who helps -----------------------------------------------------------------------------------------


def test_somebody_finds_who_may_help_with_a_telephone_number(client):
    segment = SegmentFactory(tender=TenderFactory(region=RegionFactory(is_default=True)), slug="jeugd", name="Jeugd")
    takes_part(segment, "Aalten", "Winterswijk")
    part = segment.subsegments.create(slug="behandeling", name="Behandeling")
    contract = running_contract(segment=segment, contractor=OrganisationFactory(name="Zorg Een", phone="0543 123 456"))
    contract.subsegments.add(part)
    SubcontractorFactory(
        contract=contract, organisation=OrganisationFactory(name="De Spoorzoeker"), start=contract.start
    )
    page = client.get("/register/wie-helpt/", {"gemeente": "winterswijk", "hulp": "jeugd:behandeling"}).content.decode()
    for text in ("Behandeling in Winterswijk", "Zorg Een", "tel:0543123456", "De Spoorzoeker", "Speltherapie"):
        assert text in page
    assert "Zorg Een" in client.get("/register/wie-helpt/", {"gemeente": "aalten", "hulp": "jeugd"}).content.decode()


def test_without_an_answer_the_form_says_what_to_choose(client, kept):
    assert "_error" not in client.get("/register/wie-helpt/").content.decode()
    page = client.get("/register/wie-helpt/", {"gemeente": "", "hulp": "toveren"}).content.decode()
    assert 'id="id_gemeente_error"' in page
    assert 'id="id_hulp_error"' in page


def test_files_are_not_made_again_for_who_has_them(client, kept, django_assert_num_queries):
    first = client.get("/register.json", {"op": "2024-06-27"})
    with django_assert_num_queries(1):
        again = client.get("/register.json", {"op": "2024-06-27"}, headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304
    assert json.loads(first.content)["format"] == "2.0"
