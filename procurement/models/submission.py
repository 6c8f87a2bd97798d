"""Submissions: the envelope, its stake in each segment, and its answers once the vault is open."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from achterhoek.documents.models import StoredFile
from procurement.domain.states import ENTRY, SUBMISSION
from procurement.enums import EntryStatus, Stage, SubmissionStatus
from procurement.models.base import status_guard
from procurement.models.round import Question, Requirement, Round
from procurement.models.structure import Segment
from providers.models import Organisation


class SubmissionQuerySet(models.QuerySet["Submission"]):
    def visible_to(self, user: Any) -> SubmissionQuerySet:
        """Members of the organisation see its submissions. Officials read through
        `procurement.selectors.gate`, which asks whether the vault is open."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(organisation__memberships__user=user)


class Submission(models.Model):
    """The envelope of one organisation in one round: a request to participate or a bid.

    `entries` are the segments it is for. Before the vault is opened only its own team reads it
    (Aw 2.108).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="submissions")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="submissions")
    status = models.CharField(
        _("state"),
        max_length=20,
        choices=SubmissionStatus.choices,
        default=SubmissionStatus.DRAFT,
        editable=False,
    )
    number = models.CharField(_("submission number"), max_length=20, blank=True, editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    submitted_at = models.DateTimeField(_("submitted"), null=True, blank=True, editable=False)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        editable=False,
    )

    # While it is being replaced there is a draft beside what was submitted, which counts until then.
    replacing_since = models.DateTimeField(_("being replaced since"), null=True, blank=True, editable=False)

    objects = SubmissionQuerySet.as_manager()

    class Meta:
        verbose_name = _("submission")
        verbose_name_plural = _("submissions")
        triggers = [status_guard(SUBMISSION)]
        constraints = [
            models.UniqueConstraint(fields=["round", "organisation"], name="submission_once_a_round"),
            models.UniqueConstraint(fields=["number"], condition=~Q(number=""), name="submission_number_once"),
            models.CheckConstraint(
                condition=~Q(status="submitted")
                | (Q(submitted_at__isnull=False, submitted_by__isnull=False) & ~Q(number="")),
                name="submission_submitted_complete",
            ),
            models.CheckConstraint(
                condition=Q(replacing_since__isnull=True) | Q(status="submitted"), name="submission_replacing_submitted"
            ),
        ]

    def __str__(self) -> str:
        return self.number or str(self.id)


class ParticipationRequestManager(models.Manager["ParticipationRequest"]):
    def get_queryset(self) -> models.QuerySet[ParticipationRequest]:
        return super().get_queryset().filter(round__stage=Stage.SELECTION)


class ParticipationRequest(Submission):
    """Verzoek tot deelneming: a submission in the selection stage, by a candidate (gegadigde)."""

    objects = ParticipationRequestManager()  # type: ignore[assignment, misc]

    class Meta:
        proxy = True
        verbose_name = _("request to participate")
        verbose_name_plural = _("requests to participate")


class BidManager(models.Manager["Bid"]):
    def get_queryset(self) -> models.QuerySet[Bid]:
        return super().get_queryset().filter(round__stage=Stage.AWARD)


class Bid(Submission):
    """Inschrijving: a submission in the award stage, by a tenderer (inschrijver)."""

    objects = BidManager()  # type: ignore[assignment, misc]

    class Meta:
        proxy = True
        verbose_name = _("bid")
        verbose_name_plural = _("bids")


class Entry(models.Model):
    """The stake of a submission in one segment: what is scored, ranked, and told its outcome."""

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="entries")
    segment = models.ForeignKey(Segment, on_delete=models.PROTECT, related_name="entries")
    status = models.CharField(
        _("state"), max_length=20, choices=EntryStatus.choices, default=EntryStatus.ADMITTED, editable=False
    )
    status_reason = models.TextField(_("reason"), blank=True, editable=False)

    class Meta:
        verbose_name = _("entry for a segment")
        verbose_name_plural = _("entries for segments")
        ordering = ["id"]
        triggers = [status_guard(ENTRY)]
        constraints = [
            models.UniqueConstraint(fields=["submission", "segment"], name="entry_once_a_segment"),
            models.CheckConstraint(condition=Q(status="admitted") | ~Q(status_reason=""), name="entry_out_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.submission}: {self.segment}"


class Answer(models.Model):
    """The answer to one question, as it came out of the vault. One value, by the question's kind.

    Rows appear when the vault is opened, those of prices when the scores of their segment are fixed. What is
    being filled in is a `DraftAnswer`, what was handed in a `SealedPackage`.
    """

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="answers")
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="answers")
    text = models.TextField(blank=True)
    number = models.DecimalField(max_digits=16, decimal_places=4, null=True, blank=True)
    boolean = models.BooleanField(null=True, blank=True)
    file = models.OneToOneField(StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="answer")
    changed_at = models.DateTimeField(auto_now=True)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        constraints = [models.UniqueConstraint(fields=["submission", "question"], name="answer_once")]

    def __str__(self) -> str:
        return f"{self.submission}: {self.question.code}"


class RequirementConfirmation(models.Model):
    """The submitter's own statement that it meets a minimum requirement, or does not, and why."""

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="confirmations")
    requirement = models.ForeignKey(Requirement, on_delete=models.PROTECT, related_name="+")
    meets = models.BooleanField(_("meets it"))
    explanation = models.TextField(_("explanation"), blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["submission", "requirement"], name="confirmation_once"),
        ]

    def __str__(self) -> str:
        return f"{self.submission}: {self.requirement.code}"
