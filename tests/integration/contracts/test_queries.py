"""Pages with parts of every room take as many queries for many rows as for one."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from achterhoek.accounts.enums import Role
from contracts.enums import TransitionStatus
from contracts.models import Amendment, Obligation, TransitionArrangement, TransitionCount
from tests.factories import user_with
from tests.factories.contracts import (
    SubcontractorChangeFactory,
    SubcontractorFactory,
    in_municipalities,
    running_contract,
)
from tests.factories.providers import member_of
from tests.factories.results import evaluation, indicator, reported

pytestmark = pytest.mark.django_db
NAMES = ("Aalten", "Berkelland", "Bronckhorst", "Doetinchem")
# Session, user and roles; the contract with seven kinds of rows of its own; the clock; four panels of three to five.
CONTRACT_PAGE = 24


@pytest.fixture
def contract():
    return running_contract(start=timezone.localdate() - timedelta(days=2 * 365))


@pytest.fixture
def clm():
    return user_with(Role.CLM)


@pytest.fixture
def member(contract):
    return member_of(contract.contractor)


def lived(contract, member, clm, count):
    """Something in every part of the contract's page, `count` times."""
    asked, today = indicator(contract, norm=80), timezone.localdate()
    for number, place in enumerate(in_municipalities(contract, *NAMES[:count]), start=1):
        SubcontractorFactory(contract=contract, start=contract.start)
        SubcontractorChangeFactory(contract=contract)
        Obligation.objects.create(
            contract=contract, sequence=number, promise="Op tijd.", source="K1", indicator=asked, target=90
        )
        lumpsum = contract.lumpsums.create(municipality=place, year=today.year, amount=Decimal(1200))
        lumpsum.payments.create(sequence=1, kind="correction", amount=-200, due_on=today, reason="Minder.", made_by=clm)
        arrangement = TransitionArrangement.objects.create(
            old_contract=contract, municipality=place, clients=9, arrangement="Warm.", due_on=today,
            status=TransitionStatus.PROPOSED, made_by=clm,
        )  # fmt: skip
        TransitionCount.objects.create(arrangement=arrangement, on=today, handed_over=3, told_by=clm)
        Amendment.objects.create(
            contract=contract,
            sequence=number,
            kind="text",
            ground="2.163g",
            title="Tekst",
            made_by=clm,
            effective_on=today,
        )
    reported(contract, member, *["70", "60", "50", "40"][:count])
    evaluation(contract)


def queries_of(client, page):
    client.get(page)
    with CaptureQueriesContext(connection) as found:
        response = client.get(page)
    assert response.status_code == 200
    return len(found), response.content.decode()


@pytest.mark.parametrize("count", [1, 4])
@pytest.mark.parametrize("reader", ["member", "clm"])
def test_the_contract_page_queries_do_not_grow(client, contract, member, clm, count, reader):
    lived(contract, member, clm, count)
    client.force_login({"member": member, "clm": clm}[reader])
    queries, page = queries_of(client, reverse("contracts:contract", args=[contract.pk]))
    assert queries <= CONTRACT_PAGE
    assert f"€ {1000 * count:,}".replace(",", ".") in page.replace("\u00a0", " ")
    assert ("Slechter dan" in page) or count == 1
    assert "Tussenevaluatie 2024" in page
    assert ("/contracten/opties/" in page) == (reader == "clm")
    assert "3 van 9" in page


def test_the_list_of_evaluations_takes_as_many_queries_for_many_as_for_one(client, contract, clm):
    evaluation(contract)
    client.force_login(clm)
    page = reverse("contracts:evaluations")
    one, _page = queries_of(client, page)
    for year in (2025, 2026, 2027):
        evaluation(running_contract(segment=contract.segment), year)
    many, _page = queries_of(client, page)
    assert many == one


def test_the_payments_take_as_many_queries_for_many_as_for_one(client, contract, clm):
    today = timezone.localdate()
    client.force_login(clm)
    page = reverse("contracts:payments")
    found = []
    for names in (NAMES[:1], NAMES[1:]):
        for place in in_municipalities(contract, *names):
            contract.lumpsums.create(municipality=place, year=today.year, amount=Decimal(1200))
        found.append(queries_of(client, page)[0])
    assert found[0] == found[1]
