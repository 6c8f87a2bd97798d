"""How a segment is scored is set by the lead, and its rules stand from the first score on."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.urls import reverse

from achterhoek.accounts.enums import Role
from achterhoek.audit.models import AuditEvent
from achterhoek.errors import NotAllowed, RuleViolation
from procurement.enums import ScoringOrder
from procurement.models import SegmentRound
from procurement.services.evaluation import save_score
from procurement.services.evaluation_settings import set_evaluation_settings
from tests.factories import user_with
from tests.factories.evaluation import Evaluation, evaluation

pytestmark = pytest.mark.django_db


def chosen(made: Evaluation, by=None, **other):
    values = {"scoring_order": "per_bid", "reason_min_length": 20, "evaluators_per_bid": 1, "phrases": ["Sterk is:"]}
    return set_evaluation_settings(segment_round=made.segment_round, by=by or made.lead, **(values | other))


def a_score(made: Evaluation) -> None:
    save_score(
        entry=made.entries[0], criterion=made.criteria[0], value=Decimal(6), reason="Goed en volledig onderbouwd.",
        by=made.evaluators[0],
    )  # fmt: skip


def page(made: Evaluation) -> str:
    return reverse("procurement:evaluation_settings", args=[made.segment_round.pk])


def test_what_is_set_is_kept_and_in_the_log():
    made = evaluation()
    chosen(made, phrases=["Sterk is:", "  ", "Sterk  is:", "Minder uitgewerkt is:"])
    kept = SegmentRound.objects.get(pk=made.segment_round.pk)
    assert (kept.scoring_order, kept.reason_min_length, kept.evaluators_per_bid) == (ScoringOrder.PER_BID, 20, 1)
    assert [phrase.text for phrase in kept.phrases.all()] == ["Sterk is:", "Minder uitgewerkt is:"]
    event = AuditEvent.objects.filter(action="procurement.evaluation.settings").latest("id")
    assert event.detail["reason_min_length"] == 20


@pytest.mark.parametrize("other", [{"reason_min_length": 50}, {"evaluators_per_bid": 2}])
def test_the_rules_stand_from_the_first_score_on(other):
    made = evaluation()
    chosen(made, reason_min_length=1, evaluators_per_bid=None)
    a_score(made)
    with pytest.raises(RuleViolation) as refused:
        chosen(made, **({"reason_min_length": 1, "evaluators_per_bid": None} | other))
    assert refused.value.field == next(iter(other))
    chosen(made, reason_min_length=1, evaluators_per_bid=None, scoring_order="per_criterion", phrases=["Anders:"])
    assert made.segment_round.phrases.get().text == "Anders:"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("reason_min_length", 0), ("reason_min_length", 5000), ("evaluators_per_bid", 0), ("evaluators_per_bid", 3),
        ("scoring_order", "backwards"), ("phrases", ["x" * 301]), ("phrases", [f"Zin {n}" for n in range(40)]),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_beside_its_field(field, value):
    with pytest.raises(RuleViolation) as refused:
        chosen(evaluation(evaluators=2), **{field: value})
    assert refused.value.field == field


def test_after_the_individual_scoring_nothing_changes(client):
    made = evaluation()
    made.to_consensus()
    with pytest.raises(RuleViolation):
        chosen(made)
    client.force_login(made.lead)
    assert "<textarea" not in client.get(page(made)).content.decode()


@pytest.mark.parametrize("role", [Role.EVALUATOR, Role.AUDITOR, Role.ADMIN])
def test_only_the_lead_sets_them(role):
    made = evaluation()
    with pytest.raises(NotAllowed):
        chosen(made, by=user_with(role, region=made.region))


def test_on_the_page_a_mistake_is_told_and_nothing_typed_is_lost(client):
    made = evaluation(evaluators=2)
    client.force_login(made.lead)
    sent = {"scoring_order": "per_bid", "reason_min_length": "20", "evaluators_per_bid": "9", "phrases": "Sterk is:"}
    answer = client.post(page(made), sent)
    assert answer.status_code == 422
    assert "Sterk is:" in answer.content.decode()
    answer = client.post(page(made), sent | {"evaluators_per_bid": "2"})
    assert answer.status_code == 302
    assert SegmentRound.objects.get(pk=made.segment_round.pk).evaluators_per_bid == 2


def test_the_auditor_looks_and_another_region_does_not(client):
    made = evaluation()
    client.force_login(user_with(Role.AUDITOR, region=made.region))
    answer = client.get(page(made))
    assert answer.status_code == 200
    assert "<textarea" not in answer.content.decode()
    client.force_login(evaluation().lead)
    assert client.get(page(made)).status_code == 404
