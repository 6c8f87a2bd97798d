"""Evaluation: the scores that each gives alone, the meeting and its consensus, and the minimum requirements.

Scores are never overwritten: every version stays in the history that the database itself keeps (pghistory).
"""

from __future__ import annotations

from typing import Any

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from achterhoek.documents.models import StoredFile
from procurement.models.committee import CommitteeMember
from procurement.models.round import Criterion, Requirement, SegmentRound
from procurement.models.submission import Entry


def _kept() -> Any:
    """Each version of a row stays, in a table that is only added to, written by the database itself."""
    trackers = (pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
    return pghistory.track(*trackers, context_field=None)  # type: ignore[arg-type]


@_kept()
class Score(models.Model):
    """The score of one evaluator for one entry on one criterion, given alone, with its reason. Always complete."""

    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="scores")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="scores")
    evaluator = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="scores")
    value = models.DecimalField(_("score"), max_digits=5, decimal_places=2)
    reason = models.TextField(_("reason"))
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("individual score")
        verbose_name_plural = _("individual scores")
        constraints = [
            models.UniqueConstraint(fields=["entry", "criterion", "evaluator"], name="score_once"),
            models.CheckConstraint(condition=Q(value__gte=0), name="score_not_negative"),
            models.CheckConstraint(condition=~Q(reason=""), name="score_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.entry}: {self.criterion.code}"


class ScoreDraft(models.Model):
    """What an evaluator is typing: saved as it is, and no score until it is complete. Read by its author alone."""

    seat = models.ForeignKey(CommitteeMember, on_delete=models.CASCADE, related_name="drafts")
    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="+")
    criterion = models.ForeignKey(Criterion, on_delete=models.CASCADE, related_name="+")
    value = models.DecimalField(_("score"), max_digits=5, decimal_places=2, null=True, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("score being typed")
        verbose_name_plural = _("scores being typed")
        constraints = [
            models.UniqueConstraint(fields=["seat", "entry", "criterion"], name="score_draft_once"),
            models.CheckConstraint(condition=Q(value__isnull=True) | Q(value__gte=0), name="score_draft_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.entry}: {self.criterion.code}"


class ScoringNote(models.Model):
    """An evaluator's own note and flag with an entry. Nobody else reads it, ever; it is in no export."""

    seat = models.ForeignKey(CommitteeMember, on_delete=models.CASCADE, related_name="notes")
    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="+")
    text = models.TextField(_("private note"), blank=True)
    flagged = models.BooleanField(_("flagged"), default=False)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("private note")
        verbose_name_plural = _("private notes")
        constraints = [models.UniqueConstraint(fields=["seat", "entry"], name="scoring_note_once")]

    def __str__(self) -> str:
        return str(self.pk)


class ReasonPhrase(models.Model):
    """A phrase that evaluators may begin the reason of a score with, set by the lead."""

    segment_round = models.ForeignKey(SegmentRound, on_delete=models.CASCADE, related_name="phrases")
    text = models.CharField(_("phrase"), max_length=300)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("template phrase")
        verbose_name_plural = _("template phrases")
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.text


@_kept()
class ConsensusScore(models.Model):
    """The score that decides, set by the committee together, with the motivation the bidder will read.

    `basis` is the digest of the individual scores on the table when it was set: where those have changed since (a
    member was replaced), it has to be set again. `outside_reason` explains a score that lies outside them.
    """

    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="consensus_scores")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="consensus_scores")
    value = models.DecimalField(_("consensus score"), max_digits=5, decimal_places=2)
    reason = models.TextField(_("motivation"))
    outside_reason = models.TextField(_("why outside the individual scores"), blank=True)
    basis = models.CharField(max_length=71, blank=True, editable=False)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("consensus score")
        verbose_name_plural = _("consensus scores")
        constraints = [
            models.UniqueConstraint(fields=["entry", "criterion"], name="consensus_once"),
            models.CheckConstraint(condition=Q(value__gte=0), name="consensus_not_negative"),
            models.CheckConstraint(condition=~Q(reason=""), name="consensus_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.entry}: {self.criterion.code}"


class ConsensusMeeting(models.Model):
    """The minutes of a plenary meeting of the committee: when, who was there, and what was said. Never changed."""

    segment_round = models.ForeignKey(SegmentRound, on_delete=models.PROTECT, related_name="meetings")
    held_on = models.DateField(_("held on"))
    present = models.ManyToManyField(CommitteeMember, related_name="+", verbose_name=_("present"))
    minutes = models.TextField(_("minutes"))
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("recorded"), db_default=Now(), editable=False)
    record = models.OneToOneField(StoredFile, on_delete=models.PROTECT, null=True, editable=False, related_name="+")

    class Meta:
        verbose_name = _("consensus meeting")
        verbose_name_plural = _("consensus meetings")
        ordering = ["held_on", "id"]
        constraints = [models.CheckConstraint(condition=~Q(minutes=""), name="meeting_has_minutes")]
        triggers = [
            pgtrigger.Protect(name="meeting_stays", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(name="meeting_unchanged"),
        ]

    def __str__(self) -> str:
        return f"{self.segment_round}: {self.held_on}"


@_kept()
class RequirementCheck(models.Model):
    """The lead's judgment whether an entry meets a requirement. Not met is a knock-out, with reason."""

    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="requirement_checks")
    requirement = models.ForeignKey(Requirement, on_delete=models.PROTECT, related_name="checks")
    met = models.BooleanField(_("met"))
    reason = models.TextField(_("reason"), blank=True)
    checked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    checked_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("check of a minimum requirement")
        verbose_name_plural = _("checks of minimum requirements")
        constraints = [
            models.UniqueConstraint(fields=["entry", "requirement"], name="requirement_check_once"),
            models.CheckConstraint(condition=Q(met=True) | ~Q(reason=""), name="requirement_not_met_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.entry}: {self.requirement.code}"
