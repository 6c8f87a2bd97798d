"""Colleges: each for its own municipality, a reservation with its text, and the last one approves, once."""

from __future__ import annotations

import threading

import pytest
from django.db import connection

from achterhoek.accounts.enums import Role
from achterhoek.audit.models import AuditEvent
from achterhoek.errors import NotAllowed, RuleViolation
from achterhoek.mail.models import OutboxMessage
from procurement.enums import CollegeDecisionStatus, DecisionStatus
from procurement.models import CollegeDecision
from procurement.services.decisions import decide_as_college, lift_reservation, withdraw_decision
from tests.factories import user_with
from tests.factories.decisions import BIDS, Ranked, make_ranking, proposed


def of(decision, ranked: Ranked, index: int) -> CollegeDecision:
    return CollegeDecision.objects.get(decision=decision, municipality=ranked.municipalities[index])


def decide(decision, ranked: Ranked, index: int, outcome: str = "approved", text: str = "", by=None) -> CollegeDecision:
    return decide_as_college(
        college_decision=of(decision, ranked, index), outcome=outcome, reservation=text,
        by=by or ranked.secretary(index),
    )  # fmt: skip


@pytest.mark.django_db
def test_the_award_is_approved_when_the_last_college_agrees():
    ranked, decision = proposed()
    decide(decision, ranked, 0)
    decision.refresh_from_db()
    assert decision.status == DecisionStatus.PROPOSED
    last = ranked.secretary(1)
    decide(decision, ranked, 1, "reserved", "Mits de raad instemt.", by=last)
    decision.refresh_from_db()
    assert decision.status == DecisionStatus.APPROVED
    assert AuditEvent.objects.get(action="procurement.decision.approve").actor == last


@pytest.mark.django_db
def test_the_secretary_of_another_municipality_is_refused():
    ranked, decision = proposed()
    with pytest.raises(NotAllowed):
        decide(decision, ranked, 0, by=ranked.secretary(1))
    with pytest.raises(NotAllowed):
        decide(decision, ranked, 0, by=user_with(Role.LEAD))


@pytest.mark.django_db
@pytest.mark.parametrize("outcome", ["reserved", "rejected"])
def test_a_reservation_and_a_refusal_need_their_text(outcome):
    ranked, decision = proposed()
    with pytest.raises(RuleViolation) as refused:
        decide(decision, ranked, 0, outcome, "  ")
    assert refused.value.field == "reservation"
    assert of(decision, ranked, 0).status == CollegeDecisionStatus.PENDING


@pytest.mark.django_db
def test_an_unknown_outcome_is_refused_beside_its_field():
    ranked, decision = proposed()
    with pytest.raises(RuleViolation) as refused:
        decide(decision, ranked, 0, "pending")
    assert refused.value.field == "outcome"


@pytest.mark.django_db
def test_a_rejection_keeps_the_award_unapproved_and_tells_the_lead():
    ranked, decision = proposed()
    decide(decision, ranked, 0)
    decide(decision, ranked, 1, "rejected", "Te weinig keuze in onze gemeente.")
    decision.refresh_from_db()
    assert decision.status == DecisionStatus.PROPOSED
    mail = OutboxMessage.objects.get()
    assert mail.to == ranked.lead.email
    assert "Te weinig keuze in onze gemeente." in mail.body


@pytest.mark.django_db
def test_a_college_decides_once():
    ranked, decision = proposed()
    decide(decision, ranked, 0)
    with pytest.raises(RuleViolation):
        decide(decision, ranked, 0, "rejected", "Toch niet.")


@pytest.mark.django_db
def test_a_withdrawn_award_and_a_replaced_ranking_are_not_decided_on():
    ranked, decision = proposed()
    make_ranking(ranked.segment_round, ranked.entries, ranked.criteria, BIDS)
    with pytest.raises(RuleViolation):
        decide(decision, ranked, 0)
    withdraw_decision(decision=decision, reason="Nieuwe ranglijst.", by=ranked.lead)
    with pytest.raises(RuleViolation):
        decide(decision, ranked, 0)


@pytest.mark.django_db
def test_the_same_college_lifts_its_reservation_and_the_text_stays():
    ranked, decision = proposed()
    decide(decision, ranked, 0, "reserved", "Mits de raad instemt.")
    with pytest.raises(NotAllowed):
        lift_reservation(college_decision=of(decision, ranked, 0), by=ranked.secretary(1))
    lifted = lift_reservation(college_decision=of(decision, ranked, 0), by=ranked.secretary(0))
    assert lifted.status == CollegeDecisionStatus.APPROVED
    assert lifted.reservation == "Mits de raad instemt."


@pytest.mark.django_db(transaction=True)
def test_two_last_approvals_at_once_approve_once():
    ranked, decision = proposed()
    secretaries = [ranked.secretary(0), ranked.secretary(1)]
    barrier, errors = threading.Barrier(2), []

    def approve(index: int) -> None:
        try:
            row = of(decision, ranked, index)
            barrier.wait()
            decide_as_college(college_decision=row, outcome="approved", reservation="", by=secretaries[index])
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=approve, args=(index,)) for index in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    decision.refresh_from_db()
    assert decision.status == DecisionStatus.APPROVED
    assert AuditEvent.objects.filter(action="procurement.decision.approve").count() == 1
