"""Letters: to all bidders of a segment at one moment, made by workers, each exactly once."""

from __future__ import annotations

import uuid

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from achterhoek.documents.models import StoredFile
from achterhoek.mail.models import OutboxMessage
from procurement.domain.states import LETTER, LETTER_BATCH
from procurement.enums import BatchPurpose, BatchStatus, LetterKind, LetterStatus
from procurement.models.base import status_guard
from procurement.models.decision import Decision
from procurement.models.ranking import Ranking
from procurement.models.submission import Entry
from providers.enums import LetterLanguage

# A batch goes out in the step that it tells of: letters of a decision are never sent without the decision itself.
SENT_WITH_ITS_STEP = pgtrigger.Trigger(
    name="letter_batch_sent_with_its_step",
    when=pgtrigger.Before,
    operation=pgtrigger.UpdateOf("status"),  # type: ignore[no-untyped-call]
    condition=pgtrigger.Q(new__status="sent", new__decision__isnull=False),
    func="""
        IF NOT EXISTS (
            SELECT 1 FROM procurement_decision WHERE id = NEW.decision_id AND status = CASE NEW.purpose
                WHEN 'withdrawal' THEN 'withdrawn' WHEN 'final' THEN 'final' ELSE 'sent' END
        ) THEN
            RAISE EXCEPTION 'the decision of letter batch % is not that far', NEW.id USING ERRCODE = '23514';
        END IF;
        RETURN NEW;
    """,
)
SENT_WITH_ITS_BATCH = pgtrigger.Trigger(
    name="letter_sent_with_its_batch",
    when=pgtrigger.Before,
    operation=pgtrigger.UpdateOf("status"),  # type: ignore[no-untyped-call]
    condition=pgtrigger.Q(new__status="sent"),
    func="""
        IF NOT EXISTS (SELECT 1 FROM procurement_letterbatch WHERE id = NEW.batch_id AND status = 'sent') THEN
            RAISE EXCEPTION 'the batch of letter % is not sent', NEW.id USING ERRCODE = '23514';
        END IF;
        RETURN NEW;
    """,
)


class LetterBatch(models.Model):
    """The letters of one moment: of a decision, or (a draw that is announced) of a ranking without one yet.

    None of them can be read by its bidder before all are sent. One job makes them; it can die and go on. Where it is
    `held`, the lead reads the made letters first, and then says that they may go.
    """

    purpose = models.CharField(_("what for"), max_length=12, choices=BatchPurpose.choices)
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, null=True, related_name="batches")
    ranking = models.ForeignKey(Ranking, on_delete=models.PROTECT, related_name="batches")
    status = models.CharField(
        _("state"), max_length=10, choices=BatchStatus.choices, default=BatchStatus.PREPARED, editable=False
    )
    facts = models.JSONField(_("what only these letters tell"), default=dict, blank=True)
    held = models.BooleanField(_("sent when the lead says so"), default=False, editable=False)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(_("asked"), db_default=Now(), editable=False)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("batch of letters")
        verbose_name_plural = _("batches of letters")
        ordering = ["id"]
        triggers = [status_guard(LETTER_BATCH), SENT_WITH_ITS_STEP]
        constraints = [
            models.UniqueConstraint(
                fields=["decision", "purpose"], condition=~Q(status="stopped"), name="letter_batch_once_a_decision"
            ),
            models.UniqueConstraint(
                fields=["ranking", "purpose"],
                condition=Q(decision__isnull=True) & ~Q(status="stopped"),
                name="letter_batch_once_a_ranking",
            ),
            models.CheckConstraint(
                condition=Q(decision__isnull=False) | Q(purpose="draw"), name="letter_batch_of_a_decision"
            ),
            models.CheckConstraint(
                condition=Q(status="sent", sent_at__isnull=False) | (~Q(status="sent") & Q(sent_at__isnull=True)),
                name="letter_batch_sent_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()}: {self.decision or self.ranking}"


class Letter(models.Model):
    """One letter of a batch to one bidder. The unique keys make it once, however often a worker runs.

    `message` is the mail that brought it; `first_read_at` when one of the bidder's own people first opened it here.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    batch = models.ForeignKey(LetterBatch, on_delete=models.PROTECT, related_name="letters")
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, null=True, related_name="letters")
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="letters")
    kind = models.CharField(_("kind"), max_length=20, choices=LetterKind.choices)
    language = models.CharField(_("language"), max_length=2, choices=LetterLanguage.choices)
    status = models.CharField(
        _("state"), max_length=20, choices=LetterStatus.choices, default=LetterStatus.QUEUED, editable=False
    )
    file = models.OneToOneField(StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="letter")
    error = models.TextField(_("cause"), blank=True)
    proofread_at = models.DateTimeField(_("proofread"), null=True, blank=True, editable=False)
    proofread_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )
    rendered_at = models.DateTimeField(_("made"), null=True, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    message = models.OneToOneField(
        OutboxMessage, on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="letter"
    )
    first_read_at = models.DateTimeField(_("first read"), null=True, blank=True)

    class Meta:
        verbose_name = _("letter")
        verbose_name_plural = _("letters")
        ordering = ["batch", "entry"]
        triggers = [status_guard(LETTER), SENT_WITH_ITS_BATCH]
        constraints = [
            models.UniqueConstraint(fields=["batch", "entry"], name="letter_once_a_bidder"),
            # Of letters that were stopped, others may come later; those that are on their way or went are one.
            models.UniqueConstraint(
                fields=["decision", "entry", "kind"], condition=~Q(status="stopped"), name="letter_once"
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["rendered", "sent"]) | Q(file__isnull=False),
                name="letter_made_has_file",
            ),
            models.CheckConstraint(
                condition=Q(proofread_at__isnull=True, proofread_by__isnull=True)
                | Q(proofread_at__isnull=False, proofread_by__isnull=False),
                name="letter_proofread_complete",
            ),
            models.CheckConstraint(
                condition=Q(first_read_at__isnull=True) | Q(sent_at__isnull=False, first_read_at__gte=F("sent_at")),
                name="letter_read_after_sending",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.entry}"
