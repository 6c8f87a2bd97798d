"""Amendments: numbered, on a ground that fits, within its room, and with their effect when both sides signed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from achterhoek.accounts.enums import Role
from achterhoek.clock import database_today
from achterhoek.errors import NotAllowed, RuleViolation
from achterhoek.mail.models import OutboxMessage
from contracts.enums import AmendmentKind, AmendmentStatus, ContractStatus, LegalGround
from contracts.models import Amendment, Contract, LumpsumAmount, RegisterVersion
from contracts.selectors.amendments import meter_of
from contracts.services.amendments import AmendmentSaid, draft_amendment, drop_amendment, sign_amendment
from contracts.services.letters import make_letters
from contracts.services.replacement import follow_contractors
from tests.factories import OrganisationFactory, RegionFactory, member_of, user_with
from tests.factories.contracts import in_municipalities, running_contract
from tests.factories.documents import pdf

pytestmark = pytest.mark.django_db


@pytest.fixture
def clm():
    return user_with(Role.CLM)


@pytest.fixture
def contract():
    return running_contract(initial_value=Decimal(1_000_000))


def said(**fields) -> AmendmentSaid:
    base = AmendmentSaid(
        kind=AmendmentKind.SCOPE, ground=LegalGround.DE_MINIMIS, title="Een inloop erbij", description="In Aalten.",
        reason="Meer vraag.", effective_on=database_today(), value_change=Decimal(40_000),
    )  # fmt: skip
    return replace(base, **fields)


def taken_over(successor, on: date) -> AmendmentSaid:
    return said(
        kind=AmendmentKind.REPLACEMENT, ground=LegalGround.REPLACEMENT, value_change=Decimal(0), successor=successor,
        effective_on=on,
    )  # fmt: skip


def test_numbered_and_in_force_when_signed(contract, clm):
    first = draft_amendment(contract=contract, says=said(), by=clm)
    second = draft_amendment(contract=contract, says=said(value_change=Decimal(10_000)), by=clm)
    assert (first.sequence, second.sequence) == (1, 2)
    assert meter_of(contract).net == 0
    sign_amendment(amendment=first, by=clm, upload=SimpleUploadedFile("wijziging.pdf", pdf()))
    drop_amendment(amendment=second, by=clm)
    first.refresh_from_db()
    assert (first.status, first.file.name) == (AmendmentStatus.SIGNED, "wijziging.pdf")
    assert meter_of(contract).net == 40_000
    assert make_letters() == 1
    with pytest.raises(RuleViolation):
        sign_amendment(amendment=second, by=clm)


def test_small_changes_stay_below_ten_percent_also_when_drafts_were_written_beside_one_another(contract, clm):
    one = draft_amendment(contract=contract, says=said(value_change=Decimal(60_000)), by=clm)
    other = draft_amendment(contract=contract, says=said(value_change=Decimal(60_000)), by=clm)
    sign_amendment(amendment=one, by=clm)
    with pytest.raises(RuleViolation, match=r"120\.000") as refused:
        sign_amendment(amendment=other, by=clm)
    assert refused.value.field == "value_change"
    other.refresh_from_db()
    assert other.status == AmendmentStatus.DRAFT


@pytest.mark.parametrize(("fields", "field"), [
    ({"value_change": Decimal(100_000)}, "value_change"),
    ({"ground": LegalGround.ADDITIONAL, "value_change": Decimal(500_001)}, "value_change"),
    ({"ground": LegalGround.REPLACEMENT}, "ground"),
    ({"title": " "}, "title"), ({"reason": ""}, "reason"),
    ({"effective_on": date(1999, 1, 1)}, "effective_on"),
    ({"kind": AmendmentKind.INDEXATION, "percentage": None, "year": 2027}, "percentage"),
    ({"kind": AmendmentKind.INDEXATION, "percentage": Decimal(3), "year": None}, "year"),
    ({"kind": AmendmentKind.REPLACEMENT, "ground": LegalGround.REPLACEMENT, "successor": None}, "successor"),
])  # fmt: skip
def test_what_cannot_be_is_refused_beside_its_field(contract, clm, fields, field):
    with pytest.raises(RuleViolation) as refused:
        draft_amendment(contract=contract, says=said(**fields), by=clm)
    assert refused.value.field == field
    assert not Amendment.objects.exists()


def test_without_a_value_at_the_start_nothing_is_measured(clm):
    contract = running_contract()
    with pytest.raises(RuleViolation) as refused:
        draft_amendment(contract=contract, says=said(), by=clm)
    assert refused.value.field == "ground"
    assert draft_amendment(contract=contract, says=said(value_change=Decimal(0)), by=clm).sequence == 1


@pytest.mark.parametrize("role", [Role.LEAD, Role.AUDITOR, Role.PROVIDER])
def test_only_team_clm_amends(contract, role):
    with pytest.raises(NotAllowed):
        draft_amendment(contract=contract, says=said(), by=user_with(role))
    with pytest.raises(NotAllowed):
        draft_amendment(contract=contract, says=said(), by=user_with(Role.CLM, region=RegionFactory()))


def test_an_indexation_raises_the_amounts_from_its_year_on(contract, clm):
    (place,) = in_municipalities(contract, "Aalten")
    year = database_today().year + 1
    for which in (year - 1, year):
        LumpsumAmount.objects.create(contract=contract, municipality=place, year=which, amount=Decimal(1000))
    says = said(
        kind=AmendmentKind.INDEXATION, ground=LegalGround.CLAUSE, percentage=Decimal("3.5"), year=year,
        effective_on=date(year, 1, 1), value_change=Decimal(0),
    )  # fmt: skip
    first, again = (draft_amendment(contract=contract, says=says, by=clm) for _number in range(2))
    sign_amendment(amendment=first, by=clm)
    with pytest.raises(RuleViolation) as refused:
        sign_amendment(amendment=again, by=clm)
    assert refused.value.field == "percentage"
    assert list(contract.lumpsums.order_by("year").values_list("amount", flat=True)) == [1000, 1035]


def test_the_successor_is_the_contractor_from_that_day_on(contract, clm):
    old, new = contract.contractor, OrganisationFactory(letter_language="en")
    today = database_today()
    made = draft_amendment(contract=contract, says=taken_over(new, today), by=clm)
    sign_amendment(amendment=made, by=clm)
    contract.refresh_from_db()
    assert contract.contractor == new
    rows = contract.parties.order_by("start").values_list("organisation", "is_lead", "start", "end")
    assert list(rows) == [
        (old.pk, True, contract.start, today - timedelta(days=1)), (new.pk, True, today, None),
    ]  # fmt: skip
    assert new.name in RegisterVersion.objects.get(date=today).note
    assert make_letters() == 2
    told = {message.to: message.body for message in OutboxMessage.objects.all()}
    assert set(told) == {old.email, new.email}
    # Who is no contractor any more is not sent to a page that it does not find.
    page = reverse("contracts:contract", args=[contract.pk])
    assert [page in told[who.email] for who in (old, new)] == [False, True]
    assert Contract.objects.visible_to(member_of(new)).exists()
    assert not Contract.objects.visible_to(member_of(old)).exists()


def test_a_successor_of_a_later_day_waits_for_it(contract, clm):
    old, new = contract.contractor, OrganisationFactory()
    later = database_today() + timedelta(days=10)
    sign_amendment(amendment=draft_amendment(contract=contract, says=taken_over(new, later), by=clm), by=clm)
    contract.refresh_from_db()
    assert contract.contractor == old
    assert follow_contractors() == 0
    contract.parties.filter(organisation=old).update(end=database_today() - timedelta(days=1))
    contract.parties.filter(organisation=new).update(start=database_today())
    assert (follow_contractors(), follow_contractors()) == (1, 0)
    contract.refresh_from_db()
    assert contract.contractor == new


def test_a_member_of_the_consortium_that_takes_over_keeps_its_own_share_too(contract, clm):
    member = OrganisationFactory()
    contract.parties.update(share=60)
    contract.parties.create(organisation=member, share=40, start=contract.start)
    sign_amendment(
        amendment=draft_amendment(contract=contract, says=taken_over(member, database_today()), by=clm), by=clm
    )
    assert contract.parties.get(end__isnull=True).share == 100


# The pages ------------------------------------------------------------------------------------------


def typed(**fields):
    return {
        "kind": "scope", "ground": "2.163b", "title": "Een inloop erbij", "description": "In Aalten.",
        "reason": "Meer vraag.", "effective_on": database_today().isoformat(), "value_change": "40.000,00", **fields,
    }  # fmt: skip


def test_team_clm_writes_and_signs_and_the_contractor_reads(client, contract, clm):
    client.force_login(clm)
    new = reverse("contracts:amendment_new", args=[contract.pk])
    refused = client.post(new, typed(value_change="100.000,00"))
    assert refused.status_code == 422
    assert "Een inloop erbij" in refused.content.decode()
    assert client.post(new, typed()).status_code == 302
    url = reverse("contracts:amendment", args=[contract.pk, 1])
    member = member_of(contract.contractor)
    client.force_login(member)
    assert client.get(url).status_code == 404
    client.force_login(clm)
    seen = client.get(url).context["form"]["seen"].value()
    assert client.post(url, {"submit": "x", "seen": seen}).status_code == 422
    assert client.post(url, {"agreed": "on", "seen": seen}).status_code == 302
    client.force_login(member)
    assert "Een inloop erbij" in client.get(url).content.decode()
    page = client.get(reverse("contracts:amendments", args=[contract.pk])).content.decode()
    assert "4,0%" in page
    assert "<progress" in page
    client.force_login(member_of(OrganisationFactory()))
    assert client.get(url).status_code == 404


def test_a_contract_that_ended_is_not_amended(contract, clm):
    Contract.objects.filter(pk=contract.pk).update(status=ContractStatus.ENDED)
    with pytest.raises(RuleViolation):
        draft_amendment(contract=contract, says=said(), by=clm)
