"""Versions of the public register of contractors and subcontractors, and the files in which each is kept."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class RegisterVersion(models.Model):
    """A date on which the published list changed, and why ("versie 27 juni 2024", 001_422a0b480e5412d9.txt).

    While its day lasts the list may still change. When the day is over its content is kept, and from then on the
    version is what it is: the database refuses to alter or remove it.
    """

    date = models.DateField(_("version of"), unique=True)
    note = models.TextField(_("what changed"))
    content = models.JSONField(_("the list as it was published"), null=True, blank=True, editable=False)
    digest = models.CharField(_("digest of the list"), max_length=71, blank=True, editable=False)
    published_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("version of the register")
        verbose_name_plural = _("versions of the register")
        ordering = ["-date"]
        constraints = [
            models.CheckConstraint(
                condition=Q(digest="", content__isnull=True) | (~Q(digest="") & Q(content__isnull=False)),
                name="version_kept_with_digest",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="kept_version_stays",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=~pgtrigger.Q(old__digest=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.date}"

    @property
    def is_kept(self) -> bool:
        """Whether its day is over and its content stays as it is."""
        return bool(self.digest)


class RegisterFile(models.Model):
    """A version as a file, byte for byte as it will always be served."""

    version = models.ForeignKey(RegisterVersion, on_delete=models.PROTECT, related_name="files")
    ending = models.CharField(max_length=4, choices=[(kind, kind) for kind in ("json", "csv", "xlsx")])
    content = models.BinaryField()
    digest = models.CharField(_("digest"), max_length=71)

    class Meta:
        verbose_name = _("file of a version of the register")
        verbose_name_plural = _("files of versions of the register")
        constraints = [models.UniqueConstraint(fields=["version", "ending"], name="version_file_once")]
        triggers = [pgtrigger.Protect(name="kept_file_stays", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.version}.{self.ending}"
