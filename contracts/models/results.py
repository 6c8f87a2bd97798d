"""Results: what a contractor reports each quarter, as figures. No figure is about one client."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from achterhoek.accounts.roles import has_role, in_regions_of, municipality_ids_of
from achterhoek.region.models import Municipality, Region
from contracts.domain.states import RESULT_REPORT
from contracts.enums import Direction, ReportStatus
from contracts.models.contract import OFFICIALS, Contract
from contracts.models.party import ContractMunicipality
from procurement.models import Segment
from procurement.models.base import status_guard
from providers.models import Organisation


class Indicator(models.Model):
    """What is measured (doorlooptijd, afschaling, tevredenheid, ...), in what unit, and which way is better."""

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="indicators")
    code = models.SlugField(_("code"), max_length=40)
    name = models.CharField(_("name"), max_length=120)
    explanation = models.TextField(_("what is counted, and how"))
    unit = models.CharField(_("unit"), max_length=20)
    direction = models.CharField(_("which way is better"), max_length=8, choices=Direction.choices)
    lowest = models.DecimalField(_("lowest that can be"), max_digits=12, decimal_places=2, default=0)
    highest = models.DecimalField(_("highest that can be"), max_digits=12, decimal_places=2, null=True, blank=True)
    decimals = models.PositiveSmallIntegerField(_("decimals"), default=0)
    position = models.PositiveSmallIntegerField(_("place"), default=0)

    class Meta:
        verbose_name = _("indicator")
        verbose_name_plural = _("indicators")
        ordering = ["region", "position", "code"]
        constraints = [
            models.UniqueConstraint(fields=["region", "code"], name="indicator_code_once"),
            models.CheckConstraint(
                condition=Q(highest__isnull=True) | Q(highest__gt=F("lowest")), name="indicator_range_in_order"
            ),
            models.CheckConstraint(condition=Q(decimals__lte=2), name="indicator_two_decimals_at_most"),
        ]

    def __str__(self) -> str:
        return self.name


class SegmentIndicator(models.Model):
    """That an indicator is asked of the contracts of a segment, with the norm for all of them (none: only followed)."""

    segment = models.ForeignKey(Segment, on_delete=models.PROTECT, related_name="asked_indicators")
    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="asked_of")
    norm = models.DecimalField(_("norm"), max_digits=12, decimal_places=2, null=True, blank=True)

    class Meta:
        verbose_name = _("indicator of a segment")
        verbose_name_plural = _("indicators of segments")
        ordering = ["segment", "indicator__position"]
        constraints = [models.UniqueConstraint(fields=["segment", "indicator"], name="segment_indicator_once")]

    def __str__(self) -> str:
        return f"{self.indicator} ({self.segment})"


def followed_by(user: Any) -> models.QuerySet[Contract]:
    """The contracts whose results this user follows.

    Officials follow those of their regions, the secretary of a college those that run in its municipality (now or
    before), the contractor's members their own.
    """
    if not user.is_authenticated:
        return Contract.objects.none()
    seen = Q(contractor__in=Organisation.objects.filter(memberships__user=user))
    if has_role(user, *OFFICIALS):
        seen |= in_regions_of(user, *OFFICIALS, field="segment__tender__region")
    places = municipality_ids_of(user)
    if places:
        runs = ContractMunicipality.objects.filter(municipality__in=places)
        seen |= Q(pk__in=runs.values("contract"))
    return Contract.objects.filter(seen)


class ResultReportQuerySet(models.QuerySet["ResultReport"]):
    def visible_to(self, user: Any) -> ResultReportQuerySet:
        """The contractor's members see their own; officials their regions'; a college what runs in its municipality."""
        return self.filter(contract__in=followed_by(user))


class ResultReport(models.Model):
    """The report of one quarter of one contract. One that is missing is missing: never a zero."""

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="reports")
    year = models.PositiveSmallIntegerField(_("year"))
    quarter = models.PositiveSmallIntegerField(_("quarter"))
    due_on = models.DateField(_("to be handed in by"))
    status = models.CharField(
        _("state"), max_length=12, choices=ReportStatus.choices, default=ReportStatus.ASKED, editable=False
    )
    explanation = models.TextField(_("explanation of the contractor"), blank=True)
    # What is typed and not handed in, word for word, by the name of its field: also what cannot be a figure yet.
    draft = models.JSONField(_("draft"), default=dict, blank=True, editable=False)
    submitted_at = models.DateTimeField(_("handed in"), null=True, blank=True, editable=False)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    judged_at = models.DateTimeField(_("judged"), null=True, blank=True, editable=False)
    judged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    judgement = models.TextField(_("remark of Team CLM"), blank=True, editable=False)
    reminded_on = models.DateField(_("reminded"), null=True, blank=True, editable=False)

    objects = ResultReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("quarterly report")
        verbose_name_plural = _("quarterly reports")
        ordering = ["contract", "year", "quarter"]
        triggers = [status_guard(RESULT_REPORT)]
        constraints = [
            models.UniqueConstraint(fields=["contract", "year", "quarter"], name="report_once_a_quarter"),
            models.CheckConstraint(condition=Q(quarter__gte=1, quarter__lte=4), name="report_of_a_quarter"),
            models.CheckConstraint(
                condition=Q(status="asked")
                | Q(status="returned", judged_at__isnull=False)
                | Q(submitted_at__isnull=False, submitted_by__isnull=False),
                name="report_handed_in_by_somebody",
            ),
            models.CheckConstraint(condition=~Q(status="returned") | ~Q(judgement=""), name="report_returned_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.contract.number} {self.year}-{self.quarter}"


class ResultFigure(models.Model):
    """One figure of a report, of the whole contract or of one municipality. Without a value: not known, and why."""

    report = models.ForeignKey(ResultReport, on_delete=models.CASCADE, related_name="figures")
    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="+")
    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    value = models.DecimalField(_("figure"), max_digits=12, decimal_places=2, null=True, blank=True)
    remark = models.CharField(_("remark"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("figure")
        verbose_name_plural = _("figures")
        ordering = ["report", "indicator__position"]
        constraints = [
            models.UniqueConstraint(
                fields=["report", "indicator", "municipality"], nulls_distinct=False, name="figure_once_a_report"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report} {self.indicator}"
