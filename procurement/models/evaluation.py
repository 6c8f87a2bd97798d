"""Evaluation: who scores, each alone; the consensus; the ranking and the dossier it came from."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from procurement.enums import Outcome
from procurement.models.round import Criterion, Requirement, SegmentRound
from procurement.models.submission import Entry


class CommitteeMember(models.Model):
    """A member of the evaluation committee of one segment in one round. `handed_in_at` ends scoring alone."""

    segment_round = models.ForeignKey(SegmentRound, on_delete=models.CASCADE, related_name="committee")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="committee_seats")
    handed_in_at = models.DateTimeField(_("handed in"), null=True, blank=True)

    class Meta:
        verbose_name = _("member of the evaluation committee")
        verbose_name_plural = _("members of the evaluation committee")
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["segment_round", "user"], name="committee_member_once")]

    def __str__(self) -> str:
        return f"{self.user}: {self.segment_round}"


class Score(models.Model):
    """The score of one evaluator for one entry on one criterion, given alone, with its reason."""

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
        ]

    def __str__(self) -> str:
        return f"{self.entry}: {self.criterion.code}"


class ConsensusScore(models.Model):
    """The score that decides, set by the committee together, with the motivation the bidder will read."""

    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="consensus_scores")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="consensus_scores")
    value = models.DecimalField(_("consensus score"), max_digits=5, decimal_places=2)
    reason = models.TextField(_("motivation"))
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


class RequirementCheck(models.Model):
    """The lead's judgment whether an entry meets a minimum requirement. Not met is a knock-out, with reason."""

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


class Ranking(models.Model):
    """A ranking with the dossier it is a pure function of. Never changed; a new one takes the next number.

    `dossier` is the canonical text, `digest` its sha256 (scoring-dossier/1), `result` the exact bytes
    that `rank` prints.
    """

    segment_round = models.ForeignKey(SegmentRound, on_delete=models.PROTECT, related_name="rankings")
    sequence = models.PositiveIntegerField(_("number"))
    dossier = models.TextField()
    digest = models.CharField(_("digest"), max_length=71)
    result = models.TextField()
    code_version = models.CharField(_("version of the code"), max_length=40)
    computed_at = models.DateTimeField(_("computed"), db_default=Now(), editable=False)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("ranking")
        verbose_name_plural = _("rankings")
        ordering = ["segment_round", "-sequence"]
        constraints = [models.UniqueConstraint(fields=["segment_round", "sequence"], name="ranking_number_once")]
        triggers = [pgtrigger.Protect(name="ranking_stays", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.segment_round} #{self.sequence}"


class RankingRow(models.Model):
    """One line of a ranking, for lists; `Ranking.result` is what counts. Points are display strings."""

    ranking = models.ForeignKey(Ranking, on_delete=models.PROTECT, related_name="rows")
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="ranking_rows")
    position = models.PositiveIntegerField()
    rank = models.PositiveIntegerField(_("rank"), null=True)
    outcome = models.CharField(_("outcome"), max_length=20, choices=Outcome.choices)
    total = models.CharField(_("total"), max_length=40, blank=True)
    points = models.JSONField(_("points"), default=dict)

    class Meta:
        verbose_name = _("line of a ranking")
        verbose_name_plural = _("lines of rankings")
        ordering = ["ranking", "position"]
        constraints = [models.UniqueConstraint(fields=["ranking", "entry"], name="ranking_entry_once")]

    def __str__(self) -> str:
        return f"{self.ranking}: {self.entry}"
