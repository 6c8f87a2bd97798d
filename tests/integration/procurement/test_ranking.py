"""The ranking: a pure function of a stored dossier, made once, recomputable by anybody who has the file."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from django.core.management import call_command

from achterhoek.accounts.enums import Role
from achterhoek.audit.models import AuditEvent
from achterhoek.errors import NotAllowed, RuleViolation
from achterhoek.jobs.models import Job, JobStatus
from procurement.domain.scoring import digest, rank_json
from procurement.enums import CriterionKind, EntryStatus, Outcome, QuestionKind, SegmentRoundStatus, Stage
from procurement.models import Decision, Entry, Ranking, RankingRow, Score
from procurement.selectors.ranking import prices_of, recompute
from procurement.services.evaluation import check_requirement
from procurement.services.ranking import DossierRefused, bid_id, build_dossier, rank_segment, request_ranking
from procurement.tasks.ranking import rank_segment as task
from tests.concurrency import at_once
from tests.factories import (
    CriterionFactory,
    MunicipalityFactory,
    QuestionFactory,
    RegionFactory,
    RequirementFactory,
    user_with,
)
from tests.factories.evaluation import evaluation

pytestmark = pytest.mark.django_db


def fixed(values=("6", "8"), **fields):
    made = evaluation(entries=len(values), **fields)
    made.to_fixed(values)
    return made


def ranked(made):
    return rank_segment(segment_round=made.segment_round, by=made.lead)


def with_prices(*prices, formula="relative_lowest", **criterion):
    """An award stage with a price criterion; a price of None was not answered."""
    made = evaluation(entries=len(prices), criteria=1, stage=Stage.AWARD)
    CriterionFactory(
        segment_round=made.segment_round, code="P", kind=CriterionKind.PRICE, formula=formula, position=9, **criterion
    )
    question = QuestionFactory(
        round=made.segment_round.round,
        segment=made.segment_round.segment,
        kind=QuestionKind.PRICE,
        criterion_code="P",
    )
    for entry, price in zip(made.entries, prices, strict=True):
        if price is not None:
            by = entry.submission.created_by
            entry.submission.answers.create(question=question, number=Decimal(price), changed_by=by)
    return made


# The dossier --------------------------------------------------------------------------------------------


def test_the_dossier_holds_all_a_ranking_rests_on():
    made = fixed(("6", "8"), criteria=1)
    first, second = (bid_id(entry, made.segment_round) for entry in made.entries)
    individual = {"e1": "6", "e2": "6"}
    assert build_dossier(made.segment_round) == {
        "format": "scoring-dossier/1",
        "method": "weighted_points",
        "scale_max": "10",
        "places": 1,
        "minimum_total": None,
        "tie_break": [],
        "draw_seed": None,
        "on_exclusion": "keep_ranking",
        "criteria": [{"id": "S1", "kind": "graded", "weight": "50", "minimum": None}],
        "bids": [
            {"id": first, "status": "admitted", "scores": {"S1": {"individual": individual, "consensus": "6"}}},
            {"id": second, "status": "admitted", "scores": {"S1": {"individual": individual, "consensus": "8"}}},
        ],
    }
    assert first == f"{made.entries[0].submission.number}:{made.segment_round.segment.slug}"


def test_the_dossier_names_no_evaluator():
    made = fixed()
    text = json.dumps(build_dossier(made.segment_round))
    for user in made.evaluators:
        assert user.name not in text
        assert user.email not in text


def test_an_excluded_entry_is_in_the_dossier_without_a_place():
    made = evaluation(entries=2)
    requirement = RequirementFactory(round=made.segment_round.round)
    check_requirement(entry=made.entries[0], requirement=requirement, met=True, reason="", by=made.lead)
    check_requirement(entry=made.entries[1], requirement=requirement, met=False, reason="Nee.", by=made.lead)
    made.entries = made.entries[:1]
    made.to_fixed()
    rows = list(ranked(made).rows.values_list("rank", "outcome"))
    assert rows == [(1, Outcome.SELECTED), (None, Outcome.EXCLUDED)]


def test_prices_are_read_after_fixing_only():
    made = with_prices("100", "200")
    assert prices_of(made.segment_round) == {}
    made.to_fixed()
    assert set(prices_of(made.segment_round).values()) == {Decimal(100), Decimal(200)}
    dossier = build_dossier(made.segment_round)
    assert [bid["price"] for bid in dossier["bids"]] == ["100", "200"]


def test_a_general_price_holds_where_the_segment_has_none():
    made = evaluation(entries=1, criteria=1, stage=Stage.AWARD)
    CriterionFactory(
        segment_round=made.segment_round, code="P", kind=CriterionKind.PRICE, formula="relative_lowest", position=9
    )
    general = QuestionFactory(round=made.segment_round.round, kind=QuestionKind.PRICE)
    submission = made.entries[0].submission
    submission.answers.create(question=general, number=Decimal("99.50"), changed_by=submission.created_by)
    made.to_fixed()
    assert build_dossier(made.segment_round)["bids"][0]["price"] == "99.5"


def test_prices_and_quality_add_up():
    made = with_prices("100", "200")
    made.to_fixed(("6", "8"))
    rows = list(ranked(made).rows.values_list("total", "points"))
    assert rows == [("80", {"S1": "30", "P": "50"}), ("65", {"S1": "40", "P": "25"})]


def test_award_on_value_takes_the_lowest_fictive_price():
    made = with_prices("1240000", "1310000")
    made.segment_round.criteria.filter(code="P").delete()
    made.segment_round.criteria.update(weight=None, max_value=Decimal(150000))
    type(made.segment_round).objects.update(method="award_on_value")
    made.to_fixed(("4", "10"))
    rows = list(ranked(made).rows.values_list("entry_id", "total"))
    assert rows == [(made.entries[1].pk, "1160000"), (made.entries[0].pk, "1180000")]


# Ranking ------------------------------------------------------------------------------------------------


def test_a_ranking_keeps_its_dossier_result_and_rows():
    made = fixed(("6", "8"))
    ranking = ranked(made)
    assert ranking.digest == digest(ranking.dossier)
    assert ranking.result == rank_json(ranking.dossier).text
    assert list(ranking.rows.values_list("entry_id", "rank", "outcome", "total")) == [
        (made.entries[1].pk, 1, Outcome.SELECTED, "80"),
        (made.entries[0].pk, 2, Outcome.RESERVE, "60"),
    ]
    made.segment_round.refresh_from_db()
    assert made.segment_round.status == SegmentRoundStatus.RANKED
    assert AuditEvent.objects.get(action="procurement.ranking.made").detail["digest"] == ranking.digest
    assert recompute(ranking).equal


def test_the_same_dossier_makes_no_second_ranking():
    made = fixed()
    assert ranked(made) == ranked(made)
    assert Ranking.objects.count() == 1
    with pytest.raises(RuleViolation):
        request_ranking(segment_round=made.segment_round, by=made.lead)


def drop(entry):
    Entry.objects.filter(pk=entry.pk).update(status=EntryStatus.DROPPED, status_reason="Failliet.")


def test_a_bid_that_drops_out_makes_the_next_ranking_as_long_as_nothing_is_decided():
    made = fixed(("6", "8"))
    first = ranked(made)
    drop(made.entries[1])
    second = ranked(made)
    assert (first.sequence, second.sequence) == (1, 2)
    assert second.rows.first().entry == made.entries[0]
    Decision.objects.create(segment_round=made.segment_round, ranking=second, proposed_by=made.lead)
    drop(made.entries[0])
    with pytest.raises(RuleViolation):
        ranked(made)


@pytest.mark.parametrize("role", [Role.EVALUATOR, Role.AUDITOR, Role.ADMIN])
def test_only_the_lead_ranks(role):
    made = fixed()
    by = user_with(role, region=made.region)
    for act in (request_ranking, rank_segment):
        with pytest.raises(NotAllowed):
            act(segment_round=made.segment_round, by=by)


def test_there_is_no_ranking_before_the_scores_are_fixed():
    made = evaluation()
    made.to_consensus()
    with pytest.raises(RuleViolation):
        request_ranking(segment_round=made.segment_round, by=made.lead)
    with pytest.raises(RuleViolation):
        ranked(made)


def test_a_refused_dossier_tells_every_cause_in_dutch():
    made = with_prices("100", None, "0")
    made.to_fixed()
    with pytest.raises(DossierRefused) as refused:
        ranked(made)
    bids = [bid_id(entry, made.segment_round) for entry in made.entries]
    assert refused.value.causes == [
        f"{bids[1]}: de prijs ontbreekt",
        f"{bids[2]}: de prijs moet hoger zijn dan 0",
    ]
    assert not Ranking.objects.exists()


# The worker ---------------------------------------------------------------------------------------------


def test_asking_twice_gives_one_job_and_the_worker_makes_one_ranking():
    made = fixed()
    job = request_ranking(segment_round=made.segment_round, by=made.lead)
    assert request_ranking(segment_round=made.segment_round, by=made.lead) == job
    for _ in range(2):
        task(made.segment_round.pk, made.lead.pk, str(job.pk))
    job.refresh_from_db()
    assert (job.status, job.done, job.total) == (JobStatus.DONE, 3, 3)
    assert Ranking.objects.count() == 1


def test_the_job_tells_why_the_dossier_was_refused():
    made = with_prices("100")
    made.to_fixed()
    job = request_ranking(segment_round=made.segment_round, by=made.lead)
    answers = made.entries[0].submission.answers
    answers.update(number=None)
    task(made.segment_round.pk, made.lead.pk, str(job.pk))
    job.refresh_from_db()
    assert job.status == JobStatus.FAILED
    assert "de prijs ontbreekt" in job.error
    # Asked in vain it is told at once; asking again afterwards queues the same work anew.
    with pytest.raises(DossierRefused):
        request_ranking(segment_round=made.segment_round, by=made.lead)
    answers.update(number=Decimal(100))
    assert request_ranking(segment_round=made.segment_round, by=made.lead).status == JobStatus.QUEUED


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_make_one_ranking():
    made = fixed()
    job = request_ranking(segment_round=made.segment_round, by=made.lead)
    results = at_once(*[lambda: task(made.segment_round.pk, made.lead.pk, str(job.pk))] * 3)
    assert results == [None] * 3
    assert Ranking.objects.count() == 1
    assert RankingRow.objects.count() == 2
    assert Job.objects.get().status == JobStatus.DONE
    assert AuditEvent.objects.filter(action="procurement.segmentround.rank").count() == 1


# Pages --------------------------------------------------------------------------------------------------


def page(ranking):
    return f"/inkoop/ranglijst/{ranking.pk}/"


@pytest.mark.parametrize("role", [Role.LEAD, Role.AUDITOR])
def test_the_page_shows_the_ranking_and_recomputes_it(client, role):
    made = fixed(("6", "8"))
    ranking = ranked(made)
    client.force_login(user_with(role, region=made.region))
    html = client.get(page(ranking)).content.decode()
    first, second = (entry.submission.organisation.name for entry in made.entries)
    assert html.index(second) < html.index(first)
    assert ranking.digest in html
    assert "Gelijk" not in html
    assert "letterlijk dezelfde" in client.get(f"{page(ranking)}?narekenen=ja").content.decode()


def test_a_tampered_ranking_is_found_out(client):
    made = fixed(("6", "8"))
    ranking = ranked(made)
    forged = Ranking.objects.create(
        segment_round=made.segment_round,
        sequence=2,
        dossier=ranking.dossier.replace('"consensus":"6"', '"consensus":"10"'),
        digest=ranking.digest,
        result=ranking.result,
        code_version=ranking.code_version,
    )
    client.force_login(made.lead)
    html = client.get(f"{page(forged)}?narekenen=ja").content.decode()
    assert "Niet gelijk" in html
    assert "past niet bij het controlegetal" in html


def test_the_downloaded_dossier_gives_the_same_result_on_the_command_line(client, tmp_path, capsys):
    made = fixed(("6", "8"))
    ranking = ranked(made)
    client.force_login(user_with(Role.AUDITOR, region=made.region))
    response = client.get(f"{page(ranking)}dossier.json")
    assert "attachment" in response["Content-Disposition"]
    file = tmp_path / "dossier.json"
    file.write_bytes(response.content)
    call_command("rank", str(file))
    assert capsys.readouterr().out.rstrip("\n") == ranking.result


@pytest.mark.parametrize("role", [Role.EVALUATOR, Role.PROVIDER, Role.ADMIN, Role.OPENER, Role.COLLEGE])
def test_other_roles_see_no_ranking(client, role):
    made = fixed()
    ranking = ranked(made)
    region = {"region": made.region}
    if role == Role.COLLEGE:
        region = {"municipality": MunicipalityFactory(region=made.region)}
    client.force_login(user_with(role, **region))
    assert client.get(page(ranking)).status_code == 403
    assert client.get(f"{page(ranking)}dossier.json").status_code == 403


def test_another_region_sees_no_ranking(client):
    ranking = ranked(fixed())
    client.force_login(user_with(Role.LEAD, region=RegionFactory()))
    assert client.get(page(ranking)).status_code == 404
    assert client.get(f"{page(ranking)}dossier.json").status_code == 404


def test_asking_for_the_ranking_on_the_page(client, django_capture_on_commit_callbacks):
    made = fixed()
    client.force_login(made.lead)
    response = client.post(f"/inkoop/beoordeling/{made.segment_round.pk}/rangschikken/")
    assert response.url == f"/taken/{Job.objects.get().pk}/"


@pytest.mark.parametrize("count", [1, 12])
def test_the_page_takes_a_fixed_number_of_queries(client, count, django_assert_num_queries):
    made = fixed(["6"] * count)
    ranking = ranked(made)
    client.force_login(made.lead)
    with django_assert_num_queries(12):
        client.get(page(ranking))


def test_individual_scores_stay_in_the_file():
    made = fixed()
    ranked(made)
    assert Score.objects.count() == len(made.entries) * len(made.criteria) * len(made.evaluators)
