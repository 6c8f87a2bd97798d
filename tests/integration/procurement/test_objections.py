"""Objections, interim relief and complaints: who may bring them, what they hold up, who answers, who reads them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from achterhoek.accounts.enums import Role
from achterhoek.accounts.models import RoleAssignment
from achterhoek.audit.models import AuditEvent
from achterhoek.clock import database_now, database_today
from achterhoek.documents.gate import may_read
from achterhoek.documents.models import StoredFile
from achterhoek.errors import NotAllowed, RuleViolation
from achterhoek.mail.models import OutboxMessage
from contracts.services.contracts import make_contracts
from procurement.enums import AwardStatus, DecisionStatus, Stage
from procurement.models import Award, CommitteeMember, Decision, Objection
from procurement.selectors.objections import asks_scoring_again, handled_objections, own_objections, told_decisions
from procurement.services.decisions import finalise_award
from procurement.services.objection_handling import reject, uphold, withdraw_objection
from tests.concurrency import at_once
from tests.factories.accounts import user_with
from tests.factories.contracts import sign_by_both
from tests.factories.objections import told
from tests.factories.providers import OrganisationFactory, member_of
from tests.factories.region import RegionFactory
from tests.factories.submissions import pdf

pytestmark = pytest.mark.django_db


# Coming in ---------------------------------------------------------------------------------------------


def test_an_objection_in_time_holds_up_the_award_and_gets_a_receipt():
    made = told()
    objection = made.file()
    assert objection.suspends
    mail = OutboxMessage.objects.get(key=f"objection:{objection.pk}:received")
    assert mail.to == made.loser.email
    assert objection.number in mail.subject
    # What it is about is read in the portal only.
    assert objection.grounds not in mail.body
    assert OutboxMessage.objects.filter(key__startswith=f"objection:{objection.pk}:new:", to=made.lead.email).exists()
    event = AuditEvent.objects.get(action="procurement.objection.file")
    assert event.detail["suspends"] is True
    made.standstill_over()
    with pytest.raises(RuleViolation, match=objection.number):
        finalise_award(decision=made.decision, by=made.lead)


def test_late_is_registered_and_told_and_holds_up_nothing():
    made = told(over=True)
    objection = made.file()
    assert not objection.suspends
    assert OutboxMessage.objects.filter(key=f"objection:{objection.pk}:received").count() == 1
    assert finalise_award(decision=made.decision, by=made.lead).status == DecisionStatus.FINAL


def test_received_on_the_last_day_counts():
    made = told()
    made.standstill_ends(database_today())
    assert made.file().suspends


def test_a_complaint_never_holds_up():
    made = told()
    complaint = made.file("complaint")
    assert not complaint.suspends
    assert OutboxMessage.objects.filter(key__startswith=f"objection:{complaint.pk}:new:").get().to == made.officer.email
    made.standstill_over()
    assert finalise_award(decision=made.decision, by=made.lead).status == DecisionStatus.FINAL


def test_a_selection_can_be_objected_to_and_has_no_standstill():
    assert not told(Stage.SELECTION).file().suspends


def test_a_writ_counts_by_when_it_was_received_not_by_when_it_is_typed():
    made = told(over=True)
    assert made.writ(received_at=database_now() - timedelta(days=3)).suspends
    assert not told(over=True).writ().suspends


@pytest.mark.parametrize("days", [1, -31])
def test_received_in_the_future_or_before_sending_is_refused_beside_its_field(days):
    with pytest.raises(RuleViolation) as refused:
        told(days_ago=30).writ(received_at=database_now() + timedelta(days=days))
    assert refused.value.field == "received_at"
    assert not Objection.objects.exists()


def test_only_what_is_complete_is_taken_in():
    made = told()
    for fields, field in (({"grounds": "  "}, "grounds"), ({"kind": "interim_relief"}, "kind")):
        with pytest.raises(RuleViolation) as refused:
            made.file(**fields)
        assert refused.value.field == field
    with pytest.raises(RuleViolation) as refused:
        made.writ(court=" ")
    assert refused.value.field == "court"


def test_one_of_a_kind_at_a_time_and_another_after_it_ended():
    made = told()
    objection = made.file()
    with pytest.raises(RuleViolation, match=objection.number):
        made.file()
    made.file("complaint")
    withdraw_objection(objection=objection, by=made.member())
    assert made.file().pk != objection.pk


def test_only_who_the_decision_is_about_and_only_what_was_sent():
    made = told()
    stranger = OrganisationFactory()
    with pytest.raises(NotAllowed):
        made.file(by=member_of(stranger))
    with pytest.raises(RuleViolation) as refused:
        made.file(organisation=stranger, by=member_of(stranger))
    assert refused.value.field == "organisation"
    Decision.objects.filter(pk=made.decision.pk).update(
        status="withdrawn", withdrawn_at=timezone.now(), withdrawal_reason="Fout."
    )
    with pytest.raises(RuleViolation):
        made.file()
    assert not Objection.objects.exists()


@pytest.mark.parametrize("role", [Role.EVALUATOR, Role.OPENER, Role.MANDATE, Role.COMPLAINTS, Role.AUDITOR, Role.CLM])
def test_only_the_lead_of_the_region_writes_down(role):
    made = told()
    for user in (user_with(role), user_with(Role.LEAD, region=RegionFactory()), made.member()):
        with pytest.raises(NotAllowed):
            made.writ(by=user)


def test_a_pdf_goes_with_it_and_one_of_a_refused_objection_stays_nowhere(strays, django_capture_on_commit_callbacks):
    made = told()
    objection = made.file(upload=pdf())
    assert objection.file is not None
    assert may_read(made.member(), objection.file)
    assert may_read(made.lead, objection.file)
    assert not may_read(made.member(0), objection.file)
    assert not may_read(made.officer, objection.file)
    before = StoredFile.objects.count()
    with django_capture_on_commit_callbacks(execute=True), pytest.raises(RuleViolation):
        made.file(upload=pdf())
    assert StoredFile.objects.count() == before
    assert not strays()


# Handling ----------------------------------------------------------------------------------------------


def test_upheld_with_a_consequence_keeps_the_award_from_becoming_final():
    made = told()
    objection = made.taken(made.file())
    assert objection.handler == made.lead
    assert not asks_scoring_again(made.decision)
    ended = uphold(objection=objection, consequence="reevaluation", answer="U heeft gelijk.", by=made.lead)
    assert asks_scoring_again(made.decision)
    assert (ended.status, ended.consequence) == ("upheld", "reevaluation")
    keys = set(OutboxMessage.objects.filter(to=made.loser.email).values_list("key", flat=True))
    assert {f"objection:{objection.pk}:{step}" for step in ("received", "taken_up", "ended")} <= keys
    made.standstill_over()
    with pytest.raises(RuleViolation, match=objection.number):
        finalise_award(decision=made.decision, by=made.lead)


def test_upheld_without_a_consequence_is_no_longer_in_the_way():
    made = told()
    uphold(
        objection=made.taken(made.file()), consequence="none", answer="U heeft gelijk over de spelling.", by=made.lead
    )
    made.standstill_over()
    assert finalise_award(decision=made.decision, by=made.lead).status == DecisionStatus.FINAL


def test_each_step_needs_what_it_says():
    made = told()
    objection = made.file()
    with pytest.raises(RuleViolation):
        reject(objection=objection, answer="Nee.", by=made.lead)
    made.taken(objection)
    for fields, field in (({"consequence": "", "answer": "Ja."}, "consequence"), ({"answer": " "}, "answer")):
        with pytest.raises(RuleViolation) as refused:
            uphold(objection=objection, by=made.lead, **{"consequence": "none", **fields})
        assert refused.value.field == field
    reject(objection=objection, answer="Nee.", by=made.lead)
    with pytest.raises(RuleViolation):
        made.taken(objection)


def test_a_judgment_has_a_day():
    made = told()
    writ = made.taken(made.writ(received_at=database_now() - timedelta(days=2)))
    for day in (None, database_today() + timedelta(days=1), database_today() - timedelta(days=3)):
        with pytest.raises(RuleViolation) as refused:
            reject(objection=writ, answer="Afgewezen.", judged_on=day, by=made.lead)
        assert refused.value.field == "judged_on"
    assert reject(objection=writ, answer="Afgewezen.", judged_on=database_today(), by=made.lead).judged_on


def test_taken_back_by_the_bidder_or_on_its_behalf_with_how():
    made = told()
    assert withdraw_objection(objection=made.file(), by=made.member()).status == "withdrawn"
    again = made.file()
    with pytest.raises(RuleViolation) as refused:
        withdraw_objection(objection=again, by=made.lead)
    assert refused.value.field == "reason"
    with pytest.raises(NotAllowed):
        withdraw_objection(objection=again, reason="Zo.", by=made.member(0))
    assert withdraw_objection(objection=again, reason="Per brief van vandaag.", by=made.lead).status == "withdrawn"


def test_a_complaint_is_handled_by_who_had_no_part():
    made = told()
    complaint = made.file("complaint")
    for user in (made.lead, made.member(), user_with(Role.COMPLAINTS, region=RegionFactory())):
        with pytest.raises(NotAllowed):
            made.taken(complaint, by=user)
    # Somebody who proposed, signed or scored is not independent, also with the role.
    scorer = user_with(Role.COMPLAINTS)
    CommitteeMember.objects.create(segment_round=made.ranked.segment_round, user=scorer)
    for user in (made.lead, made.ranked.mandate_holder, scorer):
        RoleAssignment.objects.get_or_create(user=user, role=Role.COMPLAINTS, region=None)
        user.__dict__.pop("_role_rows", None)
        with pytest.raises(NotAllowed):
            made.taken(complaint, by=user)
    made.taken(complaint, by=made.officer)
    ended = reject(objection=complaint, answer="De procedure is gevolgd.", by=made.officer)
    assert ended.status == "rejected"
    assert OutboxMessage.objects.filter(key=f"objection:{complaint.pk}:ended:{made.lead.pk}").exists()


def test_an_objection_is_not_for_the_complaints_officer():
    made = told()
    objection = made.file()
    with pytest.raises(NotAllowed):
        made.taken(objection, by=made.officer)


# Who sees what -----------------------------------------------------------------------------------------


def test_who_sees_what():
    made = told()
    objection, complaint = made.file(), made.file("complaint")
    both = {objection.pk, complaint.pk}

    def seen(user):
        return set((own_objections(user) | handled_objections(user)).values_list("pk", flat=True))

    region = made.ranked.segment_round.round.tender.region
    assert seen(made.member()) == both
    assert seen(made.member(0)) == set()
    assert seen(made.lead) == both
    assert seen(user_with(Role.AUDITOR, region=region)) == both
    assert seen(made.officer) == {complaint.pk}
    for role in (Role.LEAD, Role.AUDITOR, Role.COMPLAINTS):
        assert seen(user_with(role, region=RegionFactory())) == set()
    for role in (Role.EVALUATOR, Role.OPENER, Role.MANDATE, Role.CLM, Role.ADMIN):
        assert seen(user_with(role, region=region)) == set()
    assert told_decisions(made.member(0)).count() == 1
    assert told_decisions(member_of(OrganisationFactory())).count() == 0


def test_a_number_tells_nothing_of_how_many_others_there_are():
    made = told()
    numbers = {made.file(organisation=e.submission.organisation, by=member_of(e.submission.organisation)).number
               for e in made.ranked.entries}  # fmt: skip
    last = sorted(int(number.rsplit("-", 1)[1]) for number in numbers)
    assert len(last) == 3
    assert last != list(range(last[0], last[0] + 3))


# The database has the last word ------------------------------------------------------------------------


def test_the_database_refuses_a_final_decision_while_something_runs():
    made = told()
    made.file()
    made.standstill_over()
    with pytest.raises(IntegrityError, match="holds up decision"), transaction.atomic():
        Decision.objects.filter(pk=made.decision.pk).update(status="final", final_at=timezone.now())
    Objection.objects.update(suspends=False)
    Decision.objects.filter(pk=made.decision.pk).update(status="final", final_at=timezone.now())


def test_the_database_refuses_an_objection_to_what_was_not_sent():
    made = told()
    Decision.objects.filter(pk=made.decision.pk).update(status="withdrawn", withdrawn_at=timezone.now())
    with pytest.raises(IntegrityError, match="not sent"), transaction.atomic():
        Objection.objects.create(
            decision=made.decision, organisation=made.loser, kind="objection", number="BZ-1", grounds="Zo.",
            suspends=True, received_at=timezone.now() - timedelta(days=1), registered_by=made.lead,
        )  # fmt: skip


def test_nothing_is_deleted_and_a_complaint_cannot_suspend():
    made = told()
    complaint = made.file("complaint")
    with pytest.raises(IntegrityError), transaction.atomic():
        Objection.objects.filter(pk=complaint.pk).update(suspends=True)
    with pytest.raises(Exception, match=r"[Cc]annot delete"), transaction.atomic():
        complaint.delete()


def test_a_writ_that_was_in_time_and_written_down_too_late_holds_up_the_contract():
    made = told(over=True)
    finalise_award(decision=made.decision, by=made.lead)
    contracts = make_contracts(decision=made.decision, by=made.lead)
    writ = made.writ(received_at=database_now() - timedelta(days=2))
    assert writ.suspends
    with pytest.raises(RuleViolation, match=writ.number):
        sign_by_both(contracts[0], made.lead)
    with pytest.raises(IntegrityError, match="holds up contract"), transaction.atomic():
        type(contracts[0]).objects.filter(pk=contracts[0].pk).update(signed_at=timezone.now(), status="active")
    made.taken(writ)
    reject(objection=writ, answer="Afgewezen.", judged_on=database_today(), by=made.lead)
    sign_by_both(contracts[0], made.lead)


@pytest.mark.django_db(transaction=True)
def test_a_writ_in_the_same_second_as_final_one_wins_and_no_contract_slips_through():
    for _attempt in range(3):
        made = told(over=True)
        received = database_now() - timedelta(days=2)
        filed, final = at_once(
            lambda made=made, received=received: made.writ(received_at=received),
            lambda made=made: finalise_award(decision=made.decision, by=made.lead),
        )
        assert filed is None, repr(filed)
        assert final is None or isinstance(final, RuleViolation), repr(final)
        made.decision.refresh_from_db()
        objection = Objection.objects.get(decision=made.decision)
        if final is None:
            # Final came first: then it was written down after it, and holds up the contract itself.
            assert objection.registered_at >= made.decision.final_at
        else:
            assert made.decision.status == DecisionStatus.SENT
            assert set(Award.objects.filter(decision=made.decision).values_list("status", flat=True)) == {
                AwardStatus.PENDING
            }


@pytest.mark.django_db(transaction=True)
def test_also_without_our_locks_the_database_lets_one_wait_for_the_other():
    made = told(over=True)
    facts = {
        "decision": made.decision, "organisation": made.loser, "kind": "objection", "number": "BZ-2", "grounds": "Zo.",
        "suspends": True, "received_at": timezone.now() - timedelta(days=2), "registered_by": made.lead,
    }  # fmt: skip
    decision = Decision.objects.filter(pk=made.decision.pk)

    def insert():
        with transaction.atomic():
            Objection.objects.create(**facts)

    def finish():
        with transaction.atomic():
            decision.update(status="final", final_at=timezone.now())

    inserted, finished = at_once(insert, finish)
    assert inserted is None
    assert finished is None or isinstance(finished, IntegrityError)


@pytest.mark.django_db(transaction=True)
def test_two_clicks_file_once():
    made = told()
    member = made.member()
    results = at_once(*[lambda: made.file(by=member)] * 3)
    assert sum(isinstance(result, RuleViolation) for result in results) == 2
    assert Objection.objects.count() == 1
