"""Subcontractors of a contract, and the changes that Team CLM decides on."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from achterhoek.accounts.roles import has_role, in_regions_of
from achterhoek.clock import database_today
from contracts.domain.change_terms import decide_by
from contracts.domain.states import SUBCONTRACTOR_CHANGE
from contracts.enums import ChangeKind, ChangeStatus
from contracts.models.contract import OFFICIALS, Contract, DateRange
from procurement.models import SubSegment
from procurement.models.base import status_guard
from providers.models import Organisation


def decide_by_default() -> date:
    """Four weeks from today."""
    return decide_by(database_today())


class Subcontractor(models.Model):
    """Onderaannemer in a contract, from and until (both days included); the same one never twice at once."""

    contract = models.ForeignKey(Contract, on_delete=models.CASCADE, related_name="subcontractors")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="subcontracts")
    part_of_work = models.CharField(_("part of the work"), max_length=300)
    subsegments = models.ManyToManyField(SubSegment, blank=True, related_name="+")
    start = models.DateField(_("from"))
    end = models.DateField(_("until and including"), null=True, blank=True)

    class Meta:
        verbose_name = _("subcontractor")
        verbose_name_plural = _("subcontractors")
        ordering = ["organisation__name", "start"]
        constraints = [
            models.CheckConstraint(
                condition=Q(end__isnull=True) | Q(end__gte=F("start")), name="subcontractor_ends_after_start"
            ),
            ExclusionConstraint(
                name="subcontractor_once_at_a_time",
                expressions=[
                    ("contract", RangeOperators.EQUAL),
                    ("organisation", RangeOperators.EQUAL),
                    (
                        DateRange("start", "end", RangeBoundary(inclusive_lower=True, inclusive_upper=True)),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} ({self.contract.number})"


class SubcontractorChangeQuerySet(models.QuerySet["SubcontractorChange"]):
    def visible_to(self, user: Any) -> SubcontractorChangeQuerySet:
        """The contractor's members see their own; officials see their regions'."""
        if has_role(user, *OFFICIALS):
            return self.filter(in_regions_of(user, *OFFICIALS, field="contract__segment__tender__region"))
        if not user.is_authenticated:
            return self.none()
        return self.filter(contract__contractor__memberships__user=user)


class SubcontractorChange(models.Model):
    """A contractor's request to add, stop or change a subcontractor. `decide_by` moves on while a question is open.

    The rule is that no new ones are admitted unless there is a well-founded reason; Team CLM decides
    (001_422a0b480e5412d9.txt).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="subcontractor_changes")
    kind = models.CharField(_("kind"), max_length=10, choices=ChangeKind.choices)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="+", verbose_name=_("subcontractor")
    )
    part_of_work = models.CharField(_("part of the work"), max_length=300, blank=True)
    subsegments = models.ManyToManyField(SubSegment, blank=True, related_name="+")
    effective_on = models.DateField(_("from"))
    reason = models.TextField(_("reason"))
    continuity = models.TextField(_("care for current clients"), blank=True)
    clients = models.PositiveIntegerField(_("current clients"), null=True, blank=True)
    status = models.CharField(
        _("state"),
        max_length=20,
        choices=ChangeStatus.choices,
        default=ChangeStatus.REQUESTED,
        editable=False,
    )
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField(_("asked"), db_default=Now(), editable=False)
    decide_by = models.DateField(_("to be decided by"), default=decide_by_default, editable=False)
    takes_effect_on = models.DateField(_("decided from"), null=True, blank=True, editable=False)
    decision_reason = models.TextField(_("reason of the decision"), blank=True, editable=False)
    conditions = models.TextField(_("conditions"), blank=True, editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        editable=False,
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True, editable=False)

    objects = SubcontractorChangeQuerySet.as_manager()

    class Meta:
        verbose_name = _("change of subcontractor")
        verbose_name_plural = _("changes of subcontractors")
        ordering = ["-requested_at"]
        triggers = [status_guard(SUBCONTRACTOR_CHANGE)]
        constraints = [
            models.UniqueConstraint(
                fields=["contract", "organisation", "kind"],
                condition=Q(status__in=["requested", "questioned"]),
                name="change_asked_once",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["approved", "conditional", "refused"])
                | (Q(decided_at__isnull=False, decided_by__isnull=False) & ~Q(decision_reason="")),
                name="change_decided_complete",
            ),
            models.CheckConstraint(
                condition=~Q(status="conditional") | ~Q(conditions=""),
                name="change_conditional_has_conditions",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.organisation} ({self.contract.number})"
