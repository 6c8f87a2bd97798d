"""The years after Inkoop 2022 in the demo: what a visitor finds of contracts that run, changed, and ended."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import Count, F, Q, Sum

from achterhoek.clock import database_today
from contracts.domain.results import SHOWN, last_ended
from contracts.enums import (
    AmendmentStatus,
    ChangeStatus,
    ContractStatus,
    LegalGround,
    OptionOutcome,
    ReportStatus,
    TransitionStatus,
)
from contracts.models import (
    Amendment,
    Contract,
    ContractParty,
    InterimEvaluation,
    LumpsumAmount,
    LumpsumPayment,
    Obligation,
    OptionDecision,
    PaymentExport,
    RegisterVersion,
    ResultFigure,
    ResultReport,
    Subcontractor,
    Tariff,
    TransitionArrangement,
)
from contracts.rules import last_day_of
from contracts.services.demo.files import read_files

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo")]

PUBLISHED = [
    dt.date(2021, 8, 1), dt.date(2022, 7, 1), dt.date(2023, 9, 4), dt.date(2024, 6, 27), dt.date(2025, 7, 1),
    dt.date(2025, 10, 1),
]  # fmt: skip


def test_some_two_hundred_subcontractors_work_in_the_contracts() -> None:
    assert Subcontractor.objects.values("organisation").distinct().count() == 200


def test_six_versions_of_the_register_are_kept_as_they_were() -> None:
    kept = RegisterVersion.objects.filter(date__in=PUBLISHED).exclude(digest="").annotate(n=Count("files"))
    assert [row.n for row in kept] == [3] * len(PUBLISHED)


def test_every_contract_is_signed_by_both_sides() -> None:
    assert not Contract.objects.annotate(n=Count("signatures")).exclude(n=2).exists()
    assert not Contract.objects.filter(long_term_reason="").exists()


def test_shares_of_a_consortium_come_to_a_hundred_on_any_day() -> None:
    for day in (dt.date(2022, 7, 1), dt.date(2024, 12, 31), dt.date(2025, 1, 1), database_today()):
        running = ContractParty.objects.filter(Q(end=None) | Q(end__gte=day), start__lte=day)
        shares = running.values("contract").annotate(whole=Sum("share"), leads=Count("pk", filter=Q(is_lead=True)))
        assert {(row["whole"], row["leads"]) for row in shares} == {(Decimal(100), 1)}


def test_all_eight_colleges_declined_some_segments_and_extended_others() -> None:
    decided = OptionDecision.objects.filter(term__sequence=2)
    homes = decided.filter(term__contract__segment__slug="gezins-en-woonvormen")
    assert homes.values("municipality").distinct().count() == 8
    assert {one.outcome for one in homes} == {OptionOutcome.DECLINE}
    dwelling = Counter(decided.filter(term__contract__segment__slug="wmo-wonen").values_list("outcome", flat=True))
    assert dwelling == {OptionOutcome.EXTEND: 66, OptionOutcome.DECLINE: 11, OptionOutcome.CONDITIONAL: 11}


def test_twelve_quarters_of_results_with_some_missing_and_some_below_the_norm() -> None:
    quarters = ResultReport.objects.values("contract").annotate(n=Count("pk"))
    assert {row["n"] for row in quarters} == {SHOWN}
    states = Counter(ResultReport.objects.values_list("status", flat=True))
    assert set(states) == set(ReportStatus)
    late = ResultReport.objects.filter(status=ReportStatus.ASKED, due_on__lt=database_today()).count()
    assert 20 < late < 80
    waiting = ResultFigure.objects.filter(indicator__code="wachttijd", municipality=None)
    below = waiting.filter(
        report__contract__segment__asked_indicators__indicator=F("indicator"),
        value__gt=F("report__contract__segment__asked_indicators__norm"),
    )
    assert 0.05 < below.count() / waiting.count() < 0.4
    assert ResultFigure.objects.filter(value=None).exclude(remark="").exists()


def test_no_report_was_handed_in_before_its_quarter_was_over_or_by_the_clock_of_tomorrow() -> None:
    for report in ResultReport.objects.exclude(submitted_at=None):
        assert report.submitted_at is not None
        assert dt.date(report.year, 3 * report.quarter, 28) < report.submitted_at.date() < database_today()


def test_nobody_is_reminded_tomorrow_of_what_was_missing_for_years() -> None:
    old = ResultReport.objects.filter(status=ReportStatus.ASKED, due_on__lt=database_today() - dt.timedelta(days=60))
    assert old.exists()
    assert not old.filter(Q(reminded_on=None) | Q(reminded_on__lte=F("due_on"))).exists()


def test_the_interim_evaluation_was_concluded_for_all_contracts() -> None:
    found = InterimEvaluation.objects.filter(year=2024)
    assert found.count() == Contract.objects.count() == 89
    assert {one.advice.split(".")[0].split(",")[0] for one in found} > {"Verlengen", "Niet verlengen"}
    assert Counter(one.agreements.filter(done_on=None).exists() for one in found)[True] > 5


def test_small_changes_stay_below_a_tenth_of_the_value_at_the_start() -> None:
    rows = Amendment.objects.filter(ground=LegalGround.DE_MINIMIS, status=AmendmentStatus.SIGNED)
    sums = rows.values("contract__number", "contract__initial_value").annotate(changed=Sum("value_change"))
    parts = {row["contract__number"]: row["changed"] / row["contract__initial_value"] for row in sums}
    assert all(abs(part) < Decimal("0.1") for part in parts.values())
    assert parts["AH22-IAJ-01"] > Decimal("0.09")


def test_a_replaced_contractor_stays_in_the_register_of_before() -> None:
    contract = Contract.objects.get(number="AH22-IAJ-13")
    before, after = contract.parties.order_by("start")
    assert after.start == before.end + dt.timedelta(days=1)
    assert after.organisation == contract.contractor
    assert contract.amendments.filter(ground=LegalGround.REPLACEMENT).get().successor == contract.contractor


def test_money_lies_within_the_run_and_its_instalments_are_the_amount() -> None:
    for contract in Contract.objects.prefetch_related("terms"):
        years = LumpsumAmount.objects.filter(contract=contract).values_list("year", flat=True)
        assert all(contract.start.year <= year <= last_day_of(contract).year for year in years)
    planned = LumpsumAmount.objects.annotate(paid=Sum("payments__amount", filter=Q(payments__kind="instalment")))
    assert not planned.exclude(Q(paid=None) | Q(paid=F("amount"))).exists()
    assert LumpsumPayment.objects.filter(kind="correction").exists()
    assert PaymentExport.objects.count() >= 2
    assert Tariff.objects.filter(end=None).exists()


def test_the_demo_has_changes_of_subcontractors_in_every_state() -> None:
    """As they are written down, whatever the day."""
    files = read_files()
    ends = {_end_of(said) for said in files.years["changes"]}
    assert ends | {ChangeStatus.REQUESTED} == set(ChangeStatus)
    assert len(files.history["waiting_changes"]) == 3


def test_changes_of_subcontractors_were_played_as_long_as_their_contract_runs() -> None:
    today = database_today()
    for said in read_files().years["changes"]:
        contract = Contract.objects.prefetch_related("terms").get(number=said["contract"])
        found = contract.subcontractor_changes.filter(
            kind=said["kind"], requested_at__date=today + dt.timedelta(days=said["days"])
        )
        runs = last_day_of(contract) >= today + dt.timedelta(days=said["days"] + said["in_days"])
        if contract.status == ContractStatus.ACTIVE and runs:
            change = found.get()
            assert change.status == _end_of(said)
            assert change.messages.exists() == any(step["do"] == "ask" for step in said["steps"])
            assert change.advices.exists() == any(step["do"] == "advise" for step in said["steps"])
            assert [one.met_on is not None for one in change.followed.order_by("sequence")] == _followed(said)
        else:
            assert not found.exists()


def _end_of(said: dict[str, Any]) -> str:
    """In which state the steps leave a request."""
    state: str = ChangeStatus.REQUESTED
    for step in said["steps"]:
        after = {"ask": ChangeStatus.QUESTIONED, "answer": ChangeStatus.REQUESTED, "withdraw": ChangeStatus.WITHDRAWN}
        state = step["outcome"] if step["do"] == "decide" else after.get(step["do"], state)
    return state


def _followed(said: dict[str, Any]) -> list[bool]:
    """Of each condition whether it was met: the first ones are."""
    conditions = [line for step in said["steps"] for line in step.get("conditions", "").splitlines() if line]
    met = sum(step["do"] == "meet" for step in said["steps"])
    return [number < met for number in range(len(conditions))]


def test_care_of_contracts_that_ended_was_handed_over() -> None:
    rows = TransitionArrangement.objects.all()
    assert rows.values("old_contract").distinct().count() == 20
    assert {TransitionStatus.DONE, TransitionStatus.AGREED} == {row.status for row in rows}
    assert rows.filter(new_contract=None).exists()
    for row in rows.prefetch_related("counts"):
        told = [count.handed_over for count in row.counts.all()]
        assert told == sorted(told)
        assert all(number <= row.clients for number in told)
        assert row.status != TransitionStatus.DONE or told[-1] == row.clients


def test_every_contract_has_promises_some_with_a_figure() -> None:
    assert not Contract.objects.exclude(obligations__target__isnull=False).exists()
    assert Obligation.objects.filter(due_on__lt=database_today(), met_on=None).count() < 40


def test_figures_run_until_the_last_quarter() -> None:
    last = last_ended(database_today())
    assert ResultReport.objects.filter(year=last.year, quarter=last.number).count() == Contract.objects.filter(
        status=ContractStatus.ACTIVE
    ).count()  # fmt: skip
