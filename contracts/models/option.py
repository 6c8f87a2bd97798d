"""Decisions of the colleges on an option, and the reminders before its notice date."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from achterhoek.region.models import Municipality
from contracts.enums import OptionOutcome
from contracts.models.contract import ContractTerm


class OptionDecision(models.Model):
    """Collegebesluit of one municipality on one option: extend, extend on a condition, or not extend.

    Taken on or before the notice date (domain.md, section 8), each by its own college.
    """

    term = models.ForeignKey(ContractTerm, on_delete=models.PROTECT, related_name="college_decisions")
    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(_("decision"), max_length=12, choices=OptionOutcome.choices)
    condition = models.TextField(_("condition"), blank=True)
    condition_met_on = models.DateField(_("condition met on"), null=True, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    decided_on = models.DateField(_("decided on"))
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(_("recorded"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("college decision on an option")
        verbose_name_plural = _("college decisions on options")
        ordering = ["term", "municipality__name"]
        constraints = [
            models.UniqueConstraint(fields=["term", "municipality"], name="option_decided_once_a_college"),
            models.CheckConstraint(
                condition=~Q(outcome="conditional") | ~Q(condition=""), name="option_condition_has_text"
            ),
            models.CheckConstraint(condition=~Q(outcome="decline") | ~Q(reason=""), name="option_declined_says_why"),
            models.CheckConstraint(
                condition=Q(condition_met_on__isnull=True) | Q(outcome="conditional"), name="option_condition_to_meet"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.term}: {self.municipality}"


class OptionReminder(models.Model):
    """That Team CLM was reminded of a notice date, 12, 9 or 7 months ahead (earlier with a long notice); each once."""

    term = models.ForeignKey(ContractTerm, on_delete=models.CASCADE, related_name="reminders")
    months = models.PositiveSmallIntegerField(_("months ahead"))
    sent_at = models.DateTimeField(_("sent"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("reminder of an option")
        verbose_name_plural = _("reminders of options")
        ordering = ["term", "-months"]
        constraints = [models.UniqueConstraint(fields=["term", "months"], name="option_reminded_once")]

    def __str__(self) -> str:
        return f"{self.term}: {self.months}"
