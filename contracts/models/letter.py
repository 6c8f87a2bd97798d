"""Letters about a contract: that it was signed, an option taken or not, a subcontractor decided on."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from achterhoek.documents.models import StoredFile
from achterhoek.mail.models import OutboxMessage
from contracts.enums import ContractLetterKind
from contracts.models.contract import Contract
from providers.models import Organisation


class ContractLetter(models.Model):
    """One letter to the contractor of that time, or to who joins, leaves or is replaced: its addressee.

    `subject` is the primary key of the term or the change it is about, or nothing.

    Asked for in the transaction of what it tells, and made and mailed by a worker afterwards, once: the unique key
    keeps a second one out, `message` and `file` come together.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="letters")
    kind = models.CharField(_("kind"), max_length=20, choices=ContractLetterKind.choices)
    subject = models.CharField(_("about"), max_length=36, blank=True)
    addressee = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", editable=False)
    asked_at = models.DateTimeField(_("asked"), db_default=Now(), editable=False)
    file = models.OneToOneField(
        StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="contract_letter"
    )
    message = models.OneToOneField(
        OutboxMessage, on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="contract_letter"
    )
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True, editable=False)
    error = models.TextField(_("cause"), blank=True)

    class Meta:
        verbose_name = _("letter about a contract")
        verbose_name_plural = _("letters about contracts")
        ordering = ["-asked_at"]
        constraints = [
            models.UniqueConstraint(fields=["contract", "kind", "subject"], name="contract_letter_once"),
            models.CheckConstraint(
                condition=Q(sent_at__isnull=True, file__isnull=True, message__isnull=True)
                | Q(sent_at__isnull=False, file__isnull=False, message__isnull=False),
                name="contract_letter_sent_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.contract}"
