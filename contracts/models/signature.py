"""The text of a contract for signing, and the signatures under it: one of each side."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from achterhoek.documents.models import StoredFile
from contracts.enums import SigningSide
from contracts.models.contract import Contract


class ContractDocument(models.Model):
    """The contract as it was laid out for signing. What changes before anybody signed is laid out anew."""

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="documents")
    sequence = models.PositiveSmallIntegerField(_("number"))
    file = models.OneToOneField(StoredFile, on_delete=models.PROTECT, related_name="+")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(_("made"), db_default=Now(), editable=False)
    outdated_at = models.DateTimeField(_("no longer holds since"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("text of a contract")
        verbose_name_plural = _("texts of contracts")
        ordering = ["contract", "-sequence"]
        constraints = [
            models.UniqueConstraint(fields=["contract", "sequence"], name="contract_document_number_once"),
            models.UniqueConstraint(
                fields=["contract"], condition=Q(outdated_at__isnull=True), name="contract_document_one_holds"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contract.number} #{self.sequence}"


class ContractSignature(models.Model):
    """That one side signed: who, in what function, on which day, and the signed document where there is one.

    `document` is the text that was signed in the portal; `file` the scan of what was signed on paper.
    """

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="signatures")
    side = models.CharField(_("for"), max_length=12, choices=SigningSide.choices)
    name = models.CharField(_("name"), max_length=200)
    function = models.CharField(_("function"), max_length=200)
    signed_on = models.DateField(_("signed on"))
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    document = models.ForeignKey(
        ContractDocument, on_delete=models.PROTECT, null=True, blank=True, related_name="signatures"
    )
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(_("recorded"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("signature under a contract")
        verbose_name_plural = _("signatures under contracts")
        ordering = ["contract", "side"]
        constraints = [models.UniqueConstraint(fields=["contract", "side"], name="contract_signed_once_a_side")]
        triggers = [pgtrigger.Protect(name="signature_stays", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.contract.number}: {self.name}"
