"""Two people at once, on real row locks."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from functools import partial
from threading import Barrier

import pytest
from django.db import connections
from django.utils import timezone

from achterhoek.accounts.enums import Role
from achterhoek.errors import RuleViolation
from achterhoek.mail.models import OutboxMessage
from contracts.enums import ChangeStatus
from contracts.models import (
    Contract,
    ContractLetter,
    ContractTerm,
    InterimEvaluation,
    LumpsumAmount,
    PaymentExport,
    Subcontractor,
    SubcontractorChange,
)
from contracts.services.change_decisions import decide_change
from contracts.services.change_talk import ask_advice, ask_question, give_advice
from contracts.services.contracts import make_contracts
from contracts.services.evaluations import open_evaluations
from contracts.services.letters import make_letters
from contracts.services.lumpsums import correct_lumpsum, plan_instalments, set_lumpsums
from contracts.services.options import conclude_option, record_college_decisions
from contracts.services.payment_exports import export_payments
from procurement.models import Decision
from tests.factories import MunicipalityFactory, RegionFactory, TenderFactory, user_with
from tests.factories.contracts import (
    SubcontractorChangeFactory,
    contract_with_terms,
    final_award_decision,
    in_municipalities,
    running_contract,
    said,
    sign_for_authority,
    signed_by_contractor,
)
from tests.factories.results import questionnaire

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*jobs):
    """Run the jobs in threads that start together; each gives its result or the rule that refused it."""
    start = Barrier(len(jobs))

    def run(job):
        start.wait()
        try:
            return job()
        except RuleViolation as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


def test_two_members_of_team_clm_decide_at_once_and_one_does():
    change = SubcontractorChangeFactory(contract=running_contract())
    first, second = user_with(Role.CLM), user_with(Role.CLM)

    def decide(outcome, by):
        fresh = SubcontractorChange.objects.get(pk=change.pk)
        return decide_change(change=fresh, outcome=outcome, reason="Besluit.", by=by)

    results = at_once(
        lambda: decide(ChangeStatus.APPROVED, first), lambda: decide(ChangeStatus.REFUSED, second)
    )  # fmt: skip
    assert sum(isinstance(r, RuleViolation) for r in results) == 1
    change.refresh_from_db()
    assert Subcontractor.objects.count() == (1 if change.status == ChangeStatus.APPROVED else 0)
    assert ContractLetter.objects.count() == 1
    at_once(make_letters, make_letters)
    assert OutboxMessage.objects.count() == 1


def test_a_question_and_a_decision_at_once_leave_one_of_both():
    change = SubcontractorChangeFactory(contract=running_contract())
    first, second = user_with(Role.CLM), user_with(Role.CLM)

    def fresh():
        return SubcontractorChange.objects.get(pk=change.pk)

    results = at_once(
        lambda: ask_question(change=fresh(), text="Waarom?", by=first),
        lambda: decide_change(change=fresh(), outcome=ChangeStatus.APPROVED, reason="Besluit.", by=second),
    )
    assert sum(isinstance(r, RuleViolation) for r in results) == 1
    change.refresh_from_db()
    asked = change.status == ChangeStatus.QUESTIONED
    assert change.messages.count() == (1 if asked else 0)
    assert Subcontractor.objects.count() == (0 if asked else 1)


def test_two_secretaries_of_one_municipality_advise_once():
    change = SubcontractorChangeFactory(contract=running_contract())
    place = MunicipalityFactory(region=change.contract.segment.tender.region)
    secretaries = [user_with(Role.COLLEGE, municipality=place) for _number in range(2)]
    [advice] = ask_advice(
        change=change, municipalities=[place], question="", due_on=timezone.localdate(), by=user_with(Role.CLM)
    )
    results = at_once(
        *(partial(give_advice, advice=advice, outcome="none", text="", by=person) for person in secretaries)
    )
    assert sum(isinstance(r, RuleViolation) for r in results) == 1


def test_contracts_made_at_once_are_made_once():
    decision = final_award_decision(bids=3)
    lead = user_with(Role.LEAD)

    def make():
        return make_contracts(decision=Decision.objects.get(pk=decision.pk), by=lead)

    results = at_once(make, make, make)
    assert sorted(len(r) for r in results) == [0, 0, 3]
    assert Contract.objects.count() == 3


def test_two_decisions_at_once_never_share_a_number():
    region = RegionFactory(slug="achterhoek")
    decisions = [final_award_decision(bids=2, tender=TenderFactory(region=region)) for _ in range(3)]
    lead = user_with(Role.LEAD)
    at_once(*[lambda d=d: make_contracts(decision=Decision.objects.get(pk=d.pk), by=lead) for d in decisions])
    year = timezone.localdate().year
    assert sorted(Contract.objects.values_list("number", flat=True)) == [f"ACH-{year}-{n:04d}" for n in range(1, 7)]


def test_signed_at_once_is_signed_once():
    contract = contract_with_terms(unsigned=True)
    clm = user_with(Role.CLM)
    signed_by_contractor(contract)
    results = at_once(*[lambda: sign_for_authority(Contract.objects.get(pk=contract.pk), clm)] * 2)
    assert sum(isinstance(r, RuleViolation) for r in results) == 1


def test_an_option_concluded_at_once_is_concluded_once():
    contract = running_contract()
    (place,) = in_municipalities(contract, "Dorp")
    term, clm = contract.terms.get(sequence=2), user_with(Role.CLM)
    record_college_decisions(terms=[term], municipality=place, says=said("extend"), by=clm)

    def conclude():
        return conclude_option(term=ContractTerm.objects.get(pk=term.pk), reason="Besluit.", by=clm)

    results = at_once(conclude, conclude)
    assert sum(isinstance(r, RuleViolation) for r in results) == 1


def test_a_college_that_changes_its_mind_and_a_conclusion_come_one_after_the_other():
    """Either the college was in time and the contract ends, or it was not and its new word is refused."""
    contract = running_contract()
    (place,) = in_municipalities(contract, "Dorp")
    term, clm = contract.terms.get(sequence=2), user_with(Role.CLM)
    record_college_decisions(terms=[term], municipality=place, says=said("extend"), by=clm)
    decline = said("decline", reason="Toch niet.")
    results = at_once(
        lambda: conclude_option(term=ContractTerm.objects.get(pk=term.pk), reason="Besluit.", by=clm),
        lambda: record_college_decisions(terms=[term], municipality=place, says=decline, by=clm),
    )
    refused = [result for result in results if isinstance(result, RuleViolation)]
    term.refresh_from_db()
    assert term.status == ("exercised" if refused else "declined")
    assert term.college_decisions.get().outcome == ("extend" if refused else "decline")


def test_payments_exported_at_once_stand_in_one_file():
    contract, clm = running_contract(), user_with(Role.CLM)
    (place,) = in_municipalities(contract, "Dorp")
    year = timezone.localdate().year
    set_lumpsums(contract=contract, amounts={(place.pk, year): Decimal("120.00")}, by=clm)
    row, region, today = LumpsumAmount.objects.get(), contract.segment.tender.region, timezone.localdate()

    def divide():
        return plan_instalments(contract=Contract.objects.get(pk=contract.pk), year=year, parts=1, by=clm)

    def correct():
        fresh = LumpsumAmount.objects.get(pk=row.pk)
        return correct_lumpsum(lumpsum=fresh, amount=Decimal("5.00"), due_on=today, reason="Meer.", by=clm)

    for step in (divide, correct):
        assert sum(isinstance(result, RuleViolation) for result in at_once(step, step)) == 1
    assert row.payments.count() == 2
    results = at_once(*[lambda: export_payments(region=region, until=today, by=clm)] * 2)
    assert sum(isinstance(result, RuleViolation) for result in results) == 1
    assert PaymentExport.objects.get().total == Decimal("125.00")


def test_evaluations_opened_at_once_are_opened_once():
    contract, clm, today = running_contract(), user_with(Role.CLM), timezone.localdate()
    questionnaire(contract, today.year)
    tender = contract.segment.tender
    results = at_once(*[lambda: open_evaluations(tender=tender, year=today.year, due_on=today, by=clm)] * 2)
    assert sum(isinstance(result, RuleViolation) for result in results) == 1
    assert InterimEvaluation.objects.count() == 1
