"""The award becomes final after the standstill only, without reservations, by the lead."""

from __future__ import annotations

from datetime import timedelta

import pytest

from achterhoek.clock import database_today
from achterhoek.errors import NotAllowed, RuleViolation
from procurement.enums import AwardStatus, DecisionStatus, Stage
from procurement.models import Award, CollegeDecision, Decision
from procurement.services.decisions import decide_as_college, finalise_award, lift_reservation, request_sending
from procurement.tasks.letters import send_letters
from tests.factories.decisions import Ranked, adopted, batch_of, proposed, signed

pytestmark = pytest.mark.django_db


def sent(ranked: Ranked, decision: Decision, *, standstill_over: bool) -> Decision:
    job = request_sending(decision=decision, by=ranked.lead)
    send_letters(batch_of(decision).pk, ranked.lead.pk, str(job.pk))
    if standstill_over:
        Decision.objects.filter(pk=decision.pk).update(standstill_until=database_today() - timedelta(days=1))
    decision.refresh_from_db()
    return decision


def test_an_award_becomes_final_the_day_after_the_standstill():
    ranked, decision = adopted()
    decision = sent(ranked, decision, standstill_over=True)
    final = finalise_award(decision=decision, by=ranked.lead)
    assert final.status == DecisionStatus.FINAL
    assert final.final_at is not None
    assert set(Award.objects.values_list("status", flat=True)) == {AwardStatus.ACTIVE}


def test_not_on_the_last_day_of_the_standstill():
    ranked, decision = adopted()
    decision = sent(ranked, decision, standstill_over=False)
    Decision.objects.filter(pk=decision.pk).update(standstill_until=database_today())
    with pytest.raises(RuleViolation):
        finalise_award(decision=decision, by=ranked.lead)
    assert set(Award.objects.values_list("status", flat=True)) == {AwardStatus.PENDING}


def test_not_before_it_was_sent_and_not_twice():
    ranked, decision = adopted()
    with pytest.raises(RuleViolation):
        finalise_award(decision=decision, by=ranked.lead)
    decision = sent(ranked, decision, standstill_over=True)
    finalise_award(decision=decision, by=ranked.lead)
    with pytest.raises(RuleViolation):
        finalise_award(decision=decision, by=ranked.lead)


def test_an_unlifted_reservation_holds_it_up():
    ranked, decision = proposed()
    for index, outcome in enumerate(["approved", "reserved"]):
        row = CollegeDecision.objects.get(decision=decision, municipality=ranked.municipalities[index])
        decide_as_college(
            college_decision=row, outcome=outcome, reservation="Mits de raad instemt.", by=ranked.secretary(index)
        )
    decision = sent(ranked, signed(ranked, decision), standstill_over=True)
    with pytest.raises(RuleViolation) as refused:
        finalise_award(decision=decision, by=ranked.lead)
    assert "Berkelland" in refused.value.message
    reserved = CollegeDecision.objects.get(decision=decision, status="reserved")
    lift_reservation(college_decision=reserved, by=ranked.secretary(1))
    assert finalise_award(decision=decision, by=ranked.lead).status == DecisionStatus.FINAL


def test_a_selection_does_not_become_final():
    ranked, decision = adopted(Stage.SELECTION)
    decision = sent(ranked, decision, standstill_over=False)
    with pytest.raises(RuleViolation):
        finalise_award(decision=decision, by=ranked.lead)


def test_only_the_lead_makes_it_final():
    ranked, decision = adopted()
    decision = sent(ranked, decision, standstill_over=True)
    for user in (ranked.secretary(0), ranked.member()):
        with pytest.raises(NotAllowed):
            finalise_award(decision=decision, by=user)
