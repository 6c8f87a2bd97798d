"""What a team is filling in: sealed to the key of its organisation, also while it is being written."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from achterhoek.documents.models import StoredFile
from procurement.models.round import Question, Requirement
from procurement.models.submission import Submission


class DraftAnswer(models.Model):
    """What stands in a draft for one question or one minimum requirement.

    `sealed` is the value (`procurement.domain.drafts`) encrypted to the organisation's key. `version` rises by one
    with every change, so that somebody who types over an answer that has changed meanwhile is noticed.
    """

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="draft_answers")
    question = models.ForeignKey(Question, on_delete=models.PROTECT, null=True, related_name="+")
    requirement = models.ForeignKey(Requirement, on_delete=models.PROTECT, null=True, related_name="+")
    sealed = models.BinaryField()
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    version = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField(db_default=Now())
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("answer in a draft")
        verbose_name_plural = _("answers in drafts")
        constraints = [
            models.UniqueConstraint(fields=["submission", "question"], name="draft_answer_once"),
            models.UniqueConstraint(fields=["submission", "requirement"], name="draft_confirmation_once"),
            models.CheckConstraint(
                condition=Q(question__isnull=False, requirement__isnull=True)
                | Q(question__isnull=True, requirement__isnull=False),
                name="draft_answers_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.submission_id}: {self.question_id or self.requirement_id}"


class DraftAlternative(models.Model):
    """The other version of an answer that two people changed at once: kept until the team chooses."""

    answer = models.ForeignKey(DraftAnswer, on_delete=models.CASCADE, related_name="alternatives")
    sealed = models.BinaryField()
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    changed_at = models.DateTimeField(db_default=Now())
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("other version of an answer")
        verbose_name_plural = _("other versions of answers")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.answer}: {self.changed_at}"


class Fingerprint(models.Model):
    """The safety net of Aw 2.109a: a digest that came before the deadline vouches for a package that comes after it.

    `received_at` and `file` are the package, at most one working day after the deadline.
    """

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="fingerprints")
    method = models.CharField(_("method"), max_length=20, default="SHA-256")
    digest = models.CharField(_("digest"), max_length=64)
    at = models.DateTimeField(_("registered"), db_default=Now(), editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    received_at = models.DateTimeField(_("package received"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("fingerprint")
        verbose_name_plural = _("fingerprints")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["submission", "digest"], name="fingerprint_once"),
            models.CheckConstraint(condition=Q(digest__regex=r"^[0-9a-f]{64}$"), name="fingerprint_is_sha256"),
        ]

    def __str__(self) -> str:
        return f"{self.submission_id}: {self.digest}"
