"""Insight and coverage on a desk and on a phone: they fit, axe finds nothing, every drawing has a table."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.urls import reverse
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from procurement.enums import DecisionStatus, Stage
from procurement.models import ConsensusScore, Decision, Participation, Score
from procurement.services.evaluation import fix_scores
from procurement.services.ranking import rank_segment
from tests.e2e.looking import judge_at_all_widths, log_in
from tests.factories.evaluation import Evaluation, evaluation
from tests.factories.region import MunicipalityFactory

pytestmark = [pytest.mark.e2e, pytest.mark.long, pytest.mark.django_db(transaction=True)]
TOWNS = (
    ("Aalten", 2, 2),
    ("Berkelland", 2, 0),
    ("Bronckhorst", 1, 0),
    ("Doetinchem", 1, 1),
    ("Oude IJsselstreek", 1, 2),
)


def published() -> Evaluation:
    """A segment of which the result is sent: six bids, three evaluators who differ, a cut after two places."""
    made = evaluation(entries=6, evaluators=3, criteria=4, stage=Stage.AWARD, places=2)
    made.to_consensus()
    for number, score in enumerate(Score.objects.order_by("pk")):
        Score.objects.filter(pk=score.pk).update(value=Decimal((2, 4, 6, 6, 8, 8, 10)[number % 7]))
    made.consensus_all(["8", "6", "10", "4", "6", "2"])
    for number, score in enumerate(ConsensusScore.objects.order_by("pk")):
        ConsensusScore.objects.filter(pk=score.pk).update(value=Decimal((8, 4, 6, 10, 6, 2, 8)[number % 7]))
    made.segment_round = fix_scores(segment_round=made.segment_round, by=made.lead)
    ranking = rank_segment(segment_round=made.segment_round, by=made.lead)
    Decision.objects.create(
        segment_round=made.segment_round, ranking=ranking, proposed_by=made.lead, status=DecisionStatus.SENT,
        adopted_at="2026-01-01T12:00Z", sent_at="2026-01-02T12:00Z",
    )  # fmt: skip
    for name, column, row in TOWNS:
        slug = name.lower().replace(" ", "-")
        town = MunicipalityFactory(region=made.region, name=name, slug=slug, tile_x=column, tile_y=row)
        Participation.objects.create(
            segment=made.segment_round.segment, municipality=town, participates=name != "Oude IJsselstreek"
        )
    return made


def test_every_part_fits_and_reads(chromium: Browser, live_server: LiveServer) -> None:
    made = published()
    context = chromium.new_context(locale="nl-NL", reduced_motion="reduce")
    log_in(context, live_server.url, made.lead)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: message.type == "error" and complaints.append(message.text))
    address = live_server.url + reverse("procurement:insight", args=[made.segment_round.pk])

    for part in ("ranglijst", "verschillen", "beoordelaars", "gewichten"):
        page.goto(f"{address}?deel={part}")
        judge_at_all_widths(page, f"inzicht-{part}")
        assert page.locator("svg.nlds-chart__drawing").count() == 1
        assert page.locator("table").count() == 1

    page.goto(live_server.url + reverse("procurement:coverage", args=[made.segment_round.pk]))
    judge_at_all_widths(page, "dekking")
    assert page.locator("svg.nlds-map__drawing").count() == 1
    assert complaints == []
    context.close()
