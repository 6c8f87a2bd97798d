"""A ranked bid drops out: what changes is shown first, by the rule fixed beforehand, and both rankings stay."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from achterhoek.accounts.enums import Role
from achterhoek.audit.models import AuditEvent
from achterhoek.errors import NotAllowed, RuleViolation
from procurement.enums import EntryStatus, OnExclusion, Outcome
from procurement.models import Decision, Ranking
from procurement.selectors.dropping import without
from procurement.services.dropping import drop_bid
from procurement.services.ranking import rank_segment
from procurement.services.recompute import compare
from tests.factories import user_with
from tests.factories.evaluation import Evaluation, evaluation

pytestmark = pytest.mark.django_db


def ranked(*values: str, places: int = 1, **fields: Any) -> tuple[Evaluation, Ranking]:
    made = evaluation(entries=len(values))
    type(made.segment_round).objects.filter(pk=made.segment_round.pk).update(places=places, **fields)
    made.segment_round.refresh_from_db()
    made.to_fixed(values)
    ranking = rank_segment(segment_round=made.segment_round, by=made.lead)
    made.segment_round.refresh_from_db()
    return made, ranking


def drop(made: Evaluation, place: int = 0, **more: Any) -> Ranking:
    given = {"entry": made.entries[place], "reason": "Failliet verklaard.", "by": made.lead, **more}
    return drop_bid(segment_round=made.segment_round, **given)


@pytest.mark.parametrize("rule", OnExclusion.values)
def test_who_stands_lower_moves_up_and_both_rankings_stay(rule: str) -> None:
    made, first = ranked("10", "8", "6", on_exclusion=rule)

    shown = [
        (one.before.entry_id, one.before.outcome, one.outcome, one.rank) for one in without(first, made.entries[0].pk)
    ]
    second = drop(made)

    rows = {row.entry: row for row in second.rows.select_related("entry")}
    assert rows[made.entries[0]].outcome == Outcome.DROPPED
    assert rows[made.entries[1]].outcome == Outcome.SELECTED
    assert shown[0] == (made.entries[0].pk, Outcome.SELECTED, Outcome.DROPPED, None)
    after = {row.entry_id: (row.rank, row.outcome) for row in rows.values()}
    assert {entry: (rank, then) for entry, _before, then, rank in shown} == {
        entry: after[entry] for entry, *_rest in shown
    }, "what was shown is what came out"
    assert (first.sequence, second.sequence) == (1, 2)
    assert first.rows.get(entry=made.entries[0]).outcome == Outcome.SELECTED
    made.entries[0].refresh_from_db()
    assert (made.entries[0].status, made.entries[0].status_reason) == (EntryStatus.DROPPED, "Failliet verklaard.")
    assert AuditEvent.objects.get(action="procurement.entry.drop").detail["reason"] == "Failliet verklaard."
    assert compare(first) == []
    assert compare(second) == []


def test_what_cannot_be_is_refused_with_the_reason() -> None:
    made, ranking = ranked("10", "8")
    with pytest.raises(RuleViolation) as refused:
        drop(made, reason="  ")
    assert refused.value.field == "reason"
    with pytest.raises(RuleViolation, match="niet voor dit segment"):
        drop(made, entry=evaluation().entries[0])
    Decision.objects.create(segment_round=made.segment_round, ranking=ranking, proposed_by=made.lead)
    with pytest.raises(RuleViolation, match="Trek eerst het besluit in"):
        drop(made)
    made.entries[0].refresh_from_db()
    assert made.entries[0].status == EntryStatus.ADMITTED


def test_a_bid_drops_out_once_and_only_of_a_ranking() -> None:
    made, _ranking = ranked("10", "8")
    drop(made)
    with pytest.raises(RuleViolation, match="al afgevallen"):
        drop(made)
    early = evaluation()
    with pytest.raises(RuleViolation, match="als er een ranglijst is"):
        drop(early)


@pytest.mark.parametrize("role", [Role.EVALUATOR, Role.AUDITOR, Role.ADMIN])
def test_only_the_lead_records_it(role: str) -> None:
    made, _ranking = ranked("10", "8")
    with pytest.raises(NotAllowed):
        drop(made, by=user_with(role, region=made.region))


def test_the_page_shows_what_changes_before_it_does_anything(client: Client) -> None:
    made, ranking = ranked("10", "8")
    client.force_login(made.lead)
    address = reverse("procurement:ranking_drop", args=[ranking.pk])
    assert address in client.get(reverse("procurement:ranking", args=[ranking.pk])).content.decode()
    first, second = (entry.pk for entry in made.entries)

    typed = {"entry": first, "reason": ""}
    refused = client.post(address, typed)
    assert refused.status_code == 422
    preview = client.post(address, {**typed, "reason": "Failliet."})
    assert preview.status_code == 200
    assert [one.before.entry_id for one in preview.context["moved"]] == [first, second]
    other = client.post(address, {"entry": second, "reason": "Failliet.", "shown": first, "drop": "1"})
    assert other.status_code == 200, "another bid than the one that was shown is shown first"
    assert Ranking.objects.count() == 1
    done = client.post(address, {"entry": first, "reason": "Failliet.", "shown": first, "drop": "1"}, follow=True)

    assert "De inzending is afgevallen" in done.content.decode()
    assert Ranking.objects.count() == 2
    made.entries[0].refresh_from_db()
    assert made.entries[0].status == EntryStatus.DROPPED
    old = client.get(address, follow=True)
    assert "niet de nieuwste ranglijst" in old.content.decode()


def test_what_is_shown_takes_a_fixed_number_of_queries(client: Client, django_assert_num_queries: Any) -> None:
    for count in (2, 8):
        made, ranking = ranked(*["8"] * (count - 1), "10")
        client.force_login(made.lead)
        address = reverse("procurement:ranking_drop", args=[ranking.pk])
        with django_assert_num_queries(15):
            client.post(address, {"entry": made.entries[0].pk, "reason": "Failliet."})
