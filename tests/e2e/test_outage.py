"""An outage and the safety net in the browser: what the demo has no state for, seen by the provider and by the lead,
on a desk and on a phone. With SCREENSHOTS=1 it keeps what the pages look like.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from achterhoek.accounts.enums import Role
from procurement.calendar_data import legal_calendar
from procurement.models import Round
from procurement.services.fingerprints import register_fingerprint
from procurement.services.locks import LateSubmission
from procurement.services.rounds import close_if_due
from procurement.services.submissions import submit_submission
from tests.e2e.looking import go, judge_at_all_widths, log_in
from tests.factories import user_with
from tests.factories.packages import answers_of, sha256, signer, zipped
from tests.factories.submissions import Fair, open_fair

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def browser_of(chromium: Browser, live_server: LiveServer, user: Any) -> Page:
    context = chromium.new_context(locale="nl-NL", timezone_id="Europe/Amsterdam", reduced_motion="reduce")
    log_in(context, live_server.url, user)
    return context.new_page()


def press(page: Page, name: str) -> None:
    go(page.get_by_role("main").get_by_role("button", name=name, exact=True))


@pytest.fixture
def fair() -> Fair:
    return open_fair()


def test_a_bid_is_in_time_by_its_fingerprint(
    chromium: Browser, live_server: LiveServer, fair: Fair, tmp_path: Any
) -> None:
    draft = fair.draft()
    package = tmp_path / "pakket.zip"
    package.write_bytes(zipped(answers_of(fair)))
    page = browser_of(chromium, live_server, signer(draft))
    page.goto(f"{live_server.url}/mijn/inzendingen/{draft.pk}/")
    go(page.get_by_role("link", name="Vangnet: leg een vingerafdruk vast"))
    page.get_by_label("SHA-256-vingerafdruk van uw ZIP-bestand").fill("abc")
    press(page, "Vingerafdruk vastleggen")
    judge_at_all_widths(page, "vingerafdruk-fout")
    page.get_by_label("SHA-256-vingerafdruk van uw ZIP-bestand").fill(sha256(package.read_bytes()))
    press(page, "Vingerafdruk vastleggen")
    press(page, "Berekenen van mijn concept en vastleggen")
    judge_at_all_widths(page, "vingerafdruk-vastgelegd")

    fair.pass_deadline()
    close_if_due(round=fair.round)
    page.goto(f"{live_server.url}/mijn/inzendingen/{draft.pk}/")
    judge_at_all_widths(page, "te-laat-met-vangnet")
    go(page.get_by_role("main").get_by_role("link", name="Stuur het pakket van uw vingerafdruk"))
    judge_at_all_widths(page, "pakket-sturen")
    other = tmp_path / "ander.zip"
    other.write_bytes(package.read_bytes() + b" ")
    page.get_by_label("Uw ZIP-bestand").set_input_files(other)
    press(page, "Pakket sturen en indienen")
    assert sha256(other.read_bytes()) in page.content()
    judge_at_all_widths(page, "pakket-sturen-fout")
    page.get_by_label("Uw ZIP-bestand").set_input_files(package)
    press(page, "Pakket sturen en indienen")
    assert "/ontvangstbewijs/" in page.url
    judge_at_all_widths(page, "ontvangstbewijs-door-vingerafdruk")
    page.context.close()


def test_the_lead_extends_after_an_outage(chromium: Browser, live_server: LiveServer, fair: Fair) -> None:
    draft, by = fair.draft(), user_with(Role.LEAD, region=fair.tender.region)
    fair.pass_deadline()
    close_if_due(round=fair.round)
    with pytest.raises(LateSubmission):
        submit_submission(submission=draft, by=signer(draft))
    with pytest.raises(LateSubmission):
        register_fingerprint(submission=draft, digest="0" * 64, by=signer(draft))
    provider = browser_of(chromium, live_server, signer(draft))
    provider.goto(f"{live_server.url}/mijn/inzendingen/{draft.pk}/")
    judge_at_all_widths(provider, "te-laat-zonder-vangnet")
    provider.goto(f"{live_server.url}/mijn/inzendingen/{draft.pk}/vingerafdruk/")
    judge_at_all_widths(provider, "vingerafdruk-te-laat")

    page = browser_of(chromium, live_server, by)
    page.goto(f"{live_server.url}/inkoop/aanbesteding/{fair.tender.slug}/")
    go(page.get_by_role("link", name="Sluitingstijd verlengen na een storing"))
    press(page, "Sluitingstijd verlengen en iedereen inlichten")
    judge_at_all_widths(page, "verlengen-fout")
    now = timezone.localtime()
    page.get_by_label("De storing begon").fill((now - timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M"))
    page.get_by_label("De storing was voorbij").fill((now - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M"))
    page.get_by_label("Wat er is gebeurd").fill("De databank stond een uur stil.")
    soon = datetime.combine(legal_calendar().roll(now.date() + timedelta(days=3)), now.time())
    page.get_by_role("textbox", name="Nieuwe sluitingstijd").fill(soon.strftime("%Y-%m-%dT%H:%M"))
    press(page, "Sluitingstijd verlengen en iedereen inlichten")
    assert page.get_by_text("De sluitingstijd is verlengd. Iedereen die het aangaat krijgt een e-mail.").is_visible()
    judge_at_all_widths(page, "inkoop-na-verlengen")
    page.goto(f"{live_server.url}/inkoop/aanbesteding/{fair.tender.slug}/verlengen/selection/")
    judge_at_all_widths(page, "verlengen")
    page.goto(f"{live_server.url}/aanbestedingen/{fair.tender.slug}/")
    judge_at_all_widths(page, "aanbesteding-verlengd")
    provider.reload()
    provider.goto(f"{live_server.url}/mijn/inzendingen/{draft.pk}/")
    judge_at_all_widths(provider, "concept-verlengd")

    fair.round = Round.objects.get(pk=fair.round.pk)
    fair.open_vault()
    page.goto(f"{live_server.url}/inkoop/ronde/{fair.round.pk}/te-laat/")
    judge_at_all_widths(page, "te-laat-poging")
    for each in (page, provider):
        each.context.close()
