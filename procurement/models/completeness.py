"""Whether what came in is complete, and the questions that may be asked about it (Aw 2.55)."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from achterhoek.documents.models import StoredFile
from procurement.enums import Completeness
from procurement.models.round import Round
from procurement.models.submission import Submission
from procurement.models.vault import stays


class CompletenessCheck(models.Model):
    """The judgment of one submission: complete, to clarify, or excluded with the reason.

    `point` is what has to be clarified, in the same words for all in the same position: they get the same
    chance (Aw 1.8). An exclusion stays; the database refuses to change it.
    """

    submission = models.OneToOneField(Submission, on_delete=models.PROTECT, related_name="completeness")
    outcome = models.CharField(_("outcome"), max_length=10, choices=Completeness.choices)
    point = models.CharField(_("point to clarify"), max_length=200, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    checked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    checked_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("completeness check")
        verbose_name_plural = _("completeness checks")
        constraints = [
            models.CheckConstraint(condition=Q(outcome="complete") | ~Q(reason=""), name="completeness_has_reason"),
            models.CheckConstraint(
                condition=Q(outcome="clarify") & ~Q(point="") | ~Q(outcome="clarify") & Q(point=""),
                name="completeness_point_to_clarify",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="exclusion_stays",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__outcome="excluded"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.submission}: {self.get_outcome_display()}"


class ClarificationRequest(models.Model):
    """One question to everybody in the same position, with one term for all (Aw 2.55; equal treatment, Aw 1.8).

    Never changed once it is sent: nobody's term moves. `difference` is why somebody with the same point is not asked.
    """

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="clarification_requests")
    point = models.CharField(_("point to clarify"), max_length=200)
    difference = models.TextField(_("why not everybody is asked"), blank=True)
    subject = models.CharField(_("subject"), max_length=200)
    text = models.TextField(_("question"))
    due_at = models.DateTimeField(_("answer before"))
    sent_at = models.DateTimeField(db_default=Now(), editable=False)
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("clarification request")
        verbose_name_plural = _("clarification requests")
        ordering = ["id"]
        triggers = [stays("clarification_request_stays")]
        constraints = [
            models.CheckConstraint(condition=~Q(point=""), name="clarification_has_point"),
            models.CheckConstraint(condition=Q(due_at__gt=F("sent_at")), name="clarification_due_after_sending"),
        ]

    def __str__(self) -> str:
        return self.subject


class ClarificationManager(models.Manager["Clarification"]):
    """An answer is never looked at without its question."""

    def get_queryset(self) -> models.QuerySet[Clarification]:
        return super().get_queryset().select_related("request")


class Clarification(models.Model):
    """One bidder's place in a clarification request, the letter that asked it, and its answer.

    It stands beside the bid and never changes it.
    """

    request = models.ForeignKey(ClarificationRequest, on_delete=models.PROTECT, related_name="clarifications")
    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="clarifications")
    answer = models.TextField(_("answer"), blank=True)
    file = models.OneToOneField(StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    letter = models.OneToOneField(
        StoredFile, on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )
    answered_at = models.DateTimeField(null=True, blank=True, editable=False)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    objects = ClarificationManager()

    class Meta:
        verbose_name = _("clarification")
        verbose_name_plural = _("clarifications")
        triggers = [pgtrigger.Protect(name="clarification_stays", operation=pgtrigger.Delete)]
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
