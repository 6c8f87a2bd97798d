"""Versions of the public register of contractors and subcontractors."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class RegisterVersion(models.Model):
    """A date on which the published list changed, and why ("versie 27 juni 2024", 001_422a0b480e5412d9.txt)."""

    date = models.DateField(_("version of"), unique=True)
    note = models.TextField(_("what changed"))
    content = models.JSONField(_("the list as it was published"), null=True, blank=True, editable=False)
    digest = models.CharField(_("digest of the list"), max_length=71, blank=True, editable=False)
    published_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("version of the register")
        verbose_name_plural = _("versions of the register")
        ordering = ["-date"]

    def __str__(self) -> str:
        return f"{self.date}"
