"""Funding and tariffs: set and followed up, indexed, taken back; seen by both sides and by nobody else."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from achterhoek.accounts.enums import Role
from achterhoek.audit.models import AuditEvent
from achterhoek.errors import NotAllowed, RuleViolation
from contracts.models import Tariff
from contracts.services.indexation import index_amounts
from contracts.services.lumpsums import set_lumpsums
from contracts.services.tariffs import Price, set_funding, set_tariff, withdraw_tariff
from procurement.models import SubSegment
from tests.factories import RegionFactory, user_with
from tests.factories.contracts import contract_with_terms, in_municipalities
from tests.factories.providers import OrganisationFactory, member_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def clm():
    return user_with(Role.CLM)


@pytest.fixture
def contract():
    contract = contract_with_terms(start=date(2022, 7, 1))
    contract.subsegments.add(SubSegment.objects.create(segment=contract.segment, slug="dagdeel", name="Dagdeel"))
    return contract


def put(contract, price, start, by, *, unit="hour", subsegment=None):
    return set_tariff(contract=contract, price=Price(subsegment, unit, Decimal(price), start), by=by)


def held(contract, **fields):
    return list(contract.tariffs.filter(**fields).order_by("start").values_list("price", "start", "end"))


def test_a_new_tariff_ends_the_old_one_the_day_before_and_other_work_goes_on(contract, clm):
    part = contract.subsegments.get()
    put(contract, "80.00", date(2022, 7, 1), clm)
    put(contract, "60.00", date(2022, 7, 1), clm, subsegment=part)
    put(contract, "84.50", date(2023, 1, 1), clm)
    assert held(contract, subsegment=None) == [
        (Decimal("80.0000"), date(2022, 7, 1), date(2022, 12, 31)), (Decimal("84.5000"), date(2023, 1, 1), None),
    ]  # fmt: skip
    assert held(contract, subsegment=part) == [(Decimal("60.0000"), date(2022, 7, 1), None)]


def test_on_its_own_first_day_a_tariff_is_corrected_and_the_log_keeps_what_it_was(contract, clm):
    put(contract, "80.00", date(2022, 7, 1), clm)
    put(contract, "8.00", date(2022, 7, 1), clm)
    assert held(contract) == [(Decimal("8.0000"), date(2022, 7, 1), None)]
    event = AuditEvent.objects.filter(action="contracts.tariff.set").latest("pk")
    assert (Decimal(event.detail["before"]), event.detail["price"]) == (Decimal(80), "8.00")


@pytest.mark.parametrize(
    ("price", "start", "field"),
    [
        ("0", date(2023, 1, 1), "price"),
        ("1.00001", date(2023, 1, 1), "price"),
        ("1.00", date(2022, 6, 30), "start"),
        ("1.00", date(2025, 7, 1), "start"),
        ("1.00", date(2022, 12, 31), "start"),
    ],
)
def test_a_tariff_that_cannot_be_is_told_beside_its_field(contract, clm, price, start, field):
    put(contract, "80.00", date(2023, 1, 1), clm)
    with pytest.raises(RuleViolation) as refused:
        put(contract, price, start, clm)
    assert refused.value.field == field
    assert len(held(contract)) == 1


def test_the_database_refuses_two_tariffs_on_one_day(contract, clm):
    put(contract, "80.00", date(2022, 7, 1), clm)
    with pytest.raises(IntegrityError), transaction.atomic():
        Tariff.objects.create(contract=contract, unit="hour", price=1, start=date(2024, 1, 1))


def test_a_tariff_taken_back_lets_the_one_before_hold_again(contract, clm):
    first = put(contract, "80.00", date(2022, 7, 1), clm)
    second = put(contract, "84.50", date(2023, 1, 1), clm)
    with pytest.raises(RuleViolation):
        withdraw_tariff(tariff=first, by=clm)
    withdraw_tariff(tariff=second, by=clm)
    assert held(contract) == [(Decimal("80.0000"), date(2022, 7, 1), None)]


def test_an_indexation_follows_up_tariffs_and_raises_lump_sums(contract, clm):
    place = in_municipalities(contract, "Aalten")[0]
    set_lumpsums(contract=contract, amounts={(place.pk, 2024): Decimal("1000.05")}, by=clm)
    put(contract, "80.01", date(2022, 7, 1), clm)
    put(contract, "0.8153", date(2024, 7, 1), clm, unit="day")
    done = index_amounts(contract=contract, percentage=Decimal("2.5"), year=2024, by=clm)
    assert (done.lumpsums, done.tariffs) == (1, 2)
    assert held(contract, unit="hour") == [
        (Decimal("80.0100"), date(2022, 7, 1), date(2023, 12, 31)), (Decimal("82.0100"), date(2024, 1, 1), None),
    ]  # fmt: skip
    assert held(contract, unit="day") == [(Decimal("0.8357"), date(2024, 7, 1), None)]
    assert contract.lumpsums.get().amount == Decimal("1025.05")


def test_an_indexation_of_nothing_is_refused(contract, clm):
    with pytest.raises(RuleViolation, match="2024"):
        index_amounts(contract=contract, percentage=Decimal("2.5"), year=2024, by=clm)


def test_funding_takes_the_place_of_what_was_known(contract, clm):
    for model, provisional in (("lumpsum", True), ("pxq", False)):
        set_funding(contract=contract, subsegment=None, model=model, provisional=provisional, note="", by=clm)
    row = contract.fundings.get(subsegment=None)
    assert (row.model, row.provisional) == ("pxq", False)
    other = SubSegment.objects.create(segment=contract.segment, slug="anders", name="Anders")
    with pytest.raises(RuleViolation):
        set_funding(contract=contract, subsegment=other, model="pxq", provisional=False, note="", by=clm)


def test_only_team_clm_of_the_region_sets_tariffs(contract, clm):
    for other in (user_with(Role.LEAD), user_with(Role.CLM, region=RegionFactory()), member_of(contract.contractor)):
        with pytest.raises(NotAllowed):
            put(contract, "80.00", date(2022, 7, 1), other)
        with pytest.raises(NotAllowed):
            set_funding(contract=contract, subsegment=None, model="pxq", provisional=False, note="", by=other)


# Pages -------------------------------------------------------------------------------------------------


def test_tariffs_are_set_on_their_page_and_both_sides_see_them(client, contract, clm):
    client.force_login(clm)
    page = reverse("contracts:money_tariffs", args=[contract.pk])
    typed = {"tarief-unit": "hour", "tarief-price": "0,00001", "tarief-start": "2023-01-01"}
    refused = client.post(page, typed)
    assert refused.status_code == 422
    assert 'value="0,00001"' in refused.content.decode()
    assert client.post(page, {**typed, "tarief-price": "81,2345"}).status_code == 302
    assert client.post(page, {"model": "pxq", "provisional": "on", "note": "Tot 1 juli."}).status_code == 302
    money = reverse("contracts:money", args=[contract.pk])
    client.force_login(member_of(contract.contractor))
    assert "81,2345" in client.get(money).content.decode()
    assert money in client.get(reverse("contracts:contract", args=[contract.pk])).content.decode()
    assert client.get(page).status_code == 403
    client.force_login(clm)
    assert money in client.get(reverse("admin:contracts_contract_change", args=[contract.pk])).content.decode()
    tariff = contract.tariffs.get()
    assert client.post(reverse("contracts:tariff_withdraw", args=[contract.pk, tariff.pk])).status_code == 302
    assert not contract.tariffs.exists()


def test_another_region_and_contractor_see_and_change_nothing(client, contract, clm):
    tariff = put(contract, "80.00", date(2022, 7, 1), clm)
    client.force_login(user_with(Role.CLM, region=RegionFactory()))
    assert client.get(reverse("contracts:money_tariffs", args=[contract.pk])).status_code == 404
    assert client.post(reverse("contracts:tariff_withdraw", args=[contract.pk, tariff.pk])).status_code == 404
    client.force_login(member_of(OrganisationFactory()))
    assert client.get(reverse("contracts:money", args=[contract.pk])).status_code == 404
    assert contract.tariffs.count() == 1


def test_the_page_of_tariffs_takes_the_same_queries_for_one_and_many(client, contract, clm):
    client.force_login(clm)
    page = reverse("contracts:money_tariffs", args=[contract.pk])
    put(contract, "80.00", date(2022, 7, 1), clm)
    with CaptureQueriesContext(connection) as few:
        client.get(page)
    for unit in ("day", "night"):
        for year in (2023, 2024):
            put(contract, "80.00", date(year, 1, 1), clm, unit=unit, subsegment=contract.subsegments.get())
    with CaptureQueriesContext(connection) as many:
        client.get(page)
    assert len(many) == len(few) <= 12
