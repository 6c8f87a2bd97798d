"""Letters: one for every bidder of a decision, made by a worker."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from achterhoek.documents.models import StoredFile
from procurement.domain.states import LETTER
from procurement.enums import LetterKind, LetterStatus
from procurement.models.base import status_guard
from procurement.models.decision import Decision
from procurement.models.submission import Entry


class Letter(models.Model):
    """One letter of a decision to one bidder. The unique key makes it once, however often a worker runs."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="letters")
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="letters")
    kind = models.CharField(_("kind"), max_length=20, choices=LetterKind.choices)
    status = models.CharField(
        _("state"), max_length=20, choices=LetterStatus.choices, default=LetterStatus.QUEUED, editable=False
    )
    file = models.OneToOneField(StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="letter")
    error = models.TextField(_("cause"), blank=True)
    rendered_at = models.DateTimeField(_("made"), null=True, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    first_read_at = models.DateTimeField(_("first read"), null=True, blank=True)

    class Meta:
        verbose_name = _("letter")
        verbose_name_plural = _("letters")
        ordering = ["decision", "entry"]
        triggers = [status_guard(LETTER)]
        constraints = [
            models.UniqueConstraint(fields=["decision", "entry", "kind"], name="letter_once"),
            models.CheckConstraint(
                condition=~Q(status__in=["rendered", "sent"]) | Q(file__isnull=False),
                name="letter_made_has_file",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.entry}"
