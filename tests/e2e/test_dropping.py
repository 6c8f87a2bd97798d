"""The lead records in the browser that a ranked bid dropped out: refused, shown, and done."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from procurement.services.ranking import rank_segment
from tests.e2e.looking import go, judge_at_all_widths, log_in
from tests.factories.evaluation import evaluation

pytestmark = [pytest.mark.e2e, pytest.mark.long, pytest.mark.django_db(transaction=True)]


def test_a_bid_drops_out_after_what_it_changes_was_shown(chromium: Browser, live_server: LiveServer) -> None:
    made = evaluation(entries=3)
    type(made.segment_round).objects.filter(pk=made.segment_round.pk).update(places=1)
    made.segment_round.refresh_from_db()
    made.to_fixed(["10", "8", "6"])
    ranking = rank_segment(segment_round=made.segment_round, by=made.lead)
    context = chromium.new_context(locale="nl-NL", java_script_enabled=True)
    log_in(context, live_server.url, made.lead)
    page = context.new_page()

    page.goto(live_server.url + reverse("procurement:ranking", args=[ranking.pk]))
    go(page.get_by_role("link", name="Leg vast dat een inzending afvalt"))
    judge_at_all_widths(page, "afvallen")
    page.get_by_label("Welke inzending valt af?").select_option(index=1)
    go(page.get_by_role("button", name="Laat zien wat er verandert"))
    judge_at_all_widths(page, "afvallen-geweigerd")
    page.get_by_label("Waarom valt deze inzending af?").fill("De aanbieder is failliet verklaard.")
    go(page.get_by_role("button", name="Laat zien wat er verandert"))
    expect(page.get_by_role("heading", name="Wat er verandert")).to_be_visible()
    judge_at_all_widths(page, "afvallen-getoond")
    go(page.get_by_role("button", name="Leg vast dat deze inzending afvalt"))

    expect(page.get_by_text("De inzending is afgevallen. Dit is de nieuwe ranglijst.")).to_be_visible()
    judge_at_all_widths(page, "afvallen-daarna")
    assert made.segment_round.rankings.count() == 2
