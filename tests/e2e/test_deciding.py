"""Signing, and taking back what was sent, on a desk and on a phone, also in error: they fit, and axe finds nothing."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from procurement.models import Decision
from procurement.services.decisions import (
    decide_as_college,
    propose_decision,
    request_sending,
    request_withdrawal,
    withdraw_decision,
)
from procurement.tasks.letters import send_letters
from tests.e2e.looking import go, judge_at_all_widths, log_in
from tests.factories.decisions import Ranked, approved, batch_of, signed

pytestmark = [pytest.mark.e2e, pytest.mark.long, pytest.mark.django_db(transaction=True)]


def test_the_mandate_holder_signs(chromium: Browser, live_server: LiveServer) -> None:
    ranked, _decision = approved()
    context = chromium.new_context(locale="nl-NL", reduced_motion="reduce")
    log_in(context, live_server.url, ranked.mandate_holder)
    page = context.new_page()
    page.goto(live_server.url + reverse("procurement:signing_home"))
    judge_at_all_widths(page, "mandaat-wacht")
    go(page.get_by_role("main").get_by_role("table").get_by_role("link").first)
    judge_at_all_widths(page, "ondertekenen")
    go(page.get_by_role("button", name="Onderteken het besluit"))
    judge_at_all_widths(page, "ondertekenen-fouten")


def test_the_lead_takes_back_and_makes_anew(chromium: Browser, live_server: LiveServer) -> None:
    ranked, first = approved()
    withdraw_decision(decision=first, reason="Het advies was niet volledig.", by=ranked.lead)
    decision = _sent(ranked)
    context = chromium.new_context(locale="nl-NL", reduced_motion="reduce")
    log_in(context, live_server.url, ranked.lead)
    page = context.new_page()
    page.goto(live_server.url + reverse("procurement:decision", args=[decision.pk]))
    judge_at_all_widths(page, "besluit-naast-eerder")
    go(page.get_by_role("link", name="Trek het besluit in met een brief"))
    judge_at_all_widths(page, "intrekken-met-brief")
    go(page.get_by_role("button", name="Laat de brieven maken en trek het besluit in"))
    judge_at_all_widths(page, "intrekken-met-brief-fouten")
    request_withdrawal(decision=decision, reason="Het advies klopt toch niet.", by=ranked.lead)
    page.goto(live_server.url + reverse("procurement:decision", args=[decision.pk]))
    go(page.get_by_role("link", name="Toch niet intrekken: stop deze brieven"))
    judge_at_all_widths(page, "intrekking-stoppen")
    go(page.get_by_role("button", name="Stop de brieven van de intrekking"))
    judge_at_all_widths(page, "intrekking-stoppen-fouten")
    page.get_by_label("Waarom stopt u deze brieven?").fill("De bieder trok de klacht in.")
    go(page.get_by_role("button", name="Stop de brieven van de intrekking"))
    judge_at_all_widths(page, "intrekking-gestopt")
    expect(page.get_by_text("De brieven zijn gestopt.")).to_be_visible()


def _sent(ranked: Ranked) -> Decision:
    decision = propose_decision(segment_round=ranked.segment_round, by=ranked.lead)
    for index, municipality in enumerate(ranked.municipalities):
        row = decision.college_decisions.get(municipality=municipality)
        decide_as_college(college_decision=row, outcome="approved", by=ranked.secretary(index))
    decision.refresh_from_db()
    decision = signed(ranked, decision)
    job = request_sending(decision=decision, by=ranked.lead)
    send_letters(batch_of(decision).pk, ranked.lead.pk, str(job.pk))
    return decision
