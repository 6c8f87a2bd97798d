"""Money of a contract: how it is paid for, the lump sum a year and municipality, tariffs, and what was paid."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Now
from django.utils.translation import gettext_lazy as _

from achterhoek.documents.models import StoredFile
from achterhoek.region.models import Municipality, Region
from contracts.enums import PaymentKind, TariffUnit
from contracts.models.contract import Contract, DateRange
from contracts.models.party import WHOLE
from procurement.enums import FundingModel
from procurement.models import SubSegment


class ContractFunding(models.Model):
    """How the contract, or one subsegment of it, is paid for. It may be provisional (002_6dfa1213d0e534a1.txt)."""

    contract = models.ForeignKey(Contract, on_delete=models.CASCADE, related_name="fundings")
    subsegment = models.ForeignKey(SubSegment, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    model = models.CharField(_("funding"), max_length=20, choices=FundingModel.choices)
    provisional = models.BooleanField(_("provisional"), default=False)
    note = models.CharField(_("remark"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("funding of a contract")
        verbose_name_plural = _("funding of contracts")
        ordering = ["contract", "subsegment__position"]
        constraints = [
            models.UniqueConstraint(
                fields=["contract", "subsegment"], nulls_distinct=False, name="funding_once_a_subsegment"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contract.number}: {self.get_model_display()}"


class Tariff(models.Model):
    """The price of one unit (PxQ), or of one inhabitant a year (population-based), from and until. Euros, ex VAT."""

    contract = models.ForeignKey(Contract, on_delete=models.CASCADE, related_name="tariffs")
    subsegment = models.ForeignKey(SubSegment, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    unit = models.CharField(_("unit"), max_length=12, choices=TariffUnit.choices)
    price = models.DecimalField(_("price"), max_digits=10, decimal_places=4)
    start = models.DateField(_("from"))
    end = models.DateField(_("until and including"), null=True, blank=True)

    class Meta:
        verbose_name = _("tariff")
        verbose_name_plural = _("tariffs")
        ordering = ["contract", "subsegment__position", "unit", "start"]
        constraints = [
            models.CheckConstraint(condition=Q(price__gt=0), name="tariff_is_positive"),
            models.CheckConstraint(
                condition=Q(end__isnull=True) | Q(end__gte=F("start")), name="tariff_ends_after_start"
            ),
            ExclusionConstraint(
                name="tariff_one_at_a_time",
                expressions=[
                    ("contract", RangeOperators.EQUAL),
                    (Coalesce("subsegment", 0), RangeOperators.EQUAL),
                    ("unit", RangeOperators.EQUAL),
                    (DateRange("start", "end", WHOLE), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contract.number}: {self.price}"


class LumpsumAmount(models.Model):
    """The lump sum of one year and one municipality, in euros ex VAT; a part of a year has its own amount."""

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="lumpsums")
    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField(_("year"))
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    set_at = models.DateTimeField(_("set"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("lump sum")
        verbose_name_plural = _("lump sums")
        ordering = ["contract", "year", "municipality__name"]
        constraints = [
            models.UniqueConstraint(fields=["contract", "municipality", "year"], name="lumpsum_once_a_year"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="lumpsum_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.contract.number} {self.year} {self.municipality}"


class PaymentExport(models.Model):
    """A file of payments for the financial system, numbered a region. What stands in one stands in no other."""

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="payment_exports")
    sequence = models.PositiveIntegerField(_("number"))
    until = models.DateField(_("due up to and including"))
    total = models.DecimalField(_("total"), max_digits=16, decimal_places=2)
    file = models.OneToOneField(StoredFile, on_delete=models.PROTECT, related_name="+")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(_("made"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("file of payments")
        verbose_name_plural = _("files of payments")
        ordering = ["region", "-sequence"]
        constraints = [models.UniqueConstraint(fields=["region", "sequence"], name="payment_export_number_once")]
        triggers = [pgtrigger.Protect(name="export_stays", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.region} #{self.sequence}"


class LumpsumPayment(models.Model):
    """One instalment, or a correction with its reason (which may be negative). Exported to finance once."""

    lumpsum = models.ForeignKey(LumpsumAmount, on_delete=models.PROTECT, related_name="payments")
    sequence = models.PositiveSmallIntegerField(_("number"))
    kind = models.CharField(_("kind"), max_length=10, choices=PaymentKind.choices)
    due_on = models.DateField(_("due on"))
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    export = models.ForeignKey(
        "PaymentExport", on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="payments"
    )
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(_("made"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        ordering = ["lumpsum", "sequence"]
        constraints = [
            models.UniqueConstraint(fields=["lumpsum", "sequence"], name="payment_number_once"),
            models.CheckConstraint(condition=~Q(kind="correction") | ~Q(reason=""), name="correction_says_why"),
            models.CheckConstraint(condition=Q(kind="correction") | Q(amount__gte=0), name="instalment_not_negative"),
        ]
        triggers = [
            pgtrigger.Protect(
                name="paid_once",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__export__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.lumpsum} #{self.sequence}"
