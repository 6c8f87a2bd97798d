"""Transition arrangements (overgangsregeling): how clients' care goes on when a contract ends. Numbers, no persons."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from achterhoek.accounts.roles import municipality_ids_of
from achterhoek.region.models import Municipality
from contracts.domain.states import TRANSITION
from contracts.enums import TransitionStatus
from contracts.models.contract import Contract
from procurement.models import SubSegment
from procurement.models.base import status_guard


class TransitionQuerySet(models.QuerySet["TransitionArrangement"]):
    def visible_to(self, user: Any) -> TransitionQuerySet:
        """Both contractors see their own; officials those of their regions; a college those in its municipality."""
        if not user.is_authenticated:
            return self.none()
        contracts = Contract.objects.visible_to(user).order_by()
        seen = Q(old_contract__in=contracts) | Q(new_contract__in=contracts)
        places = municipality_ids_of(user)
        return self.filter(seen | Q(municipality__in=places) if places else seen)


class TransitionArrangement(models.Model):
    """An agreement between the contractor that stops and the one that takes over, for one municipality."""

    old_contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="handed_over")
    new_contract = models.ForeignKey(
        Contract, on_delete=models.PROTECT, null=True, blank=True, related_name="taken_over"
    )
    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, related_name="+")
    subsegment = models.ForeignKey(SubSegment, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    clients = models.PositiveIntegerField(_("number of clients"))
    arrangement = models.TextField(_("what is agreed"))
    due_on = models.DateField(_("handed over by"))
    status = models.CharField(
        _("state"), max_length=10, choices=TransitionStatus.choices, default=TransitionStatus.PROPOSED, editable=False
    )
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)

    objects = TransitionQuerySet.as_manager()

    class Meta:
        verbose_name = _("transition arrangement")
        verbose_name_plural = _("transition arrangements")
        ordering = ["old_contract", "due_on", "municipality__name"]
        triggers = [status_guard(TRANSITION)]
        constraints = [
            models.UniqueConstraint(
                fields=["old_contract", "new_contract", "municipality", "subsegment"],
                nulls_distinct=False,
                name="transition_once",
            ),
            models.CheckConstraint(condition=~Q(old_contract=F("new_contract")), name="transition_to_another"),
        ]

    def __str__(self) -> str:
        return f"{self.old_contract.number} -> {self.new_contract_id}"


class TransitionCount(models.Model):
    """How many clients were handed over up to a day, as told by one of both."""

    arrangement = models.ForeignKey(TransitionArrangement, on_delete=models.CASCADE, related_name="counts")
    on = models.DateField(_("on"))
    handed_over = models.PositiveIntegerField(_("handed over in all"))
    remark = models.CharField(_("remark"), max_length=500, blank=True)
    told_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    told_at = models.DateTimeField(_("told"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("count of a transition")
        verbose_name_plural = _("counts of transitions")
        ordering = ["arrangement", "on", "pk"]
        constraints = [models.UniqueConstraint(fields=["arrangement", "on"], name="transition_count_once_a_day")]

    def __str__(self) -> str:
        return f"{self.arrangement}: {self.handed_over}"
