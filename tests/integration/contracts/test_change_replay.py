"""Whatever is asked and decided, in whatever order: the subcontractors of a contract on any day are those that the
approved changes, told one after the other, say they are."""

from datetime import timedelta
from random import Random

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from achterhoek.accounts.enums import Role
from achterhoek.errors import RuleViolation
from contracts.enums import ChangeKind, ChangeStatus
from contracts.models import SubcontractorChange
from contracts.services.change_decisions import decide_change
from contracts.services.subcontractors import request_change, withdraw_change
from tests.factories import OrganisationFactory, member_of, user_with
from tests.factories.contracts import running_contract

DAY = timedelta(days=1)
KINDS = [ChangeKind.ADD, ChangeKind.ADD, ChangeKind.CHANGE, ChangeKind.CHANGE, ChangeKind.STOP]
OUTCOMES = [*[ChangeStatus.APPROVED] * 4, ChangeStatus.CONDITIONAL, ChangeStatus.REFUSED, ChangeStatus.WITHDRAWN]


def play(seed):
    """Fifteen steps, most of which can be: kind, who, in how many days, the outcome, how many days later."""
    chance = Random(seed)
    for _number in range(15):
        yield (
            chance.choice(KINDS), chance.randrange(2), chance.randrange(40), chance.choice(OUTCOMES),
            chance.randrange(10),
        )  # fmt: skip


def replay(changes):
    """The spans of work that approved changes lead to, in plain Python: (who, first day, last day or None, work)."""
    spans = []
    for change in changes:
        who, day = change.organisation_id, change.takes_effect_on
        if change.kind == ChangeKind.ADD:
            spans.append((who, day, None, change.part_of_work))
            continue
        found = next(s for s in spans if s[0] == who and s[1] <= day and (s[2] is None or day <= s[2]))
        spans.remove(found)
        _who, first, last, work = found
        if change.kind == ChangeKind.STOP:
            while last is not None and (follows := [s for s in spans if s[0] == who and s[1] == last + DAY]):
                spans.remove(follows[0])  # other work that was to follow on it
                last = follows[0][2]
            spans.append((who, first, day, work))
            continue
        if first < day:
            spans.append((who, first, day - DAY, work))
        spans.append((who, day, last, change.part_of_work))
    return spans


def on(spans, day):
    return sorted((who, work) for who, first, last, work in spans if first <= day and (last is None or day <= last))


@pytest.mark.django_db
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.integers(0, 10**9))
def test_the_contract_on_any_day_is_the_replay_of_what_was_approved(db, seed):
    contract = running_contract()
    member, clm = member_of(contract.contractor), user_with(Role.CLM)
    others = [OrganisationFactory() for _number in range(2)]
    today = timezone.localdate()
    for number, (kind, who, wait, outcome, later) in enumerate(play(seed)):
        # Who is added begins soon, so that there is somebody to stop with and to give other work.
        asked = today + (wait // 8 if kind == ChangeKind.ADD else wait) * DAY
        change = None
        try:
            change = request_change(
                contract=contract, kind=kind, organisation=others[who], effective_on=asked, reason="Reden.", by=member,
                part_of_work=f"Werk {number}", continuity="Loopt door.", clients=1,
            )  # fmt: skip
            if outcome != ChangeStatus.WITHDRAWN:
                decide_change(
                    change=change, outcome=outcome, reason="Reden.", conditions="Eis.", by=clm,
                    takes_effect_on=asked + later * DAY,
                )  # fmt: skip
                continue
        except RuleViolation:
            pass  # told, and nothing half done: what was asked waits on
        if change is not None:
            withdraw_change(change=change, by=member)
    approved = SubcontractorChange.objects.filter(
        contract=contract, status__in=[ChangeStatus.APPROVED, ChangeStatus.CONDITIONAL]
    ).order_by("decided_at")
    expected = replay(approved)
    rows = contract.subcontractors.values_list("organisation", "start", "end", "part_of_work")
    for number in range(60):
        day = today + number * DAY
        assert on(rows, day) == on(expected, day)
