"""The reasons in a letter (relevante redenen, Aw 2.130): composed from the record, edited by the lead."""

from __future__ import annotations

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from procurement.enums import MotivationKind
from procurement.models.decision import Decision
from procurement.models.round import Criterion
from procurement.models.submission import Entry


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent(), context_field=None)  # type: ignore[arg-type]
class Motivation(models.Model):
    """One reason for one bidder on one criterion: of its own score, or an advantage of an awarded bid (`winner`).

    `composed` is what the record says and is never edited; `text` is what the letter prints. Findings of the checks
    (another bidder's name, words from another bid) must be looked at: `accepted` is why they may stand.
    """

    decision = models.ForeignKey(Decision, on_delete=models.CASCADE, related_name="motivations")
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="motivations")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(_("kind"), max_length=10, choices=MotivationKind.choices)
    winner = models.ForeignKey(Entry, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    composed = models.TextField(_("from the record"))
    text = models.TextField(_("text"), blank=True)
    accepted = models.TextField(_("why what was found may stand"), blank=True)
    accepted_text = models.TextField(blank=True, editable=False)
    edited_at = models.DateTimeField(_("edited"), null=True, blank=True, editable=False)
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )

    class Meta:
        verbose_name = _("motivation")
        verbose_name_plural = _("motivations")
        ordering = ["entry", "criterion__position", "kind", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["decision", "entry", "criterion", "kind", "winner"],
                nulls_distinct=False,
                name="motivation_once",
            ),
            models.CheckConstraint(
                condition=Q(kind="own", winner__isnull=True) | Q(kind="advantage", winner__isnull=False),
                name="motivation_advantage_of_a_winner",
            ),
            models.CheckConstraint(
                condition=Q(edited_at__isnull=True, edited_by__isnull=True)
                | Q(edited_at__isnull=False, edited_by__isnull=False),
                name="motivation_edited_complete",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entry}: {self.criterion.code}"
