"""Quarterly reports: asked, reminded of, typed, handed in, sent back, accepted; what is missing is never a zero."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from achterhoek.accounts.enums import Role
from achterhoek.audit.models import AuditEvent
from achterhoek.errors import NotAllowed, RuleViolation
from achterhoek.mail.models import OutboxMessage
from contracts.enums import ContractStatus, ReportStatus
from contracts.models import Contract, Indicator, ResultFigure, ResultReport, SegmentIndicator
from contracts.selectors.results import sheet_of
from contracts.services.indicators import ask_of_segment, save_indicator, start_indicators, stop_asking
from contracts.services.result_reminders import ask_due_reports, ask_reports, remind_of_reports
from contracts.services.results import Given, accept_report, save_draft, send_back_report, submit_report
from contracts.tasks.results import mind_reports
from tests.factories import RegionFactory, user_with
from tests.factories.contracts import contract_with_terms, in_municipalities, running_contract
from tests.factories.providers import member_of
from tests.factories.results import asked, complaints, handed_in, indicator, this_quarter

pytestmark = pytest.mark.django_db
BSN = "111222333"


@pytest.fixture
def contract():
    return running_contract()


@pytest.fixture
def member(contract):
    return member_of(contract.contractor)


@pytest.fixture
def clm():
    return user_with(Role.CLM)


@pytest.fixture
def percentage(contract):
    return indicator(contract)


def give(report, by, values, explanation=""):
    figures = {key: Given(None if value is None else Decimal(value), remark) for key, (value, remark) in values.items()}
    return submit_report(report=report, figures=figures, explanation=explanation, by=by)


# Asked and reminded ---------------------------------------------------------------------------------


def test_the_quarter_that_is_over_is_asked_once_of_each_contract_that_ran_in_it(contract, member, percentage):
    later = running_contract(start=timezone.localdate() + timedelta(days=1), segment=contract.segment)
    unsigned = contract_with_terms(unsigned=True, segment=contract.segment, start=contract.start)
    assert mind_reports() >= 1
    assert ask_due_reports() == 0
    report = ResultReport.objects.get()
    assert report.contract == contract
    assert (report.year, report.quarter) == (this_quarter().year, this_quarter().number)
    assert report.due_on >= timezone.localdate() + timedelta(days=14)
    assert AuditEvent.objects.filter(action="contracts.resultreport.ask").count() == 1
    assert not ResultReport.objects.filter(contract__in=[later, unsigned]).exists()
    mail = OutboxMessage.objects.get(to=member.email, subject__contains="cijfers")
    assert contract.number in mail.body
    assert reverse("contracts:report", args=[contract.pk, report.year, report.quarter]) in mail.body


def test_a_contract_that_ended_since_is_still_asked_of_its_last_quarter(contract, percentage):
    Contract.objects.filter(pk=contract.pk).update(status=ContractStatus.ACTIVE)
    ended = contract_with_terms(segment=contract.segment, start=this_quarter().start - timedelta(days=365), years=(1,))
    assert {row.contract_id for row in ask_reports(quarter=this_quarter(), contracts=[ended])} == {ended.pk}


def test_nothing_is_asked_of_a_segment_without_indicators(contract):
    assert ask_due_reports() == 0


@pytest.mark.parametrize(("days", "reminded"), [(-8, 0), (-7, 1), (0, 1), (6, 0), (7, 1)])
def test_reminders_go_a_week_before_and_a_week_after(contract, member, percentage, days, reminded):
    report = asked(contract)
    ResultReport.objects.filter(pk=report.pk).update(due_on=timezone.localdate() - timedelta(days=days))
    OutboxMessage.objects.all().delete()
    assert remind_of_reports() == reminded
    assert remind_of_reports() == 0
    assert OutboxMessage.objects.filter(to=member.email).count() == reminded


def test_who_handed_in_is_not_reminded(contract, member, percentage):
    report = handed_in(asked(contract), member, "80")
    ResultReport.objects.filter(pk=report.pk).update(due_on=timezone.localdate() - timedelta(days=7))
    assert remind_of_reports() == 0


# Typed and handed in --------------------------------------------------------------------------------


def test_a_draft_keeps_what_was_typed_also_what_is_no_figure(contract, member, percentage):
    report = asked(contract)
    save_draft(report=report, typed={f"f{percentage.pk}-0": "ongeveer 80", "vreemd": "x"}, by=member)
    report.refresh_from_db()
    assert report.status == ReportStatus.ASKED
    assert sheet_of(report).typed()[f"f{percentage.pk}-0"] == "ongeveer 80"
    assert "vreemd" not in report.draft
    assert not ResultFigure.objects.exists()


def test_a_report_is_handed_in_with_figures_of_the_whole_and_of_municipalities(contract, member, percentage):
    places = in_municipalities(contract, "Aalten", "Berkelland")
    report = asked(contract)
    give(report, member, {(percentage.pk, None): ("82.5", ""), (percentage.pk, places[0].pk): ("90", "")}, "Rustig.")
    report.refresh_from_db()
    assert (report.status, report.explanation, report.draft) == (ReportStatus.SUBMITTED, "Rustig.", {})
    assert report.submitted_by == member
    rows = dict(report.figures.values_list("municipality__name", "value"))
    assert rows == {None: Decimal("82.50"), "Aalten": Decimal("90.00")}


def test_not_known_is_said_with_a_remark_and_stays_without_a_value(contract, member, percentage):
    report = asked(contract)
    with pytest.raises(RuleViolation, match="opmerking") as refused:
        give(report, member, {(percentage.pk, None): (None, "")})
    assert refused.value.field == f"f{percentage.pk}-0"
    give(report, member, {(percentage.pk, None): (None, "Het systeem telde niet.")})
    figure = ResultFigure.objects.get()
    assert (figure.value, figure.remark) == (None, "Het systeem telde niet.")


@pytest.mark.parametrize(
    ("value", "rule"), [("100.1", "tussen 0 en 100"), ("-1", "tussen 0 en 100"), ("8.25", "één cijfer achter")]
)
def test_a_figure_that_cannot_be_is_refused_beside_its_field_with_the_rule(contract, member, percentage, value, rule):
    with pytest.raises(RuleViolation, match=rule) as refused:
        give(asked(contract), member, {(percentage.pk, None): (value, "")})
    assert refused.value.field == f"f{percentage.pk}-0"
    assert not ResultFigure.objects.exists()


def test_a_count_is_a_whole_number_without_an_end(contract, member):
    count = complaints(contract)
    with pytest.raises(RuleViolation, match="geheel getal"):
        give(asked(contract), member, {(count.pk, None): ("1.5", "")})
    give(asked(contract), member, {(count.pk, None): ("0", "")})
    assert ResultFigure.objects.get().value == 0


def test_no_data_of_clients_in_a_remark_an_explanation_or_a_draft(contract, member, percentage):
    report = asked(contract)
    with pytest.raises(RuleViolation, match="BSN") as refused:
        give(report, member, {(percentage.pk, None): (None, f"Zie {BSN}")})
    assert refused.value.field == f"r{percentage.pk}-0"
    with pytest.raises(RuleViolation, match="BSN"):
        give(report, member, {(percentage.pk, None): ("5", "")}, f"Cliënt {BSN}")
    with pytest.raises(RuleViolation, match="BSN"):
        save_draft(report=report, typed={"explanation": f"Cliënt {BSN}"}, by=member)
    report.refresh_from_db()
    assert report.draft == {}


# Judged ---------------------------------------------------------------------------------------------


def test_sent_back_it_is_handed_in_again_and_the_log_keeps_what_it_was(contract, member, percentage, clm):
    report = handed_in(asked(contract), member, "82")
    OutboxMessage.objects.all().delete()
    report = send_back_report(report=report, reason="Dit lijkt te hoog.", by=clm)
    assert (report.status, report.judgement) == (ReportStatus.RETURNED, "Dit lijkt te hoog.")
    assert "Dit lijkt te hoog." in OutboxMessage.objects.get(to=member.email).body
    report = handed_in(report, member, "72")
    accept_report(report=report, by=clm)
    told = AuditEvent.objects.filter(action="contracts.resultreport.submit").order_by("pk")
    assert [event.detail["changes"] for event in told] == [
        [], [{"indicator": "op-tijd", "municipality": "", "before": "82", "after": "72"}],
    ]  # fmt: skip


def test_what_was_accepted_can_be_taken_up_again(contract, member, percentage, clm):
    report = accept_report(report=handed_in(asked(contract), member, "82"), by=clm)
    with pytest.raises(RuleViolation):
        handed_in(report, member, "10")
    report = send_back_report(report=report, reason="Toch verkeerd geteld.", by=clm)
    assert report.status == ReportStatus.RETURNED
    assert AuditEvent.objects.filter(action="contracts.resultreport.reopen").exists()
    assert handed_in(report, member, "80").status == ReportStatus.SUBMITTED


def test_a_report_goes_back_with_a_reason_only(contract, member, percentage, clm):
    report = handed_in(asked(contract), member, "82")
    with pytest.raises(RuleViolation) as refused:
        send_back_report(report=report, reason=" ", by=clm)
    assert refused.value.field == "reason"


def test_only_the_contractor_fills_in_and_only_clm_of_the_region_judges(contract, member, percentage):
    report = asked(contract)
    other = member_of(running_contract(segment=contract.segment).contractor)
    with pytest.raises(NotAllowed):
        handed_in(report, other, "80")
    with pytest.raises(NotAllowed):
        save_draft(report=report, typed={}, by=other)
    handed_in(report, member, "80")
    for stranger in (member, user_with(Role.CLM, region=RegionFactory()), user_with(Role.LEAD)):
        with pytest.raises(NotAllowed):
            accept_report(report=report, by=stranger)


def test_another_contractor_region_or_municipality_sees_nothing(contract, member, percentage, clm):
    (place,) = in_municipalities(contract, "Aalten")
    (elsewhere,) = in_municipalities(running_contract(), "Zutphen")
    report = asked(contract)
    sees = [member, clm, user_with(Role.LEAD), user_with(Role.COLLEGE, municipality=place)]
    not_sees = [
        member_of(running_contract().contractor), user_with(Role.CLM, region=RegionFactory()),
        user_with(Role.COLLEGE, municipality=elsewhere), user_with(Role.EVALUATOR),
    ]  # fmt: skip
    for who in sees:
        assert list(ResultReport.objects.visible_to(who)) == [report]
    for who in not_sees:
        assert not ResultReport.objects.visible_to(who).exists()


# Indicators -----------------------------------------------------------------------------------------


def test_a_region_begins_with_six_indicators_asked_of_its_segments(contract, clm):
    region = contract.segment.tender.region
    start_indicators(region=region, by=clm)
    start_indicators(region=region, by=clm)
    codes = list(Indicator.objects.filter(region=region).values_list("code", flat=True))
    assert codes == ["doorlooptijd", "afschaling", "clienttevredenheid", "op-tijd-gestart", "klachten", "wachttijd"]
    assert SegmentIndicator.objects.filter(segment=contract.segment).count() == 6
    assert "weken" in Indicator.objects.get(code="wachttijd").unit


def test_a_norm_has_to_be_a_figure_that_can_be_and_of_its_own_region(contract, percentage, clm):
    row = SegmentIndicator.objects.get()
    row.norm = Decimal(120)
    with pytest.raises(RuleViolation, match="tussen 0 en 100"):
        ask_of_segment(row=row, by=clm)
    row.norm, row.indicator = None, indicator(running_contract())
    with pytest.raises(RuleViolation, match="regio"):
        ask_of_segment(row=row, by=clm)


def test_figures_that_were_reported_keep_their_meaning(client, contract, member, percentage, clm):
    handed_in(asked(contract), member, "80")
    percentage.name = "Tijdig gestart"
    save_indicator(indicator=percentage, by=clm)
    percentage.direction = "lower"
    with pytest.raises(RuleViolation, match="nieuwe indicator") as refused:
        save_indicator(indicator=percentage, by=clm)
    assert refused.value.field == "direction"
    client.force_login(clm)
    page = reverse("admin:contracts_indicator_change", args=[percentage.pk])
    data = {
        "region": percentage.region_id, "code": "op-tijd", "name": "Op tijd", "explanation": "x", "unit": "weken",
        "direction": "higher", "lowest": "0", "highest": "100", "decimals": "1", "position": "0",
    }  # fmt: skip
    assert "nieuwe indicator" in client.post(page, data).content.decode()
    assert client.post(page, {**data, "unit": "%"}).status_code == 302


def test_what_is_asked_no_longer_keeps_its_figures(contract, member, percentage, clm):
    handed_in(asked(contract), member, "80")
    stop_asking(row=SegmentIndicator.objects.get(), by=clm)
    assert ResultFigure.objects.get().value == 80
    with pytest.raises(NotAllowed):
        start_indicators(region=contract.segment.tender.region, by=user_with(Role.LEAD))


def test_a_figure_that_the_database_cannot_hold_is_told_beside_its_field(contract, member):
    found = complaints(contract)
    with pytest.raises(RuleViolation) as refused:
        give(asked(contract), member, {(found.pk, None): ("99999999999", "")})
    assert refused.value.field == f"f{found.pk}-0"


def test_a_draft_with_a_sign_that_nobody_types_is_kept_without_it(client, contract, member, percentage):
    report = asked(contract)
    client.force_login(member)
    page = reverse("contracts:report_save", args=[contract.pk, report.year, report.quarter])
    name = f"r{percentage.pk}-0"
    assert client.post(page, {name: "Niet\x00bekend", "save": "1"}).status_code == 302
    report.refresh_from_db()
    assert report.draft[name] == "Nietbekend"
