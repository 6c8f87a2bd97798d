"""The outbox: what is written with a transaction is sent once, also where the server was down."""

from __future__ import annotations

import pytest
from django.core import mail
from django.test import override_settings

from achterhoek.mail.models import MessageStatus, OutboxMessage
from achterhoek.mail.services import MAX_ATTEMPTS, queue_mail
from achterhoek.mail.tasks import send_outbox

DOWN = {"EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend", "EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": 9}


@pytest.mark.django_db
def test_one_key_is_one_message_and_is_sent_once() -> None:
    for _ in range(2):
        queue_mail(key="receipt:1", to="a@zorg.example", subject="Ontvangen", body="Dank u.")
    assert send_outbox() == 1
    assert send_outbox() == 0
    assert [m.to for m in mail.outbox] == [["a@zorg.example"]]


@pytest.mark.django_db
def test_a_server_that_is_down_loses_nothing() -> None:
    queue_mail(key="receipt:1", to="a@zorg.example", subject="Ontvangen", body="Dank u.")
    with override_settings(**DOWN):
        assert send_outbox() == 0
    message = OutboxMessage.objects.get()
    assert (message.status, message.attempts) == (MessageStatus.QUEUED, 1)
    assert message.last_error
    assert send_outbox() == 1
    assert len(mail.outbox) == 1


@pytest.mark.django_db
def test_after_many_attempts_a_message_is_set_aside_and_others_go_on() -> None:
    queue_mail(key="a", to="a@zorg.example", subject="A", body="A")
    OutboxMessage.objects.update(attempts=MAX_ATTEMPTS - 1)
    with override_settings(**DOWN):
        send_outbox()
    assert OutboxMessage.objects.get().status == MessageStatus.FAILED
    queue_mail(key="b", to="b@zorg.example", subject="B", body="B")
    assert send_outbox() == 1
