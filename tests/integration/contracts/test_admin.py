"""Team CLM's desk at /beheer/."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from achterhoek.accounts.enums import Role
from contracts.enums import ChangeStatus, ContractStatus
from contracts.models import Subcontractor, SubcontractorChange
from tests.factories import OrganisationFactory, RegionFactory, user_with
from tests.factories.contracts import (
    RegisterVersionFactory,
    SubcontractorChangeFactory,
    SubcontractorFactory,
    contract_until,
    running_contract,
)

pytestmark = pytest.mark.django_db
LIST = "/beheer/contracts/subcontractorchange/"


@pytest.fixture
def clm(client):
    user = user_with(Role.CLM)
    client.force_login(user)
    return user


@pytest.fixture
def change():
    return SubcontractorChangeFactory(contract=running_contract())


def page_of(change):
    return reverse("admin:contracts_subcontractorchange_change", args=[change.pk])


def test_the_work_list_shows_the_longest_waiting_first_with_its_age(client, clm, change):
    old = SubcontractorChangeFactory(
        contract=running_contract(), requested_at=timezone.now() - timedelta(days=16)
    )  # fmt: skip
    page = client.get(LIST).content.decode()
    assert "16 dagen" in page
    assert page.index(old.organisation.name) < page.index(change.organisation.name)


def test_what_was_decided_stands_under_it_newest_first_and_each_cell_says_what_it_is(client, clm, change):
    for days in (90, 30):
        at = timezone.now() - timedelta(days=days)
        SubcontractorChangeFactory(
            contract=change.contract, organisation__name=f"Besloten {days}", status=ChangeStatus.APPROVED,
            requested_at=at, decided_at=at, decided_by=clm, decision_reason="Goed.",
        )  # fmt: skip
    page = client.get(LIST).content.decode()
    assert page.index(change.organisation.name) < page.index("Besloten 30") < page.index("Besloten 90")
    assert '<td data-label="Status" class="field-state' in page
    assert page.count('data-label="Ouderdom"') == 3


def test_the_work_list_can_be_filtered_and_searched(client, clm, change):
    SubcontractorChangeFactory(contract=running_contract(), requested_at=timezone.now() - timedelta(days=16))
    assert client.get(LIST, {"waits": "14"}).context["cl"].result_count == 1
    assert client.get(LIST, {"q": change.organisation.kvk_number}).context["cl"].result_count == 1
    assert (
        client.get(LIST, {"contract__segment__id__exact": change.contract.segment_id}).context["cl"].result_count == 1
    )


def test_one_page_holds_all_that_matters(client, clm, change):
    colleague = SubcontractorFactory(contract=change.contract, start=change.contract.start)
    elsewhere = SubcontractorFactory(
        contract=running_contract(), organisation=change.organisation, start=change.contract.start
    )
    page = client.get(page_of(change)).content.decode()
    for text in (
        change.reason, change.organisation.name, change.organisation.kvk_number, change.contract.number,
        change.contract.contractor.name, colleague.organisation.name, elsewhere.contract.number,
    ):  # fmt: skip
        assert text in page


def test_refusing_is_the_default(client, clm, change):
    page = client.get(page_of(change)).content.decode()
    assert 'value="refused"' in page
    checked = page[page.index('value="refused"') :]
    assert "checked" in checked[: checked.index(">")]
    assert page.count("checked") == 1


def test_approving_goes_through_the_service(client, clm, change):
    response = client.post(page_of(change), {"outcome": "approved", "reason": "Een gegronde reden.", "conditions": ""})
    assert response.status_code == 302
    change.refresh_from_db()
    assert (change.status, change.decided_by) == (ChangeStatus.APPROVED, clm)
    assert Subcontractor.objects.filter(organisation=change.organisation).exists()


def test_what_is_missing_is_told_beside_its_field_and_nothing_is_lost(client, clm, change):
    response = client.post(page_of(change), {"outcome": "conditional", "reason": "Alleen tijdelijk.", "conditions": ""})
    page = response.content.decode()
    assert 'id="id_conditions_error"' in page
    assert "Alleen tijdelijk." in page
    assert "Fout: " in page
    change.refresh_from_db()
    assert change.status == ChangeStatus.REQUESTED


def test_a_decided_request_cannot_be_decided_again(client, clm, change):
    data = {"outcome": "refused", "reason": "Geen gegronde reden.", "conditions": ""}
    client.post(page_of(change), data)
    client.post(page_of(change), {**data, "outcome": "approved"})
    change.refresh_from_db()
    assert change.status == ChangeStatus.REFUSED
    assert not Subcontractor.objects.exists()
    assert "Geen gegronde reden." in client.get(page_of(change)).content.decode()


def test_the_request_itself_cannot_be_edited(client, clm, change):
    client.post(
        page_of(change), {"outcome": "refused", "reason": "Nee.", "conditions": "", "part_of_work": "Iets anders"}
    )
    change.refresh_from_db()
    assert change.part_of_work == "Speltherapie"


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMIN])
def test_others_read_only(client, change, role):
    client.force_login(user_with(role))
    page = client.get(page_of(change))
    assert change.reason in page.content.decode()
    assert 'name="outcome"' not in page.content.decode()
    client.post(page_of(change), {"outcome": "approved", "reason": "Ik mag dit niet.", "conditions": ""})
    change.refresh_from_db()
    assert change.status == ChangeStatus.REQUESTED


@pytest.mark.parametrize("role", [Role.PROVIDER, Role.LEAD, Role.EVALUATOR, Role.OPENER])
def test_the_desk_is_closed_to_other_roles(client, change, role):
    client.force_login(user_with(role))
    for url in (LIST, page_of(change), reverse("admin:contracts_contract_terminate", args=[change.contract_id])):
        assert client.get(url).status_code in (302, 403)


def test_team_clm_of_another_region_finds_nothing(client, change):
    client.force_login(user_with(Role.CLM, region=RegionFactory()))
    assert client.get(LIST).context["cl"].result_count == 0
    assert client.get(page_of(change)).status_code == 404


def test_nothing_is_added_or_deleted(client, clm, change):
    assert client.get(LIST + "add/").status_code == 403
    assert client.post(LIST + f"{change.pk}/delete/", {"post": "yes"}).status_code == 403
    assert client.post(LIST, {"action": "delete_selected", "_selected_action": [str(change.pk)]}).status_code in (
        200,
        302,
        403,
    )
    assert SubcontractorChange.objects.filter(pk=change.pk).exists()


@pytest.mark.parametrize("key", ["geen-uuid", "00000000-0000-0000-0000-000000000001"])
def test_an_unknown_request_is_not_found(client, clm, key):
    assert client.get(f"{LIST}{key}/change/").status_code == 404


def test_a_contract_is_ended_early_with_its_day_and_reason(client, clm):
    contract = running_contract()
    url = reverse("admin:contracts_contract_terminate", args=[contract.pk])
    assert "id_on_error" in client.post(url, {"on": "2020-01-01", "reason": "Stopt."}).content.decode()
    assert client.post(url, {"on": timezone.localdate().isoformat(), "reason": "Stopt."}).status_code == 302
    contract.refresh_from_db()
    assert contract.status == ContractStatus.TERMINATED


@pytest.mark.parametrize("model", ["contract", "contractterm", "subcontractor", "registerversion"])
@pytest.mark.parametrize("role", [Role.CLM, Role.AUDITOR, Role.ADMIN])
def test_records_are_read(client, model, role):
    sub = SubcontractorFactory(contract=running_contract(), start=timezone.localdate())
    version = RegisterVersionFactory()
    client.force_login(user_with(role))
    key = {
        "contract": sub.contract_id, "contractterm": sub.contract.terms.first().pk, "subcontractor": sub.pk,
        "registerversion": version.pk,
    }[model]  # fmt: skip
    assert client.get(f"/beheer/contracts/{model}/").status_code == 200
    page = client.get(f"/beheer/contracts/{model}/{key}/change/")
    assert page.status_code == 200
    assert 'name="_save"' not in page.content.decode()


@pytest.mark.parametrize("count", [1, 30])
def test_the_lists_take_the_same_queries_for_one_row_as_for_thirty(client, clm, django_assert_max_num_queries, count):
    first = running_contract()
    for _number in range(count):
        contract = running_contract(segment=first.segment)
        SubcontractorChangeFactory(contract=contract)
        SubcontractorFactory(contract=contract, organisation=OrganisationFactory(), start=contract.start)
    for model, most in (("subcontractorchange", 11), ("contract", 10), ("contractterm", 10), ("subcontractor", 10)):
        with django_assert_max_num_queries(most):
            client.get(f"/beheer/contracts/{model}/")


def test_the_desk_has_the_portals_header_and_no_inline_style(client, clm, change):
    page = client.get(page_of(change)).content.decode()
    assert "nlds-header" in page
    assert 'lang="nl"' in page
    assert " style=" not in page
    assert "<style" not in page


def test_the_first_page_says_what_waits(client, clm, change):
    contract_until(timezone.localdate() + timedelta(days=300))
    page = client.get("/beheer/")
    tiles = page.content.decode()
    assert "?status__exact=requested" in tiles
    assert "Het oudste verzoek wacht 0 dagen." in tiles
    assert "De eerste uiterlijk op" in tiles


def test_the_first_page_has_no_work_for_the_functional_administrator(client, change):
    client.force_login(user_with(Role.ADMIN))
    page = client.get("/beheer/")
    assert page.status_code == 200
    assert "?status__exact=requested" not in page.content.decode()
