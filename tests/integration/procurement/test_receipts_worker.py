"""A real worker mails the receipts of a busy hour and makes the records, and is killed in the middle of it."""

from __future__ import annotations

import os
import signal
from collections import Counter

import pytest
from celery import current_app

from achterhoek.documents.models import StoredFile
from achterhoek.jobs.models import Job, JobStatus
from achterhoek.mail.models import MessageStatus, OutboxMessage
from procurement.enums import RoundStatus
from procurement.models import Receipt, ReceiptDelivery, Round, VaultOpening
from procurement.services import vault as vault_service
from procurement.services.receipt_documents import receipt_pdf
from tests.factories.submissions import Fair, open_fair
from tests.pdf import assert_accessible
from tests.worker import running_worker, wait_until

pytestmark = pytest.mark.django_db(transaction=True)
BIDDERS = 10


def mailed() -> int:
    return ReceiptDelivery.objects.filter(mailed_at__isnull=False).count()


@pytest.mark.long
def test_a_worker_that_is_killed_forgets_no_receipt_and_mails_none_twice() -> None:
    fair = open_fair()
    for _ in range(BIDDERS):
        fair.submitted()
    assert mailed() == 0
    with running_worker() as worker:
        wait_until(lambda: mailed() >= 2, what="two receipts are mailed")
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait(timeout=30)
    before = mailed()
    assert before < BIDDERS
    assert_nothing_is_half_done()
    with running_worker():
        # As the scheduler does every minute; the killed worker's own task comes back much later.
        current_app.send_task("procurement.mail_receipts", ignore_result=True)
        wait_until(lambda: mailed() == BIDDERS, what="all receipts are mailed")
        sent = OutboxMessage.objects.filter(status=MessageStatus.SENT)
        wait_until(lambda: sent.count() == 2 * BIDDERS, what="every mail is sent")
    assert_nothing_is_half_done()
    assert set(Counter(OutboxMessage.objects.values_list("key", flat=True)).values()) == {1}


def assert_nothing_is_half_done() -> None:
    """Each receipt has its two documents and its two mails, or none of them yet."""
    done = list(ReceiptDelivery.objects.filter(mailed_at__isnull=False).select_related("receipt", "pdf", "manifest"))
    for delivery in done:
        assert delivery.pdf is not None
        assert delivery.manifest is not None
        # What another process made is, byte for byte, what this one makes.
        receipt = Receipt.objects.select_related("submission__round__tender__region").get(pk=delivery.receipt_id)
        assert delivery.pdf.file.open("rb").read() == receipt_pdf(receipt)
        messages = OutboxMessage.objects.filter(key__startswith=f"receipt:{delivery.receipt.number}:")
        assert sorted(message.to for message in messages) == sorted(delivery.addresses)
        for message in messages:
            assert set(message.attachments.all()) == {delivery.pdf, delivery.manifest}
    assert StoredFile.objects.filter(kind="receipt").count() == 2 * len(done)
    assert OutboxMessage.objects.count() == 2 * len(done)


def test_a_worker_opens_a_large_vault_and_makes_its_record(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vault_service, "OPEN_AT_ONCE_BYTES", -1)
    fair: Fair = open_fair()
    for _ in range(2):
        fair.submitted()
    opening = fair.open_vault()
    assert opening.finished_at is None
    with running_worker():
        wait_until(
            lambda: VaultOpening.objects.filter(record__isnull=False).exists(), what="the vault is open with its record"
        )
    assert Round.objects.get(pk=fair.round.pk).status == RoundStatus.OPENED
    assert Job.objects.get(key=f"opening:{fair.round.pk}").status == JobStatus.DONE
    record = VaultOpening.objects.get().record
    assert record is not None
    assert_accessible(record.file.read())
