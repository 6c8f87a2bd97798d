"""The outbox: what is written with a transaction is sent once and under one Message-ID, whoever dies and where."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.db import transaction
from django.db.models.functions import Now
from django.test import override_settings

from achterhoek.documents.services import PDF, store_bytes
from achterhoek.mail import services
from achterhoek.mail.delivery import mail_server
from achterhoek.mail.models import MessageStatus, OutboxMessage
from achterhoek.mail.services import MAX_REFUSALS, Mail, pause_after, queue_mail, queue_mails, resend, send_next
from achterhoek.mail.tasks import send_outbox
from tests.factories import user_with
from tests.smtp import MailServer, mail_server_of

DOWN = {"EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend", "EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": 9}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[MailServer]:
    with mail_server_of(tmp_path) as running:
        yield running


def write(key: str = "receipt:1", to: str = "a@zorg.example", subject: str = "Ontvangen") -> OutboxMessage:
    message = queue_mail(key=key, to=to, subject=subject, body="Dank u.")
    message.refresh_from_db()
    return message


def time_passes() -> None:
    """All that rests may be tried again."""
    OutboxMessage.objects.filter(status=MessageStatus.QUEUED).update(not_before=Now())


def state(message: OutboxMessage) -> tuple[str, int]:
    message.refresh_from_db()
    return message.status, message.attempts


@pytest.mark.django_db
def test_one_key_is_one_message_and_is_sent_once() -> None:
    for _ in range(2):
        write()
    assert send_outbox() == 1
    assert send_outbox() == 0
    assert [m.to for m in mail.outbox] == [["a@zorg.example"]]


@pytest.mark.django_db
def test_many_are_written_at_once_each_key_once_and_with_its_own_file(
    server: MailServer, django_assert_num_queries: Any
) -> None:
    write("letter:1", subject="Eerder")
    files = [
        store_bytes(content=b"%PDF-1.7", name=f"{n}.pdf", content_type=PDF, kind="letter", by=None) for n in (1, 2)
    ]
    mails = [
        Mail("letter:1", "a@zorg.example", "Later", "Dank u.", files[:1]),
        Mail("letter:2", "b@zorg.example", "Brief" * 60, "Dank u.", files[1:]),
        Mail("letter:3", "c@zorg.example", "Brief", "Dank u."),
    ]
    with django_assert_num_queries(5):  # with the two of its savepoint
        queue_mails(mails)
    queue_mails(mails)
    assert send_outbox() == 3
    told = {mail["to"][0]: (mail["subject"].strip(), mail["files"]) for mail in server.accepted}
    assert told == {
        "a@zorg.example": ("Eerder", []),
        "b@zorg.example": (("Brief" * 60)[:200], ["2.pdf"]),
        "c@zorg.example": ("Brief", []),
    }


@pytest.mark.django_db
def test_the_message_id_and_the_date_are_those_of_the_outbox(server: MailServer) -> None:
    message = write()
    send_outbox()
    (taken,) = server.accepted
    assert taken["message_id"] == message.message_id
    assert parsedate_to_datetime(taken["date"]) == message.created_at.replace(microsecond=0)
    message.refresh_from_db()
    assert message.sent_at is not None


@pytest.mark.django_db
def test_several_messages_go_in_one_conversation_with_their_files(server: MailServer) -> None:
    stored = store_bytes(content=b"%PDF-1.7", name="brief.pdf", content_type=PDF, kind="letter", by=None)
    for number in range(3):
        queue_mail(key=f"{number}", to="a@zorg.example", subject="Brief", body="Dag", attachments=[stored])
    assert send_outbox() == 3
    assert [one["files"] for one in server.accepted] == [["brief.pdf"]] * 3


@pytest.mark.django_db
def test_a_server_that_is_down_for_days_loses_nothing(server: MailServer) -> None:
    message = write()
    server.die()
    for _ in range(MAX_REFUSALS + 2):
        time_passes()
        assert send_outbox() == 0
    assert state(message) == (MessageStatus.QUEUED, MAX_REFUSALS + 2)
    assert message.last_error
    assert message.not_before > message.created_at, "it rests before it is tried again"
    server.start()
    time_passes()
    assert send_outbox() == 1
    assert state(message) == (MessageStatus.SENT, MAX_REFUSALS + 3)


@pytest.mark.django_db
def test_a_server_that_dies_before_it_answers_gets_the_same_message_again(server: MailServer) -> None:
    message = write()
    server.die_before_answering()
    assert send_outbox() == 0
    assert state(message) == (MessageStatus.QUEUED, 1)
    server.die()
    server.start()
    time_passes()
    assert send_outbox() == 1
    assert [one["message_id"] for one in server.accepted] == [message.message_id] * 2


@pytest.mark.django_db
def test_a_receiver_that_does_not_exist_holds_up_nobody(server: MailServer) -> None:
    gone, later, fine = write("1", "refused@zorg.example"), write("2", "later@zorg.example"), write("3")
    assert send_outbox() == 3
    assert [state(one)[0] for one in (gone, later, fine)] == ["failed", "queued", "sent"]
    assert "no such mailbox" in gone.last_error
    assert "try again later" in later.last_error
    assert send_outbox() == 0, "who is asked to wait waits"
    for _ in range(MAX_REFUSALS):
        time_passes()
        send_outbox()
    assert state(later) == (MessageStatus.FAILED, MAX_REFUSALS)


@pytest.mark.django_db
def test_a_message_of_which_no_mail_can_be_made_holds_up_nobody(server: MailServer) -> None:
    poison = write("1")
    OutboxMessage.objects.update(to="twee\nregels@zorg.example")
    fine = write("2")
    assert send_outbox() == 2
    assert [state(poison)[0], state(fine)[0]] == ["failed", "sent"]


@pytest.mark.django_db
def test_without_its_file_a_message_is_not_sent(server: MailServer) -> None:
    stored = store_bytes(content=b"%PDF-1.7", name="brief.pdf", content_type=PDF, kind="letter", by=None)
    message = queue_mail(key="1", to="a@zorg.example", subject="Brief", body="Dag", attachments=[stored])
    stored.file.storage.delete(stored.file.name)
    fine = write("2")
    send_outbox()
    assert [state(message)[0], state(fine)[0]] == ["queued", "sent"]
    assert "FileNotFound" in message.last_error


@pytest.mark.django_db
def test_the_pause_grows_up_to_an_hour() -> None:
    pauses = [pause_after(refusals) for refusals in range(1, MAX_REFUSALS + 1)]
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (timedelta(minutes=1), timedelta(hours=1))


@pytest.mark.django_db
def test_whoever_died_over_a_message_leaves_it_to_the_next_after_a_while(
    server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = write()

    def killed(*_args: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(services, "hand_over", killed)
        with pytest.raises(KeyboardInterrupt):
            send_outbox()
    assert state(message) == (MessageStatus.QUEUED, 1)
    assert send_outbox() == 0, "perhaps that process still lives"
    time_passes()
    assert send_outbox() == 1
    assert state(message) == (MessageStatus.SENT, 2)


@pytest.mark.django_db(transaction=True)
def test_what_the_server_answered_is_noted_when_the_database_is_back(
    server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL dies while the mail is handed over: the same process notes the answer, and nothing goes twice."""
    message = write()
    whole = services.hand_over

    def meanwhile(*args: object) -> object:
        answer = whole(*args)  # type: ignore[arg-type]
        services.database.close()
        with services.database.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            (pid,) = cursor.fetchone()
        from django.db import connections

        other = connections.create_connection("default")
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
        other.close()
        return answer

    monkeypatch.setattr(services, "hand_over", meanwhile)
    assert send_outbox() == 1
    assert state(message) == (MessageStatus.SENT, 1)
    assert len(server.accepted) == 1


@pytest.mark.django_db(transaction=True)
def test_what_is_claimed_by_one_is_not_seen_by_another(server: MailServer, monkeypatch: pytest.MonkeyPatch) -> None:
    write("1")
    write("2")
    whole = services.hand_over
    seen: list[int] = []

    def meanwhile(message: OutboxMessage, connection: object) -> object:
        seen.append(message.pk)
        if len(seen) == 1:
            with mail_server() as second:
                assert send_next(second)
                assert not send_next(second)
        return whole(message, connection)

    monkeypatch.setattr(services, "hand_over", meanwhile)
    send_outbox()
    assert len(seen) == len(set(seen)) == len(server.accepted) == 2


@pytest.mark.django_db
def test_a_message_set_aside_is_sent_again_under_the_same_message_id(server: MailServer) -> None:
    message = write(to="refused@zorg.example")
    send_outbox()
    OutboxMessage.objects.update(to="a@zorg.example")
    message.refresh_from_db()
    resend(message=message, by=user_with("admin"))
    assert send_outbox() == 1
    assert [one["message_id"] for one in server.accepted] == [message.message_id]


@pytest.mark.django_db(transaction=True)
def test_many_messages_of_one_transaction_are_one_request_to_the_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr("achterhoek.queue.current_app.send_task", lambda task, **_rest: asked.append(task))
    with transaction.atomic():
        for number in range(5):
            write(f"{number}")
    assert asked == ["mail.send_outbox"]


@pytest.mark.django_db
def test_the_server_down_at_all_is_no_fault_of_a_message() -> None:
    message = write()
    with override_settings(**DOWN):
        assert send_outbox() == 0
    message.refresh_from_db()
    assert (message.status, message.refusals) == (MessageStatus.QUEUED, 0)
