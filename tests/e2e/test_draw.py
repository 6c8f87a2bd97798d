"""The pages of ranking and drawing lots on a desk and on a phone: they fit, and axe finds nothing."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from procurement.enums import TenderStatus
from procurement.models import RankingCheck, Tender
from procurement.services.ranking import rank_segment
from tests.e2e.looking import go, here, judge_at_all_widths, log_in
from tests.factories.evaluation import Evaluation, evaluation

pytestmark = [pytest.mark.e2e, pytest.mark.long, pytest.mark.django_db(transaction=True)]


def tied() -> Evaluation:
    made = evaluation(entries=3, criteria=1, evaluators=1)
    made.to_fixed(("8", "8", "4"))
    return made


def test_the_pages_fit_and_read(chromium: Browser, live_server: LiveServer) -> None:
    made = tied()
    context = chromium.new_context(locale="nl-NL", reduced_motion="reduce")
    log_in(context, live_server.url, made.lead)
    page = context.new_page()
    draw = live_server.url + reverse("procurement:draw", args=[made.segment_round.pk])

    page.goto(live_server.url + reverse("procurement:ranking_request", args=[made.segment_round.pk]))
    judge_at_all_widths(page, "ranglijst-maken")
    ranking = rank_segment(segment_round=made.segment_round, by=made.lead)
    page.goto(draw)
    judge_at_all_widths(page, "loting-gelijk")
    go(page.get_by_role("button", name="Geheim tonen en loten"))
    judge_at_all_widths(page, "loting-gedaan")

    tender = made.segment_round.round.tender
    Tender.objects.filter(pk=tender.pk).update(status=TenderStatus.PUBLISHED, published_at=timezone.now())
    page.goto(live_server.url + reverse("procurement:tender", args=[tender.slug]))
    here(page.get_by_text("Loting voor"))
    judge_at_all_widths(page, "loting-openbaar")

    RankingCheck.objects.create(ranking=ranking, findings=[{"code": "rows", "what": "entry 1"}])
    page.goto(live_server.url + reverse("procurement:ranking", args=[ranking.pk]))
    judge_at_all_widths(page, "ranglijst-alarm")
    page.goto(live_server.url + reverse("procurement:lead_tender", args=[tender.slug]))
    judge_at_all_widths(page, "aanbesteding-alarm")


def test_the_draw_by_hand_fits_and_reads(chromium: Browser, live_server: LiveServer) -> None:
    made = tied()
    rank_segment(segment_round=made.segment_round, by=made.lead)
    context = chromium.new_context(locale="nl-NL", reduced_motion="reduce")
    log_in(context, live_server.url, made.lead)
    page = context.new_page()
    page.goto(live_server.url + reverse("procurement:draw", args=[made.segment_round.pk]))
    go(page.get_by_role("link", name="Voer een loting met de hand in"))
    judge_at_all_widths(page, "loting-met-de-hand")
    go(page.get_by_role("button", name="Loting invoeren"))
    judge_at_all_widths(page, "loting-fouten")
