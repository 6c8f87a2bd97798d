"""Key pairs. The private half lies here wrapped by the key service, or not at all."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class SealingKey(models.Model):
    """An X25519 key pair. `wrapped` is null while the private key exists only as shares on paper.

    `purpose` says what for, for a person who looks into the table; nothing hangs on it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    purpose = models.CharField(_("purpose"), max_length=100)
    public = models.CharField(_("public key"), max_length=100)
    wrapped = models.BinaryField(_("wrapped private key"), null=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("sealing key")
        verbose_name_plural = _("sealing keys")

    def __str__(self) -> str:
        return self.purpose

    @property
    def is_withheld(self) -> bool:
        """Nobody here can open what is sealed to it; its custodians can, together."""
        return self.wrapped is None
