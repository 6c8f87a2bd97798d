"""The last minutes before a deadline: what can wait gives way to those who still submit, and is done afterwards."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from achterhoek.audit import selectors as audit
from achterhoek.audit.models import AuditEvent
from achterhoek.documents.models import StoredFile
from achterhoek.documents.tasks import make_thumbnail, make_waiting_thumbnails
from achterhoek.mail.models import OutboxMessage
from procurement.models import ReceiptDelivery
from procurement.tasks import receipts
from procurement.tasks.receipts import mail_receipt, mail_receipts
from tests.factories.submissions import open_fair

pytestmark = pytest.mark.django_db


@pytest.fixture
def rush(settings: Any) -> None:
    """Fewer events than one submission makes are a rush here."""
    settings.RUSH_EVENTS = 2


def test_a_few_events_long_ago_are_no_rush(rush: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not audit.is_rush()
    open_fair().submitted()
    assert AuditEvent.objects.count() >= 2
    assert audit.is_rush()
    monkeypatch.setattr(audit, "RUSH_WITHIN", timedelta(0))
    assert not audit.is_rush()


def test_a_receipt_is_mailed_when_the_rush_is_over(rush: None, monkeypatch: pytest.MonkeyPatch) -> None:
    open_fair().submitted()
    delivery = ReceiptDelivery.objects.get()
    assert not mail_receipt(delivery.pk)
    assert mail_receipts() == 0
    assert not OutboxMessage.objects.filter(key__startswith="receipt:").exists()
    monkeypatch.setattr(audit, "RUSH_WITHIN", timedelta(0))
    assert mail_receipts() == 1
    assert OutboxMessage.objects.filter(key__startswith="receipt:").exists()


def test_a_long_rush_does_not_put_a_receipt_off_for_ever(rush: None, monkeypatch: pytest.MonkeyPatch) -> None:
    open_fair().submitted()
    monkeypatch.setattr(receipts, "PATIENCE", timedelta(0))
    assert mail_receipts() == 1


def test_a_picture_is_drawn_when_the_rush_is_over(rush: None, monkeypatch: pytest.MonkeyPatch) -> None:
    fair = open_fair()
    fair.draft()
    drafted = StoredFile.objects.exclude(envelope=None).first()
    assert drafted is not None
    assert audit.is_rush()
    assert not make_thumbnail(str(drafted.pk))
    assert make_waiting_thumbnails() == 0
    monkeypatch.setattr(audit, "RUSH_WITHIN", timedelta(0))
    assert make_waiting_thumbnails() >= 1
    drafted.refresh_from_db()
    assert drafted.thumbnail
