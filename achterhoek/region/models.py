"""A region, its municipalities, and the authority that buys for them. All of it is data."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class ContractingAuthority(models.Model):
    """Aanbestedende dienst: who buys, and whose letterhead stands above the letters (Aw 1.1)."""

    name = models.CharField(_("name"), max_length=200, unique=True)
    kvk_number = models.CharField(_("KvK number"), max_length=8)
    street = models.CharField(_("street and number"), max_length=200)
    postcode = models.CharField(_("postcode"), max_length=10)
    city = models.CharField(_("city"), max_length=100)
    email = models.EmailField(_("e-mail address"))
    phone = models.CharField(_("telephone"), max_length=30, blank=True)

    class Meta:
        verbose_name = _("contracting authority")
        verbose_name_plural = _("contracting authorities")

    def __str__(self) -> str:
        return self.name


class Region(models.Model):
    """Municipalities that buy care together. `content` holds the texts of its theme page."""

    slug = models.SlugField(_("short name in addresses"), unique=True)
    name = models.CharField(_("name"), max_length=100)
    authority = models.ForeignKey(
        ContractingAuthority, on_delete=models.PROTECT, related_name="regions", verbose_name=_("authority")
    )
    is_default = models.BooleanField(_("shown on the front page"), default=False)
    content = models.JSONField(_("texts of the theme page"), default=dict, blank=True)

    class Meta:
        verbose_name = _("region")
        verbose_name_plural = _("regions")
        constraints = [
            models.UniqueConstraint(fields=["is_default"], condition=Q(is_default=True), name="region_one_default"),
        ]

    def __str__(self) -> str:
        return self.name


class Municipality(models.Model):
    """A municipality of the region, with its place (column, row) on the tile map."""

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="municipalities")
    slug = models.SlugField(_("short name in addresses"))
    name = models.CharField(_("name"), max_length=100)
    tile_x = models.PositiveSmallIntegerField(default=0)
    tile_y = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("municipality")
        verbose_name_plural = _("municipalities")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["region", "slug"], name="municipality_slug_once_a_region"),
        ]

    def __str__(self) -> str:
        return self.name
