"""The ranking, the draw that breaks a tie, and a scoring that is done again."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from achterhoek.documents.models import StoredFile
from achterhoek.sealing.models import SealingKey
from procurement.enums import DrawKind, Outcome, ReevaluationCause
from procurement.models.round import Criterion, SegmentRound
from procurement.models.submission import Entry


class Ranking(models.Model):
    """A ranking with the dossier it is a pure function of. Never changed; a new one takes the next number.

    `dossier` is the canonical text, `digest` its sha256 (scoring-dossier/1), `result` the exact bytes
    that `rank` prints.
    """

    segment_round = models.ForeignKey(SegmentRound, on_delete=models.PROTECT, related_name="rankings")
    sequence = models.PositiveIntegerField(_("number"))
    dossier = models.TextField()
    digest = models.CharField(_("digest"), max_length=71)
    result = models.TextField()
    code_version = models.CharField(_("version of the code"), max_length=40)
    computed_at = models.DateTimeField(_("computed"), db_default=Now(), editable=False)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("ranking")
        verbose_name_plural = _("rankings")
        ordering = ["segment_round", "-sequence"]
        constraints = [models.UniqueConstraint(fields=["segment_round", "sequence"], name="ranking_number_once")]
        triggers = [pgtrigger.Protect(name="ranking_stays", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.segment_round} #{self.sequence}"


class RankingRow(models.Model):
    """One line of a ranking, for lists; `Ranking.result` is what counts. Points are display strings."""

    ranking = models.ForeignKey(Ranking, on_delete=models.PROTECT, related_name="rows")
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="ranking_rows")
    position = models.PositiveIntegerField()
    rank = models.PositiveIntegerField(_("rank"), null=True)
    outcome = models.CharField(_("outcome"), max_length=20, choices=Outcome.choices)
    total = models.CharField(_("total"), max_length=40, blank=True)
    points = models.JSONField(_("points"), default=dict)

    class Meta:
        verbose_name = _("line of a ranking")
        verbose_name_plural = _("lines of rankings")
        ordering = ["ranking", "position"]
        constraints = [models.UniqueConstraint(fields=["ranking", "entry"], name="ranking_entry_once")]

    def __str__(self) -> str:
        return f"{self.ranking}: {self.entry}"


class RankingCheck(models.Model):
    """One recomputing of a ranking: from its own dossier, and from what the database holds now. Empty is well."""

    ranking = models.ForeignKey(Ranking, on_delete=models.PROTECT, related_name="checks")
    at = models.DateTimeField(_("checked"), db_default=Now(), editable=False)
    findings = models.JSONField(_("differences"), default=list)

    class Meta:
        verbose_name = _("check of a ranking")
        verbose_name_plural = _("checks of rankings")
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.ranking}: {self.at}"


class Draw(models.Model):
    """The drawing of lots that breaks a tie at the cut (loting); one for each scoring of a segment.

    With a seed: its sha256 is published before the scores are fixed, the seed itself lies sealed until it is
    revealed; then anybody can replay the order. A physical draw is held with a record, and is entered with the order
    that came out of it. A scoring that is done again has a draw of its own (`reevaluation`), since the seed of the
    one before may be known to those who score; that one is kept with the ranking it belongs to.
    """

    segment_round = models.ForeignKey(SegmentRound, on_delete=models.PROTECT, related_name="draws")
    reevaluation = models.ForeignKey(
        "Reevaluation", on_delete=models.PROTECT, null=True, blank=True, related_name="draws", editable=False
    )
    kind = models.CharField(_("kind"), max_length=10, choices=DrawKind.choices)
    commitment = models.CharField(_("commitment"), max_length=71, blank=True, editable=False)
    sealed = models.BinaryField(null=True, editable=False)
    key = models.ForeignKey(SealingKey, on_delete=models.PROTECT, null=True, related_name="+", editable=False)
    committed_at = models.DateTimeField(_("published"), null=True, editable=False)
    committed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    seed = models.CharField(_("seed"), max_length=100, blank=True, editable=False)
    shown_at = models.DateTimeField(_("seed shown"), null=True, blank=True, editable=False)
    held_at = models.DateTimeField(_("held"), null=True, blank=True)
    held_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    account = models.TextField(_("how it was held, and before whom"), blank=True)
    instead_reason = models.TextField(_("why not with the promised seed"), blank=True)
    record = models.OneToOneField(StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("draw")
        verbose_name_plural = _("draws")
        ordering = ["segment_round", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["segment_round", "reevaluation"], nulls_distinct=False, name="draw_once_a_scoring"
            ),
            models.CheckConstraint(
                condition=~Q(kind="seed") | (Q(committed_at__isnull=False) & ~Q(commitment="")),
                name="draw_seed_committed",
            ),
            models.CheckConstraint(condition=Q(seed="") | Q(shown_at__isnull=False), name="draw_seed_shown_when"),
            models.CheckConstraint(
                condition=~Q(kind="seed") | Q(held_at__isnull=True) | ~Q(seed=""), name="draw_held_with_its_seed"
            ),
            models.CheckConstraint(
                condition=~Q(kind="physical") | Q(held_at__isnull=True) | ~Q(account=""), name="draw_physical_told"
            ),
        ]
        triggers = [pgtrigger.Protect(name="draw_stays", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.segment_round}: {self.kind}"

    @property
    def sealed_still(self) -> bool:
        """A seed was promised and has not been shown."""
        return bool(self.commitment) and not self.seed


class DrawnPlace(models.Model):
    """The place that an entry drew in a physical draw, counted from 1 among those that were equal."""

    draw = models.ForeignKey(Draw, on_delete=models.PROTECT, related_name="places")
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="+")
    place = models.PositiveSmallIntegerField(_("place"))

    class Meta:
        verbose_name = _("drawn place")
        verbose_name_plural = _("drawn places")
        ordering = ["place"]
        constraints = [
            models.UniqueConstraint(fields=["draw", "entry"], name="drawn_place_once_an_entry"),
            models.UniqueConstraint(fields=["draw", "place"], name="drawn_place_once"),
        ]

    def __str__(self) -> str:
        return f"{self.draw}: {self.place}"


class Reevaluation(models.Model):
    """A scoring done again after an objection, a judgment or a mistake: for some criteria, by whom the lead seats.

    Both results are kept: the ranking before, and the one after. What changed is explained at the end.
    """

    segment_round = models.ForeignKey(SegmentRound, on_delete=models.PROTECT, related_name="reevaluations")
    cause = models.CharField(_("cause"), max_length=20, choices=ReevaluationCause.choices)
    reason = models.TextField(_("reason"))
    criteria = models.ManyToManyField(Criterion, related_name="+", verbose_name=_("criteria"))
    before = models.ForeignKey(Ranking, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField(_("begun"), db_default=Now(), editable=False)
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    after = models.ForeignKey(Ranking, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    explanation = models.TextField(_("what changed, and why"), blank=True)
    finished_at = models.DateTimeField(_("ended"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("re-evaluation")
        verbose_name_plural = _("re-evaluations")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["segment_round"], condition=Q(finished_at__isnull=True), name="reevaluation_one_at_a_time"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="reevaluation_has_reason"),
            models.CheckConstraint(
                condition=Q(finished_at__isnull=True) | (Q(after__isnull=False) & ~Q(explanation="")),
                name="reevaluation_ends_explained",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.segment_round}: {self.started_at}"
