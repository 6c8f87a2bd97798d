"""A real worker takes what a service queued, after the commit and not before."""

from __future__ import annotations

import contextlib

import pytest
from django.db import transaction

from achterhoek.mail.models import MessageStatus, OutboxMessage
from achterhoek.mail.services import queue_mail
from tests.worker import running_worker, wait_until


@pytest.mark.django_db(transaction=True)
def test_a_worker_sends_what_was_committed() -> None:
    with running_worker():
        with transaction.atomic():
            queue_mail(key="kept", to="a@zorg.example", subject="Ontvangen", body="Dank u.")
        with contextlib.suppress(ZeroDivisionError), transaction.atomic():
            queue_mail(key="lost", to="b@zorg.example", subject="Ontvangen", body="Dank u.")
            raise ZeroDivisionError
        wait_until(lambda: OutboxMessage.objects.filter(status=MessageStatus.SENT).count() == 1)
    assert [m.key for m in OutboxMessage.objects.all()] == ["kept"]
