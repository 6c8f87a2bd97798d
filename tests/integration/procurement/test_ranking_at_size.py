"""300 bids, 6 criteria and 5 evaluators: ranked in a fixed number of queries, and all that lacks is named."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from achterhoek.jobs.models import Job, JobStatus
from procurement.enums import SegmentRoundStatus
from procurement.models import ConsensusScore, Ranking, Score
from procurement.services.ranking import rank_segment, request_ranking
from procurement.services.recompute import compare
from procurement.tasks.ranking import rank_segment as task
from tests.factories.evaluation import evaluation

pytestmark = pytest.mark.django_db


def scored(bids):
    """Fixed, with all scores put in at once."""
    made = evaluation(entries=bids, criteria=6, evaluators=5, places=max(1, bids // 4), status=SegmentRoundStatus.FIXED)
    pairs = [(entry, criterion) for entry in made.entries for criterion in made.criteria]
    Score.objects.bulk_create(
        Score(entry=entry, criterion=criterion, evaluator=user, value=(entry.pk + user.pk) % 11, reason="Goed.")
        for entry, criterion in pairs
        for user in made.evaluators
    )
    ConsensusScore.objects.bulk_create(
        ConsensusScore(
            entry=entry, criterion=criterion, value=Decimal((entry.pk * criterion.pk) % 11), reason="Goed.",
            recorded_by=made.lead,
        )
        for entry, criterion in pairs
    )  # fmt: skip
    return made


def queries(act):
    with CaptureQueriesContext(connection) as asked:
        act()
    return len(asked)


def test_the_number_of_queries_does_not_grow():
    counts = []
    for bids in (2, 40):
        made = scored(bids)
        counts.append(queries(lambda made=made: rank_segment(segment_round=made.segment_round, by=made.lead)))
        ranking = Ranking.objects.get(segment_round=made.segment_round)
        counts.append(queries(lambda ranking=ranking: compare(ranking)))
    assert counts[:2] == counts[2:]


def test_300_bids_are_ranked_by_the_worker_and_its_progress_is_seen():
    made = scored(300)
    job = request_ranking(segment_round=made.segment_round, by=made.lead)
    task(made.segment_round.pk, made.lead.pk, str(job.pk))
    assert Job.objects.filter(pk=job.pk).values_list("status", "done", "total").get() == (JobStatus.DONE, 3, 3)
    ranking = Ranking.objects.get()
    assert ranking.rows.count() == 300
    assert compare(ranking) == []


def test_everything_that_is_missing_is_listed_with_a_link(client):
    made = scored(60)
    for entry in made.entries[::2]:
        entry.consensus_scores.first().delete()
    client.force_login(made.lead)
    address = reverse("procurement:ranking_request", args=[made.segment_round.pk])
    for response in (client.get(address), client.post(address)):
        html = response.content.decode()
        assert "30 punten zijn niet in orde" in html
        for entry in made.entries[::2]:
            link = reverse("procurement:consensus_entry", args=[made.segment_round.pk, entry.pk])
            assert f'href="{link}"' in html
    assert response.status_code == 422
    assert not Job.objects.exists()
    # The list is read in as many queries as one of two bids.
    few = scored(2)
    few.entries[0].consensus_scores.first().delete()
    of_few = reverse("procurement:ranking_request", args=[few.segment_round.pk])
    client.force_login(few.lead)
    count = queries(lambda: client.get(of_few))
    client.force_login(made.lead)
    assert queries(lambda: client.get(address)) == count
