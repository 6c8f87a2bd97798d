"""The evaluation reports that were made: kept as they are, however often one is made anew."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from achterhoek.documents.models import StoredFile
from procurement.models.ranking import Ranking
from procurement.models.round import SegmentRound


class EvaluationReport(models.Model):
    """A report on the evaluation of a segment, made on one ranking. A new one takes the next number."""

    segment_round = models.ForeignKey(SegmentRound, on_delete=models.PROTECT, related_name="reports")
    ranking = models.ForeignKey(Ranking, on_delete=models.PROTECT, related_name="+")
    sequence = models.PositiveIntegerField(_("number"))
    file = models.OneToOneField(StoredFile, on_delete=models.PROTECT, related_name="evaluation_report")
    made_at = models.DateTimeField(_("made"), db_default=Now(), editable=False)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("evaluation report")
        verbose_name_plural = _("evaluation reports")
        ordering = ["segment_round", "-sequence"]
        constraints = [models.UniqueConstraint(fields=["segment_round", "sequence"], name="report_number_once")]
        triggers = [pgtrigger.Protect(name="report_stays", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.segment_round} #{self.sequence}"
