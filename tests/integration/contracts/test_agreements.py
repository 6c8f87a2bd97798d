"""Shares, value and promises before signing; and the contract as it stood on any day."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from achterhoek.accounts.enums import Role
from achterhoek.clock import database_now, database_today
from achterhoek.errors import NotAllowed, RuleViolation
from contracts.models import ContractMunicipality, ContractParty
from contracts.selectors.agreements import standing_on
from contracts.services.agreements import Promise, meet_promise, set_missing_value, set_terms_of_money, take_promise
from contracts.services.contract_documents import offer_contract
from tests.factories import OrganisationFactory, member_of, user_with
from tests.factories.contracts import contract_with_terms, in_municipalities, running_contract, signed_by_contractor
from tests.factories.results import indicator

pytestmark = pytest.mark.django_db


@pytest.fixture
def clm():
    return user_with(Role.CLM)


@pytest.fixture
def prepared():
    made = contract_with_terms(unsigned=True, long_term_reason="Rust.")
    made.parties.update(share=None)
    made.parties.create(organisation=OrganisationFactory(), start=made.start)
    return made


def shares(contract, *given):
    keys = contract.parties.order_by("pk").values_list("pk", flat=True)
    return {pk: None if share is None else Decimal(share) for pk, share in zip(keys, given, strict=True)}


def test_shares_are_a_hundred_percent_together_and_outdate_the_text(prepared, clm):
    document = offer_contract(contract=prepared, by=clm)
    with pytest.raises(RuleViolation, match="100%"):
        set_terms_of_money(contract=prepared, shares=shares(prepared, "60", "30"), value=None, by=clm)
    set_terms_of_money(contract=prepared, shares=shares(prepared, "62.5", "37.5"), value=Decimal(900), by=clm)
    document.refresh_from_db()
    assert document.outdated_at is not None
    assert sorted(prepared.parties.values_list("share", flat=True)) == [Decimal("37.50"), Decimal("62.50")]
    signed_by_contractor(prepared)
    with pytest.raises(RuleViolation):
        set_terms_of_money(contract=prepared, shares=shares(prepared, None, None), value=None, by=clm)


def test_a_promise_is_numbered_and_met_by_team_clm(clm):
    contract = running_contract()
    says = Promise("Een inloop in elke gemeente.", "G1, K1", due_on=database_today())
    made = [take_promise(contract=contract, says=says, by=clm) for _ in range(2)]
    assert [one.sequence for one in made] == [1, 2]
    assert meet_promise(obligation=made[0], on=database_today(), by=clm).met_on == database_today()
    with pytest.raises(RuleViolation):
        meet_promise(obligation=made[0], on=database_today(), by=clm)
    with pytest.raises(RuleViolation):
        take_promise(contract=contract, says=Promise("x", "y", target=Decimal(4)), by=clm)
    with pytest.raises(NotAllowed):
        take_promise(contract=contract, says=says, by=member_of(contract.contractor))


def test_the_database_refuses_who_is_in_it_twice_at_once():
    contract = running_contract()
    (place,) = in_municipalities(contract, "Aalten")
    day = database_today()
    with pytest.raises(IntegrityError, match="party_once_at_a_time"), transaction.atomic():
        ContractParty.objects.create(contract=contract, organisation=contract.contractor, start=day)
    with pytest.raises(IntegrityError, match="party_one_lead_at_a_time"), transaction.atomic():
        ContractParty.objects.create(contract=contract, organisation=OrganisationFactory(), is_lead=True, start=day)
    with pytest.raises(IntegrityError, match="contract_municipality_once"), transaction.atomic():
        ContractMunicipality.objects.create(contract=contract, municipality=place, start=day)


def test_the_contract_as_it_stood(django_assert_max_num_queries):
    contract = contract_with_terms(start=date(2022, 7, 1), initial_value=Decimal(1000))
    new = OrganisationFactory()
    contract.parties.update(end=date(2024, 1, 31))
    contract.parties.create(organisation=new, is_lead=True, start=date(2024, 2, 1))
    contract.amendments.create(
        sequence=1, kind="scope", ground="2.163b", title="Meer", description="x", reason="x", value_change=50,
        effective_on=date(2023, 6, 1), status="signed", signed_at=contract.signed_at, made_by=user_with(Role.CLM),
    )  # fmt: skip
    before, after = standing_on(contract, date(2023, 5, 31)), standing_on(contract, date(2024, 2, 1))
    assert ([row.organisation for row in before.parties], before.value) == ([contract.contractor], 1000)
    assert ([row.organisation for row in after.parties], after.value) == ([new], 1050)
    assert [one.in_force for one in (before, standing_on(contract, date(2022, 6, 30)))] == [True, False]
    with django_assert_max_num_queries(7):
        standing_on(contract, date(2024, 2, 1))


def test_the_pages(client, prepared, clm):
    client.force_login(clm)
    parties = reverse("contracts:contract_parties", args=[prepared.pk])
    typed = {f"aandeel{pk}": "50" for pk in prepared.parties.values_list("pk", flat=True)}
    assert client.get(parties).status_code == 200
    assert client.post(parties, {**typed, "value": "-1"}).status_code == 422
    assert client.post(parties, {**typed, "value": "1.000.000"}).status_code == 302
    promises = reverse("contracts:promises", args=[prepared.pk])
    assert client.post(promises, {"promise": "Snel.", "source": ""}).status_code == 422
    assert client.post(promises, {"promise": "Snel.", "source": "G2"}).status_code == 302
    stood = reverse("contracts:contract_on", args=[prepared.pk])
    member = member_of(prepared.contractor)
    for who in (clm, member):
        client.force_login(who)
        assert "Snel." in client.get(promises).content.decode()
        assert client.get(stood, {"op": (database_today() + timedelta(days=1)).isoformat()}).status_code == 200
        assert client.get(stood, {"op": "geen dag"}).status_code == 422
        assert promises in client.get(reverse("contracts:contract", args=[prepared.pk])).content.decode()
    client.force_login(member_of(OrganisationFactory()))
    assert client.get(promises).status_code == 404
    assert client.get(stood).status_code == 404


def test_a_contract_was_not_in_force_before_it_was_signed():
    contract = running_contract(signed_at=database_now())
    yesterday = database_today() - timedelta(days=1)
    assert [standing_on(contract, day).in_force for day in (yesterday, database_today())] == [False, True]


def test_the_value_that_nobody_filled_in_is_filled_in_once_and_then_stays(client, clm):
    contract = running_contract()
    client.force_login(clm)
    page, amended = (reverse(f"contracts:{name}", args=[contract.pk]) for name in ("contract_parties", "amendments"))
    assert page in client.get(amended).content.decode()
    assert client.post(page, {"value": "0"}).status_code == 422
    assert client.post(page, {"value": "1.000.000"}).status_code == 302
    contract.refresh_from_db()
    assert contract.initial_value == 1_000_000
    assert page not in client.get(amended).content.decode()
    assert client.get(page).status_code == 404
    with pytest.raises(RuleViolation):
        set_missing_value(contract=contract, value=Decimal(2_000_000), by=clm)
    with pytest.raises(NotAllowed):
        set_missing_value(contract=running_contract(), value=Decimal(1), by=user_with(Role.LEAD))


def test_a_promise_is_a_figure_that_can_be(clm):
    contract = running_contract()
    for found, target, field in (
        (indicator(contract), "150", "target"), (indicator(running_contract()), "90", "indicator"),
    ):  # fmt: skip
        found.refresh_from_db()
        with pytest.raises(RuleViolation) as refused:
            take_promise(contract=contract, says=Promise("Op tijd.", "G1", found, Decimal(target)), by=clm)
        assert refused.value.field == field
    assert take_promise(contract=contract, says=Promise("Op tijd.", "G1", indicator(contract), Decimal(90)), by=clm)
