"""Stored files: what somebody uploaded or the portal made. Private; served by one view only."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from achterhoek.sealing.models import SealingKey


def storage_path(instance: StoredFile, filename: str) -> str:
    """A path that says nothing and cannot be guessed; the given name is kept in the row only."""
    key = uuid.uuid4().hex
    return f"{key[:2]}/{key}"


class Scan(models.TextChoices):
    """What the virus scanner said. A file that waits for it is shown to nobody."""

    NONE = "none", _("No scanner")
    WAITING = "waiting", _("Waiting for the scanner")
    CLEAN = "clean", _("No virus found")
    INFECTED = "infected", _("Virus found")


class StoredFile(models.Model):
    """A file. `kind` names who decides about reading it (`achterhoek.documents.gate`).

    A file that the portal made lies in `file`, as it is. An uploaded one is encrypted while it comes in, to a
    key of its own, in `parts` (`[{"key": storage key, "size": bytes of plain content}]`, in order). Its private key and
    its name lie in `envelope`, sealed to `sealing_key`; without an envelope only who has its key otherwise can open it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=40)
    file = models.FileField(upload_to=storage_path, max_length=200, blank=True)
    parts = models.JSONField(default=list, blank=True)
    public = models.CharField(_("public key of the file"), max_length=100, blank=True)
    envelope = models.BinaryField(null=True)
    sealing_key = models.ForeignKey(SealingKey, on_delete=models.PROTECT, null=True, related_name="+")
    scan = models.CharField(max_length=10, choices=Scan.choices, default=Scan.NONE)
    thumbnail = models.CharField(_("storage key of the picture of its first page"), max_length=200, blank=True)
    name = models.CharField(_("name"), max_length=255, blank=True)
    content_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField(_("size in bytes"))
    sha256 = models.CharField(max_length=64)
    pages = models.PositiveIntegerField(_("number of pages"), null=True, blank=True)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("file")
        verbose_name_plural = _("files")
        constraints = [
            models.CheckConstraint(
                condition=Q(envelope__isnull=True, sealing_key__isnull=True)
                | Q(envelope__isnull=False, sealing_key__isnull=False),
                name="file_envelope_has_key",
            ),
            # A file is either sealed in parts or lies there as it is, never both.
            models.CheckConstraint(condition=Q(public="") | Q(file=""), name="file_sealed_or_plain"),
        ]

    def __str__(self) -> str:
        return self.name or str(self.id)

    @property
    def is_sealed(self) -> bool:
        """Encrypted with a key of its own."""
        return bool(self.public)


class Upload(models.Model):
    """A file that is coming in, in pieces that each arrive whole or not at all (tus 1.0).

    `purpose` says what it is for, in the words of `kind`'s room. What came in is encrypted already, to the key of the
    file that it will be. `offset` is how many bytes are safe. `error` tells the uploader why it was refused.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=40)
    purpose = models.CharField(max_length=200)
    size = models.PositiveBigIntegerField(_("size in bytes"))
    offset = models.PositiveBigIntegerField(_("bytes that came in"), default=0)
    parts = models.JSONField(default=list, blank=True)
    public = models.CharField(max_length=100)
    envelope = models.BinaryField()
    sealing_key = models.ForeignKey(SealingKey, on_delete=models.PROTECT, related_name="+")
    error = models.TextField(blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    changed_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("upload")
        verbose_name_plural = _("uploads")
        constraints = [
            models.CheckConstraint(condition=Q(offset__lte=F("size")), name="upload_offset_within_size"),
        ]

    def __str__(self) -> str:
        return str(self.id)
