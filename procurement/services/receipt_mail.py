"""Mailing a receipt: promised in the transaction that submits, done by a worker.

Making the documents takes longer than submitting does, and hundreds come in the last minutes before a deadline.
So the transaction writes down only what is to be mailed; whoever submits has the receipt on the screen at once.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from achterhoek.audit.selectors import is_rush
from achterhoek.clock import database_now
from achterhoek.documents.services import PDF, store_bytes
from achterhoek.links import absolute
from achterhoek.mail.services import queue_mail
from achterhoek.queue import after_commit
from procurement.enums import ReceiptKind
from procurement.models import Receipt, ReceiptDelivery
from procurement.selectors.gate import RECEIPT_FILE
from procurement.services.receipt_documents import file_name, manifest_json, receipt_pdf

MAIL_TASK = "procurement.mail_receipt"
JSON = "application/json"


def promise_receipt(*, receipt: Receipt, addresses: Iterable[str]) -> ReceiptDelivery:
    """Write down, with the receipt, to whom it is mailed; once for each address. A worker does the rest."""
    unique = list(dict.fromkeys(address.lower() for address in addresses))
    delivery = ReceiptDelivery.objects.create(receipt=receipt, addresses=unique)
    if not is_rush():  # the scheduler mails it when that is over
        after_commit(MAIL_TASK, delivery.pk)
    return delivery


@transaction.atomic
def mail_receipt(*, delivery_id: int) -> bool:
    """Make the documents of one receipt and queue its mail; False where that was done, or another worker has it.

    All in one transaction: a worker that dies leaves nothing behind, and the next one begins anew. The key of each
    message keeps it from ever being written twice, and seals it in the outbox until the vault is open.
    """
    rows = ReceiptDelivery.objects.select_for_update(of=("self",), skip_locked=True)
    delivery = (
        rows.select_related("receipt__submission__round__tender__region")
        .filter(pk=delivery_id, mailed_at=None)
        .first()
    )  # fmt: skip
    if delivery is None:
        return False
    receipt = delivery.receipt
    delivery.pdf = store_bytes(
        content=receipt_pdf(receipt), name=file_name(receipt, "pdf"), content_type=PDF, kind=RECEIPT_FILE, by=None
    )
    delivery.manifest = store_bytes(
        content=manifest_json(receipt), name=file_name(receipt, "json"), content_type=JSON, kind=RECEIPT_FILE, by=None
    )
    subject, body = _words(receipt)
    for address in delivery.addresses:
        queue_mail(
            key=f"receipt:{receipt.number}:{address}", to=address, subject=subject, body=body,
            attachments=[delivery.pdf, delivery.manifest],
        )  # fmt: skip
    delivery.mailed_at = database_now()
    delivery.save(update_fields=["pdf", "manifest", "mailed_at"])
    return True


def _words(receipt: Receipt) -> tuple[str, str]:
    """Subject and text of the mail. In Dutch: the worker has no screen, and both addresses get the same."""
    submission = receipt.submission
    context = {
        "receipt": receipt,
        "tender": submission.round.tender,
        "withdrawn": receipt.kind == ReceiptKind.WITHDRAWAL,
        "page": absolute("procurement:receipt", submission.pk, receipt.number),
        "verify": absolute("procurement:verify"),
    }
    with translation.override("nl"):
        body = render_to_string("procurement/submission/receipt_mail.txt", context)
        if context["withdrawn"]:
            return _("Receipt %(number)s: withdrawn") % {"number": receipt.number}, body
        return _("Receipt %(number)s") % {"number": receipt.number}, body
