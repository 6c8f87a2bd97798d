"""The interim evaluation of a contract (2024 in 001_422a0b480e5412d9.txt): what was asked, found, and agreed."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from achterhoek.region.models import Region
from contracts.domain.states import INTERIM_EVALUATION
from contracts.enums import EvaluationSide, EvaluationStatus
from contracts.models.contract import Contract
from contracts.models.results import followed_by
from procurement.models.base import status_guard


class EvaluationQuestion(models.Model):
    """A question of the questionnaire of one year, answered by the contractor and by Team CLM: 1 (poor) to 5 (good)."""

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="evaluation_questions")
    year = models.PositiveSmallIntegerField(_("year"))
    position = models.PositiveSmallIntegerField(_("place"))
    text = models.CharField(_("question"), max_length=300)

    class Meta:
        verbose_name = _("question of the interim evaluation")
        verbose_name_plural = _("questions of the interim evaluation")
        ordering = ["region", "year", "position"]
        constraints = [models.UniqueConstraint(fields=["region", "year", "position"], name="evaluation_question_place")]

    def __str__(self) -> str:
        return self.text


class InterimEvaluationQuerySet(models.QuerySet["InterimEvaluation"]):
    def visible_to(self, user: Any) -> InterimEvaluationQuerySet:
        """The contractor's members see their own; officials their regions'; a college what runs in its municipality."""
        return self.filter(contract__in=followed_by(user))


class InterimEvaluation(models.Model):
    """The evaluation of one contract: both sides answer, meet, and agree on what is to be adjusted."""

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="evaluations")
    year = models.PositiveSmallIntegerField(_("year"))
    status = models.CharField(
        _("state"), max_length=10, choices=EvaluationStatus.choices, default=EvaluationStatus.OPEN, editable=False
    )
    due_on = models.DateField(_("to be filled in by"))
    contractor_done_at = models.DateTimeField(_("answered by the contractor"), null=True, blank=True, editable=False)
    contractor_done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    clm_done_at = models.DateTimeField(_("answered by Team CLM"), null=True, blank=True, editable=False)
    clm_done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    conclusion = models.TextField(_("conclusion"), blank=True)
    advice = models.TextField(_("advice on the extension"), blank=True)
    met_on = models.DateField(_("discussed on"), null=True, blank=True)
    concluded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    concluded_at = models.DateTimeField(_("concluded"), null=True, blank=True, editable=False)

    objects = InterimEvaluationQuerySet.as_manager()

    class Meta:
        verbose_name = _("interim evaluation")
        verbose_name_plural = _("interim evaluations")
        ordering = ["contract", "-year"]
        triggers = [status_guard(INTERIM_EVALUATION)]
        constraints = [
            models.UniqueConstraint(fields=["contract", "year"], name="evaluated_once_a_year"),
            models.CheckConstraint(
                condition=~Q(status="concluded")
                | (Q(concluded_at__isnull=False, concluded_by__isnull=False) & ~Q(conclusion="")),
                name="evaluation_concluded_complete",
            ),
            models.CheckConstraint(
                condition=Q(contractor_done_at__isnull=True, contractor_done_by__isnull=True)
                | Q(contractor_done_at__isnull=False, contractor_done_by__isnull=False),
                name="evaluation_answered_by_contractor",
            ),
            models.CheckConstraint(
                condition=Q(clm_done_at__isnull=True, clm_done_by__isnull=True)
                | Q(clm_done_at__isnull=False, clm_done_by__isnull=False),
                name="evaluation_answered_by_clm",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contract.number} {self.year}"


class EvaluationAnswer(models.Model):
    """What one side answers to one question: a mark of 1 to 5, with words."""

    evaluation = models.ForeignKey(InterimEvaluation, on_delete=models.CASCADE, related_name="answers")
    question = models.ForeignKey(EvaluationQuestion, on_delete=models.PROTECT, related_name="+")
    side = models.CharField(_("of"), max_length=12, choices=EvaluationSide.choices)
    mark = models.PositiveSmallIntegerField(_("mark"), null=True, blank=True)
    text = models.TextField(_("explanation"), blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(_("answered"), auto_now=True)

    class Meta:
        verbose_name = _("answer in an interim evaluation")
        verbose_name_plural = _("answers in interim evaluations")
        ordering = ["evaluation", "question__position", "side"]
        constraints = [
            models.UniqueConstraint(fields=["evaluation", "question", "side"], name="evaluation_answer_once"),
            models.CheckConstraint(
                condition=Q(mark__isnull=True) | Q(mark__gte=1, mark__lte=5), name="evaluation_mark_of_five"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.evaluation} {self.question_id} {self.side}"


class Agreement(models.Model):
    """An adjustment that was agreed in an evaluation: what, by when, and whether it was done."""

    evaluation = models.ForeignKey(InterimEvaluation, on_delete=models.CASCADE, related_name="agreements")
    sequence = models.PositiveSmallIntegerField(_("number"))
    text = models.TextField(_("what is agreed"))
    due_on = models.DateField(_("to be done by"))
    done_on = models.DateField(_("done on"), null=True, blank=True)
    remark = models.TextField(_("remark"), blank=True)

    class Meta:
        verbose_name = _("agreed adjustment")
        verbose_name_plural = _("agreed adjustments")
        ordering = ["evaluation", "sequence"]
        constraints = [models.UniqueConstraint(fields=["evaluation", "sequence"], name="agreement_number_once")]

    def __str__(self) -> str:
        return f"{self.evaluation} #{self.sequence}"
