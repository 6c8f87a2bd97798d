"""Whoever has the database in hand, and takes its triggers away, cannot change an outcome without being found."""

from __future__ import annotations

import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse

from achterhoek.accounts.enums import Role
from achterhoek.audit.models import AuditCheck, AuditEvent
from achterhoek.mail.models import OutboxMessage
from procurement.models import Ranking, RankingCheck, RankingRow, Score
from procurement.services.ranking import rank_segment
from procurement.services.recompute import check_ranking, compare
from procurement.tasks.ranking import check_rankings
from tests.factories import user_with
from tests.factories.evaluation import evaluation

pytestmark = pytest.mark.django_db


@pytest.fixture
def ranked():
    made = evaluation(entries=3)
    made.to_fixed(("8", "6", "4"))
    made.ranking = rank_segment(segment_round=made.segment_round, by=made.lead)
    return made


def as_superuser(sql, *params):
    """Past every trigger, as somebody with the database in hand would."""
    table = re.search(r"(?:UPDATE|FROM|INTO) (\w+)", sql)[1]
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(sql, params)
        assert cursor.rowcount > 0
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def verify():
    """The findings of `./run manage audit verify`; empty where it says that all is whole."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    out = StringIO()
    try:
        call_command("audit", "verify", stdout=out)
    except CommandError:
        assert AuditCheck.objects.latest("id").findings
        return out.getvalue()
    return ""


def codes(ranking):
    return {finding["code"] for finding in compare(Ranking.objects.get(pk=ranking.pk))}


def test_what_nobody_touched_is_whole(ranked):
    assert verify() == ""
    assert compare(ranked.ranking) == []


def test_a_changed_score_is_found_by_both(ranked):
    score = Score.objects.first()
    as_superuser("UPDATE procurement_score SET value = 2 WHERE id = %s", score.pk)
    assert f"score {score.pk}, event" in verify()
    assert codes(ranked.ranking) == {"database"}


@pytest.mark.parametrize("change", ["reason = 'Anders.'", "evaluator_id = %(lead)s", "value = 2"])
def test_no_part_of_a_score_changes_unseen(ranked, change):
    score = Score.objects.last()
    as_superuser(f"UPDATE procurement_score SET {change % {'lead': ranked.lead.pk}} WHERE id = %s", score.pk)
    assert f"score {score.pk}" in verify()


def test_two_scores_that_change_places_are_found(ranked):
    """Each seal fits its own row only."""
    made = evaluation(entries=2, criteria=1, evaluators=1)
    made.score_all()
    first, second = Score.objects.filter(evaluator=made.evaluators[0]).order_by("pk")
    as_superuser("UPDATE procurement_score SET entry_id = %s WHERE id = %s", ranked.entries[0].pk, first.pk)
    as_superuser("UPDATE procurement_score SET entry_id = %s WHERE id = %s", first.entry_id, second.pk)
    found = verify()
    assert f"score {first.pk}" in found
    assert f"score {second.pk}" in found


def test_a_score_put_in_or_taken_away_is_found(ranked):
    gone = Score.objects.first()
    as_superuser("DELETE FROM procurement_score WHERE id = %s", gone.pk)
    as_superuser(
        "INSERT INTO procurement_score (entry_id, criterion_id, evaluator_id, value, reason, changed_at) "
        "VALUES (%s, %s, %s, 9, 'Erbij.', now())",
        ranked.entries[0].pk, ranked.criteria[0].pk, ranked.lead.pk,
    )  # fmt: skip
    found = verify()
    assert "it is gone, and its event is there" in found
    assert "no event vouches for it" in found


def test_a_changed_consensus_is_found_by_both(ranked):
    consensus = ranked.entries[2].consensus_scores.first()
    as_superuser("UPDATE procurement_consensusscore SET value = 10 WHERE id = %s", consensus.pk)
    assert f"consensus score {consensus.pk}, event" in verify()
    assert codes(ranked.ranking) == {"database"}


def test_a_changed_motivation_is_found(ranked):
    consensus = ranked.entries[2].consensus_scores.first()
    as_superuser("UPDATE procurement_consensusscore SET reason = 'Anders.' WHERE id = %s", consensus.pk)
    assert f"consensus score {consensus.pk}" in verify()


def test_a_changed_dossier_is_found_by_both(ranked):
    as_superuser(
        """UPDATE procurement_ranking SET dossier = replace(dossier, '"consensus":"4"', '"consensus":"10"')
        WHERE id = %s""",
        ranked.ranking.pk,
    )
    assert f"ranking {ranked.ranking.pk}" in verify()
    assert codes(ranked.ranking) >= {"digest", "result", "database"}


def test_a_changed_result_is_found_by_both(ranked):
    as_superuser(
        """UPDATE procurement_ranking SET result = replace(result, '"reserve"', '"selected"') WHERE id = %s""",
        ranked.ranking.pk,
    )
    assert f"ranking {ranked.ranking.pk}" in verify()
    assert codes(ranked.ranking) == {"result", "rows", "log"}


def test_a_dossier_with_a_digest_and_a_result_to_match_is_found_by_the_log(ranked):
    """Everything made anew, as this very program would: but the log knows what it was made of."""
    from procurement.domain.scoring import digest, rank_json

    ranking = ranked.ranking
    dossier = ranking.dossier.replace('"consensus":"4"', '"consensus":"10"')
    as_superuser(
        "UPDATE procurement_ranking SET dossier = %s, digest = %s, result = %s WHERE id = %s",
        dossier, digest(dossier), rank_json(dossier).text, ranking.pk,
    )  # fmt: skip
    assert "made of something else" in verify()
    assert "log" in codes(ranking)


@pytest.mark.parametrize(
    "change", ["rank = 1", "outcome = 'selected'", "total = '100'", "position = 9", """points = '{"S1": "50"}'"""]
)
def test_a_changed_line_of_a_ranking_is_found_by_both(ranked, change):
    row = RankingRow.objects.filter(ranking=ranked.ranking).last()
    as_superuser(f"UPDATE procurement_rankingrow SET {change} WHERE id = %s", row.pk)
    assert f"ranking {ranked.ranking.pk}: a line is not what its result says" in verify()
    assert codes(ranked.ranking) == {"rows"}


def test_a_ranking_that_is_gone_is_found(ranked):
    as_superuser("DELETE FROM procurement_rankingrow WHERE ranking_id = %s", ranked.ranking.pk)
    as_superuser("DELETE FROM procurement_ranking WHERE id = %s", ranked.ranking.pk)
    assert f"ranking {ranked.ranking.pk}, event" in verify()


def test_a_changed_event_is_found(ranked):
    event = AuditEvent.objects.filter(action="procurement.ranking.made").get()
    as_superuser(
        """UPDATE audit_auditevent SET detail = jsonb_set(detail, '{digest}', '"sha256:0"') WHERE id = %s""", event.pk
    )
    assert f"event {event.pk}: its content was changed" in verify()
    assert codes(ranked.ranking) == {"log"}


def test_a_score_changed_with_an_event_to_match_is_found(ranked):
    """Without the key nobody makes the seal, nor signs the event."""
    score = Score.objects.first()
    as_superuser("UPDATE procurement_score SET value = 2 WHERE id = %s", score.pk)
    as_superuser(
        """UPDATE audit_auditevent SET detail = jsonb_set(detail, '{commitment}', '"hmac-sha256:00"')
        WHERE action = 'procurement.score.saved' AND target_id = %s""",
        str(score.entry_id),
    )
    found = verify()
    assert f"score {score.pk}" in found
    assert "its content was changed" in found


def test_a_bid_that_fell_out_by_a_step_that_was_logged_is_no_alarm(ranked):
    from achterhoek.transitions.services import transition
    from procurement.domain.states import ENTRY

    transition(ranked.entries[0], "dropped", by=ranked.lead, table=ENTRY, reason="Failliet.", status_reason="Failliet.")
    # Within one transaction of a test all moments are the same.
    as_superuser("UPDATE procurement_ranking SET computed_at = computed_at - interval '1 hour'")
    assert compare(Ranking.objects.get(pk=ranked.ranking.pk)) == []


# The night ----------------------------------------------------------------------------------------------


def test_every_night_all_rankings_are_checked_and_kept(ranked):
    check_rankings()
    assert RankingCheck.objects.get().findings == []
    assert not OutboxMessage.objects.exists()


def test_a_difference_raises_the_alarm_once(ranked, client, caplog):
    admin = user_with(Role.ADMIN)
    row = RankingRow.objects.filter(ranking=ranked.ranking).last()
    as_superuser("UPDATE procurement_rankingrow SET outcome = 'selected' WHERE id = %s", row.pk)
    for _ in range(2):
        check_rankings()
    assert RankingCheck.objects.count() == 2
    assert AuditEvent.objects.filter(action="procurement.ranking.differs").count() == 2
    assert [message.to for message in OutboxMessage.objects.all()] == [admin.email]
    assert "a ranking does not match" in caplog.text
    for role in (Role.LEAD, Role.AUDITOR):
        client.force_login(user_with(role, region=ranked.region))
        for page in (
            f"/inkoop/ranglijst/{ranked.ranking.pk}/",
            reverse("procurement:lead_tender", args=[ranked.segment_round.round.tender.slug]),
        ):
            assert "klopt niet" in client.get(page).content.decode(), page


def test_the_alarm_ends_when_all_is_well_again(ranked):
    row = RankingRow.objects.filter(ranking=ranked.ranking).last()
    as_superuser("UPDATE procurement_rankingrow SET outcome = 'selected' WHERE id = %s", row.pk)
    assert check_ranking(ranking=ranked.ranking, by=None).findings
    as_superuser("UPDATE procurement_rankingrow SET outcome = 'reserve' WHERE id = %s", row.pk)
    assert not check_ranking(ranking=ranked.ranking, by=None).findings
    assert AuditEvent.objects.filter(action="procurement.ranking.checked").exists()
