"""Team CLM's work list of changes: what is late, several at once, as a file, and searches that are kept."""

import csv
import io
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from achterhoek.accounts.enums import Role
from contracts.enums import AdviceOutcome, ChangeStatus
from contracts.models import ChangeAdvice, SavedSearch
from contracts.services.change_decisions import decide_change
from contracts.services.change_talk import ask_advice
from tests.factories import MunicipalityFactory, RegionFactory, user_with
from tests.factories.contracts import SubcontractorChangeFactory, running_contract

pytestmark = pytest.mark.django_db
LIST = "/beheer/contracts/subcontractorchange/"
TODAY = timezone.localdate


@pytest.fixture
def clm(client):
    user = user_with(Role.CLM)
    client.force_login(user)
    return user


@pytest.fixture
def change():
    return SubcontractorChangeFactory(contract=running_contract())


@pytest.fixture
def place(change):
    return MunicipalityFactory(region=change.contract.segment.tender.region, name="Winterswijk")


@pytest.fixture
def secretary(place):
    return user_with(Role.COLLEGE, municipality=place)


def test_the_list_tells_what_is_overdue(client, clm, change):
    late = SubcontractorChangeFactory(
        contract=running_contract(), decide_by=TODAY() - timedelta(days=1),
        requested_at=timezone.now() - timedelta(days=29),
    )  # fmt: skip
    assert "Te laat" in client.get(LIST).content.decode()
    assert list(client.get(LIST, {"term": "overdue"}).context["cl"].result_list) == [late]
    assert client.get(LIST, {"term": "later"}).context["cl"].result_count == 1
    assert client.get(LIST, {"term": "week"}).context["cl"].result_count == 0


def test_the_first_page_says_what_is_too_late(client, clm):
    SubcontractorChangeFactory(contract=running_contract(), decide_by=TODAY() - timedelta(days=1))
    approved = SubcontractorChangeFactory(contract=running_contract())
    assert "?conditions=late" not in client.get("/beheer/").content.decode()
    decide_change(change=approved, outcome=ChangeStatus.CONDITIONAL, reason="Ja.", conditions="Iets.", by=clm)
    approved.followed.update(due_on=TODAY() - timedelta(days=1))
    page = client.get("/beheer/").content.decode()
    assert "1 te laat" in page
    assert "?conditions=late" in page


def test_the_list_knows_where_advice_is_still_to_come(client, clm, change, place, secretary):
    SubcontractorChangeFactory(contract=running_contract())
    [advice] = ask_advice(change=change, municipalities=[place], question="", due_on=TODAY(), by=clm)
    assert list(client.get(LIST, {"advice": "open"}).context["cl"].result_list) == [change]
    assert client.get(LIST, {"advice": "none"}).context["cl"].result_count == 1
    ChangeAdvice.objects.filter(pk=advice.pk).update(
        outcome=AdviceOutcome.NONE, given_by=secretary, given_at=timezone.now()
    )
    assert list(client.get(LIST, {"advice": "given"}).context["cl"].result_list) == [change]


def test_several_are_refused_at_once_after_a_page_that_asks_the_reason(client, clm, change):
    others = [SubcontractorChangeFactory(contract=running_contract()) for _number in range(2)]
    decide_change(change=others[1], outcome=ChangeStatus.REFUSED, reason="Eerder.", by=clm)
    chosen = {"_selected_action": [str(row.pk) for row in (change, *others)], "action": "refuse_selected"}
    asked = client.post(LIST, {**chosen, "index": "0", "select_across": "0"})
    page = asked.content.decode()
    assert change.organisation.name in page
    assert "Over 1 van de gekozen verzoeken is al besloten" in page
    empty = client.post(LIST, {**chosen, "apply": "1", "reason": ""})
    assert 'id="id_reason_error"' in empty.content.decode()
    assert client.post(LIST, {**chosen, "apply": "1", "reason": "Geen gegronde reden."}).status_code == 302
    for row in (change, others[0]):
        row.refresh_from_db()
        assert (row.status, row.decision_reason) == (ChangeStatus.REFUSED, "Geen gegronde reden.")
    others[1].refresh_from_db()
    assert others[1].decision_reason == "Eerder."


def test_advice_is_asked_on_several_at_once(client, clm, change, place, secretary):
    other = SubcontractorChangeFactory(contract=running_contract(segment=change.contract.segment))
    chosen = {"_selected_action": [str(change.pk), str(other.pk)], "action": "advise_selected"}
    data = {"apply": "1", "municipalities": [place.pk], "question": "", "due_on": TODAY().isoformat()}
    assert client.post(LIST, {**chosen, **data}).status_code == 302
    assert ChangeAdvice.objects.filter(municipality=place).count() == 2


def test_the_auditor_is_offered_no_action(client, change):
    client.force_login(user_with(Role.AUDITOR))
    assert "refuse_selected" not in client.get(LIST).content.decode()
    chosen = {"_selected_action": [str(change.pk)], "action": "refuse_selected", "apply": "1", "reason": "Nee."}
    client.post(LIST, chosen)
    change.refresh_from_db()
    assert change.status == ChangeStatus.REQUESTED


def test_the_list_is_a_file_with_the_same_filters(client, clm, change):
    SubcontractorChangeFactory(contract=running_contract(), decide_by=TODAY() - timedelta(days=1))
    all_rows = list(csv.reader(io.StringIO(client.get(f"{LIST}lijst.csv").content.decode("utf-8-sig")), delimiter=";"))
    assert len(all_rows) == 3
    assert change.organisation.name in {row[5] for row in all_rows}
    late = client.get(f"{LIST}lijst.xlsx", {"term": "overdue"})
    assert "attachment" in late["Content-Disposition"]
    assert load_workbook(io.BytesIO(late.content)).active.max_row == 2
    assert client.get(f"{LIST}lijst.csv", {"verzonnen": "1"}).status_code == 400


@pytest.mark.parametrize("count", [1, 20])
def test_list_and_file_take_a_fixed_number_of_queries(client, clm, django_assert_max_num_queries, count):
    for _number in range(count):
        SubcontractorChangeFactory(contract=running_contract())
    with django_assert_max_num_queries(12):
        client.get(LIST)
    with django_assert_max_num_queries(10):
        client.get(f"{LIST}lijst.csv")


def test_searches_are_saved_for_oneself_or_for_the_team(client, clm, change):
    save = reverse("admin:contracts_subcontractorchange_save")
    assert "zoekopdrachten/" in client.get(LIST, {"term": "overdue"}).content.decode()
    nameless = client.post(save, {"name": "", "query": "term=overdue"})
    assert 'id="id_name_error"' in nameless.content.decode()
    client.post(save, {"name": "Te laat", "query": "term=overdue", "shared": "on"})
    client.post(save, {"name": "Deze week", "query": "term=week"})
    page = client.get(LIST).content.decode()
    assert "?term=overdue" in page
    assert "Deze week" in page
    colleague = user_with(Role.CLM)
    client.force_login(colleague)
    page = client.get(LIST).content.decode()
    assert "Te laat" in page
    assert "Deze week" not in page
    search = SavedSearch.objects.get(name="Te laat")
    assert client.post(reverse("admin:contracts_subcontractorchange_forget", args=[search.pk])).status_code == 404
    client.force_login(clm)
    client.post(reverse("admin:contracts_subcontractorchange_forget", args=[search.pk]))
    assert not SavedSearch.objects.filter(name="Te laat").exists()


def test_searches_are_shared_within_the_own_region():
    here, there = RegionFactory(), RegionFactory()
    mine = user_with(Role.CLM, region=here)
    SavedSearch.objects.create(owner=mine, page="lijst", name="Te laat", query="term=overdue", shared=True)

    def seen(role, region=None):
        return SavedSearch.objects.visible_to(user_with(role, region=region)).exists()

    assert seen(Role.CLM, here)
    assert seen(Role.AUDITOR, here)
    assert seen(Role.CLM)
    assert not seen(Role.CLM, there)
    assert not seen(Role.PROVIDER)
    assert SavedSearch.objects.visible_to(mine).exists()
    everywhere = user_with(Role.CLM)
    SavedSearch.objects.create(owner=everywhere, page="lijst", name="Overal", query="term=week", shared=True)
    assert seen(Role.CLM, there)
