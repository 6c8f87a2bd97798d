"""An objection in the browser: filed by a provider, taken up and upheld by the lead; a complaint beside it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from achterhoek.clock import database_today
from procurement.models import AwardNotice, Decision, Objection
from procurement.services.decisions import finalise_award
from tests.e2e.looking import go, judge_at_all_widths, log_in
from tests.factories.objections import GROUNDS, Told, told

pytestmark = [pytest.mark.e2e, pytest.mark.long, pytest.mark.django_db(transaction=True)]


def page_of(chromium: Browser, live_server: LiveServer, user: Any) -> Page:
    context = chromium.new_context(locale="nl-NL", reduced_motion="reduce", base_url=live_server.url)
    log_in(context, live_server.url, user)
    return context.new_page()


def visit(page: Page, name: str, *args: Any) -> None:
    page.goto(reverse(f"procurement:{name}", args=args))


def filed(page: Page, made: Told, kind: str, shot: str) -> Objection:
    """A provider goes from its own page to the form, sends it in empty first, and then files."""
    page.goto(reverse("providers:home"))
    judge_at_all_widths(page, f"{shot}-mijn")
    go(page.get_by_role("link", name="wat u kunt doen"))
    judge_at_all_widths(page, f"{shot}-besluit")
    go(page.get_by_role("link", name="Dien een bezwaar of klacht in"))
    page.get_by_label("Waarom?").fill(GROUNDS)
    go(page.get_by_role("button", name="Stuur het naar de aanbestedende dienst"))
    expect(page).to_have_title("Fout: " + page.title().removeprefix("Fout: "))
    judge_at_all_widths(page, f"{shot}-fout")
    expect(page.get_by_label("Waarom?")).to_have_value(GROUNDS)
    page.get_by_label(kind).check()
    go(page.get_by_role("button", name="Stuur het naar de aanbestedende dienst"))
    expect(page.get_by_text("Ontvangen met nummer")).to_be_visible()
    judge_at_all_widths(page, f"{shot}-ontvangen")
    return Objection.objects.get(decision=made.decision, grounds=GROUNDS, organisation=made.loser, ended_at=None)


def test_an_objection_is_filed_taken_up_and_upheld(chromium: Browser, live_server: LiveServer) -> None:
    made = told()
    provider = page_of(chromium, live_server, made.member())
    objection = filed(provider, made, "Een bezwaar tegen het besluit", "bezwaar")
    assert objection.suspends

    lead = page_of(chromium, live_server, made.lead)
    visit(lead, "decision", made.decision.pk)
    judge_at_all_widths(lead, "bezwaar-besluit-inkoop")
    go(lead.get_by_role("link", name="Bezwaren en opschortende termijn"))
    judge_at_all_widths(lead, "bezwaar-inkoop")
    go(lead.get_by_role("link", name=objection.number))
    go(lead.get_by_role("button", name="Pak het op"))
    lead.get_by_label("De organisatie heeft gelijk, helemaal of voor een deel").check()
    lead.get_by_label("Motivering").fill("Bladzijde 4 is niet meegewogen. Wij beoordelen dit criterium opnieuw.")
    go(lead.get_by_role("button", name="Leg het antwoord vast en verstuur het"))
    judge_at_all_widths(lead, "bezwaar-antwoord-fout")
    expect(lead.get_by_label("Motivering")).to_have_value(
        "Bladzijde 4 is niet meegewogen. Wij beoordelen dit criterium opnieuw."
    )
    lead.get_by_label("De beoordeling gebeurt opnieuw").check()
    go(lead.get_by_role("button", name="Leg het antwoord vast en verstuur het"))
    expect(lead.get_by_role("heading", name=f"Wat volgt uit {objection.number}")).to_be_visible()
    judge_at_all_widths(lead, "bezwaar-gegrond")
    go(lead.get_by_role("link", name="Trek het besluit in met brieven aan alle inschrijvers"))
    expect(lead).to_have_url(live_server.url + reverse("procurement:decision_withdraw", args=[made.decision.pk]))

    provider.reload()
    expect(provider.get_by_text("Wij beoordelen dit criterium opnieuw.")).to_be_visible()
    judge_at_all_widths(provider, "bezwaar-uitkomst")
    objection.refresh_from_db()
    assert (objection.status, objection.consequence) == ("upheld", "reevaluation")


def test_a_complaint_and_a_writ_and_the_notice(chromium: Browser, live_server: LiveServer) -> None:
    made = told()
    complaint = made.file("complaint")
    officer = page_of(chromium, live_server, made.officer)
    officer.goto("/")
    go(officer.get_by_role("link", name="Klachten", exact=True).first)
    judge_at_all_widths(officer, "klachten")
    go(officer.get_by_role("link", name=complaint.number))
    go(officer.get_by_role("button", name="Pak het op"))
    go(officer.get_by_role("button", name="Leg het antwoord vast en verstuur het"))
    judge_at_all_widths(officer, "klacht-fout")
    officer.get_by_label("De organisatie heeft geen gelijk").check()
    officer.get_by_label("Motivering").fill("De procedure is gevolgd.")
    go(officer.get_by_role("button", name="Leg het antwoord vast en verstuur het"))
    judge_at_all_widths(officer, "klacht-beantwoord")

    lead = page_of(chromium, live_server, made.lead)
    visit(lead, "objection_register", made.decision.pk)
    lead.get_by_label("Kort geding").check()
    go(lead.get_by_role("button", name="Leg het vast"))
    judge_at_all_widths(lead, "kort-geding-fout")

    Decision.objects.filter(pk=made.decision.pk).update(standstill_until=database_today() - timedelta(days=1))
    finalise_award(decision=made.decision, by=made.lead)
    AwardNotice.objects.update(due_on=database_today() - timedelta(days=1))
    lead.goto(reverse("procurement:lead_home"))
    judge_at_all_widths(lead, "aankondiging-start")
    visit(lead, "award_notice", made.decision.pk)
    go(lead.get_by_role("button", name="Leg de publicatie vast"))
    judge_at_all_widths(lead, "aankondiging-fout")
