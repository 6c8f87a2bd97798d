"""The papers of a vault: what is mailed of a receipt, and the record of an opening of prices."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from achterhoek.documents.models import StoredFile
from procurement.models.vault import PriceOpening, Receipt, stays


class ReceiptDelivery(models.Model):
    """What is to be mailed of a receipt: written with the receipt itself, so that none is ever forgotten.

    A worker makes the documents and writes the mail; `mailed_at` is when both were done.
    """

    receipt = models.OneToOneField(Receipt, on_delete=models.PROTECT, related_name="delivery")
    addresses = models.JSONField(_("addresses"))
    pdf = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")
    manifest = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")
    mailed_at = models.DateTimeField(_("mailed"), null=True, editable=False)

    class Meta:
        verbose_name = _("delivery of a receipt")
        verbose_name_plural = _("deliveries of receipts")
        constraints = [
            models.CheckConstraint(
                condition=Q(mailed_at__isnull=True) | Q(pdf__isnull=False, manifest__isnull=False),
                name="receipt_mailed_with_documents",
            ),
        ]
        indexes = [models.Index(fields=["id"], condition=Q(mailed_at__isnull=True), name="receipt_to_mail")]

    def __str__(self) -> str:
        return str(self.receipt)


class PriceRecord(models.Model):
    """Proces-verbaal of the opening of a segment's prices. Never changed."""

    opening = models.OneToOneField(PriceOpening, on_delete=models.PROTECT, related_name="record")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("record of an opening of prices")
        verbose_name_plural = _("records of openings of prices")
        triggers = [stays("price_record_stays")]

    def __str__(self) -> str:
        return str(self.opening)
