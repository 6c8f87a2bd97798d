"""Scoring again, on a desk and on a phone: refused where nothing is filled in, and the way to go once it has begun."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from procurement.services.ranking import rank_segment
from tests.e2e.looking import go, judge_at_all_widths, log_in
from tests.factories.evaluation import evaluation

pytestmark = [pytest.mark.e2e, pytest.mark.long, pytest.mark.django_db(transaction=True)]


def test_the_pages_fit_and_read(chromium: Browser, live_server: LiveServer) -> None:
    made = evaluation(entries=3, criteria=2, evaluators=1)
    made.to_fixed(("8", "6", "4"))
    rank_segment(segment_round=made.segment_round, by=made.lead)
    context = chromium.new_context(locale="nl-NL", reduced_motion="reduce")
    log_in(context, live_server.url, made.lead)
    page = context.new_page()
    page.goto(live_server.url + reverse("procurement:reevaluation", args=[made.segment_round.pk]))
    judge_at_all_widths(page, "opnieuw-beginnen")
    go(page.get_by_role("main").locator("form[method=post] button, form[method=post] [type=submit]").first)
    assert page.title().startswith("Fout: ")
    judge_at_all_widths(page, "opnieuw-geweigerd")
    page.get_by_role("main").locator("input[type=radio]").first.check()
    page.get_by_role("main").locator("textarea").first.fill("Een vonnis vraagt dit.")
    page.get_by_role("main").locator("input[type=checkbox]").first.check()
    go(page.get_by_role("main").locator("form[method=post] button, form[method=post] [type=submit]").first)
    assert not page.title().startswith("Fout: ")
    judge_at_all_widths(page, "opnieuw-begonnen")
    context.close()
