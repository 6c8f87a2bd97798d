"""What a contractor promised in its bid, and has to live up to in the contract."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from contracts.models.contract import Contract
from contracts.models.results import Indicator


class Obligation(models.Model):
    """A promise taken over from the winning bid, in its own words; with a figure where it can be counted.

    `source` says where it stood (criterion and question of the bid), so that nobody has to look for it in seven years.
    """

    contract = models.ForeignKey(Contract, on_delete=models.CASCADE, related_name="obligations")
    sequence = models.PositiveSmallIntegerField(_("number"))
    promise = models.TextField(_("promise"))
    source = models.CharField(_("where it stands"), max_length=300)
    indicator = models.ForeignKey(
        Indicator,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="obligations",
        verbose_name=_("indicator"),
    )
    target = models.DecimalField(_("promised figure"), max_digits=12, decimal_places=2, null=True, blank=True)
    due_on = models.DateField(_("to be done by"), null=True, blank=True)
    met_on = models.DateField(_("done on"), null=True, blank=True)
    remark = models.TextField(_("remark"), blank=True)

    class Meta:
        verbose_name = _("obligation")
        verbose_name_plural = _("obligations")
        ordering = ["contract", "sequence"]
        constraints = [
            models.UniqueConstraint(fields=["contract", "sequence"], name="obligation_number_once"),
            models.CheckConstraint(
                condition=Q(target__isnull=True) | Q(indicator__isnull=False), name="obligation_target_of_an_indicator"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contract.number} #{self.sequence}"
