"""Insight is read-only, for the lead and the auditor, and tells nothing before the individual scores are revealed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from achterhoek.accounts.enums import Role
from procurement.domain.scoring import dossier_text, rank_json
from procurement.enums import DecisionStatus, DrawKind, Interest, Method, SegmentRoundStatus
from procurement.models import (
    CommitteeMember,
    ConsensusScore,
    Decision,
    Draw,
    DrawnPlace,
    InterestDeclaration,
    Ranking,
    RankingRow,
    Score,
)
from procurement.selectors.dossier import bid_id
from procurement.selectors.insight import given_scores, ranked_bids
from procurement.services.evaluation import hand_in, save_score
from procurement.services.ranking import rank_segment
from tests.factories.accounts import user_with
from tests.factories.decisions import ranked_segment_round
from tests.factories.evaluation import Evaluation, evaluation
from tests.unit.procurement.dossiers import bid, dossier, valued

pytestmark = pytest.mark.django_db
PARTS = ("ranglijst", "verschillen", "beoordelaars", "gewichten")


def page(client: Client, made: Evaluation, part: str = "") -> str:
    client.force_login(made.lead)
    response = client.get(reverse("procurement:insight", args=[made.segment_round.pk]), {"deel": part})
    assert response.status_code == 200
    return response.content.decode()


def ranked(values: list[str], **more: Any) -> Evaluation:
    made = evaluation(entries=len(values), **more)
    made.to_fixed(values)
    rank_segment(segment_round=made.segment_round, by=made.lead)
    made.segment_round.refresh_from_db()
    return made


def publish(made: Evaluation) -> None:
    """The letters are sent."""
    Decision.objects.create(
        segment_round=made.segment_round,
        ranking=made.segment_round.rankings.get(),
        proposed_by=made.lead,
        status=DecisionStatus.SENT,
        adopted_at="2026-01-01T12:00Z",
        sent_at="2026-01-02T12:00Z",
    )


@pytest.mark.parametrize("part", PARTS)
def test_nothing_is_told_while_members_score_alone(client: Client, part: str) -> None:
    made = evaluation(entries=6, evaluators=2)
    made.score_all("8", made.evaluators[:1])

    html = page(client, made, part)

    assert '<svg class="nlds-chart' not in html
    assert str(made.evaluators[0]) not in html
    assert made.entries[0].submission.organisation.name not in html


def test_evaluators_and_providers_have_no_business_here(client: Client) -> None:
    made = ranked(["8", "6"])
    for user in (made.evaluators[0], user_with(Role.PROVIDER)):
        client.force_login(user)
        for name in ("insight", "coverage"):
            assert client.get(reverse(f"procurement:{name}", args=[made.segment_round.pk])).status_code == 403


def test_the_lead_of_another_region_finds_nothing(client: Client) -> None:
    made = ranked(["8", "6"])
    client.force_login(evaluation().lead)

    for name in ("insight", "coverage"):
        assert client.get(reverse(f"procurement:{name}", args=[made.segment_round.pk])).status_code == 404


def test_the_ranking_has_a_bar_a_table_and_a_reason_for_each_bid(client: Client) -> None:
    made = ranked(["6", "8"])

    html = page(client, made)

    assert html.count('class="nlds-chart__track"') == 2
    assert "80,00" in html
    assert "It stands 20 points above" in html or "20 punten" in html
    assert 'class="nlds-chart__cut"' in html
    assert "style=" not in html


def test_the_ranking_part_waits_for_a_ranking(client: Client) -> None:
    made = evaluation()
    made.to_consensus()

    assert "nlds-chart" not in page(client, made, "ranglijst")
    assert "nlds-chart" in page(client, made, "verschillen")


def test_a_large_difference_is_told_in_words_and_with_a_pattern(client: Client) -> None:
    made = evaluation(entries=2, evaluators=2, criteria=1)
    for user, value in zip(made.evaluators, ("2", "8"), strict=True):
        made.score_all(value, [user])

    html = page(client, made, "verschillen")

    assert "2 – 8" in html
    assert "nlds-chart__cell--large" in html
    assert 'fill="url(#spread-chart-p7)"' in html


def test_too_few_scores_are_said_to_be_too_few(client: Client) -> None:
    made = evaluation(entries=2, evaluators=2, criteria=1)
    made.to_consensus()

    html = page(client, made, "beoordelaars")

    assert "too few scores" in html or "te weinig scores" in html


def test_who_scores_two_points_higher_is_told_so(client: Client) -> None:
    made = evaluation(entries=3, evaluators=2, criteria=2)
    for user, value in zip(made.evaluators, ("8", "6"), strict=True):
        made.score_all(value, [user])

    html = page(client, made, "beoordelaars")

    assert "+2" in html
    assert "−2" in html


def test_what_a_seat_gave_that_ended_or_has_an_interest_counts_no_more() -> None:
    made = evaluation(entries=2, evaluators=3, criteria=1)
    made.to_consensus()
    assert len(given_scores(made.segment_round)) == 6

    first, second, _third = CommitteeMember.objects.filter(segment_round=made.segment_round).order_by("pk")
    first.ended_at, first.end_reason = "2026-01-01T12:00Z", "Ziek."
    first.save()
    InterestDeclaration.objects.filter(seat=second, entry=made.entries[0]).update(superseded_at="2026-01-01T12:00Z")
    InterestDeclaration.objects.create(
        seat=second, entry=made.entries[0], interest=Interest.FAMILY, explanation="Zus.", parties=[], parties_digest="x"
    )

    left = given_scores(made.segment_round)
    assert len(left) == 3
    assert not [s for s in left if s.evaluator == first.user_id]


@pytest.mark.parametrize("published", [False, True])
def test_weights_are_tried_only_after_the_result_is_published(client: Client, published: bool) -> None:
    made = ranked(["8", "6"])
    if published:
        publish(made)

    html = page(client, made, "gewichten")

    assert ('class="nlds-chart"' in html) is published
    if published:
        assert "For learning only, changes nothing" in html or "Alleen om van te leren" in html


@pytest.mark.parametrize("part", PARTS)
def test_looking_changes_nothing(client: Client, part: str) -> None:
    made = ranked(["8", "6"])
    publish(made)
    before = (Score.objects.count(), ConsensusScore.objects.count(), made.segment_round.rankings.count())

    page(client, made, part)

    made.segment_round.refresh_from_db()
    assert made.segment_round.status == SegmentRoundStatus.RANKED
    assert (Score.objects.count(), ConsensusScore.objects.count(), made.segment_round.rankings.count()) == before


@pytest.mark.parametrize("part", PARTS)
def test_as_many_queries_for_one_bid_as_for_many(client: Client, part: str, django_assert_max_num_queries: Any) -> None:
    for values in (["8"], ["8", "6", "4", "2", "8", "6", "4"]):
        made = ranked(values, evaluators=2)
        publish(made)
        client.force_login(made.lead)
        with django_assert_max_num_queries(10):
            client.get(reverse("procurement:insight", args=[made.segment_round.pk]), {"deel": part})


def test_a_score_handed_in_by_all_reveals_before_the_lead_closes(client: Client) -> None:
    made = evaluation(entries=1, evaluators=2, criteria=1)
    for user in made.evaluators:
        save_score(
            entry=made.entries[0], criterion=made.criteria[0], value=Decimal(6), reason="Goed onderbouwd.", by=user
        )
    hand_in(segment_round=made.segment_round, by=made.evaluators[0])
    assert "nlds-chart" not in page(client, made, "verschillen")

    hand_in(segment_round=made.segment_round, by=made.evaluators[1])
    assert "nlds-chart" in page(client, made, "verschillen")


def test_a_draw_by_hand_is_told_as_what_put_one_first(client: Client) -> None:
    """The order drawn by hand is no part of the dossier; it is told all the same."""
    made = evaluation(entries=2)
    made.to_fixed(["6", "6"])
    ranking = rank_segment(segment_round=made.segment_round, by=made.lead)
    assert set(ranking.rows.values_list("outcome", flat=True)) == {"pending_draw"}
    draw = Draw.objects.get(segment_round=made.segment_round)
    Draw.objects.filter(pk=draw.pk).update(
        kind=DrawKind.PHYSICAL, held_at=timezone.now(), held_by=made.lead, account="Ok."
    )
    for place, entry in enumerate(reversed(made.entries), start=1):
        DrawnPlace.objects.create(draw=draw, entry=entry, place=place)

    told = {bid.entry_id: bid.explanation for bid in ranked_bids(ranking, made.segment_round.round.stage)}

    first, last = told[made.entries[1].pk], told[made.entries[0].pk]
    assert first is not None
    assert last is not None
    assert (first.outcome, last.outcome) == ("selected", "reserve")
    assert first.ties[0].drawn
    assert first.ties[0].ahead


def test_award_on_value_is_shown_in_euros(client: Client) -> None:
    made = evaluation(entries=2, criteria=1, status=SegmentRoundStatus.RANKED)
    made.segment_round.method = Method.AWARD_ON_VALUE
    made.segment_round.save()
    made.segment_round.criteria.update(weight=None, max_value=Decimal(1000))
    names = [bid_id(entry, made.segment_round) for entry in made.entries]
    text = dossier_text(
        dossier(
            [valued("S1", "1000")],
            [bid(names[0], {"S1": "10"}, "2000"), bid(names[1], {"S1": "5"}, "1700")],
            method="award_on_value",
        )
    )
    outcome = rank_json(text)
    assert outcome.result is not None
    ranking = Ranking.objects.create(
        segment_round=made.segment_round, sequence=1, dossier=text, digest=outcome.result.digest, result=outcome.text,
        code_version="1",
    )  # fmt: skip
    for position, row in enumerate(outcome.result.ranking, start=1):
        RankingRow.objects.create(
            ranking=ranking, entry=made.entries[names.index(row.bid)], position=position, rank=row.rank,
            outcome=row.outcome, total=row.total or "", points=dict(row.points),
        )  # fmt: skip
    publish(made)

    html = page(client, made, "ranglijst")
    assert "€\xa01.000,00" in html
    assert "€\xa0200,00" in html
    assert "€\xa0600,00" in page(client, made, "gewichten")


def test_a_dossier_that_cannot_be_read_leaves_the_figures_and_says_so(client: Client) -> None:
    made = ranked_segment_round()
    Decision.objects.create(
        segment_round=made.segment_round, ranking=made.ranking, proposed_by=made.lead, status=DecisionStatus.SENT,
        adopted_at="2026-01-01T12:00Z", sent_at="2026-01-02T12:00Z",
    )  # fmt: skip
    client.force_login(made.lead)
    address = reverse("procurement:insight", args=[made.segment_round.pk])

    assert client.get(address, {"deel": "ranglijst"}).content.decode().count('class="nlds-chart__track"') == 3
    assert client.get(address, {"deel": "gewichten"}).status_code == 200
