"""A round of submissions (selection or award), what it asks, and the rules of each segment in it."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from procurement.domain.states import ROUND, SEGMENT_ROUND
from procurement.enums import (
    CriterionKind,
    Formula,
    Method,
    OnExclusion,
    QuestionKind,
    RequirementKind,
    RoundStatus,
    ScoringOrder,
    SegmentRoundStatus,
    Stage,
)
from procurement.models.base import status_guard
from procurement.models.structure import Segment
from procurement.models.tender import Tender


class Round(models.Model):
    """One deadline, one vault. `deadline` is the only deadline; every document prints this one (Aw 2.108)."""

    tender = models.ForeignKey(Tender, on_delete=models.CASCADE, related_name="rounds")
    stage = models.CharField(_("stage"), max_length=20, choices=Stage.choices)
    status = models.CharField(
        _("state"), max_length=20, choices=RoundStatus.choices, default=RoundStatus.PLANNED, editable=False
    )
    opens_at = models.DateTimeField(_("opens"), null=True, blank=True)
    deadline = models.DateTimeField(_("deadline"), null=True, blank=True)
    opened_at = models.DateTimeField(_("vault opened"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("round")
        verbose_name_plural = _("rounds")
        ordering = ["tender", "id"]
        triggers = [status_guard(ROUND)]
        constraints = [
            models.UniqueConstraint(fields=["tender", "stage"], name="round_stage_once_a_tender"),
            models.CheckConstraint(
                condition=Q(status="planned") | Q(deadline__isnull=False), name="round_open_has_deadline"
            ),
            models.CheckConstraint(
                condition=Q(opens_at__isnull=True) | Q(deadline__isnull=True) | Q(deadline__gt=F("opens_at")),
                name="round_deadline_after_opening",
            ),
            # Aw 2.108: nobody may know the content before the deadline, also not by an error in code.
            models.CheckConstraint(
                condition=Q(opened_at__isnull=True, status__in=["planned", "open", "closed"])
                | Q(status="opened", opened_at__gte=F("deadline")),
                name="round_opened_after_deadline",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.tender}: {self.get_stage_display()}"


class SegmentRound(models.Model):
    """The rules and the evaluation of one segment in one round.

    `places` is fixed before publication (Aw 2.99); `tie_break` are criterion codes in their announced
    order. `minimum_total` is in points.
    """

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="segment_rounds")
    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="segment_rounds")
    status = models.CharField(
        _("state"),
        max_length=20,
        choices=SegmentRoundStatus.choices,
        default=SegmentRoundStatus.PENDING,
        editable=False,
    )
    places = models.PositiveSmallIntegerField(_("number of places"))
    method = models.CharField(_("method"), max_length=20, choices=Method.choices, default=Method.WEIGHTED_POINTS)
    minimum_total = models.DecimalField(_("minimum total"), max_digits=7, decimal_places=2, null=True, blank=True)
    tie_break = ArrayField(models.CharField(max_length=20), verbose_name=_("order in a tie"), default=list, blank=True)
    on_exclusion = models.CharField(
        _("when a bid falls out"),
        max_length=20,
        choices=OnExclusion.choices,
        default=OnExclusion.KEEP_RANKING,
    )
    draw_seed = models.CharField(_("seed of the draw"), max_length=100, blank=True)
    scoring_order = models.CharField(
        _("order of scoring"), max_length=20, choices=ScoringOrder.choices, default=ScoringOrder.FREE
    )
    reason_min_length = models.PositiveSmallIntegerField(_("characters a reason has at least"), default=1)
    evaluators_per_bid = models.PositiveSmallIntegerField(_("evaluators for each bid"), null=True, blank=True)
    reserves = models.PositiveSmallIntegerField(_("reserves that are told so"), default=0)
    assignment_seed = models.CharField(_("seed of the division"), max_length=100, blank=True, editable=False)

    class Meta:
        verbose_name = _("segment in a round")
        verbose_name_plural = _("segments in rounds")
        ordering = ["round", "segment__position"]
        triggers = [status_guard(SEGMENT_ROUND)]
        constraints = [
            models.UniqueConstraint(fields=["round", "segment"], name="segment_round_once"),
            models.CheckConstraint(condition=Q(places__gte=1), name="segment_round_places"),
        ]

    def __str__(self) -> str:
        return f"{self.segment} ({self.round.get_stage_display()})"


class Criterion(models.Model):
    """Selection or award criterion. `graded` ones are scored by people; a `price` one is computed."""

    segment_round = models.ForeignKey(SegmentRound, on_delete=models.CASCADE, related_name="criteria")
    code = models.CharField(_("code"), max_length=20)
    title = models.CharField(_("title"), max_length=200)
    description = models.TextField(_("description"), blank=True)
    rubric = models.JSONField(_("meaning of the scores"), default=list, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    kind = models.CharField(max_length=10, choices=CriterionKind.choices, default=CriterionKind.GRADED)
    weight = models.DecimalField(_("weight"), max_digits=7, decimal_places=2, null=True, blank=True)
    max_value = models.DecimalField(_("highest value in euro"), max_digits=14, decimal_places=2, null=True, blank=True)
    minimum = models.DecimalField(_("minimum score"), max_digits=5, decimal_places=2, null=True, blank=True)
    formula = models.CharField(_("formula"), max_length=20, choices=Formula.choices, blank=True)
    low = models.DecimalField(_("lower bound"), max_digits=14, decimal_places=2, null=True, blank=True)
    high = models.DecimalField(_("upper bound"), max_digits=14, decimal_places=2, null=True, blank=True)

    class Meta:
        verbose_name = _("criterion")
        verbose_name_plural = _("criteria")
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["segment_round", "code"], name="criterion_code_once"),
            models.CheckConstraint(
                condition=Q(weight__gt=0, max_value__isnull=True) | Q(weight__isnull=True, max_value__gt=0),
                name="criterion_weight_or_value",
            ),
            models.CheckConstraint(
                condition=Q(kind="graded", formula="") | (Q(kind="price") & ~Q(formula="")),
                name="criterion_price_has_formula",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class Requirement(models.Model):
    """A knock-out: ground for exclusion, suitability or minimum requirement; general (no segment) or of one segment."""

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="requirements")
    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    code = models.CharField(_("code"), max_length=20)
    title = models.CharField(_("title"), max_length=200)
    text = models.TextField(_("text"))
    kind = models.CharField(_("kind"), max_length=12, choices=RequirementKind.choices, default=RequirementKind.MINIMUM)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("minimum requirement")
        verbose_name_plural = _("minimum requirements")
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["round", "segment", "code"], nulls_distinct=False, name="requirement_code_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class Question(models.Model):
    """What a submission must answer: once (no segment), or once for a segment it bids for.

    `max_chars` limits text, `max_pages` a PDF. `criterion_code` names the criterion it serves.
    """

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="questions")
    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    code = models.CharField(_("code"), max_length=20)
    title = models.CharField(_("title"), max_length=300)
    help = models.TextField(_("explanation"), blank=True)
    kind = models.CharField(_("kind"), max_length=10, choices=QuestionKind.choices)
    required = models.BooleanField(_("required"), default=True)
    max_chars = models.PositiveIntegerField(_("characters at most"), null=True, blank=True)
    max_pages = models.PositiveIntegerField(_("pages at most"), null=True, blank=True)
    criterion_code = models.CharField(_("serves criterion"), max_length=20, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["round", "segment", "code"], nulls_distinct=False, name="question_code_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"
