"""Money and transitions in a browser: a year of lump sums up to its payments, and clients that go over."""

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
from contracts.enums import TermStatus
from contracts.models import Contract
from procurement.models import SubSegment
from tests.e2e.looking import go, here, judge_at_all_widths, log_in
from tests.factories import user_with
from tests.factories.contracts import contract_until, in_municipalities, running_contract
from tests.factories.providers import member_of

pytestmark = [pytest.mark.e2e, pytest.mark.long, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def contract() -> Contract:
    """One that ends in two months, in two municipalities."""
    contract = contract_until(timezone.localdate() + timedelta(days=60))
    contract.terms.filter(sequence=2).update(status=TermStatus.DECLINED)
    contract.subsegments.add(SubSegment.objects.create(segment=contract.segment, slug="dagdeel", name="Dagdeel"))
    in_municipalities(contract, "Aalten", "Berkelland")
    return contract


def _page(chromium: Browser, live_server: LiveServer, who: Any) -> Page:
    context = chromium.new_context(locale="nl-NL", reduced_motion="reduce", accept_downloads=True)
    log_in(context, live_server.url, who)
    return context.new_page()


def _address(live_server: LiveServer, name: str, *args: object) -> str:
    return live_server.url + reverse(f"contracts:{name}", args=args)


def test_a_year_of_lump_sums_from_a_file_to_the_payments(
    chromium: Browser, live_server: LiveServer, contract: Contract, tmp_path: Path
) -> None:
    year = timezone.localdate().year - 1
    page = _page(chromium, live_server, user_with(Role.CLM))
    page.goto(_address(live_server, "payments"))
    judge_at_all_widths(page, "betalingen-leeg")
    go(page.get_by_role("link", name="Lumpsums uit een bestand overnemen"))
    judge_at_all_widths(page, "lumpsums-uit-bestand")
    rows = "contract;gemeente;jaar;bedrag\n{n};Aalten;{y};{a}\n{n};{p};{y};900\n"
    wrong, right = tmp_path / "fout.csv", tmp_path / "goed.csv"
    wrong.write_text(rows.format(n=contract.number, y=year, a="veel", p="Zutphen"))
    right.write_text(rows.format(n=contract.number, y=year, a="1.000,00", p="Berkelland"))
    page.get_by_label("Bestand", exact=True).set_input_files(wrong)
    go(page.get_by_role("button", name="Neem de bedragen over"))
    judge_at_all_widths(page, "lumpsums-uit-bestand-fouten")
    page.get_by_label("Bestand", exact=True).set_input_files(right)
    go(page.get_by_role("button", name="Neem de bedragen over"))

    page.goto(_address(live_server, "money_year", contract.pk, year))
    page.get_by_label("elke maand").check()
    go(page.get_by_role("button", name="Verdeel de bedragen"))
    go(page.get_by_role("link", name="Corrigeer Aalten").first)
    go(page.get_by_role("button", name="Leg de correctie vast"))
    judge_at_all_widths(page, "lumpsum-correctie-fouten")
    page.get_by_label("Bedrag").fill("-10,50")
    page.get_by_label("Te betalen op").fill(f"{year}-12-15")
    page.get_by_label("Reden").fill("Minder inwoners.")
    go(page.get_by_role("button", name="Leg de correctie vast"))
    judge_at_all_widths(page, "geld-contract")
    page.goto(_address(live_server, "money_year", contract.pk, contract.start.year))
    judge_at_all_widths(page, "geld-jaar-voorstel")

    go_to = _address(live_server, "money_tariffs", contract.pk)
    page.goto(go_to)
    go(page.get_by_role("button", name="Bewaar het tarief"))
    judge_at_all_widths(page, "tarieven-fouten")
    page.get_by_label("een uur", exact=True).check()
    page.get_by_label("Prijs", exact=True).fill("81,50")
    page.get_by_label("Vanaf").fill(contract.start.isoformat())
    go(page.get_by_role("button", name="Bewaar het tarief"))
    page.goto(go_to)
    judge_at_all_widths(page, "tarieven")

    page.goto(_address(live_server, "payments") + f"?jaar={year}")
    page.get_by_label("Te betalen tot en met").fill(timezone.localdate().isoformat())
    go(page.get_by_role("button", name="Maak het bestand"))
    page.goto(_address(live_server, "payments") + f"?jaar={year}")
    expect(page.get_by_text("1.889,50").first).to_be_visible()
    judge_at_all_widths(page, "betalingen")


def test_clients_go_over_to_another_contract(chromium: Browser, live_server: LiveServer, contract: Contract) -> None:
    place = contract.contract_municipalities.order_by("municipality__name").first()
    assert place is not None
    successor = running_contract(segment=contract.segment)
    successor.contract_municipalities.create(municipality=place.municipality, start=successor.start)
    clm = _page(chromium, live_server, user_with(Role.CLM))
    clm.goto(live_server.url + reverse("admin:index"))
    go(clm.get_by_role("link", name="Contracten die eindigen zonder overgangsregeling"))
    judge_at_all_widths(clm, "overgangen-zonder-regeling")
    here(clm.get_by_text("2 gemeenten, de eerste eindigt op"))
    go(clm.get_by_role("link", name="Leg een regeling vast").first)
    go(clm.get_by_role("button", name="Bewaar de regeling"))
    judge_at_all_widths(clm, "overgang-fouten")
    clm.get_by_label("Contract dat overneemt").select_option(str(successor.pk))
    clm.get_by_label("Aantal huidige cliënten").fill("8")
    clm.get_by_label("Overgedragen uiterlijk op").fill((timezone.localdate() + timedelta(days=60)).isoformat())
    clm.get_by_label("Afspraak").fill("Elke week twee, te beginnen met wie het langst wacht.")
    go(clm.get_by_role("button", name="Bewaar de regeling"))
    judge_at_all_widths(clm, "overgang-voorstel")
    go(clm.get_by_role("button", name="Beide aanbieders zijn akkoord"))

    provider = _page(chromium, live_server, member_of(successor.contractor))
    provider.goto(live_server.url + reverse("providers:home"))
    go(provider.get_by_role("link", name=place.municipality.name))
    provider.get_by_label("In totaal overgedragen").fill("9")
    go(provider.get_by_role("button", name="Bewaar de telling"))
    judge_at_all_widths(provider, "overgang-telling-fouten")
    provider.get_by_label("In totaal overgedragen").fill("8")
    go(provider.get_by_role("button", name="Bewaar de telling"))
    judge_at_all_widths(provider, "overgang-telling")
    provider.goto(_address(live_server, "contract", successor.pk))
    judge_at_all_widths(provider, "contract-met-geld-en-overgang")

    clm.reload()
    go(clm.get_by_role("button", name="Alle cliënten zijn overgedragen"))
    judge_at_all_widths(clm, "overgang-klaar")
    clm.goto(_address(live_server, "transitions"))
    judge_at_all_widths(clm, "overgangen")
    clm.goto(live_server.url + reverse("admin:contracts_contract_change", args=[contract.pk]))
    judge_at_all_widths(clm, "overgang-in-beheer")
