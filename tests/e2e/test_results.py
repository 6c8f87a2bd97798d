"""Results and evaluation in a browser: reported, sent back, handed in again, accepted; seen on the dashboards."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from achterhoek.accounts.enums import Role
from contracts.models import Contract, EvaluationQuestion, InterimEvaluation, ResultReport
from contracts.services.evaluations import Answer, hand_in_answers
from contracts.services.indicators import start_indicators
from contracts.services.results import Given, submit_report
from tests.e2e.looking import go, here, judge_at_all_widths, log_in
from tests.factories import user_with
from tests.factories.contracts import in_municipalities, running_contract
from tests.factories.providers import member_of
from tests.factories.results import asked, evaluation, this_quarter

pytestmark = [pytest.mark.e2e, pytest.mark.long, pytest.mark.django_db(transaction=True)]
FIGURES = {
    "doorlooptijd": (30, 31, 29, 28, 27, 29, 33), "afschaling": (55, 58, 60, 62, 64, 60, 58),
    "clienttevredenheid": (8, 8, 7, 8, 8, 7, 8), "op-tijd-gestart": (88, 90, 87, 91, 85, 78, 76),
    "klachten": (3, 2, 0, 1, 4, 2, 9), "wachttijd": (6, 7, 8, 7, 9, 10, 12),
}  # fmt: skip


@pytest.fixture
def contract() -> Contract:
    """Three years old, in three municipalities, with six indicators and a promise."""
    contract = running_contract(start=timezone.localdate() - timedelta(days=3 * 365))
    in_municipalities(contract, "Aalten", "Berkelland", "Winterswijk")
    start_indicators(region=contract.segment.tender.region, by=user_with(Role.CLM))
    contract.segment.asked_indicators.filter(indicator__code="op-tijd-gestart").update(norm=80)
    found = contract.segment.asked_indicators.get(indicator__code="op-tijd-gestart").indicator
    contract.obligations.create(sequence=1, promise="85% op tijd.", source="Criterium 2", indicator=found, target=85)
    return contract


def _history(contract: Contract, by: Any) -> None:
    """Seven quarters before the one that is asked now, of which one is missing."""
    quarters = [this_quarter().previous]
    while len(quarters) < 7:
        quarters.insert(0, quarters[0].previous)
    for number, quarter in enumerate(quarters):
        report = asked(contract, quarter)
        if number == 2:
            continue
        rows = contract.segment.asked_indicators.select_related("indicator")
        figures = {(row.indicator_id, None): Given(FIGURES[row.indicator.code][number]) for row in rows}
        submit_report(report=report, figures=figures, explanation="", by=by)


def _page(chromium: Browser, live_server: LiveServer, who: Any) -> Page:
    context = chromium.new_context(locale="nl-NL", reduced_motion="reduce", accept_downloads=True)
    log_in(context, live_server.url, who)
    return context.new_page()


def _address(live_server: LiveServer, name: str, *args: object) -> str:
    return live_server.url + reverse(f"contracts:{name}", args=args)


def test_a_quarter_is_reported_sent_back_handed_in_again_and_accepted(
    chromium: Browser, live_server: LiveServer, contract: Contract
) -> None:
    member = member_of(contract.contractor)
    _history(contract, member)
    report = asked(contract)
    provider = _page(chromium, live_server, member)
    provider.goto(live_server.url + reverse("providers:home"))
    quarter = f"{report.quarter}e kwartaal van {report.year}"
    go(provider.get_by_role("link", name=f"{contract.number}, {quarter}"))
    judge_at_all_widths(provider, "rapportage-invullen")
    provider.get_by_label("hele contract").nth(1).fill("120")  # a percentage; the others stay empty
    go(provider.get_by_role("button", name="Dien de rapportage in"))
    judge_at_all_widths(provider, "rapportage-invullen-fouten")
    expect(provider.get_by_text("ligt tussen 0 en 100").first).to_be_visible()
    for box in provider.get_by_label("hele contract").all():
        box.fill("7")
    go(provider.get_by_role("button", name="Dien de rapportage in"))
    judge_at_all_widths(provider, "rapportage-ingediend")

    clm = _page(chromium, live_server, user_with(Role.CLM))
    clm.goto(_address(live_server, "results_home"))
    judge_at_all_widths(clm, "resultaten-overzicht")
    here(clm.get_by_text("Nog 2 rapportages", exact=True))
    go(clm.get_by_role("link", name=f"{quarter} {contract.number}").first)
    go(clm.get_by_role("button", name="Stuur terug"))
    judge_at_all_widths(clm, "rapportage-terugsturen-fouten")
    clm.get_by_label("Wat moet worden verbeterd").fill("Zeven van alles kan niet.")
    go(clm.get_by_role("button", name="Stuur terug"))

    provider.goto(_address(live_server, "report", contract.pk, report.year, report.quarter))
    expect(provider.get_by_text("Zeven van alles kan niet.")).to_be_visible()
    judge_at_all_widths(provider, "rapportage-teruggestuurd")
    provider.get_by_label("hele contract").nth(3).fill("76,5")
    go(provider.get_by_role("button", name="Dien de rapportage in"))

    clm.reload()
    go(clm.get_by_role("button", name="Keur de rapportage goed"))
    expect(clm.get_by_text("Goedgekeurd").first).to_be_visible()
    clm.goto(_address(live_server, "results", contract.pk))
    expect(clm.get_by_role("cell", name="76,5%").first).to_be_visible()
    judge_at_all_widths(clm, "resultaten-contract")
    clm.goto(_address(live_server, "results_segment", contract.segment_id))
    judge_at_all_widths(clm, "resultaten-segment")
    place = contract.contract_municipalities.first()
    assert place is not None
    clm.goto(_address(live_server, "results_place", place.municipality_id))
    judge_at_all_widths(clm, "resultaten-gemeente")


def test_a_file_with_wrong_rows_is_told_row_by_row_and_taken_when_it_is_right(
    chromium: Browser, live_server: LiveServer, contract: Contract, tmp_path: Path
) -> None:
    member = member_of(contract.contractor)
    page = _page(chromium, live_server, member)
    page.goto(_address(live_server, "results_import"))
    judge_at_all_widths(page, "cijfers-uit-bestand-leeg")
    report = asked(contract)
    page.reload()
    judge_at_all_widths(page, "cijfers-uit-bestand")
    with page.expect_download() as given:
        page.get_by_role("link", name="resultaten.csv").click()
    lines = Path(given.value.path()).read_text("utf-8-sig").splitlines()
    wrong = tmp_path / "fout.csv"
    wrong.write_text("\n".join([lines[0], lines[1][:-1] + "veel;", lines[2].replace("Aalten", "Zutphen")[:-1] + "3;"]))
    page.locator("input[type=file]").set_input_files(wrong)
    go(page.get_by_role("button", name="Neem de cijfers over"))
    judge_at_all_widths(page, "cijfers-uit-bestand-fouten")
    right = tmp_path / "goed.csv"
    right.write_text("\n".join([lines[0], *(line[:-1] + "8;" for line in lines[1:])]))
    page.locator("input[type=file]").set_input_files(right)
    go(page.get_by_role("button", name="Neem de cijfers over"))
    expect(page.get_by_label("hele contract").first).to_have_value("8")
    assert ResultReport.objects.get(pk=report.pk).status == "asked"


def test_both_sides_answer_blind_and_conclude(chromium: Browser, live_server: LiveServer, contract: Contract) -> None:
    member, manager = member_of(contract.contractor), user_with(Role.CLM)
    opened = evaluation(contract)
    address = _address(live_server, "evaluation", contract.pk, opened.year)
    provider = _page(chromium, live_server, member)
    provider.goto(address)
    go(provider.get_by_role("button", name="Dien de antwoorden in"))
    judge_at_all_widths(provider, "tussenevaluatie-fouten")
    for group in provider.get_by_role("main").locator("fieldset").all():
        group.get_by_label("4", exact=True).check()
    provider.get_by_label("Toelichting").first.fill("De lijnen zijn kort.")
    go(provider.get_by_role("button", name="Dien de antwoorden in"))
    judge_at_all_widths(provider, "tussenevaluatie-een-kant")
    marks = {question: Answer(2, "De wachttijd loopt op.") for question in _questions(opened)}
    hand_in_answers(evaluation=opened, side="clm", answers=marks, by=manager)

    clm = _page(chromium, live_server, manager)
    clm.goto(address)
    expect(clm.get_by_text("De lijnen zijn kort.")).to_be_visible()
    judge_at_all_widths(clm, "tussenevaluatie-beide")
    go(clm.get_by_role("button", name="Rond de evaluatie af"))
    judge_at_all_widths(clm, "tussenevaluatie-afronden-fouten")
    today = timezone.localdate().isoformat()
    clm.get_by_label("Besproken op").fill(today)
    clm.get_by_label("Conclusie").fill("De samenwerking is goed, de wachttijd niet.")
    clm.get_by_label("Advies over de verlenging").fill("Verleng, als de wachttijd onder acht weken komt.")
    clm.get_by_label("Afspraak 1", exact=False).first.fill("Wachttijd onder acht weken")
    clm.get_by_label("Afspraak 1 klaar op").fill(today)
    go(clm.get_by_role("button", name="Rond de evaluatie af"))
    judge_at_all_widths(clm, "tussenevaluatie-afgerond")
    go(clm.get_by_role("link", name="Het is gedaan"))
    judge_at_all_widths(clm, "afspraak-gedaan")
    clm.goto(_address(live_server, "evaluations"))
    judge_at_all_widths(clm, "tussenevaluaties")
    clm.goto(_address(live_server, "option", contract.terms.get(sequence=2).pk))
    expect(clm.get_by_text("Verleng, als de wachttijd onder acht weken komt.")).to_be_visible()
    judge_at_all_widths(clm, "optie-met-evaluatie")


def _questions(opened: InterimEvaluation) -> list[int]:
    return list(EvaluationQuestion.objects.filter(year=opened.year).values_list("pk", flat=True))


def test_before_anything_is_there(chromium: Browser, live_server: LiveServer) -> None:
    contract = running_contract()
    page = _page(chromium, live_server, user_with(Role.CLM))
    for name, args in [("results_home", ()), ("results", (contract.pk,)), ("evaluations", ())]:
        page.goto(_address(live_server, name, *args))
        judge_at_all_widths(page, f"leeg-{name}")
