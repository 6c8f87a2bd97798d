"""Whether what came in is complete, and the questions that may be asked about it (Aw 2.55)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from achterhoek.documents.models import StoredFile
from procurement.enums import Completeness
from procurement.models.round import Round
from procurement.models.submission import Submission


class CompletenessCheck(models.Model):
    """The judgment of one submission: complete, to clarify, or excluded with the reason."""

    submission = models.OneToOneField(Submission, on_delete=models.PROTECT, related_name="completeness")
    outcome = models.CharField(_("outcome"), max_length=10, choices=Completeness.choices)
    reason = models.TextField(_("reason"), blank=True)
    checked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    checked_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("completeness check")
        verbose_name_plural = _("completeness checks")
        constraints = [
            models.CheckConstraint(condition=Q(outcome="complete") | ~Q(reason=""), name="completeness_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.submission}: {self.get_outcome_display()}"


class ClarificationRequest(models.Model):
    """One question to everybody in the same position, with one term for all (Aw 2.55; equal treatment, Aw 1.8)."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="clarification_requests")
    subject = models.CharField(_("subject"), max_length=200)
    text = models.TextField(_("question"))
    due_at = models.DateTimeField(_("answer before"))
    sent_at = models.DateTimeField(db_default=Now(), editable=False)
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("clarification request")
        verbose_name_plural = _("clarification requests")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(due_at__gt=F("sent_at")), name="clarification_due_after_sending"),
        ]

    def __str__(self) -> str:
        return self.subject


class Clarification(models.Model):
    """One bidder's place in a clarification request, and its answer. It stands beside the bid and never changes it."""

    request = models.ForeignKey(ClarificationRequest, on_delete=models.PROTECT, related_name="clarifications")
    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="clarifications")
    answer = models.TextField(_("answer"), blank=True)
    file = models.OneToOneField(StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True, editable=False)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("clarification")
        verbose_name_plural = _("clarifications")
        constraints = [
            models.UniqueConstraint(fields=["request", "submission"], name="clarification_once"),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, answered_by__isnull=True)
                | (Q(answered_at__isnull=False, answered_by__isnull=False) & ~Q(answer="")),
                name="clarification_answered_complete",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.request}: {self.submission}"
