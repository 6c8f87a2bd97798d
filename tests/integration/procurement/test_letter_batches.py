"""A batch of letters in the hands of several workers, some of which die."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import OperationalError, connection, connections, transaction
from django.template.loader import render_to_string
from django.test.utils import CaptureQueriesContext

from achterhoek.accounts.models import User
from achterhoek.audit.models import AuditEvent
from achterhoek.jobs.models import Job, JobStatus
from achterhoek.mail.models import OutboxMessage
from achterhoek.queue import nobody_works, together
from procurement.enums import BatchPurpose, LetterStatus, Stage
from procurement.models import Award, Letter, LetterBatch
from procurement.selectors.decisions import visible_letters
from procurement.selectors.letters import batch_source
from procurement.services.decisions import request_sending
from procurement.services.letter_sending import Sending, send_batch
from procurement.services.letter_work import make_next_letter
from procurement.tasks import letters as tasks
from procurement.tasks.letters import LOCK, send_letters, take_up_letters
from providers.models import Organisation
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
    with django_assert_max_num_queries(12):
        make_next_letter(source, batch)


def many(bids: int) -> tuple[Ranked, LetterBatch]:
    """An award with so many bids, of which all letters are made; one is in English."""
    found = tuple((f"Zorg {n}", ("8", "6"), "selected" if n < 2 else "reserve") for n in range(bids))
    ranked, decision = adopted(Stage.AWARD, bids=found)
    Organisation.objects.filter(pk=ranked.entries[0].submission.organisation_id).update(letter_language="en")
    request_sending(decision=decision, by=ranked.lead)
    batch = batch_of(decision)
    source = batch_source(batch.pk)
    while make_next_letter(source, batch.pk) is not None:
        pass
    return ranked, batch


@pytest.mark.django_db
def test_many_letters_are_sent_in_as_many_queries_as_a_few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "procurement.services.letter_work.render_pdf", lambda content: b"%PDF-1.7 " + repr(content).encode()
    )
    taken = []
    for bids in (3, 30):
        ranked, batch = many(bids)
        lead = User.objects.get(pk=ranked.lead.pk)
        with CaptureQueriesContext(connection) as queries:
            assert send_batch(batch=batch, by=lead) is Sending.SENT
        taken.append(len(queries))
        sent = Letter.objects.filter(batch=batch, status=LetterStatus.SENT).select_related(
            "message", "entry__submission"
        )
        assert len(sent) == bids
        for letter in sent:
            assert letter.message is not None
            assert letter.message.key == f"letter:{letter.pk}"
            assert letter.message.to == letter.entry.submission.organisation.email
            assert [stored.pk for stored in letter.message.attachments.all()] == [letter.file_id]
            (event,) = AuditEvent.objects.filter(action="procurement.letter.send", target_id=str(letter.pk))
            assert event.detail == {"from": "rendered", "to": "sent"}
        assert len({letter.sent_at for letter in sent}) == 1
        awards = batch.decision.awards.order_by("pk")  # type: ignore[union-attr]
        assert [award.entry for award in awards] == ranked.entries[:2]
        events = AuditEvent.objects.filter(action="procurement.award.make", target_id__in=[str(a.pk) for a in awards])
        assert events.count() == 2
    assert taken[0] == taken[1] <= 50


@pytest.mark.django_db
def test_where_one_letter_cannot_be_sent_none_is_and_nothing_is_written() -> None:
    """The last statement of the sending fails: no mail, no award, no event, and the decision is as it was."""
    ranked, batch = many(3)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            CREATE FUNCTION pg_temp.refuse() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION 'the disk is full' USING ERRCODE = '53100'; END $$;
            CREATE TRIGGER zz_refuse BEFORE UPDATE OF message_id ON procurement_letter
            FOR EACH ROW WHEN (NEW.kind = 'not_awarded') EXECUTE FUNCTION pg_temp.refuse()
            """
        )
    events = AuditEvent.objects.count()
    with pytest.raises(OperationalError), transaction.atomic():
        send_batch(batch=batch, by=ranked.lead)
    assert set(Letter.objects.values_list("status", "message")) == {(LetterStatus.RENDERED, None)}
    assert not OutboxMessage.objects.filter(key__startswith="letter:").exists()
    batch.refresh_from_db()
    assert (batch.status, batch.decision.status) == ("prepared", "adopted")  # type: ignore[union-attr]
    assert (Award.objects.count(), AuditEvent.objects.count()) == (0, events)


@pytest.mark.django_db
def test_the_mail_with_a_letter_is_in_the_language_of_its_reader_and_says_what_it_brings() -> None:
    ranked, decision = adopted(Stage.AWARD)
    Organisation.objects.filter(submissions__entries=ranked.entries[0]).update(letter_language="en")
    request_sending(decision=decision, by=ranked.lead)
    batch = batch_of(decision)
    while make_next_letter(batch_source(batch.pk), batch.pk) is not None:
        pass
    assert send_batch(batch=batch, by=ranked.lead) is Sending.SENT
    mails = {letter.entry: letter.message for letter in Letter.objects.filter(batch=batch).select_related("message")}
    english, dutch = mails[ranked.entries[0]], mails[ranked.entries[1]]
    assert english is not None
    assert dutch is not None
    assert english.subject.startswith("Decision on ")
    assert "Standstill period: up to and including" in english.body
    assert dutch.subject.startswith("Besluit over ")
    assert "Opschortende termijn: tot en met" in dutch.body


@pytest.mark.parametrize("language", ["nl", "en"])
def test_each_purpose_has_a_mail_of_its_own(language: str) -> None:
    subjects, first_lines = set(), set()
    for purpose in BatchPurpose.values:
        context = {"purpose": purpose, "segment": "Wmo Wonen", "tender": None, "number": "B-1"}
        subjects.add(render_to_string(f"letters/{language}/mail_subject.txt", context))
        first_lines.add(render_to_string(f"letters/{language}/mail.txt", context))
    assert len(subjects) == len(first_lines) == len(BatchPurpose)
