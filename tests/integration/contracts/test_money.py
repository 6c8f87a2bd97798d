"""Lump sums: set, divided, corrected, indexed, and sent to be paid once."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from achterhoek.accounts.enums import Role
from achterhoek.audit.models import AuditEvent
from achterhoek.documents.sealed import chunks
from achterhoek.errors import NotAllowed, RuleViolation
from contracts.models import LumpsumAmount, LumpsumPayment
from contracts.services.contracts import terminate_contract
from contracts.services.lumpsums import (
    amount_field,
    correct_lumpsum,
    index_lumpsums,
    plan_instalments,
    set_lumpsums,
)
from contracts.services.payment_exports import export_payments
from tests.factories import RegionFactory, user_with
from tests.factories.contracts import contract_with_terms, in_municipalities, running_contract
from tests.factories.providers import OrganisationFactory, member_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def clm():
    return user_with(Role.CLM)


@pytest.fixture
def contract():
    return contract_with_terms(start=date(2022, 7, 1))


@pytest.fixture
def places(contract):
    return in_municipalities(contract, "Aalten", "Berkelland")


def put(contract, place, year, amount, by):
    set_lumpsums(contract=contract, amounts={(place.pk, year): Decimal(amount)}, by=by)
    return LumpsumAmount.objects.get(municipality=place, year=year)


def test_an_amount_is_set_and_the_log_keeps_what_it_was(contract, places, clm):
    put(contract, places[0], 2023, "1000.00", clm)
    row = put(contract, places[0], 2023, "1200.50", clm)
    assert row.amount == Decimal("1200.50")
    told = AuditEvent.objects.filter(action="contracts.lumpsumamount.set").order_by("pk")
    assert [(event.detail["before"], event.detail["amount"]) for event in told] == [
        (None, "1000.00"), ("1000.00", "1200.50"),
    ]  # fmt: skip


@pytest.mark.parametrize(("year", "amount"), [(2021, "1.00"), (2026, "1.00"), (2023, "-1"), (2023, "0.001")])
def test_an_amount_that_cannot_be_is_told_beside_its_field(contract, places, clm, year, amount):
    with pytest.raises(RuleViolation) as refused:
        put(contract, places[0], year, amount, clm)
    assert refused.value.field == amount_field(places[0].pk, year)
    assert not LumpsumAmount.objects.exists()


def test_all_amounts_are_set_or_none(contract, places, clm):
    amounts = {(places[0].pk, 2023): Decimal(5), (places[1].pk, 2030): Decimal(5)}
    with pytest.raises(RuleViolation):
        set_lumpsums(contract=contract, amounts=amounts, by=clm)
    assert not LumpsumAmount.objects.exists()


def test_a_year_is_divided_once_and_changed_by_corrections_only(contract, places, clm):
    row = put(contract, places[0], 2023, "100.00", clm)
    assert plan_instalments(contract=contract, year=2023, parts=12, by=clm) == 12
    assert sum(row.payments.values_list("amount", flat=True)) == 100
    with pytest.raises(RuleViolation, match="2023"):
        plan_instalments(contract=contract, year=2023, parts=12, by=clm)
    with pytest.raises(RuleViolation, match="correctie"):
        put(contract, places[0], 2023, "90.00", clm)
    made = correct_lumpsum(lumpsum=row, amount=Decimal("-10.00"), due_on=date(2023, 12, 1), reason="Minder.", by=clm)
    assert made.sequence == 13
    with pytest.raises(RuleViolation, match="minder dan niets"):
        correct_lumpsum(lumpsum=row, amount=Decimal("-90.01"), due_on=date(2023, 12, 1), reason="Meer.", by=clm)


def test_half_a_year_is_divided_over_the_months_in_which_the_contract_runs(contract, places, clm):
    row = put(contract, places[0], 2022, "60.00", clm)
    plan_instalments(contract=contract, year=2022, parts=12, by=clm)
    assert [payment.due_on.month for payment in row.payments.all()] == [7, 8, 9, 10, 11, 12]


def test_an_indexation_changes_what_is_not_divided_and_corrects_what_is(contract, places, clm):
    divided = put(contract, places[0], 2024, "100.00", clm)
    plan_instalments(contract=contract, year=2024, parts=4, by=clm)
    later = put(contract, places[0], 2025, "100.00", clm)
    assert index_lumpsums(contract=contract, year=2024, percentage=Decimal("3.5"), due_on=date(2024, 3, 1), by=clm) == 2
    later.refresh_from_db()
    divided.refresh_from_db()
    assert later.amount == Decimal("103.50")
    assert divided.amount == Decimal("100.00")
    assert divided.payments.get(kind="correction").amount == Decimal("3.50")


def test_what_was_exported_is_not_exported_again(contract, places, clm):
    region = contract.segment.tender.region
    put(contract, places[0], 2023, "120.00", clm)
    plan_instalments(contract=contract, year=2023, parts=12, by=clm)
    first = export_payments(region=region, until=date(2023, 2, 1), by=clm)
    assert (first.sequence, first.total) == (1, Decimal("20.00"))
    with pytest.raises(RuleViolation):
        export_payments(region=region, until=date(2023, 2, 28), by=clm)
    second = export_payments(region=region, until=date(2023, 3, 1), by=clm)
    assert (second.sequence, second.total) == (2, Decimal("10.00"))
    assert LumpsumPayment.objects.filter(export__isnull=True).count() == 9


def test_a_day_that_cannot_be_is_refused(contract, places, clm):
    put(contract, places[0], 2023, "120.00", clm)
    row = LumpsumAmount.objects.get()
    for due_on in (contract.start - timedelta(days=1), date(1, 1, 1), date(2029, 1, 1)):
        with pytest.raises(RuleViolation) as refused:
            correct_lumpsum(lumpsum=row, amount=Decimal(-1), due_on=due_on, reason="Minder.", by=clm)
        assert refused.value.field == "due_on"
    correct_lumpsum(lumpsum=row, amount=Decimal(-1), due_on=date(2028, 12, 31), reason="Minder.", by=clm)
    # A year that was mistyped does not send years of payments.
    ahead = timezone.localdate() + timedelta(days=93)
    with pytest.raises(RuleViolation, match="drie maanden") as refused:
        export_payments(region=contract.segment.tender.region, until=ahead, by=clm)
    assert refused.value.field == "until"


def test_only_team_clm_of_the_region_works_on_money(contract, places, clm):
    region = contract.segment.tender.region
    for other in (user_with(Role.LEAD), user_with(Role.CLM, region=RegionFactory())):
        with pytest.raises(NotAllowed):
            put(contract, places[0], 2023, "1.00", other)
        with pytest.raises(NotAllowed):
            export_payments(region=region, until=date(2023, 1, 1), by=other)


def test_what_was_corrected_first_is_divided_all_the_same(contract, places, clm):
    row = put(contract, places[0], 2023, "100.00", clm)
    correct_lumpsum(lumpsum=row, amount=Decimal("5.00"), due_on=date(2023, 1, 1), reason="Meer.", by=clm)
    assert plan_instalments(contract=contract, year=2023, parts=4, by=clm) == 4
    assert list(row.payments.values_list("sequence", flat=True)) == [1, 2, 3, 4, 5]
    assert sum(row.payments.values_list("amount", flat=True)) == 105


def test_the_amount_of_a_municipality_that_left_before_the_year_is_not_divided(contract, places, clm):
    stays, left = (put(contract, place, 2024, "120.00", clm) for place in places)
    contract.contract_municipalities.filter(municipality=places[1]).update(end=date(2023, 12, 31))
    assert plan_instalments(contract=contract, year=2024, parts=12, by=clm) == 12
    assert (stays.payments.count(), left.payments.count()) == (12, 0)


def test_a_key_pressed_twice_makes_one_correction(contract, places, clm):
    row = put(contract, places[0], 2023, "100.00", clm)
    said = {"lumpsum": row, "amount": Decimal("5.00"), "due_on": date(2023, 1, 1), "by": clm}
    correct_lumpsum(**said, reason="Meer.")
    with pytest.raises(RuleViolation) as refused:
        correct_lumpsum(**said, reason="Meer. ")
    assert refused.value.field == "reason"
    correct_lumpsum(**said, reason="Nog meer.")
    assert row.payments.count() == 2


def lines_of(export):
    return [line.split(";") for line in b"".join(chunks(export.file)).decode("utf-8-sig").splitlines()[1:]]


def test_a_contractor_that_was_replaced_is_paid_for_its_own_time(contract, places, clm):
    put(contract, places[0], 2024, "120.00", clm)
    plan_instalments(contract=contract, year=2024, parts=12, by=clm)
    old, new = contract.contractor, OrganisationFactory()
    contract.parties.update(end=date(2024, 6, 30))
    contract.parties.create(organisation=new, is_lead=True, start=date(2024, 7, 1), share=100)
    contract.contractor = new
    contract.save()
    made = export_payments(region=contract.segment.tender.region, until=date(2024, 7, 1), by=clm)
    payees = [(line[3], line[4], line[9]) for line in lines_of(made)]
    assert payees == [(old.name, old.kvk_number, "termijn")] * 6 + [(new.name, new.kvk_number, "termijn")]


def test_the_database_keeps_what_was_exported(contract, places, clm):
    put(contract, places[0], 2023, "120.00", clm)
    plan_instalments(contract=contract, year=2023, parts=2, by=clm)
    export = export_payments(region=contract.segment.tender.region, until=date(2023, 1, 1), by=clm)
    sent, waiting = LumpsumPayment.objects.order_by("sequence")
    for change in ({"amount": 1}, {"export": None}, {"due_on": date(2024, 1, 1)}):
        with pytest.raises(ProgrammingError, match="Cannot update"), transaction.atomic():
            LumpsumPayment.objects.filter(pk=sent.pk).update(**change)
    with pytest.raises(ProgrammingError, match="Cannot update"), transaction.atomic():
        type(export).objects.filter(pk=export.pk).update(total=0)
    LumpsumPayment.objects.filter(pk=waiting.pk).update(amount=1)


def test_no_instalment_is_paid_after_the_early_end_of_its_contract(client, clm):
    contract = running_contract()
    (place,) = in_municipalities(contract, "Aalten")
    today = timezone.localdate()
    row = put(contract, place, today.year, "120.00", clm)
    row.payments.create(sequence=1, kind="instalment", due_on=today, amount=60, made_by=clm)
    row.payments.create(sequence=2, kind="instalment", due_on=today + timedelta(days=2), amount=60, made_by=clm)
    terminate_contract(contract=contract, on=today + timedelta(days=1), reason="Gestopt.", by=clm)
    with pytest.raises(RuleViolation, match="minder dan niets"):
        correct_lumpsum(lumpsum=row, amount=Decimal("-60.01"), due_on=today, reason="Minder.", by=clm)
    made = export_payments(region=contract.segment.tender.region, until=today + timedelta(days=9), by=clm)
    assert made.total == Decimal("60.00")
    client.force_login(clm)
    told = client.get(reverse("contracts:money", args=[contract.pk]))
    assert "niet betaald" in told.content.decode()
    assert [one.total for one in told.context["years"]] == [Decimal("60.00")]
    assert client.get(reverse("contracts:payments")).context["total"] == Decimal("60.00")


# Pages -------------------------------------------------------------------------------------------------


def test_amounts_are_filled_in_for_a_year_and_nothing_typed_is_lost(client, contract, places, clm):
    client.force_login(clm)
    page = reverse("contracts:money_year", args=[contract.pk, 2023])
    first, second = (amount_field(place.pk, 2023) for place in places)
    refused = client.post(page, {first: "1.250,00", second: "veel"})
    assert refused.status_code == 422
    html = refused.content.decode()
    assert f"id_{second}_error" in html
    assert 'value="1.250,00"' in html
    assert not LumpsumAmount.objects.exists()
    assert client.post(page, {first: "1.250,00", second: ""}).status_code == 302
    assert client.post(page, {"deel-parts": "12"}).status_code == 302
    shown = client.get(reverse("contracts:money", args=[contract.pk])).content.decode()
    assert "€ 1.250,00" in shown.replace("\xa0", " ")
    assert client.get(reverse("contracts:money_year", args=[contract.pk, 2031])).status_code == 404


def test_a_correction_is_made_on_its_page(client, contract, places, clm):
    row = put(contract, places[0], 2023, "100.00", clm)
    client.force_login(clm)
    page = reverse("contracts:money_correct", args=[contract.pk, row.pk])
    assert "id_reason_error" in client.post(page, {"amount": "5", "due_on": "2023-05-01"}).content.decode()
    assert client.post(page, {"amount": "5", "due_on": "2023-05-01", "reason": "Meer."}).status_code == 302
    assert row.payments.get().amount == 5


def test_the_contractor_sees_its_own_money_and_nobody_elses(client, contract, places, clm):
    put(contract, places[0], 2023, "100.00", clm)
    page = reverse("contracts:money", args=[contract.pk])
    client.force_login(member_of(contract.contractor))
    assert "100,00" in client.get(page).content.decode()
    client.force_login(member_of(OrganisationFactory()))
    assert client.get(page).status_code == 404
    client.force_login(user_with(Role.CLM, region=RegionFactory()))
    assert client.get(page).status_code == 404
    assert client.get(reverse("contracts:money_year", args=[contract.pk, 2023])).status_code == 404


def test_a_file_of_payments_is_made_and_read_by_officials_of_the_region_alone(client, contract, places, clm):
    region = contract.segment.tender.region
    put(contract, places[0], 2023, "120.00", clm)
    plan_instalments(contract=contract, year=2023, parts=1, by=clm)
    client.force_login(clm)
    page = reverse("contracts:payments")
    assert client.post(page, {"region": region.pk, "until": "2022-01-01"}).status_code == 422
    assert client.post(page, {"region": region.pk, "until": timezone.localdate().isoformat()}).status_code == 302
    shown = client.get(f"{page}?jaar=2023")
    export = shown.context["exports"][0]
    file = reverse("documents:download", args=[export.file_id])
    lines = b"".join(client.get(file).streaming_content).decode("utf-8-sig").splitlines()
    assert lines[0].startswith("export;regel;contract")
    assert lines[1].split(";")[2] == contract.number
    assert lines[1].split(";")[11] == "120,00"
    for other in (user_with(Role.CLM, region=RegionFactory()), user_with(Role.PROVIDER)):
        client.force_login(other)
        assert client.get(file).status_code == 404


def test_the_page_of_money_takes_the_same_queries_for_one_year_and_all(client, contract, places, clm):
    client.force_login(clm)
    page = reverse("contracts:money", args=[contract.pk])
    put(contract, places[0], 2023, "120.00", clm)
    with CaptureQueriesContext(connection) as few:
        client.get(page)
    for place in places:
        for year in (2022, 2023, 2024, 2025):
            put(contract, place, year, "120.00", clm)
    plan_instalments(contract=contract, year=2024, parts=12, by=clm)
    with CaptureQueriesContext(connection) as many:
        client.get(page)
    assert len(many) == len(few) <= 12
