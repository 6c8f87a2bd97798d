"""The pages of results: filled in, judged, and shown to who may see them, in a constant number of queries."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from achterhoek.accounts.enums import Role
from contracts.models import ResultReport, SegmentIndicator
from contracts.selectors.result_boards import contract_board, group_board, overview
from contracts.selectors.result_series import State
from contracts.services.results import Given, accept_report, send_back_report, submit_report
from tests.factories import RegionFactory, user_with
from tests.factories.contracts import in_municipalities, running_contract
from tests.factories.providers import member_of
from tests.factories.results import asked, complaints, handed_in, indicator, reported

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate


@pytest.fixture
def contract():
    return running_contract(start=TODAY() - timedelta(days=3 * 365))


@pytest.fixture
def member(contract):
    return member_of(contract.contractor)


@pytest.fixture
def clm():
    return user_with(Role.CLM)


@pytest.fixture
def percentage(contract):
    return indicator(contract, norm=80)


def url(name, report):
    return reverse(f"contracts:{name}", args=[report.contract_id, report.year, report.quarter])


# Filled in ------------------------------------------------------------------------------------------


def test_the_contractor_fills_in_saves_and_hands_in(client, contract, member, percentage):
    report = asked(contract)
    client.force_login(member)
    assert "Nog in te dienen" in client.get(reverse("contracts:results", args=[contract.pk])).content.decode()
    page = client.get(url("report", report)).content.decode()
    assert "Eenheid: %. Vul een getal in van 0 tot en met 100." in page
    assert "De norm is 80 %." in page
    name = f"f{percentage.pk}-0"
    assert client.post(url("report_save", report), {name: "ongeveer 80", "save": "1"}).status_code == 302
    assert "ongeveer 80" in client.get(url("report", report)).content.decode()
    refused = client.post(url("report_save", report), {name: "ongeveer 80", "submit": "1"})
    assert refused.status_code == 422
    assert "Vul een getal in" in refused.content.decode()
    assert client.post(url("report_save", report), {name: "80,5", "submit": "1"}).status_code == 302
    page = client.get(url("report", report)).content.decode()
    assert "80,5" in page
    assert "invullen/" not in page


def test_what_is_typed_saves_itself_and_a_bsn_is_refused(client, contract, member, percentage):
    report = asked(contract)
    client.force_login(member)
    name = f"f{percentage.pk}-0"
    saved = client.post(url("report_save", report), {name: "8"}, headers={"x-autosave": "1"})
    assert (saved.status_code, saved.json()) == (200, {})
    refused = client.post(
        url("report_save", report), {name: "8", "explanation": "111222333"}, headers={"x-autosave": "1"}
    )
    assert refused.status_code == 422
    assert "BSN" in refused.json()["message"]
    page = client.post(url("report_save", report), {name: "8", "explanation": "Over 111222333", "save": "1"})
    assert page.status_code == 422
    assert "Over 111222333" in page.content.decode()  # what was typed is still there


def test_every_figure_that_is_wrong_is_told_at_once(client, contract, member, percentage):
    count = complaints(contract)
    report = asked(contract)
    client.force_login(member)
    page = client.post(url("report_save", report), {f"f{percentage.pk}-0": "101", f"f{count.pk}-0": "1,5"})
    assert page.status_code == 422
    assert "tussen 0 en 100" in page.content.decode()
    assert "geheel getal" in page.content.decode()


def test_clm_accepts_or_sends_back_with_a_reason(client, contract, member, percentage, clm):
    report = handed_in(asked(contract), member, "82")
    client.force_login(clm)
    assert "Te beoordelen" in client.get(reverse("contracts:results_home")).content.decode()
    assert client.post(url("report_send_back", report), {"reason": ""}).status_code == 422
    assert client.post(url("report_send_back", report), {"reason": "Te hoog."}).status_code == 302
    client.force_login(member)
    assert "Te hoog." in client.get(url("report", report)).content.decode()
    handed_in(ResultReport.objects.get(), member, "72")
    client.force_login(clm)
    assert client.post(url("report_accept", report)).status_code == 302
    assert ResultReport.objects.get().status == "accepted"
    assert "Stuur terug" in client.get(url("report", report)).content.decode()


def test_who_has_nothing_to_do_with_it_gets_not_found(client, contract, member, percentage, clm):
    (place,) = in_municipalities(contract, "Aalten")
    (elsewhere,) = in_municipalities(running_contract(), "Zutphen")
    report = handed_in(asked(contract), member, "82")
    pages = [reverse("contracts:results", args=[contract.pk]), url("report", report)]
    boards = [
        reverse("contracts:results_segment", args=[contract.segment_id]),
        reverse("contracts:results_place", args=[place.pk]),
    ]
    for who, found in [
        (member, 200), (clm, 200), (user_with(Role.LEAD), 200), (user_with(Role.AUDITOR), 200),
        (user_with(Role.COLLEGE, municipality=place), 200), (user_with(Role.COLLEGE, municipality=elsewhere), 404),
        (member_of(running_contract().contractor), 404), (user_with(Role.CLM, region=RegionFactory()), 404),
        (user_with(Role.EVALUATOR), 403),
    ]:  # fmt: skip
        client.force_login(who)
        assert [client.get(page).status_code for page in pages] == [found, found], who
        if who is not member and found != 403 and not who.memberships.exists():
            assert [client.get(page).status_code for page in boards] == [found, found], who


def test_a_college_sees_its_own_municipality_also_in_a_segment(client, contract, member, percentage):
    places = in_municipalities(contract, "Aalten", "Berkelland")
    client.force_login(user_with(Role.COLLEGE, municipality=places[0]))
    page = reverse("contracts:results_segment", args=[contract.segment_id])
    assert "Aalten" in client.get(page).content.decode()
    assert client.get(f"{page}?gemeente={places[1].pk}").status_code == 404
    assert client.get(f"{page}?gemeente=x").status_code == 404
    assert client.get(reverse("contracts:results_place", args=[places[1].pk])).status_code == 404


def test_a_college_reads_only_the_figures_of_its_own_municipality_apart(client, contract, member, percentage, clm):
    places = in_municipalities(contract, "Aalten", "Berkelland")
    figures = {
        (percentage.pk, place and place.pk): Given(n) for n, place in [(80, None), (61, places[0]), (62, places[1])]
    }
    report = submit_report(report=asked(contract), figures=figures, explanation="", by=member)
    seen = {}
    for who in (clm, member, user_with(Role.COLLEGE, municipality=places[1])):
        client.force_login(who)
        text = client.get(url("report", report)).content.decode()
        seen[who] = ("61 %" in text, "62 %" in text, "80 %" in text)
    assert list(seen.values()) == [(True, True, True), (True, True, True), (False, True, True)]


# Shown ----------------------------------------------------------------------------------------------


def test_a_missing_report_is_shown_as_missing_and_never_as_a_zero(contract, member, percentage, clm):
    reported(contract, member, "70", None, "72")
    board = contract_board(clm, contract.pk, TODAY())
    states = [(point.state, point.value) for point in board.history.series[0].points[-3:]]
    assert states == [(State.KNOWN, 70), (State.MISSING, None), (State.KNOWN, 72)]
    assert [cells[0][0] for _name, _report, cells in board.rows] == ["72%", "ontbreekt", "70%"]
    # Below the norm twice, but not in a row.
    assert [sign for _series, sign in board.history.found] == []
    group = group_board(clm, contract.segment, None, TODAY())
    assert [cells[0] for _name, cells in group.rows] == [
        "72% (1 van 1)", "geen cijfer (0 van 1)", "70% (1 van 1)",
    ]  # fmt: skip


def test_two_quarters_below_the_norm_and_what_was_promised_are_signals(contract, member, percentage, clm):
    contract.obligations.create(sequence=1, promise="90% op tijd", source="G1", indicator=percentage, target=90)
    reported(contract, member, "85", "79", "78")
    found = overview(clm, TODAY())
    ((_contract, (noticed,)),) = found.signals[0].rows
    assert [words for words, _tone in noticed.words] == [
        "Slechter dan toegezegd", "Twee kwartalen slechter dan de norm",
    ]  # fmt: skip


def test_what_may_still_come_in_hides_no_signal(contract, member, percentage, clm):
    reported(contract, member, "85", "79", "78")
    ResultReport.objects.all().delete()
    reported(contract, member, "79", "78")
    last = ResultReport.objects.order_by("-year", "-quarter").first()
    ResultReport.objects.filter(pk=last.pk).delete()
    fresh = asked(contract)
    ResultReport.objects.filter(pk=fresh.pk).update(due_on=TODAY() + timedelta(days=10))
    series = contract_board(clm, contract.pk, TODAY()).history.series[0]
    assert (series.points[-1].state, series.settled[-1]) == (State.WAITING, 79)


def test_what_was_sent_back_counts_no_longer_until_it_comes_again(contract, member, percentage, clm):
    report = handed_in(asked(contract), member, "82")
    send_back_report(report=report, reason="Te hoog.", by=clm)
    point = contract_board(clm, contract.pk, TODAY()).history.series[0].points[-1]
    assert (point.state, point.value) == (State.RETURNED, None)
    accept_report(report=handed_in(report, member, "72"), by=clm)
    assert contract_board(clm, contract.pk, TODAY()).history.series[0].points[-1].value == 72


def test_a_municipality_has_its_own_figure_where_there_is_one(contract, member, percentage, clm):
    places = in_municipalities(contract, "Aalten", "Berkelland")
    figures = {(percentage.pk, None): Given(80), (percentage.pk, places[0].pk): Given(60)}
    submit_report(report=asked(contract), figures=figures, explanation="", by=member)
    last = [group_board(clm, contract.segment, place, TODAY()).rows[0][1][0] for place in (*places, None)]
    assert last == ["60% (1 van 1)", "80% (1 van 1)", "80% (1 van 1)"]


def test_a_mean_is_of_what_was_reported(contract, member, percentage, clm):
    other = running_contract(segment=contract.segment)
    silent = running_contract(segment=contract.segment)
    handed_in(asked(contract), member, "80")
    handed_in(asked(other), member_of(other.contractor), "60")
    asked(silent)
    assert group_board(clm, contract.segment, None, TODAY()).rows[0][1] == ["70% (2 van 3)"]


def queries_of(client, page):
    with CaptureQueriesContext(
        connection,
    ) as found:
        assert client.get(page).status_code == 200
    return len(found)


@pytest.mark.parametrize("name", ["results_home", "results_segment", "results_place"])
def test_boards_take_as_many_queries_for_many_contracts_as_for_one(client, contract, member, percentage, clm, name):
    (place,) = in_municipalities(contract, "Aalten")
    reported(contract, member, "70", "71", None)
    page = {
        "results_home": reverse("contracts:results_home"),
        "results_segment": reverse("contracts:results_segment", args=[contract.segment_id]),
        "results_place": reverse("contracts:results_place", args=[place.pk]),
    }[name]
    client.force_login(clm)
    client.get(page)
    one = queries_of(client, page)
    complaints(contract)
    for _number in range(3):
        other = running_contract(segment=contract.segment, start=contract.start)
        other.contract_municipalities.create(municipality=place, start=other.start)
        reported(other, member_of(other.contractor), "60", "61", "62")
    assert queries_of(client, page) == one


def test_a_segment_of_which_nothing_is_asked_says_so(client, contract, clm):
    client.force_login(clm)
    page = client.get(reverse("contracts:results_segment", args=[contract.segment_id])).content.decode()
    assert "geen cijfers gevraagd" in page
    home = client.get(reverse("contracts:results_home")).content.decode()
    assert "Begin met deze zes" in home
    region = contract.segment.tender.region
    assert client.post(reverse("contracts:indicators_start", args=[region.pk])).status_code == 302
    assert SegmentIndicator.objects.count() == 6
    assert client.post(reverse("contracts:indicators_start", args=[region.pk])).status_code == 404


def test_the_contract_the_home_and_the_college_lead_to_the_results(client, contract, member, percentage):
    (place,) = in_municipalities(contract, "Aalten")
    report = asked(contract)
    client.force_login(member)
    assert (
        reverse("contracts:results", args=[contract.pk])
        in client.get(reverse("contracts:contract", args=[contract.pk])).content.decode()
    )
    assert url("report", report) in client.get(reverse("providers:home")).content.decode()
    client.force_login(user_with(Role.COLLEGE, municipality=place))
    assert reverse("contracts:results_home") in client.get(reverse("procurement:college_home")).content.decode()
