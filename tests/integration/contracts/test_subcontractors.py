"""A contractor asks, Team CLM decides (001_422a0b480e5412d9.txt)."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from achterhoek.accounts.enums import Role
from achterhoek.audit.models import AuditEvent
from achterhoek.errors import NotAllowed, RuleViolation
from achterhoek.mail.models import OutboxMessage
from contracts.enums import ChangeKind, ChangeStatus, ContractStatus
from contracts.models import Contract, RegisterVersion, Subcontractor
from contracts.services.change_decisions import decide_change
from contracts.services.contracts import terminate_contract
from contracts.services.letters import make_letters
from contracts.services.subcontractors import request_change, withdraw_change
from tests.factories import ConsortiumFactory, OrganisationFactory, RegionFactory, member_of, user_with
from tests.factories.contracts import (
    SubcontractorChangeFactory,
    SubcontractorFactory,
    contract_with_terms,
    running_contract,
)

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate


@pytest.fixture
def contract():
    return running_contract()


@pytest.fixture
def member(contract):
    return member_of(contract.contractor)


@pytest.fixture
def clm():
    return user_with(Role.CLM)


def ask(contract, by, **fields):
    values = {
        "kind": ChangeKind.ADD, "organisation": OrganisationFactory() if "organisation" not in fields else None,
        "part_of_work": "Speltherapie", "effective_on": TODAY(), "reason": "Wachttijd te lang.", **fields,
    }  # fmt: skip
    return request_change(contract=contract, by=by, **values)


def test_an_approved_newcomer_works_from_the_asked_day_and_stands_in_the_register(contract, member, clm):
    day = TODAY() + timedelta(days=14)
    change = ask(contract, member, effective_on=day)
    assert change.status == ChangeStatus.REQUESTED
    decide_change(change=change, outcome=ChangeStatus.APPROVED, reason="De wachttijd is een gegronde reden.", by=clm)
    sub = Subcontractor.objects.get(contract=contract)
    assert (sub.organisation, sub.start, sub.end) == (change.organisation, day, None)
    assert change.organisation.name in RegisterVersion.objects.get(date=day).note
    assert make_letters() == 1
    mail = OutboxMessage.objects.get(to=contract.contractor.email)
    assert "gegronde reden" in mail.body
    assert contract.number in mail.subject


def test_an_approval_never_works_backwards(contract, clm):
    change = SubcontractorChangeFactory(contract=contract, effective_on=TODAY() - timedelta(days=20))
    decide_change(change=change, outcome=ChangeStatus.APPROVED, reason="Akkoord.", by=clm)
    assert Subcontractor.objects.get().start == TODAY()


def test_a_refused_newcomer_changes_nothing_but_is_told(contract, member, clm):
    change = ask(contract, member)
    decide_change(change=change, outcome=ChangeStatus.REFUSED, reason="Geen gegronde reden.", by=clm)
    assert not Subcontractor.objects.exists()
    assert not RegisterVersion.objects.exists()
    assert make_letters() == 1
    assert OutboxMessage.objects.count() == 1


def test_conditions_are_required_and_kept(contract, member, clm):
    change = ask(contract, member)
    with pytest.raises(RuleViolation) as refused:
        decide_change(change=change, outcome=ChangeStatus.CONDITIONAL, reason="Akkoord.", conditions=" ", by=clm)
    assert refused.value.field == "conditions"
    change.refresh_from_db()
    assert change.status == ChangeStatus.REQUESTED
    decide_change(
        change=change, outcome=ChangeStatus.CONDITIONAL, reason="Akkoord.", conditions="Voor ten hoogste een jaar.",
        by=clm,
    )  # fmt: skip
    assert change.conditions == "Voor ten hoogste een jaar."
    assert make_letters() == 1
    assert "ten hoogste een jaar" in OutboxMessage.objects.get().body


def test_a_stop_ends_on_its_last_day(contract, member, clm):
    sub = SubcontractorFactory(contract=contract, start=contract.start)
    last = TODAY() + timedelta(days=10)
    change = ask(
        contract, member, kind=ChangeKind.STOP, organisation=sub.organisation, effective_on=last,
        continuity="Eigen mensen nemen het over.",
    )  # fmt: skip
    decide_change(change=change, outcome=ChangeStatus.APPROVED, reason="Zorg loopt door.", by=clm)
    sub.refresh_from_db()
    assert sub.end == last
    assert RegisterVersion.objects.filter(date=last + timedelta(days=1)).exists()


def test_a_stop_says_how_the_care_goes_on(contract, member):
    sub = SubcontractorFactory(contract=contract, start=contract.start)
    with pytest.raises(RuleViolation) as refused:
        ask(contract, member, kind=ChangeKind.STOP, organisation=sub.organisation)
    assert refused.value.field == "continuity"


def test_nobody_stops_before_it_began(contract, member):
    sub = SubcontractorFactory(contract=contract, start=TODAY() + timedelta(days=30))
    with pytest.raises(RuleViolation) as refused:
        ask(
            contract, member, kind=ChangeKind.STOP, organisation=sub.organisation, continuity="Eigen mensen.",
            effective_on=TODAY() + timedelta(days=5),
        )  # fmt: skip
    assert refused.value.field == "effective_on"


@pytest.mark.parametrize("days", [-1, 365 * 3])
def test_a_date_in_the_past_or_outside_the_run_is_refused_beside_its_field(contract, member, days):
    with pytest.raises(RuleViolation) as refused:
        ask(contract, member, effective_on=TODAY() + timedelta(days=days))
    assert refused.value.field == "effective_on"


def test_the_contractor_is_not_its_own_subcontractor(contract, member):
    with pytest.raises(RuleViolation) as refused:
        ask(contract, member, organisation=contract.contractor)
    assert refused.value.field == "kvk_number"


def test_a_member_of_the_consortium_is_no_subcontractor():
    consortium = ConsortiumFactory()
    contract = running_contract(consortium=consortium, contractor=consortium.lead)
    partner = OrganisationFactory()
    consortium.consortium_members.create(organisation=partner)
    with pytest.raises(RuleViolation) as refused:
        ask(contract, member_of(contract.contractor), organisation=partner)
    assert refused.value.field == "kvk_number"


def test_who_is_a_subcontractor_already_is_not_added_again(contract, member):
    sub = SubcontractorFactory(contract=contract, start=contract.start)
    with pytest.raises(RuleViolation) as refused:
        ask(contract, member, organisation=sub.organisation)
    assert refused.value.field == "kvk_number"


def test_the_same_change_is_asked_once(contract, member):
    newcomer = OrganisationFactory()
    ask(contract, member, organisation=newcomer)
    with pytest.raises(RuleViolation):
        ask(contract, member, organisation=newcomer)


def test_a_contract_that_is_not_in_force_has_no_changes():
    contract = contract_with_terms(unsigned=True)
    with pytest.raises(RuleViolation):
        ask(contract, member_of(contract.contractor))


def test_only_the_contractor_asks_and_withdraws(contract, member, clm):
    change = ask(contract, member)
    for stranger in (member_of(OrganisationFactory()), clm, user_with(Role.LEAD)):
        with pytest.raises(NotAllowed):
            ask(contract, stranger)
        with pytest.raises(NotAllowed):
            withdraw_change(change=change, by=stranger)
    withdraw_change(change=change, by=member)
    assert change.status == ChangeStatus.WITHDRAWN


def test_a_withdrawn_request_is_not_decided_and_a_decided_one_not_withdrawn(contract, member, clm):
    gone = ask(contract, member)
    withdraw_change(change=gone, by=member)
    with pytest.raises(RuleViolation):
        decide_change(change=gone, outcome=ChangeStatus.APPROVED, reason="Akkoord.", by=clm)
    decided = ask(contract, member)
    decide_change(change=decided, outcome=ChangeStatus.REFUSED, reason="Geen reden.", by=clm)
    with pytest.raises(RuleViolation):
        withdraw_change(change=decided, by=member)
    assert not Subcontractor.objects.exists()


@pytest.mark.parametrize("role", [Role.LEAD, Role.AUDITOR, Role.ADMIN, Role.PROVIDER])
def test_only_team_clm_decides(contract, role):
    change = SubcontractorChangeFactory(contract=contract)
    with pytest.raises(NotAllowed):
        decide_change(change=change, outcome=ChangeStatus.APPROVED, reason="Akkoord.", by=user_with(role))


def test_team_clm_of_another_region_does_not(contract):
    change = SubcontractorChangeFactory(contract=contract)
    with pytest.raises(NotAllowed):
        decide_change(
            change=change, outcome=ChangeStatus.REFUSED, reason="Nee.", by=user_with(Role.CLM, region=RegionFactory())
        )


def test_a_decision_needs_its_reason(contract, clm):
    change = SubcontractorChangeFactory(contract=contract)
    with pytest.raises(RuleViolation) as refused:
        decide_change(change=change, outcome=ChangeStatus.APPROVED, reason="  ", by=clm)
    assert refused.value.field == "reason"


def test_an_ended_contract_takes_no_newcomer_but_a_refusal_is_possible(clm):
    contract = contract_with_terms(years=(1,), start=date(2020, 1, 1), status=ContractStatus.ENDED)
    change = SubcontractorChangeFactory(contract=contract)
    with pytest.raises(RuleViolation):
        decide_change(change=change, outcome=ChangeStatus.APPROVED, reason="Akkoord.", by=clm)
    change.refresh_from_db()
    assert change.status == ChangeStatus.REQUESTED
    decide_change(change=change, outcome=ChangeStatus.REFUSED, reason="Het contract is voorbij.", by=clm)


def test_until_its_early_end_a_contract_changes_as_before_and_not_after_it(client, contract, member, clm):
    sub = SubcontractorFactory(contract=contract, start=contract.start)
    last = TODAY() + timedelta(days=40)
    terminate_contract(contract=contract, on=last, reason="Gestopt.", by=clm)
    client.force_login(member)
    assert client.get(reverse("contracts:contract", args=[contract.pk])).context["may_change"]
    asked = {"kind": ChangeKind.STOP, "organisation": sub.organisation, "continuity": "Wij nemen het over."}
    with pytest.raises(RuleViolation) as refused:
        ask(contract, member, **asked, effective_on=last + timedelta(days=1))
    assert refused.value.field == "effective_on"
    change = ask(contract, member, **asked, effective_on=last - timedelta(days=10))
    decide_change(change=change, outcome=ChangeStatus.APPROVED, reason="Akkoord.", by=clm)
    sub.refresh_from_db()
    assert sub.end == last - timedelta(days=10)
    Contract.objects.filter(pk=contract.pk).update(terminated_on=TODAY() - timedelta(days=1))
    with pytest.raises(RuleViolation, match="voorbij"):
        ask(contract, member)


def test_the_log_tells_who_asked_and_who_decided(contract, member, clm):
    change = ask(contract, member)
    decide_change(change=change, outcome=ChangeStatus.REFUSED, reason="Geen reden.", by=clm)
    events = AuditEvent.objects.filter(target_id=str(change.pk)).order_by("id")
    assert [(e.action, e.actor) for e in events] == [
        ("contracts.subcontractorchange.request", member),
        ("contracts.subcontractorchange.refuse", clm),
    ]
