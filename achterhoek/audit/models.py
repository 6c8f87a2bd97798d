"""The audit log: who did what, when, to what. Rows are added, never changed."""

from __future__ import annotations

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from achterhoek.actions import action_name
from achterhoek.audit import triggers


class AuditEvent(models.Model):
    """One thing that happened. The database itself refuses to change or delete a row (a trigger)."""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    at = models.DateTimeField(_("when"), db_default=Now(), editable=False)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("who")
    )
    action = models.CharField(_("what"), max_length=80, db_index=True)
    target_type = models.CharField(_("kind of object"), max_length=80)
    target_id = models.CharField(_("number of the object"), max_length=64)
    target_label = models.CharField(_("object"), max_length=200)
    detail = models.JSONField(_("details"), default=dict)
    # The portal's signature, with a key that the database does not have: a row put in by SQL has none.
    mac = models.BinaryField(max_length=32)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ["-id"]
        indexes = [models.Index(fields=["target_type", "target_id"], name="audit_target")]
        triggers = [*triggers.append_only(), triggers.NOTE]

    def __str__(self) -> str:
        return f"{self.action} {self.target_label}"

    @property
    def action_name(self) -> str:
        """What was done, in words."""
        return action_name(self.action)


class AuditPending(models.Model):
    """An event that gets its link in a moment, in this same commit. Empty to whoever looks; not kept in a crash."""

    event_id = models.BigIntegerField(primary_key=True)

    class Meta:
        triggers = [triggers.LINK]

    def __str__(self) -> str:
        return str(self.event_id)


class AuditLink(models.Model):
    """The place of an event in the chain. Written by the database at the commit, never by Python."""

    position = models.BigIntegerField(primary_key=True)
    event = models.OneToOneField(AuditEvent, on_delete=models.PROTECT, related_name="link")
    # Over the link before and the whole event.
    hash = models.BinaryField(max_length=32)

    class Meta:
        triggers = triggers.append_only()

    def __str__(self) -> str:
        return f"{self.position} {bytes(self.hash).hex()}"


class AuditAnchor(models.Model):
    """How far the chain was, signed by the portal: whoever writes the whole chain anew cannot write this anew."""

    position = models.BigIntegerField(unique=True)
    hash = models.BinaryField(max_length=32)
    mac = models.BinaryField(max_length=32)
    at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        triggers = triggers.append_only()

    def __str__(self) -> str:
        return f"{self.position}:{bytes(self.hash).hex()}"


class AuditCheck(models.Model):
    """One check of the whole log, and what it found."""

    at = models.DateTimeField(db_default=Now(), editable=False)
    position = models.BigIntegerField()
    hash = models.BinaryField(max_length=32)
    findings = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.at} {self.findings}"

    @property
    def ok(self) -> bool:
        return self.findings == 0

    @property
    def head(self) -> str:
        """The hash of the last link, as people compare it."""
        return bytes(self.hash).hex()
