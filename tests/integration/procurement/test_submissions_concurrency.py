"""Two at once: real connections, real row locks, one outcome."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from achterhoek.accounts.enums import Role
from achterhoek.errors import RuleViolation
from procurement.enums import RoundStatus, SubmissionStatus
from procurement.models import Receipt, Round, Submission, VaultConfirmation, VaultOpening
from procurement.services import locks
from procurement.services.answers import save_answers
from procurement.services.opening import compare
from procurement.services.rounds import close_due_rounds
from procurement.services.submissions import (
    LateSubmission,
    start_submission,
    submit_submission,
    withdraw_submission,
)
from procurement.services.vault import confirm_opening
from tests.factories import user_with
from tests.factories.submissions import open_fair

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*steps: Callable[[], Any]) -> list[Any]:
    """Run these at the same moment, each on its own connection; what each gave, or the rule it broke."""
    gate, outcomes = threading.Barrier(len(steps)), [None] * len(steps)

    def run(index: int, step: Callable[[], Any]) -> None:
        try:
            gate.wait(timeout=10)
            outcomes[index] = step()
        except RuleViolation as violation:
            outcomes[index] = violation
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(steps)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert not any(thread.is_alive() for thread in threads), "deadlock"
    return outcomes


def refused(outcomes: list[Any]) -> list[RuleViolation]:
    return [outcome for outcome in outcomes if isinstance(outcome, RuleViolation)]


def fresh(row: Any) -> Any:
    return type(row).objects.get(pk=row.pk)


@contextmanager
def in_background(step: Callable[[], Any]) -> Any:
    """Begin a step on another connection; at the end wait for it. Yields the list its outcome lands in."""
    outcome: list[Any] = []

    def run() -> None:
        try:
            outcome.append(step())
        except RuleViolation as violation:
            outcome.append(violation)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    yield outcome, thread
    thread.join(timeout=30)
    assert not thread.is_alive()


def test_two_simultaneous_submits_give_one_receipt():
    draft = open_fair().draft()
    outcomes = at_once(*[lambda: submit_submission(submission=fresh(draft), by=draft.created_by)] * 4)
    assert len(refused(outcomes)) == 3
    assert Receipt.objects.count() == 1
    assert fresh(draft).status == SubmissionStatus.SUBMITTED


def test_several_bidders_submit_at_once_without_waiting_in_a_deadlock():
    fair = open_fair()
    drafts = [fair.draft() for _ in range(4)]
    outcomes = at_once(*[lambda d=d: submit_submission(submission=fresh(d), by=d.created_by) for d in drafts])
    assert refused(outcomes) == []
    assert len({receipt.number for receipt in Receipt.objects.all()}) == 4


def test_two_members_begin_at_once_and_there_is_one_draft():
    fair = open_fair()
    organisation, by = fair.bidder()
    outcomes = at_once(
        *[
            lambda: start_submission(round=fair.round, organisation=organisation, segments=fair.segments, by=by)
        ] * 3
    )  # fmt: skip
    assert len(refused(outcomes)) == 2
    assert Submission.objects.get().entries.count() == 2


def test_a_submit_under_way_is_waited_for_and_counts():
    """Who got in before the deadline is in, also when it passes before everything is written."""
    fair = open_fair()
    draft = fair.draft()
    fair.deadline(timezone.now() + timedelta(seconds=1))
    with transaction.atomic():
        submit_submission(submission=fresh(draft), by=draft.created_by)
        time.sleep(1.1)
        background = in_background(close_due_rounds)
        _, thread = background.__enter__()
        thread.join(timeout=0.3)
        assert thread.is_alive()
    background.__exit__(None, None, None)
    assert fresh(fair.round).status == RoundStatus.CLOSED
    assert fresh(draft).status == SubmissionStatus.SUBMITTED


def test_closing_waits_for_who_holds_the_round():
    fair = open_fair()
    fair.pass_deadline()
    with transaction.atomic():
        locks.shared_round(fair.round.pk)
        background = in_background(close_due_rounds)
        outcome, thread = background.__enter__()
        thread.join(timeout=0.5)
        assert thread.is_alive()
        assert outcome == []
    background.__exit__(None, None, None)
    assert outcome == [1]
    assert fresh(fair.round).status == RoundStatus.CLOSED


def test_a_submit_that_waited_for_the_closing_is_late():
    fair = open_fair()
    draft = fair.draft()
    with transaction.atomic():
        Round.objects.select_for_update().get(pk=fair.round.pk)
        background = in_background(lambda: submit_submission(submission=fresh(draft), by=draft.created_by))
        outcome, thread = background.__enter__()
        thread.join(timeout=0.5)
        assert thread.is_alive()
        Round.objects.filter(pk=fair.round.pk).update(deadline=timezone.now(), status=RoundStatus.CLOSED)
    background.__exit__(None, None, None)
    assert isinstance(outcome[0], LateSubmission)
    assert not Receipt.objects.exists()


@pytest.mark.parametrize("milliseconds", [0, 5, 15, 30, 60])
def test_submitting_at_the_deadline_is_in_or_late_and_never_both(milliseconds):
    fair = open_fair()
    drafts = [fair.draft() for _ in range(3)]
    fair.deadline(timezone.now() + timedelta(milliseconds=milliseconds))
    outcomes = at_once(
        *[lambda d=d: submit_submission(submission=fresh(d), by=d.created_by) for d in drafts], close_due_rounds
    )
    close_due_rounds() if fresh(fair.round).status == RoundStatus.OPEN else None
    deadline = fresh(fair.round).deadline
    for draft, outcome in zip(drafts, outcomes, strict=False):
        state = fresh(draft)
        if isinstance(outcome, LateSubmission):
            assert state.status == SubmissionStatus.DRAFT
            assert not state.receipts.exists()
        else:
            assert state.status == SubmissionStatus.SUBMITTED
            assert state.receipts.get().at < deadline


def test_saving_and_submitting_at_once_leave_a_true_receipt():
    fair = open_fair()
    draft = fair.draft()
    key = fair.questions(fair.segments[0])["text"]
    at_once(
        lambda: submit_submission(submission=fresh(draft), by=draft.created_by),
        lambda: save_answers(submission=fresh(draft), answers={key: "op het laatst"}, by=draft.created_by),
    )
    assert Receipt.objects.count() == 1
    assert [item.line["matches"] for item in compare(fair.round)] == [True]


def test_submitting_and_withdrawing_at_once_end_in_one_state():
    submission = open_fair().submitted()
    outcomes = at_once(*[lambda: withdraw_submission(submission=fresh(submission), by=submission.created_by)] * 2)
    assert len(refused(outcomes)) == 1
    assert fresh(submission).status == SubmissionStatus.WITHDRAWN


def test_two_openers_at_once_open_the_vault_once():
    fair = open_fair()
    fair.submitted()
    fair.pass_deadline()
    openers = [user_with(Role.OPENER) for _ in range(2)]
    outcomes = at_once(*[lambda o=o: confirm_opening(round=fresh(fair.round), by=o) for o in openers])
    assert refused(outcomes) == []
    assert [outcome is None for outcome in outcomes].count(True) == 1
    assert set(VaultOpening.objects.get().openers.all()) == set(openers)
    assert fresh(fair.round).status == RoundStatus.OPENED


def test_the_same_opener_twice_at_once_counts_once():
    fair = open_fair()
    fair.pass_deadline()
    opener = user_with(Role.OPENER)
    outcomes = at_once(*[lambda: confirm_opening(round=fresh(fair.round), by=opener)] * 3)
    assert len(refused(outcomes)) == 2
    assert VaultConfirmation.objects.count() == 1
    assert not VaultOpening.objects.exists()


def test_three_openers_at_once_make_one_record():
    fair = open_fair()
    fair.submitted()
    fair.pass_deadline()
    openers = [user_with(Role.OPENER) for _ in range(3)]
    outcomes = at_once(*[lambda o=o: confirm_opening(round=fresh(fair.round), by=o) for o in openers])
    assert len(refused(outcomes)) == 1
    assert VaultOpening.objects.get().openers.count() == 2


def test_two_beats_close_a_round_once():
    fair = open_fair()
    fair.pass_deadline()
    assert sorted(at_once(close_due_rounds, close_due_rounds)) == [0, 1]
