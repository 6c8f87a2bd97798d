"""What a tender buys: lots, segments and subsegments, and which municipality takes part in which."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from achterhoek.region.models import Municipality
from procurement.enums import FundingModel
from procurement.models.tender import Tender


class Lot(models.Model):
    """Perceel. `valid_from` and `valid_until` keep what was in force when (002_6dfa1213d0e534a1.txt)."""

    tender = models.ForeignKey(Tender, on_delete=models.CASCADE, related_name="lots")
    slug = models.SlugField(max_length=80)
    name = models.CharField(_("name"), max_length=200)
    position = models.PositiveSmallIntegerField(default=0)
    valid_from = models.DateField(null=True, blank=True)
    valid_until = models.DateField(null=True, blank=True)
    note = models.TextField(_("note"), blank=True)

    class Meta:
        verbose_name = _("lot")
        verbose_name_plural = _("lots")
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["tender", "slug"], name="lot_slug_once_a_tender"),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True)
                | Q(valid_from__isnull=True)
                | Q(valid_until__gte=F("valid_from")),
                name="lot_valid_in_order",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Segment(models.Model):
    """A segment of a lot: the unit that is bid for, scored, ranked, awarded and contracted."""

    tender = models.ForeignKey(Tender, on_delete=models.CASCADE, related_name="segments")
    lot = models.ForeignKey(Lot, on_delete=models.CASCADE, related_name="segments")
    slug = models.SlugField(max_length=80)
    name = models.CharField(_("name"), max_length=200)
    short_name = models.CharField(_("short name"), max_length=60, blank=True)
    description = models.TextField(_("description"), blank=True)
    former_names = models.JSONField(_("former names"), default=list, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    own_track = models.BooleanField(_("bought in a track of its own"), default=False)
    crisis_care = models.BooleanField(_("includes crisis care"), default=False)
    start_date = models.DateField(_("contracts start on"), null=True, blank=True)
    funding = models.CharField(_("funding"), max_length=20, choices=FundingModel.choices, default=FundingModel.UNKNOWN)
    funding_provisional = models.BooleanField(_("funding is provisional"), default=False)
    funding_note = models.TextField(_("note on funding"), blank=True)

    class Meta:
        verbose_name = _("segment")
        verbose_name_plural = _("segments")
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["tender", "slug"], name="segment_slug_once_a_tender")]

    def __str__(self) -> str:
        return self.name


class SubSegment(models.Model):
    """A part of a segment; funding sits here where there is one."""

    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="subsegments")
    slug = models.SlugField(max_length=80)
    name = models.CharField(_("name"), max_length=200)
    position = models.PositiveSmallIntegerField(default=0)
    funding = models.CharField(_("funding"), max_length=20, choices=FundingModel.choices, default=FundingModel.UNKNOWN)
    funding_provisional = models.BooleanField(_("funding is provisional"), default=False)
    funding_note = models.TextField(_("note on funding"), blank=True)

    class Meta:
        verbose_name = _("subsegment")
        verbose_name_plural = _("subsegments")
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["segment", "slug"], name="subsegment_slug_once_a_segment")]

    def __str__(self) -> str:
        return self.name


class Participation(models.Model):
    """Whether a municipality buys this segment together with the others, and if not, why."""

    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="participations")
    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, related_name="participations")
    participates = models.BooleanField(_("takes part"))
    reason = models.TextField(_("reason"), blank=True)

    class Meta:
        verbose_name = _("participation of a municipality")
        verbose_name_plural = _("participation of municipalities")
        constraints = [
            models.UniqueConstraint(fields=["segment", "municipality"], name="participation_once"),
        ]

    def __str__(self) -> str:
        return f"{self.municipality}: {self.segment}"
