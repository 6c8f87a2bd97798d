"""The plan of a tender, every replan with its reason, and the log of decisions on the way."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from procurement.enums import DatePrecision
from procurement.models.tender import Tender


class Phase(models.Model):
    """A phase, or a single milestone (`is_milestone`), as it is planned now. Earlier plans are in `Replan`."""

    tender = models.ForeignKey(Tender, on_delete=models.CASCADE, related_name="phases")
    code = models.SlugField(max_length=60)
    title = models.CharField(_("title"), max_length=200)
    content = models.TextField(_("content"), blank=True)
    is_milestone = models.BooleanField(default=False)
    planned_start = models.DateField(null=True, blank=True)
    planned_end = models.DateField(null=True, blank=True)
    precision = models.CharField(max_length=12, choices=DatePrecision.choices, default=DatePrecision.DAY)
    position = models.PositiveSmallIntegerField(default=0)
    source = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("phase")
        verbose_name_plural = _("phases")
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["tender", "code"], name="phase_code_once_a_tender")]

    def __str__(self) -> str:
        return self.title


class Replan(models.Model):
    """One change of one date of a phase, with its reason. Never overwritten.

    `is_scenario`: it was considered and made known, but not decided.
    """

    phase = models.ForeignKey(Phase, on_delete=models.CASCADE, related_name="replans")
    field = models.CharField(_("what moved"), max_length=60)
    from_value = models.CharField(_("from"), max_length=100)
    to_value = models.CharField(_("to"), max_length=100)
    decided_on = models.DateField(_("decided on"), null=True, blank=True)
    precision = models.CharField(max_length=12, choices=DatePrecision.choices, default=DatePrecision.DAY)
    is_scenario = models.BooleanField(_("only a scenario"), default=False)
    reason = models.TextField(_("reason"))
    position = models.PositiveSmallIntegerField(default=0)
    source = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("change of plan")
        verbose_name_plural = _("changes of plan")
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["phase", "position"], name="replan_position_once")]

    def __str__(self) -> str:
        return f"{self.phase}: {self.from_value} -> {self.to_value}"


class DecisionLogEntry(models.Model):
    """A decision of the colleges about the tender itself, possibly with a reservation (voorbehoud)."""

    tender = models.ForeignKey(Tender, on_delete=models.CASCADE, related_name="decision_log")
    position = models.PositiveSmallIntegerField(default=0)
    date = models.DateField(_("date"))
    precision = models.CharField(max_length=12, choices=DatePrecision.choices, default=DatePrecision.DAY)
    body = models.CharField(_("who decided"), max_length=200)
    subject = models.CharField(_("subject"), max_length=200)
    decision = models.TextField(_("decision"))
    reservation = models.TextField(_("reservation"), blank=True)
    source = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("entry of the decision log")
        verbose_name_plural = _("decision log")
        ordering = ["date", "position"]
        constraints = [models.UniqueConstraint(fields=["tender", "position"], name="decision_log_position_once")]

    def __str__(self) -> str:
        return f"{self.date}: {self.subject}"
