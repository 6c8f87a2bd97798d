"""The record of a whole tender: its proces-verbaal, its dossier for archive or court, and the notices of its awards."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from achterhoek.documents.models import StoredFile
from procurement.models.decision import Decision
from procurement.models.tender import Tender
from procurement.models.vault import stays


class ProcedureRecord(models.Model):
    """Proces-verbaal of the procedure (Aw 2.132), as it was made on a day. Never changed; a new one is numbered on."""

    tender = models.ForeignKey(Tender, on_delete=models.PROTECT, related_name="procedure_records")
    sequence = models.PositiveIntegerField(_("number"))
    file = models.OneToOneField(StoredFile, on_delete=models.PROTECT, related_name="+")
    digest = models.CharField(_("digest of the facts"), max_length=71)
    made_at = models.DateTimeField(_("made"), db_default=Now(), editable=False)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("record of the procedure")
        verbose_name_plural = _("records of procedures")
        ordering = ["tender", "-sequence"]
        constraints = [models.UniqueConstraint(fields=["tender", "sequence"], name="procedure_record_once")]
        triggers = [stays("procedure_record_stays")]

    def __str__(self) -> str:
        return f"{self.tender} #{self.sequence}"


class TenderDossier(models.Model):
    """The whole tender as one ZIP, made by a worker: an index, PDFs, JSON, and the digest of each part."""

    tender = models.ForeignKey(Tender, on_delete=models.PROTECT, related_name="dossiers")
    sequence = models.PositiveIntegerField(_("number"))
    file = models.OneToOneField(StoredFile, on_delete=models.PROTECT, related_name="+")
    digest = models.CharField(_("digest of the index"), max_length=71)
    parts = models.PositiveIntegerField(_("number of parts"))
    made_at = models.DateTimeField(_("made"), db_default=Now(), editable=False)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("dossier of a tender")
        verbose_name_plural = _("dossiers of tenders")
        ordering = ["tender", "-sequence"]
        constraints = [models.UniqueConstraint(fields=["tender", "sequence"], name="tender_dossier_once")]
        triggers = [stays("tender_dossier_stays")]

    def __str__(self) -> str:
        return f"{self.tender} #{self.sequence}"


class AwardNotice(models.Model):
    """Aankondiging van de gegunde opdracht: published within 30 days of the award that became final (Aw 2.134)."""

    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, related_name="award_notice")
    due_on = models.DateField(_("publish by"))
    published_at = models.DateTimeField(_("published"), null=True, blank=True, editable=False)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )
    reference = models.CharField(_("number of the notice on TenderNed"), max_length=60, blank=True)

    class Meta:
        verbose_name = _("award notice")
        verbose_name_plural = _("award notices")
        ordering = ["due_on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(published_at__isnull=True, published_by__isnull=True)
                | (Q(published_at__isnull=False, published_by__isnull=False) & ~Q(reference="")),
                name="award_notice_complete",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.decision}"
