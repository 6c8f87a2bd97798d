"""A contract from its final award to its end."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from achterhoek.accounts.enums import Role
from achterhoek.audit.models import AuditEvent
from achterhoek.errors import NotAllowed, RuleViolation
from contracts.domain.terms import last_day
from contracts.enums import ContractStatus
from contracts.models import Contract, RegisterVersion
from contracts.services import contracts as services
from contracts.services.contracts import end_due_contracts, make_contracts, terminate_contract
from contracts.tasks import end_due_contracts as end_task
from procurement.enums import AwardStatus, DecisionStatus
from procurement.models import Decision
from tests.factories import MunicipalityFactory, RegionFactory, TenderFactory, user_with
from tests.factories.contracts import (
    ContractFactory,
    contract_until,
    contract_with_terms,
    final_award_decision,
    running_contract,
    sign_by_both,
)

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate


@pytest.fixture
def lead():
    return user_with(Role.LEAD)


@pytest.fixture
def clm():
    return user_with(Role.CLM)


def test_a_final_award_becomes_one_contract_with_its_terms_and_subsegments(lead):
    start = TODAY() + timedelta(days=60)
    tender = TenderFactory(contract_start=start, region=RegionFactory(slug="achterhoek"))
    decision = final_award_decision(bids=2, tender=tender)
    made = make_contracts(decision=decision, by=lead)
    year = TODAY().year
    assert [c.number for c in made] == [f"ACH-{year}-0001", f"ACH-{year}-0002"]
    contract = made[0]
    assert contract.start == start
    assert contract.status == ContractStatus.PREPARED
    assert contract.contractor == contract.award.entry.submission.organisation
    assert [t.status for t in contract.terms.all()] == ["committed", "open", "open"]
    assert contract.terms.get(sequence=1).end == last_day(start, 3)
    assert sorted(s.name for s in contract.subsegments.all()) == ["Behandeling", "Ondersteuning"]
    assert AuditEvent.objects.filter(action="contracts.contract.make", actor=lead).count() == 2


def test_the_dates_of_inkoop_2022(lead, monkeypatch):
    decision = final_award_decision(bids=1, start_date=date(2022, 7, 1))
    monkeypatch.setattr(services, "first_day", lambda planned, final_on: planned)
    [contract] = make_contracts(decision=decision, by=lead)
    assert contract.start == date(2022, 7, 1)
    assert [t.end for t in contract.terms.all()] == [date(2025, 6, 30), date(2027, 6, 30), date(2029, 6, 30)]


def test_a_start_that_was_overtaken_becomes_the_first_of_the_next_month(lead):
    decision = final_award_decision(bids=1, start_date=date(2022, 7, 1))
    [contract] = make_contracts(decision=decision, by=lead)
    assert contract.start > TODAY()
    assert contract.start.day == 1


def test_making_contracts_twice_makes_none_twice(lead):
    decision = final_award_decision(bids=2)
    assert len(make_contracts(decision=decision, by=lead)) == 2
    assert make_contracts(decision=decision, by=lead) == []
    assert Contract.objects.count() == 2


def test_no_contract_before_the_award_is_final(lead):
    """Aw 2.131: nothing is concluded while the standstill runs."""
    decision = final_award_decision()
    with pytest.raises(RuleViolation, match="opschortende termijn"):
        make_contracts(decision=_sent(decision), by=lead)
    assert not Contract.objects.exists()


def _sent(decision):
    """The same decision in the state before: made anew, since no state ever goes back."""
    decision.awards.all().delete()
    other = Decision.objects.get(pk=decision.pk)
    decision.delete()
    other.pk, other.status, other.final_at = None, DecisionStatus.SENT, None
    other.save()
    return other


def test_cancelled_awards_give_no_contract(lead):
    decision = final_award_decision(bids=1)
    award = decision.awards.get()
    entry = award.entry
    award.delete()
    decision.awards.create(entry=entry, status=AwardStatus.CANCELLED)
    with pytest.raises(RuleViolation):
        make_contracts(decision=decision, by=lead)


@pytest.mark.parametrize("role", [Role.CLM, Role.AUDITOR, Role.PROVIDER, Role.ADMIN])
def test_only_the_lead_makes_contracts(role):
    with pytest.raises(NotAllowed):
        make_contracts(decision=final_award_decision(), by=user_with(role))


def test_a_lead_of_another_region_may_not():
    decision = final_award_decision()
    with pytest.raises(NotAllowed):
        make_contracts(decision=decision, by=user_with(Role.LEAD, region=RegionFactory()))


def test_signing_puts_the_contract_in_force_and_dates_the_register(lead):
    [contract] = make_contracts(decision=final_award_decision(bids=1), by=lead)
    sign_by_both(contract, lead)
    contract.refresh_from_db()
    assert contract.status == ContractStatus.ACTIVE
    assert contract.signed_at is not None
    version = RegisterVersion.objects.get(date=contract.start)
    assert contract.number in version.note


def test_a_contract_is_signed_once(clm):
    contract = contract_with_terms(unsigned=True)
    sign_by_both(contract, clm)
    with pytest.raises(RuleViolation):
        sign_by_both(contract, clm)


def test_a_contract_ends_the_day_after_its_last_agreed_term():
    """Not extending is an outcome of its own: an open option that nobody took does not keep it running."""
    yesterday = TODAY() - timedelta(days=1)
    over = contract_until(yesterday)
    extended = contract_until(yesterday, taken=True)
    assert end_task() == 1
    over.refresh_from_db()
    extended.refresh_from_db()
    assert over.status == ContractStatus.ENDED
    assert extended.status == ContractStatus.ACTIVE
    assert RegisterVersion.objects.filter(date=TODAY(), note__contains=over.number).exists()
    assert AuditEvent.objects.get(action="contracts.contract.end").actor is None


def test_ending_twice_does_nothing_the_second_time():
    contract_with_terms(years=(1,), start=date(2020, 1, 1))
    assert end_due_contracts() == 1
    assert end_due_contracts() == 0


def test_a_contract_on_its_last_day_is_still_in_force():
    contract_until(TODAY())
    assert end_due_contracts() == 0


# Early end -----------------------------------------------------------------------------------------


def test_an_early_end_has_its_last_day_and_reason(clm):
    contract = running_contract()
    last = TODAY() + timedelta(days=30)
    terminate_contract(contract=contract, on=last, reason="De aanbieder stopt met dit werk.", by=clm)
    contract.refresh_from_db()
    assert (contract.status, contract.terminated_on) == (ContractStatus.TERMINATED, last)
    assert RegisterVersion.objects.filter(date=last + timedelta(days=1)).exists()


def test_an_early_end_lies_within_the_run(clm):
    contract = running_contract()
    for day in (TODAY() - timedelta(days=1), TODAY() + timedelta(days=365 * 4)):
        with pytest.raises(RuleViolation) as refused:
            terminate_contract(contract=contract, on=day, reason="Stopt.", by=clm)
        assert refused.value.field == "on"


def test_officials_see_the_contracts_of_their_region_only():
    contract = ContractFactory()
    here, there = contract.segment.tender.region, MunicipalityFactory().region
    assert Contract.objects.visible_to(user_with(Role.CLM, region=here)).count() == 1
    assert Contract.objects.visible_to(user_with(Role.CLM, region=there)).count() == 0
    assert Contract.objects.visible_to(user_with(Role.EVALUATOR)).count() == 0
