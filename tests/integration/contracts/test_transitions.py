"""Transitions: proposed, agreed, counted by both sides, done or dropped; what ends without one is a signal."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from achterhoek.accounts.enums import Role
from achterhoek.audit.models import AuditEvent
from achterhoek.errors import NotAllowed, RuleViolation
from contracts.enums import TermStatus
from contracts.models import TransitionArrangement
from contracts.selectors.transitions import open_ends, transition_rows, transition_work
from contracts.services.transitions import (
    Handover,
    Told,
    agree_transition,
    change_transition,
    drop_transition,
    finish_transition,
    propose_transition,
    tell_count,
)
from tests.factories import RegionFactory, user_with
from tests.factories.contracts import contract_until, in_municipalities, running_contract
from tests.factories.providers import OrganisationFactory, member_of
from tests.factories.region import MunicipalityFactory

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def today():
    return timezone.localdate()


@pytest.fixture
def clm():
    return user_with(Role.CLM)


@pytest.fixture
def ending(today):
    """A contract that ends in two months: its option is not taken."""
    contract = contract_until(today + 60 * DAY)
    contract.terms.filter(sequence=2).update(status=TermStatus.DECLINED)
    return contract


@pytest.fixture
def places(ending):
    return in_municipalities(ending, "Aalten", "Berkelland")


@pytest.fixture
def successor(ending, places):
    """A contract of another contractor that runs on in the first of both municipalities."""
    contract = running_contract(segment=ending.segment)
    contract.contract_municipalities.create(municipality=places[0], start=contract.start)
    return contract


def handover(place, new=None, **fields):
    given = {"clients": 10, "arrangement": "Elke week twee.", "due_on": timezone.localdate() + 60 * DAY, **fields}
    return Handover(municipality=place, subsegment=None, new_contract=new, **given)


@pytest.fixture
def agreed(ending, places, successor, clm):
    made = propose_transition(contract=ending, given=handover(places[0], successor), by=clm)
    return agree_transition(arrangement=made, by=clm)


def test_an_end_without_an_arrangement_is_a_signal_until_one_is_recorded(ending, places, clm, today):
    assert [(one.contract, one.municipality) for one in open_ends(clm, today)] == [(ending, place) for place in places]
    assert transition_work(clm, today) == (1, 0)
    made = [propose_transition(contract=ending, given=handover(place, clients=0), by=clm) for place in places]
    assert transition_work(clm, today) == (0, 0)
    drop_transition(arrangement=made[1], reason="Toch wel cliënten.", by=clm)
    assert [one.municipality for one in open_ends(clm, today)] == [places[1]]


def test_a_contract_with_an_open_option_does_not_end_but_a_municipality_can_leave_it(clm, today):
    contract = running_contract()
    stays, leaves = in_municipalities(contract, "Aalten", "Berkelland")
    assert open_ends(clm, today) == []
    contract.contract_municipalities.filter(municipality=leaves).update(end=today + 30 * DAY)
    assert [(one.municipality, one.on) for one in open_ends(clm, today)] == [(leaves, today + 30 * DAY)]
    with pytest.raises(RuleViolation) as refused:
        propose_transition(contract=contract, given=handover(stays), by=clm)
    assert refused.value.field == "municipality"


def test_who_takes_over_can_be_unknown_until_it_is_agreed(ending, places, successor, clm):
    made = propose_transition(contract=ending, given=handover(places[0]), by=clm)
    with pytest.raises(RuleViolation):
        agree_transition(arrangement=made, by=clm)
    change_transition(arrangement=made, given=handover(places[0], successor, clients=12), by=clm)
    assert agree_transition(arrangement=made, by=clm).clients == 12
    with pytest.raises(RuleViolation):
        change_transition(arrangement=made, given=handover(places[0], successor), by=clm)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"arrangement": " "}, "arrangement"),
        ({"arrangement": "Cliënt 111222333 gaat eerst."}, "arrangement"),
        ({"due_on": date(2000, 1, 1)}, "due_on"),
    ],
)
def test_what_cannot_be_is_told_beside_its_field(ending, places, successor, clm, fields, field):
    with pytest.raises(RuleViolation) as refused:
        propose_transition(contract=ending, given=handover(places[0], successor, **fields), by=clm)
    assert refused.value.field == field
    assert not TransitionArrangement.objects.exists()


def test_a_successor_works_there_in_this_region_and_is_named_once(ending, places, successor, clm):
    elsewhere = running_contract()
    elsewhere.contract_municipalities.create(
        municipality=MunicipalityFactory(region=elsewhere.segment.tender.region), start=elsewhere.start
    )
    for place, new in ((places[1], successor), (places[0], ending), (places[0], elsewhere)):
        with pytest.raises(RuleViolation) as refused:
            propose_transition(contract=ending, given=handover(place, new), by=clm)
        assert refused.value.field == "new_contract"
    propose_transition(contract=ending, given=handover(places[0], successor), by=clm)
    with pytest.raises(RuleViolation, match="al"):
        propose_transition(contract=ending, given=handover(places[0], successor), by=clm)


def test_both_contractors_tell_counts_and_all_have_to_be_over_before_it_is_done(ending, successor, agreed, clm, today):
    old, new = member_of(ending.contractor), member_of(successor.contractor)
    tell_count(arrangement=agreed, told=Told(today - 2 * DAY, 4), by=old)
    tell_count(arrangement=agreed, told=Told(today - DAY, 7), by=new)
    with pytest.raises(RuleViolation, match="3"):
        finish_transition(arrangement=agreed, by=clm)
    tell_count(arrangement=agreed, told=Told(today, 10), by=new)
    assert finish_transition(arrangement=agreed, by=clm).status == "done"
    with pytest.raises(RuleViolation):
        tell_count(arrangement=agreed, told=Told(today, 10), by=new)
    told = AuditEvent.objects.filter(action="contracts.transitioncount.tell").order_by("pk")
    assert [event.detail["handed_over"] for event in told] == [4, 7, 10]


def test_a_count_is_corrected_by_its_own_side_and_fewer_asks_why(ending, successor, agreed, clm, today):
    old, colleague = member_of(ending.contractor), member_of(ending.contractor)
    new = member_of(successor.contractor)
    tell_count(arrangement=agreed, told=Told(today - DAY, 5), by=old)
    tell_count(arrangement=agreed, told=Told(today - DAY, 6), by=colleague)
    with pytest.raises(RuleViolation) as refused:
        tell_count(arrangement=agreed, told=Told(today - DAY, 9), by=new)
    assert refused.value.field == "on"
    with pytest.raises(RuleViolation) as refused:
        tell_count(arrangement=agreed, told=Told(today, 5), by=new)
    assert refused.value.field == "remark"
    tell_count(arrangement=agreed, told=Told(today, 5, "Eén kwam terug."), by=new)
    tell_count(arrangement=agreed, told=Told(today - DAY, 4), by=clm)
    assert list(agreed.counts.values_list("handed_over", flat=True)) == [4, 5]


@pytest.mark.parametrize(("days", "number", "field"), [(1, 5, "on"), (0, 11, "handed_over"), (-5000, 1, "on")])
def test_a_count_that_cannot_be_is_refused(agreed, clm, today, days, number, field):
    with pytest.raises(RuleViolation) as refused:
        tell_count(arrangement=agreed, told=Told(today + days * DAY, number), by=clm)
    assert refused.value.field == field


def test_what_is_not_over_after_its_day_is_too_late_and_stands_first(ending, places, successor, agreed, clm, today):
    propose_transition(contract=ending, given=handover(places[1]), by=clm)
    assert not any(row.progress.is_late for row in transition_rows(clm, today))
    TransitionArrangement.objects.filter(municipality=places[1]).update(due_on=today - DAY)
    rows = transition_rows(clm, today)
    assert [(row.arrangement.municipality, row.progress.is_late) for row in rows] == [
        (places[1], True), (places[0], False),
    ]  # fmt: skip
    assert transition_work(clm, today) == (0, 1)


def test_only_team_clm_of_the_region_arranges(ending, places, agreed, today):
    for other in (
        user_with(Role.LEAD), user_with(Role.CLM, region=RegionFactory()), member_of(ending.contractor)
    ):  # fmt: skip
        with pytest.raises(NotAllowed):
            propose_transition(contract=ending, given=handover(places[1]), by=other)
        with pytest.raises(NotAllowed):
            finish_transition(arrangement=agreed, by=other)
    with pytest.raises(NotAllowed):
        tell_count(arrangement=agreed, told=Told(today, 1), by=member_of(OrganisationFactory()))


# Pages -------------------------------------------------------------------------------------------------


def test_an_arrangement_is_recorded_on_its_page_and_nothing_typed_is_lost(client, ending, places, successor, clm):
    client.force_login(clm)
    page = reverse("contracts:transition_new", args=[ending.pk])
    typed = {"municipality": places[0].pk, "new_contract": successor.pk, "clients": "veel", "due_on": "2030-01-01"}
    refused = client.post(page, {**typed, "arrangement": "Elke week twee."})
    assert refused.status_code == 422
    assert 'value="veel"' in refused.content.decode()
    made = client.post(page, {**typed, "clients": "8", "arrangement": "Elke week twee."})
    arrangement = TransitionArrangement.objects.get()
    assert made.url == reverse("contracts:transition", args=[arrangement.pk])
    assert client.post(reverse("contracts:transition_agree", args=[arrangement.pk])).status_code == 302
    shown = client.get(made.url).content.decode()
    assert "0 van 8 cliënten" in shown
    assert client.post(made.url, {"on": "2020-01-01", "handed_over": "9"}).status_code == 422
    refused = client.post(reverse("contracts:transition_finish", args=[arrangement.pk]), follow=True)
    assert "8 van 8" in refused.content.decode()
    drop = reverse("contracts:transition_drop", args=[arrangement.pk])
    assert client.post(drop, {"reason": ""}).status_code == 422
    assert client.post(drop, {"reason": "Het contract gaat toch door."}).status_code == 302
    assert client.get(drop).status_code == 404


def test_both_contractors_see_the_transition_and_nobody_else_does(client, ending, successor, agreed):
    page = reverse("contracts:transition", args=[agreed.pk])
    for party in (ending.contractor, successor.contractor):
        client.force_login(member_of(party))
        assert client.get(page).status_code == 200
        assert page in client.get(reverse("providers:home")).content.decode()
    client.force_login(member_of(successor.contractor))
    assert client.post(page, {"on": timezone.localdate().isoformat(), "handed_over": "2"}).status_code == 302
    contract = reverse("contracts:contract", args=[successor.pk])
    assert page in client.get(contract).content.decode()
    for other in (member_of(OrganisationFactory()), user_with(Role.CLM, region=RegionFactory())):
        client.force_login(other)
        assert client.get(page).status_code == 404
        assert client.post(page, {"on": timezone.localdate().isoformat(), "handed_over": "2"}).status_code == 404
    other = user_with(Role.CLM, region=RegionFactory())
    client.force_login(other)
    assert client.get(reverse("contracts:transition_new", args=[ending.pk])).status_code == 404
    assert ending.number not in client.get(reverse("contracts:transitions")).content.decode()


def test_the_first_page_of_team_clm_counts_what_ends_without_an_arrangement(client, ending, places, clm):
    client.force_login(clm)
    assert "Contracten die eindigen zonder overgangsregeling" in client.get(reverse("admin:index")).content.decode()
    own = client.get(reverse("admin:contracts_contract_change", args=[ending.pk])).content.decode()
    assert reverse("contracts:transition_new", args=[ending.pk]) in own


def test_the_list_takes_the_same_queries_for_one_and_many(client, ending, places, clm):
    client.force_login(clm)
    page = reverse("contracts:transitions")
    client.get(page)
    with CaptureQueriesContext(connection) as few:
        client.get(page)
    for _number in range(3):
        other = contract_until(timezone.localdate() + 90 * DAY, segment=ending.segment)
        other.terms.filter(sequence=2).update(status=TermStatus.DECLINED)
        for place in places:
            other.contract_municipalities.create(municipality=place, start=other.start)
        propose_transition(contract=other, given=handover(places[0]), by=clm)
    with CaptureQueriesContext(connection) as many:
        client.get(page)
    assert len(many) <= len(few) + 1 <= 14
