"""Two people, or two tabs, at the very same moment."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from achterhoek.accounts.enums import Role
from achterhoek.accounts.services import grant_role
from achterhoek.errors import RuleViolation
from contracts.models import Contract
from contracts.services.contracts import make_contracts
from procurement.models import Decision, Entry, Letter, Round
from procurement.services.decisions import (
    decide_as_college,
    finalise_award,
    propose_decision,
    request_sending,
    withdraw_decision,
)
from procurement.services.evaluation import check_requirement, fix_scores, record_consensus, set_committee
from procurement.services.rounds import close_if_due
from procurement.services.submissions import change_segments, submit_submission, withdraw_submission
from procurement.services.tenders import complete_tender
from providers.services.organisations import OrganisationData, register_organisation
from tests.concurrency import at_once
from tests.factories import RequirementFactory, UserFactory, user_with
from tests.factories.contracts import final_award_decision, sign_for_authority, signed_by_contractor
from tests.factories.decisions import adopted, proposed, ranked_segment_round
from tests.factories.evaluation import evaluation
from tests.factories.submissions import open_fair

pytestmark = pytest.mark.django_db(transaction=True)


def refused(results) -> int:
    """How many were refused in words; any other error is a fault."""
    for result in results:
        assert result is None or isinstance(result, RuleViolation), repr(result)
    return sum(result is not None for result in results)


def test_sending_and_withdrawing_a_decision():
    ranked, decision = adopted()
    results = at_once(
        lambda: request_sending(decision=decision, by=ranked.lead),
        lambda: withdraw_decision(decision=decision, reason="Fout.", by=ranked.lead),
    )
    assert refused(results) <= 1
    decision.refresh_from_db()
    assert decision.status == "withdrawn"
    assert not Letter.objects.filter(decision=decision, status="sent").exists()


def test_a_college_decides_while_the_lead_withdraws():
    ranked, decision = proposed(municipalities=1)
    college = decision.college_decisions.get()
    results = at_once(
        lambda: decide_as_college(college_decision=college, outcome="approved", by=ranked.secretary()),
        lambda: withdraw_decision(decision=decision, reason="Fout.", by=ranked.lead),
    )
    assert refused(results) <= 1
    decision.refresh_from_db()
    assert decision.status == "withdrawn"


def test_two_leads_propose():
    ranked = ranked_segment_round()
    results = at_once(*[lambda: propose_decision(segment_round=ranked.segment_round, by=ranked.lead)] * 2)
    assert refused(results) == 1
    assert Decision.objects.count() == 1


def test_two_leads_finalise_and_make_contracts():
    _ranked, decision = adopted()
    Decision.objects.filter(pk=decision.pk).update(
        status="sent", sent_at=timezone.now() - timedelta(days=30),
        standstill_until=timezone.localdate() - timedelta(days=1),
    )  # fmt: skip
    lead = user_with(Role.LEAD)
    assert refused(at_once(*[lambda: finalise_award(decision=decision, by=lead)] * 2)) == 1
    final = final_award_decision()
    assert refused(at_once(*[lambda: make_contracts(decision=final, by=lead)] * 3)) == 0
    assert Contract.objects.count() == 2
    contract = signed_by_contractor(Contract.objects.first())
    assert refused(at_once(*[lambda: sign_for_authority(contract, lead)] * 2)) == 1


def test_fixing_while_a_consensus_changes_and_an_entry_falls_out():
    made = evaluation(entries=2)
    requirement = RequirementFactory(round=made.segment_round.round)
    made.to_consensus()
    made.consensus_all(["6", "6"])
    for entry in made.entries:
        check_requirement(entry=entry, requirement=requirement, met=True, reason="", by=made.lead)
    first = made.entries[0]
    results = at_once(
        lambda: fix_scores(segment_round=made.segment_round, by=made.lead),
        lambda: record_consensus(
            entry=first, criterion=made.criteria[0], value=Decimal(8), reason="Toch.", by=made.lead
        ),
        lambda: check_requirement(entry=first, requirement=requirement, met=False, reason="Nee.", by=made.lead),
    )
    refused(results)
    assert results[0] is None
    out = Entry.objects.get(pk=first.pk).status == "excluded"
    assert out == (results[2] is None)


def test_submitting_while_the_deadline_passes_and_another_tab_changes_it():
    fair = open_fair()
    draft = fair.draft()
    signer = draft.organisation.memberships.get().user
    Round.objects.filter(pk=fair.round.pk).update(deadline=timezone.now() + timedelta(milliseconds=40))
    results = at_once(
        lambda: submit_submission(submission=draft, by=signer),
        lambda: close_if_due(round=fair.round),
        lambda: change_segments(submission=draft, segments=fair.segments[:1], by=signer),
        lambda: withdraw_submission(submission=draft, by=signer),
    )
    refused(results)
    draft.refresh_from_db()
    for receipt in draft.receipts.all():
        assert receipt.at < Round.objects.get(pk=fair.round.pk).deadline
    assert (draft.status == "draft") == (not draft.receipts.exists())


def test_a_role_and_an_organisation_at_the_same_moment():
    """Nobody gets on both sides by doing both at once (Aw 1.10b)."""
    person, admin = UserFactory(), user_with(Role.ADMIN)
    data = OrganisationData(
        name="Zorg", legal_form="bv", kvk_number="12345678", agb_code="12345678", street="Straat 1",
        postcode="7001 AB", city="Doetinchem", email="post@zorg.example",
    )  # fmt: skip
    results = at_once(
        lambda: grant_role(user=person, role=Role.LEAD, by=admin), lambda: register_organisation(data=data, by=person)
    )
    assert refused(results) == 1
    assert person.role_assignments.count() == 1


def test_two_leads_change_the_committee():
    made = evaluation(evaluators=1)
    users = [user_with(Role.EVALUATOR, region=made.region) for _ in range(2)]
    results = at_once(
        *[
            lambda user=user: set_committee(
                segment_round=made.segment_round, users=[*made.evaluators, user], by=made.lead
            )
            for user in users
        ]
    )
    assert refused(results) == 0
    assert made.segment_round.committee.count() == 2


def test_two_leads_complete_a_tender():
    tender = final_award_decision().segment_round.round.tender
    lead = user_with(Role.LEAD)
    assert refused(at_once(*[lambda: complete_tender(tender=tender, by=lead)] * 2)) == 1
