"""Second thoughts: some criteria scored again, the rest left alone, both results kept, the difference explained."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from achterhoek.accounts.enums import Role
from achterhoek.audit.models import AuditEvent
from achterhoek.errors import NotAllowed, RuleViolation
from procurement.enums import ReevaluationCause, SegmentRoundStatus
from procurement.models import ConsensusScore, PriceOpening, Reevaluation, Score
from procurement.selectors.evaluation import evaluator_overview, missing_scores
from procurement.selectors.missing import missing_for_fixing
from procurement.selectors.reevaluation import differences, open_criteria
from procurement.services.decisions import propose_decision
from procurement.services.evaluation import close_scoring, fix_scores, hand_in, record_consensus, save_score
from procurement.services.ranking import rank_segment
from procurement.services.reevaluation import finish_reevaluation, start_reevaluation
from tests.factories import RegionFactory, user_with
from tests.factories.evaluation import Evaluation, evaluation

pytestmark = pytest.mark.django_db


def ranked(values=("6", "8"), **more) -> Evaluation:
    made = evaluation(entries=len(values), **more)
    made.to_fixed(values)
    rank_segment(segment_round=made.segment_round, by=made.lead)
    made.segment_round.refresh_from_db()
    return made


def begun(made: Evaluation, *criteria) -> Reevaluation:
    found = start_reevaluation(
        segment_round=made.segment_round,
        cause=ReevaluationCause.OBJECTION,
        reason="De motivering van dit onderdeel hield geen stand.",
        criteria=criteria or made.criteria[:1],
        by=made.lead,
    )
    made.segment_round.refresh_from_db()
    return found


def scored_again(made: Evaluation, values) -> None:
    """The first criterion once more, to a new ranking."""
    criterion = made.criteria[0]
    for user in made.evaluators:
        for entry, value in zip(made.entries, values, strict=True):
            save_score(entry=entry, criterion=criterion, value=Decimal(value), reason="Opnieuw gewogen.", by=user)
        hand_in(segment_round=made.segment_round, by=user)
    made.segment_round = close_scoring(segment_round=made.segment_round, by=made.lead)
    for entry, value in zip(made.entries, values, strict=True):
        record_consensus(
            entry=entry, criterion=criterion, value=Decimal(value), reason="De commissie woog opnieuw.", by=made.lead
        )
    made.segment_round = fix_scores(segment_round=made.segment_round, by=made.lead)
    rank_segment(segment_round=made.segment_round, by=made.lead)
    made.segment_round.refresh_from_db()


def test_the_whole_way_keeps_both_results_and_tells_the_difference() -> None:
    made = ranked()
    again = begun(made)
    scored_again(made, ["10", "2"])

    ended = finish_reevaluation(
        segment_round=made.segment_round, explanation="Het eerste onderdeel is beter onderbouwd.", by=made.lead
    )

    assert [one.sequence for one in made.segment_round.rankings.order_by("sequence")] == [1, 2]
    assert (ended.before.sequence, ended.after.sequence) == (1, 2)
    first, second = differences(ended.before, ended.after, ["S1", "S2"])
    assert first.entry_id == made.entries[0].pk
    assert (first.before.rank, first.after.rank) == (2, 1)
    assert (second.before.rank, second.after.rank) == (1, 2)
    assert first.gained > 0 > second.gained
    assert first.points[0][1] < first.points[0][2]
    assert first.points[1][1] == first.points[1][2], "what was not scored again kept its points"
    again.refresh_from_db()
    assert again.finished_at is not None


def test_only_the_chosen_criteria_are_open() -> None:
    made = ranked()
    begun(made)

    assert open_criteria(made.segment_round) == {made.criteria[0].pk}
    with pytest.raises(RuleViolation):
        save_score(
            entry=made.entries[0], criterion=made.criteria[1], value=Decimal("2"), reason="Nee.", by=made.evaluators[0]
        )
    assert Score.objects.get(
        entry=made.entries[0], criterion=made.criteria[1], evaluator=made.evaluators[0]
    ).value == Decimal("6")


def test_a_member_who_stays_scores_anew_and_hands_in_anew() -> None:
    made = ranked()
    begun(made)
    seat = made.segment_round.committee.first()

    assert seat.handed_in_at is None
    assert [item.codes for item in missing_scores(seat)] == [("S1",), ("S1",)]
    with pytest.raises(RuleViolation):
        hand_in(segment_round=made.segment_round, by=made.evaluators[0])


def test_the_old_consensus_of_an_open_criterion_does_not_count_and_that_of_a_closed_one_does() -> None:
    made = ranked()
    begun(made)
    made.segment_round = close_scoring(segment_round=made.segment_round, by=made.lead, reason="De proef op de som.")

    missing = missing_for_fixing(made.segment_round)

    assert missing.stale == len(made.entries)
    with pytest.raises(RuleViolation):
        fix_scores(segment_round=made.segment_round, by=made.lead)
    assert ConsensusScore.objects.filter(criterion=made.criteria[1]).count() == len(made.entries)


def test_prices_stay_open_once_and_are_not_opened_twice() -> None:
    made = ranked()
    begun(made)
    scored_again(made, ["6", "8"])

    assert PriceOpening.objects.filter(segment_round=made.segment_round).count() == 1


def test_an_unchanged_outcome_is_a_ranking_of_its_own() -> None:
    made = ranked()
    begun(made)
    scored_again(made, ["6", "8"])

    ended = finish_reevaluation(segment_round=made.segment_round, explanation="Niets is anders.", by=made.lead)

    assert (ended.before.sequence, ended.after.sequence) == (1, 2)


@pytest.mark.parametrize(
    ("change", "field"),
    [({"reason": " "}, "reason"), ({"criteria": []}, "criteria"), ({"cause": "zin"}, "cause")],
)
def test_why_and_what_is_required(change, field) -> None:
    made = ranked()
    asked = {"cause": "mistake", "reason": "Verkeerd geteld.", "criteria": made.criteria, **change}

    with pytest.raises(RuleViolation) as refused:
        start_reevaluation(segment_round=made.segment_round, by=made.lead, **asked)

    assert refused.value.field == field
    assert not Reevaluation.objects.exists()


def test_criteria_of_another_segment_are_refused() -> None:
    made, other = ranked(), evaluation()

    with pytest.raises(RuleViolation):
        begun(made, *other.criteria)


def test_not_before_there_is_a_ranking_and_not_twice_at_once() -> None:
    fresh = evaluation()
    with pytest.raises(RuleViolation):
        begun(fresh)
    made = ranked()
    begun(made)
    with pytest.raises(RuleViolation):
        begun(made)


def test_refused_while_a_decision_is_in_force() -> None:
    made = ranked()
    propose_decision(segment_round=made.segment_round, by=made.lead)

    with pytest.raises(RuleViolation):
        begun(made)
    made.segment_round.refresh_from_db()
    assert made.segment_round.status == SegmentRoundStatus.RANKED


def test_no_decision_before_the_difference_is_explained() -> None:
    made = ranked()
    begun(made)
    scored_again(made, ["10", "2"])
    with pytest.raises(RuleViolation):
        propose_decision(segment_round=made.segment_round, by=made.lead)
    with pytest.raises(RuleViolation) as refused:
        finish_reevaluation(segment_round=made.segment_round, explanation=" ", by=made.lead)
    assert refused.value.field == "explanation"

    finish_reevaluation(segment_round=made.segment_round, explanation="Beter onderbouwd.", by=made.lead)

    assert propose_decision(segment_round=made.segment_round, by=made.lead).ranking.sequence == 2


def test_it_ends_only_with_a_new_ranking() -> None:
    made = ranked()
    begun(made)

    with pytest.raises(RuleViolation):
        finish_reevaluation(segment_round=made.segment_round, explanation="Klaar.", by=made.lead)


def test_only_the_lead_of_the_region() -> None:
    made = ranked()
    made.lead = user_with(Role.LEAD, region=RegionFactory())
    with pytest.raises(NotAllowed):
        begun(made)
    made.lead = user_with(Role.AUDITOR, region=made.region)
    with pytest.raises(NotAllowed):
        begun(made)


def test_the_log_tells_what_and_why() -> None:
    made = ranked()
    found = begun(made)

    event = AuditEvent.objects.get(action="procurement.reevaluation.started")
    assert event.detail["criteria"] == ["S1"]
    assert event.detail["reason"] == found.reason


# The page ----------------------------------------------------------------------------------------------


def page(made: Evaluation, client: Client, user=None):
    client.force_login(user or made.lead)
    return client.get(reverse("procurement:reevaluation", args=[made.segment_round.pk]))


def test_the_page_begins_one_and_shows_both_results_for_ever(client: Client) -> None:
    made = ranked()
    url = reverse("procurement:reevaluation", args=[made.segment_round.pk])
    client.force_login(made.lead)
    response = client.post(
        url,
        {"cause": "judgment", "reason": "De rechter vond de motivering te kort.", "criteria": [made.criteria[0].pk]},
    )
    assert response.status_code == 302
    made.segment_round.refresh_from_db()
    assert made.segment_round.status == SegmentRoundStatus.SCORING
    scored_again(made, ["10", "2"])
    assert "id_explanation" in page(made, client).content.decode()
    finish = reverse("procurement:reevaluation_finish", args=[made.segment_round.pk])
    assert client.post(finish, {"explanation": ""}).status_code == 422
    assert client.post(finish, {"explanation": "Beter onderbouwd dan gedacht."}).status_code == 302

    auditor = user_with(Role.AUDITOR, region=made.region)
    for user in (made.lead, auditor):
        html = page(made, client, user).content.decode()
        assert "Beter onderbouwd dan gedacht." in html
        assert "De rechter vond de motivering te kort." in html


def test_an_auditor_looks_and_begins_nothing(client: Client) -> None:
    made = ranked()
    auditor = user_with(Role.AUDITOR, region=made.region)

    html = page(made, client, auditor).content.decode()

    assert "id_reason" not in html
    url = reverse("procurement:reevaluation", args=[made.segment_round.pk])
    assert client.post(url, {"cause": "mistake"}).status_code == 403


def test_nothing_typed_is_lost(client: Client) -> None:
    made = ranked()
    client.force_login(made.lead)

    response = client.post(
        reverse("procurement:reevaluation", args=[made.segment_round.pk]), {"reason": "Wat ik al had getypt."}
    )

    assert response.status_code == 422
    assert "Wat ik al had getypt." in response.content.decode()


def test_the_progress_of_members_counts_only_what_is_scored_again(client: Client) -> None:
    made = ranked()
    begun(made)

    client.force_login(made.lead)
    members = client.get(reverse("procurement:segment_round", args=[made.segment_round.pk])).context["members"]

    assert {(one.given, one.asked) for one in members} == {(0, len(made.entries))}


def test_the_consensus_page_asks_only_what_is_scored_again_and_shows_the_rest(client: Client) -> None:
    made = ranked()
    begun(made)
    made.segment_round = close_scoring(segment_round=made.segment_round, by=made.lead, reason="Voor de toets.")
    client.force_login(made.lead)
    address = reverse("procurement:consensus_entry", args=[made.segment_round.pk, made.entries[0].pk])
    html = client.get(address).content.decode()
    opened, closed = made.criteria
    assert f'name="k{opened.pk}-value"' in html
    assert f'name="k{closed.pk}-value"' not in html
    assert "wordt niet opnieuw beoordeeld" in html
    assert html.count("De commissie vond.") >= 1, "what was agreed on it is still read"


def test_what_was_typed_for_a_criterion_that_has_closed_is_refused_and_kept(client: Client) -> None:
    made = ranked()
    begun(made)
    made.segment_round = close_scoring(segment_round=made.segment_round, by=made.lead, reason="Voor de toets.")
    client.force_login(made.lead)
    closed = made.criteria[1]
    address = reverse("procurement:consensus_entry", args=[made.segment_round.pk, made.entries[0].pk])
    name = f"k{closed.pk}"
    given = {f"{name}-value": "8", f"{name}-reason": "Wat ik had getypt.", f"{name}-shown": "", "save": ""}
    response = client.post(address, given)
    assert response.status_code == 422
    assert "Wat ik had getypt." in response.content.decode()
    assert ConsensusScore.objects.get(entry=made.entries[0], criterion=closed).value == Decimal(6)


def test_the_evaluators_first_page_counts_what_is_scored_again(django_assert_max_num_queries) -> None:
    made = ranked()
    member = made.evaluators[0]
    (before,) = evaluator_overview(member)
    assert (before.done, before.total) == (2, 2)
    begun(made)
    with django_assert_max_num_queries(4):
        (now,) = evaluator_overview(member)
    assert (now.done, now.total, now.next_entry) == (0, 2, made.entries[0].pk)
    save_score(
        entry=made.entries[0], criterion=made.criteria[0], value=Decimal(8), reason="Opnieuw gewogen.", by=member
    )
    (now,) = evaluator_overview(member)
    assert (now.done, now.next_entry) == (1, made.entries[1].pk)


@pytest.mark.parametrize("count", [2, 8])
def test_the_page_takes_as_many_queries_for_few_bids_as_for_many(client, count, django_assert_num_queries) -> None:
    made = ranked(("6",) * count)
    client.force_login(made.lead)
    page = reverse("procurement:reevaluation", args=[made.segment_round.pk])
    with django_assert_num_queries(8):
        assert client.get(page).status_code == 200
    begun(made)
    with django_assert_num_queries(9):
        assert client.get(page).status_code == 200
