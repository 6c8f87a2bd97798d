"""The outbox: mail is written in the same transaction as what it tells, and sent afterwards."""

from __future__ import annotations

import uuid
from email.utils import parseaddr

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from achterhoek.documents.models import StoredFile


def new_message_id() -> str:
    """A Message-ID (RFC 5322) that no other message has, short enough to stand on one line."""
    _name, _at, domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].partition("@")
    return f"<{uuid.uuid4().hex}@{domain or 'localhost'}>"


class MessageStatus(models.TextChoices):
    QUEUED = "queued", _("Waiting")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Failed")


class OutboxMessage(models.Model):
    """One message to one address. `key` makes it unique, so that no retry writes it twice.

    It is tried at `not_before` or later; whoever tries it moves that on first, so that nobody else does meanwhile.
    `attempts` counts each time, `refusals` only when the mail server refused this very message.

    `message_id` is fixed when it is written: where a mail server died before it answered, the same mail goes out again
    under the same Message-ID, and whoever gets it twice can tell.
    """

    key = models.CharField(max_length=200, unique=True)
    message_id = models.CharField(max_length=200, unique=True, default=new_message_id, editable=False)
    to = models.EmailField(_("to"))
    subject = models.CharField(_("subject"), max_length=200)
    body = models.TextField(_("text"))
    attachments = models.ManyToManyField(StoredFile, blank=True, related_name="+")
    status = models.CharField(max_length=10, choices=MessageStatus.choices, default=MessageStatus.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    refusals = models.PositiveSmallIntegerField(default=0, editable=False)
    not_before = models.DateTimeField(db_default=Now(), editable=False)
    last_error = models.TextField(blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status="sent", sent_at__isnull=False) | (~Q(status="sent") & Q(sent_at__isnull=True)),
                name="message_sent_has_time",
            ),
        ]
        indexes = [
            models.Index(fields=["not_before", "id"], condition=Q(status="queued"), name="outbox_due"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} -> {self.to}"
