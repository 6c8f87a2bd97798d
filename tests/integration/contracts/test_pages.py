"""The lead's list of contracts, and the contractor's own contract."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone

from achterhoek.accounts.enums import Role
from achterhoek.nlds.formatting import format_day
from contracts.enums import ChangeKind, ChangeStatus
from contracts.models import Contract, SubcontractorChange
from contracts.panels import provider_contracts, tender_contracts
from procurement.models import SubSegment
from providers.models import Membership, Organisation
from tests.factories import ConsortiumFactory, OrganisationFactory, member_of, user_with
from tests.factories.contracts import (
    SubcontractorChangeFactory,
    SubcontractorFactory,
    contract_with_terms,
    final_award_decision,
    running_contract,
)
from tests.factories.documents import pdf

pytestmark = pytest.mark.django_db
LIST = "/inkoop/contracten/"


# The lead ------------------------------------------------------------------------------------------


def test_the_lead_makes_contracts(client):
    decision = final_award_decision(bids=2)
    client.force_login(user_with(Role.LEAD))
    assert decision.segment_round.segment.name in client.get(LIST).content.decode()
    make = reverse("contracts:contracts_make", args=[decision.pk])
    page = client.post(make, {"long_term_reason": "Rust."}, follow=True).content.decode()
    assert "2 contracten gemaakt" in page
    contract = Contract.objects.first()
    assert reverse("contracts:contract_sign", args=[contract.pk]) in page
    again = client.post(make, {"long_term_reason": "Rust."}, follow=True).content.decode()
    assert "bestonden al" in again


def test_a_step_taken_twice_is_told_and_not_done(client):
    contract = running_contract()
    client.force_login(user_with(Role.LEAD))
    page = client.post(reverse("contracts:contract_sign", args=[contract.pk]), follow=True).content.decode()
    assert "nlds-alert--error" in page


def test_the_auditor_looks_and_does_not_act(client):
    contract = contract_with_terms(unsigned=True)
    client.force_login(user_with(Role.AUDITOR))
    page = client.get(LIST).content.decode()
    assert contract.number in page
    assert "/tekenen/" not in page
    assert client.post(reverse("contracts:contract_sign", args=[contract.pk])).status_code == 403


def test_a_get_changes_nothing(client):
    contract = contract_with_terms(unsigned=True)
    client.force_login(user_with(Role.LEAD))
    assert client.get(reverse("contracts:contract_offer", args=[contract.pk])).status_code == 405
    assert client.get(reverse("contracts:contract_sign", args=[contract.pk])).status_code == 200
    assert not contract.signatures.exists()


@pytest.mark.parametrize("count", [1, 30])
def test_the_lists_queries_do_not_grow(client, django_assert_max_num_queries, count):
    for number in range(count):
        consortium = ConsortiumFactory() if number % 2 else None
        contract_with_terms(**({"consortium": consortium, "contractor": consortium.lead} if consortium else {}))
    client.force_login(user_with(Role.LEAD))
    with django_assert_max_num_queries(9):
        client.get(LIST)


# The contractor ------------------------------------------------------------------------------------


@pytest.fixture
def contract():
    return running_contract()


@pytest.fixture
def member(client, contract):
    user = member_of(contract.contractor)
    client.force_login(user)
    return user


def add_url(contract):
    return reverse("contracts:change_new", args=[contract.pk])


def typed(**fields):
    return {
        "kvk_number": "91 23 45 67", "part_of_work": "Speltherapie", "reason": "De wachttijd is te lang.",
        "effective_on": (timezone.localdate() + timedelta(days=10)).isoformat(),
        "file_self_declaration": SimpleUploadedFile("eigen-verklaring.pdf", pdf()), **fields,
    }  # fmt: skip


NEWCOMER = {
    "name": "Praktijk De Kikker", "legal_form": "eenmanszaak", "agb_code": "94123456", "street": "Dorpsstraat 1",
    "postcode": "7101ab", "city": "Winterswijk", "email": "info@kikker.example",
}  # fmt: skip


def test_the_contract_shows_its_terms_subcontractors_and_history(client, contract, member):
    sub = SubcontractorFactory(contract=contract, start=contract.start)
    change = SubcontractorChangeFactory(contract=contract, requested_by=member)
    page = client.get(reverse("contracts:contract", args=[contract.pk])).content.decode()
    for text in (contract.number, sub.organisation.name, change.organisation.name, change.reason, "Optie"):
        assert text in page
    assert add_url(contract) in page


def test_a_signed_contract_that_has_still_to_begin_says_from_when_it_runs(client):
    begins = timezone.localdate() + timedelta(days=20)
    contract = running_contract(start=begins)
    client.force_login(member_of(contract.contractor))
    told = f"Getekend, loopt vanaf {format_day(begins)}"
    for address in (reverse("contracts:contract", args=[contract.pk]), "/mijn/"):
        page = client.get(address).content.decode()
        assert told in page
        assert "Loopt</" not in page
    client.force_login(user_with(Role.LEAD))
    assert told in client.get(LIST).content.decode()


def test_problems_are_told_in_the_order_of_the_page(client, contract, member):
    contract.subsegments.set([SubSegment.objects.create(segment=contract.segment, slug="groep", name="Groep")])
    page = client.post(add_url(contract), {"reason": ""}).content.decode()
    summary = page[page.index("Er zijn") : page.index("<h1")]
    asked = [summary.index(f"#id_{name}") for name in ("kvk_number", "subsegments", "part_of_work", "effective_on")]
    assert asked == sorted(asked)


def test_a_known_organisation_is_found_by_its_kvk_number(client, contract, member):
    known = OrganisationFactory(kvk_number="91234567")
    assert client.post(add_url(contract), typed()).status_code == 302
    change = SubcontractorChange.objects.get()
    assert (change.organisation, change.kind, change.requested_by) == (known, ChangeKind.ADD, member)


def test_a_new_organisation_is_registered_without_the_contractor_becoming_its_member(client, contract, member):
    assert client.post(add_url(contract), typed(**NEWCOMER)).status_code == 302
    newcomer = Organisation.objects.get(kvk_number="91234567")
    assert newcomer.name == "Praktijk De Kikker"
    assert not Membership.objects.filter(organisation=newcomer).exists()


def test_of_an_unknown_organisation_all_is_asked_beside_each_field(client, contract, member):
    page = client.post(add_url(contract), typed()).content.decode()
    for field in NEWCOMER:
        assert f'id="id_{field}_error"' in page
    assert "De wachttijd is te lang." in page


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kvk_number", "1234"),
        ("kvk_number", "abcdefgh"),
        ("effective_on", "2020-01-01"),
        ("effective_on", "2024-02-30"),
        ("effective_on", "2099-01-01"),
        ("part_of_work", ""),
        ("reason", " "),
        ("agb_code", "12"),
        ("postcode", "71 AB"),
        ("email", "geen adres"),
    ],
)
def test_what_cannot_be_is_told_beside_its_field_and_registers_nothing(client, contract, member, field, value):
    page = client.post(add_url(contract), typed(**{**NEWCOMER, field: value})).content.decode()
    assert f'id="id_{field}_error"' in page
    assert not Organisation.objects.filter(name="Praktijk De Kikker").exists()
    assert not SubcontractorChange.objects.exists()


def test_an_agb_code_of_another_is_told_beside_its_field(client, contract, member):
    OrganisationFactory(agb_code="94123456")
    assert 'id="id_agb_code_error"' in client.post(add_url(contract), typed(**NEWCOMER)).content.decode()


def test_a_stop_is_asked_for_one_subcontractor(client, contract, member):
    sub = SubcontractorFactory(contract=contract, start=contract.start)
    url = reverse("contracts:change_stop", args=[contract.pk, sub.pk])
    assert url in client.get(reverse("contracts:contract", args=[contract.pk])).content.decode()
    data = typed(continuity="", clients="12")
    assert 'id="id_continuity_error"' in client.post(url, data).content.decode()
    assert client.post(url, {**data, "continuity": "Eigen mensen."}).status_code == 302
    change = SubcontractorChange.objects.get()
    assert (change.kind, change.clients) == (ChangeKind.STOP, 12)


def test_a_request_is_withdrawn_before_the_decision(client, contract, member):
    change = SubcontractorChangeFactory(contract=contract, requested_by=member)
    client.post(reverse("contracts:change_withdraw", args=[contract.pk, change.pk]))
    change.refresh_from_db()
    assert change.status == ChangeStatus.WITHDRAWN


def test_another_providers_contract_is_not_found(client, member):
    other = running_contract()
    sub = SubcontractorFactory(contract=other, start=other.start)
    change = SubcontractorChangeFactory(contract=other)
    for url in (
        reverse("contracts:contract", args=[other.pk]), add_url(other),
        reverse("contracts:change_stop", args=[other.pk, sub.pk]),
    ):  # fmt: skip
        assert client.get(url).status_code == 404
    assert client.post(reverse("contracts:change_withdraw", args=[other.pk, change.pk])).status_code == 404


# Panels --------------------------------------------------------------------------------------------


def test_the_providers_home_lists_its_contracts(contract, member):
    request = RequestFactory().get("/mijn/")
    request.user = member
    panel = provider_contracts(request)
    assert [row[0] for row in panel.context["rows"]] == [contract]
    request.user = member_of(OrganisationFactory())
    assert provider_contracts(request) is None


def test_the_tenders_page_says_what_is_to_be_done():
    decision = final_award_decision(bids=2)
    request = RequestFactory().get("/inkoop/")
    request.user = user_with(Role.LEAD)
    request.panel_object = decision.segment_round.segment.tender
    panel = tender_contracts(request)
    assert (panel.context["total"], panel.context["waiting"]) == (0, 2)
