"""A batch of letters in the hands of several workers, some of which die."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import OperationalError, connection, connections, transaction

from achterhoek.jobs.models import Job, JobStatus
from achterhoek.queue import nobody_works, together
from procurement.enums import LetterStatus, Stage
from procurement.models import Letter
from procurement.selectors.decisions import visible_letters
from procurement.selectors.letters import batch_source
from procurement.services.decisions import request_sending
from procurement.services.letter_sending import Sending, send_batch
from procurement.services.letter_work import make_next_letter
from procurement.tasks import letters as tasks
from procurement.tasks.letters import LOCK, send_letters, take_up_letters
from tests.factories.decisions import Ranked, adopted, batch_of


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What is asked of the workers."""
    found: list[tuple[Any, ...]] = []
    monkeypatch.setattr(tasks, "after_commit", lambda task, *args: found.append((task, *args)))
    return found


def requested() -> tuple[Ranked, int, Job]:
    ranked, decision = adopted(Stage.AWARD)
    job = request_sending(decision=decision, by=ranked.lead)
    return ranked, batch_of(decision).pk, job


@contextmanager
def elsewhere() -> Iterator[Any]:
    """Another connection to the same database."""
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            yield cursor
            # Its end alone is noticed by the server a moment later.
            cursor.execute("SELECT pg_advisory_unlock_all()")
    finally:
        other.close()


@pytest.mark.django_db
def test_a_run_asks_for_one_more_as_long_as_letters_wait(asked: list[tuple[Any, ...]]) -> None:
    ranked, batch, job = requested()
    assert send_letters(batch, ranked.lead.pk, str(job.pk)) == "sent"
    assert asked == [("procurement.send_letters", batch, ranked.lead.pk, str(job.pk))]
    assert send_letters(batch, ranked.lead.pk, str(job.pk)) == "sent"
    assert len(asked) == 1, "there was nothing left to do"


@pytest.mark.django_db
def test_a_turn_ends_so_that_other_work_gets_its_own(
    asked: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    ranked, batch, job = requested()
    monkeypatch.setattr(tasks, "SHIFT", 2)
    assert send_letters(batch, ranked.lead.pk, str(job.pk)) == "waiting"
    job.refresh_from_db()
    assert (job.status, job.done, job.total) == (JobStatus.RUNNING, 2, 3)
    assert len(asked) == 1
    assert send_letters(batch, ranked.lead.pk, str(job.pk)) == "sent"
    job.refresh_from_db()
    assert (job.status, job.done) == (JobStatus.DONE, 3)


@pytest.mark.django_db(transaction=True)
def test_a_batch_that_nobody_works_on_is_taken_up(asked: list[tuple[Any, ...]]) -> None:
    ranked, batch, job = requested()
    asked.clear()
    with elsewhere() as other:
        other.execute("SELECT pg_advisory_lock_shared(hashtext(%s), %s)", [LOCK, batch])
        assert take_up_letters() == 0, "somebody works on it"
    assert take_up_letters() == 1, "that worker died"
    assert asked == [("procurement.send_letters", batch, ranked.lead.pk, str(job.pk))]
    send_letters(batch, ranked.lead.pk, str(job.pk))
    assert take_up_letters() == 0, "it was sent"


@pytest.mark.django_db(transaction=True)
def test_several_work_together_and_are_seen_to() -> None:
    with together("some work", 1), elsewhere() as other:
        other.execute("SELECT pg_try_advisory_lock_shared(hashtext('some work'), 1)")
        assert other.fetchone() == (True,)
        other.execute("SELECT pg_try_advisory_xact_lock(hashtext('some work'), 1)")
        assert other.fetchone() == (False,)
    assert nobody_works("some work", 1)


@pytest.mark.django_db
def test_made_and_not_sent_is_taken_up_too(asked: list[tuple[Any, ...]]) -> None:
    ranked, batch, job = requested()
    while make_next_letter(batch_source(batch), batch) is not None:
        pass
    asked.clear()
    assert take_up_letters() == 1
    assert send_letters(batch, ranked.lead.pk, str(job.pk)) == "sent"


@pytest.mark.django_db
def test_what_waits_for_the_lead_is_left_alone(asked: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch) -> None:
    """A letter that failed waits for the lead, who was told why: nobody tries it again and again."""
    ranked, batch, job = requested()

    def broken(_content: object) -> bytes:
        raise ValueError("no such field")

    with monkeypatch.context() as patched:
        patched.setattr("procurement.services.letter_work.render_pdf", broken)
        assert send_letters(batch, ranked.lead.pk, str(job.pk)) == "failed"
    assert take_up_letters() == 0
    assert set(Letter.objects.values_list("status", flat=True)) == {LetterStatus.FAILED}


@pytest.mark.django_db
def test_a_database_that_goes_away_is_no_fault_of_a_letter_nor_of_the_lead(
    asked: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    ranked, batch, job = requested()

    def gone(_content: object) -> bytes:
        raise OperationalError("the connection is lost")

    with monkeypatch.context() as patched:
        patched.setattr("procurement.services.letter_work.render_pdf", gone)
        with pytest.raises(OperationalError):
            send_letters(batch, ranked.lead.pk, str(job.pk))
    job.refresh_from_db()
    assert job.status == JobStatus.RUNNING
    assert set(Letter.objects.values_list("status", flat=True)) == {LetterStatus.QUEUED}
    assert take_up_letters() == 1


@pytest.mark.django_db(transaction=True)
def test_all_letters_can_be_seen_from_one_moment_on_and_none_before() -> None:
    """Asked from another connection: before the commit nobody sees a letter, an e-mail or the decision; after it
    everybody sees all of them."""
    ranked, batch, _job = requested()
    while make_next_letter(batch_source(batch), batch) is not None:
        pass
    found = batch_of(Letter.objects.all()[0].decision)
    seen = """
        SELECT (SELECT count(*) FROM procurement_letter WHERE status = 'sent'),
               (SELECT count(*) FROM mail_outboxmessage WHERE key LIKE 'letter:%%'),
               (SELECT count(*) FROM procurement_decision WHERE status = 'sent')
    """
    with elsewhere() as other:
        with transaction.atomic():
            assert send_batch(batch=found, by=ranked.lead) is Sending.SENT
            other.execute(seen)
            assert other.fetchone() == (0, 0, 0)
        other.execute(seen)
        assert other.fetchone() == (3, 3, 1)
    for number in range(3):
        assert visible_letters(ranked.member(number)).count() == 1
    assert connection.in_atomic_block is False


@pytest.mark.django_db
def test_a_letter_takes_few_queries(django_assert_max_num_queries: Any) -> None:
    _ranked, batch, _job = requested()
    source = batch_source(batch)
    make_next_letter(source, batch)
    with django_assert_max_num_queries(14):
        make_next_letter(source, batch)
