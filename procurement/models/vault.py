"""The vault of a round: its keys, what is sealed in it, its receipts and their root, and its opening."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from achterhoek.documents.models import StoredFile
from achterhoek.sealing.models import SealingKey
from procurement.enums import ReceiptKind, VaultContent
from procurement.models.round import Round, SegmentRound
from procurement.models.submission import Submission


def stays(name: str) -> pgtrigger.Trigger:
    """A trigger: the database itself refuses to change or delete a row of this table."""
    return pgtrigger.Protect(name=name, operation=pgtrigger.Update | pgtrigger.Delete)


class VaultKey(models.Model):
    """A key of the round's vault: one for all content, and one for the prices of each segment (the prijskluis).

    The price key without a segment is for prices that are asked once, for all segments.
    """

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="vault_keys")
    segment_round = models.ForeignKey(SegmentRound, on_delete=models.PROTECT, null=True, related_name="vault_keys")
    content = models.CharField(max_length=10, choices=VaultContent.choices)
    key = models.OneToOneField(SealingKey, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("vault key")
        verbose_name_plural = _("vault keys")
        constraints = [
            models.UniqueConstraint(
                fields=["round", "content", "segment_round"], nulls_distinct=False, name="vault_key_once"
            ),
            models.CheckConstraint(
                condition=Q(content="price") | Q(segment_round__isnull=True), name="vault_key_content_for_round"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round}: {self.content}"


class CustodianShare(models.Model):
    """Who keeps which share of the vault's key on paper. The share itself is kept nowhere here.

    `digest` is the sha256 of the share's words, to tell a typing error from a wrong share. `confirmed_at` is when
    its words were typed back, which proves that the paper can be read.
    """

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="custodian_shares")
    position = models.PositiveSmallIntegerField()
    holder = models.CharField(_("custodian"), max_length=200)
    digest = models.CharField(max_length=64)
    made_at = models.DateTimeField(db_default=Now(), editable=False)
    confirmed_at = models.DateTimeField(_("typed back"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("custodian's share")
        verbose_name_plural = _("custodians' shares")
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["round", "position"], name="custodian_share_once")]

    def __str__(self) -> str:
        return f"{self.round}: {self.holder}"


class Receipt(models.Model):
    """Proof of a submission, or of its withdrawal: the manifest, its digest, and the time by the database's clock.

    Never changed; each submitting and each withdrawal makes a new one.
    """

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="receipts")
    kind = models.CharField(
        _("kind"), max_length=12, choices=ReceiptKind.choices, default=ReceiptKind.SUBMISSION, editable=False
    )
    number = models.CharField(_("number"), max_length=30, unique=True)
    at = models.DateTimeField(_("received"))
    digest = models.CharField(_("digest"), max_length=71)
    manifest = models.JSONField()

    class Meta:
        verbose_name = _("receipt")
        verbose_name_plural = _("receipts")
        ordering = ["id"]
        triggers = [stays("receipt_stays")]

    def __str__(self) -> str:
        return self.number


class SealedPackage(models.Model):
    """All that was handed in with one receipt, encrypted to the round's content key. Never changed."""

    receipt = models.OneToOneField(Receipt, on_delete=models.PROTECT, related_name="package")
    sealed = models.BinaryField()
    files = models.ManyToManyField(StoredFile, related_name="packages")

    class Meta:
        verbose_name = _("sealed package")
        verbose_name_plural = _("sealed packages")
        triggers = [stays("package_stays")]

    def __str__(self) -> str:
        return str(self.receipt)


class ReceiptRoot(models.Model):
    """The Merkle root over all receipts of a round, published when its deadline has passed.

    A deadline that was extended after an outage gives a second root, beside the first. `blind` is a random leaf in the
    tree: without it the root of no receipts, or of one, would tell a bidder that there are no others.
    """

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="receipt_roots")
    deadline = models.DateTimeField(_("deadline"))
    root = models.CharField(_("root"), max_length=71)
    blind = models.CharField(max_length=71, editable=False)
    at = models.DateTimeField(_("computed"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("root of receipts")
        verbose_name_plural = _("roots of receipts")
        ordering = ["id"]
        triggers = [stays("receipt_root_stays")]
        constraints = [models.UniqueConstraint(fields=["round", "deadline"], name="receipt_root_once")]

    def __str__(self) -> str:
        return self.root


class DeadlineExtension(models.Model):
    """A deadline that was moved after an outage, before anything was opened (Aw 2.109)."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="extensions")
    deadline_was = models.DateTimeField(_("deadline was"))
    deadline = models.DateTimeField(_("deadline became"))
    outage_from = models.DateTimeField(_("outage from"))
    outage_until = models.DateTimeField(_("outage until"))
    reason = models.TextField(_("what happened"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("extension of a deadline")
        verbose_name_plural = _("extensions of deadlines")
        ordering = ["id"]
        triggers = [stays("extension_stays")]
        constraints = [
            models.CheckConstraint(condition=Q(deadline__gt=F("deadline_was")), name="extension_is_later"),
            models.CheckConstraint(condition=Q(outage_until__gt=F("outage_from")), name="extension_outage_period"),
        ]

    def __str__(self) -> str:
        return f"{self.round}: {self.deadline}"


class VaultConfirmation(models.Model):
    """One opener's confirmation. Two different people are needed; the constraint sees to 'different'."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="confirmations")
    opener = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("confirmed"), db_default=Now(), editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["round", "opener"], name="vault_confirmation_once")]

    def __str__(self) -> str:
        return f"{self.round}: {self.opener}"


class VaultOpening(models.Model):
    """Proces-verbaal van opening: who, when, and each submission with its digest recomputed (Aw 2.108).

    `at` is when the last opener confirmed; `finished_at` when every submission had been unsealed and compared.
    """

    round = models.OneToOneField(Round, on_delete=models.PROTECT, related_name="opening")
    at = models.DateTimeField(_("opened"), db_default=Now(), editable=False)
    finished_at = models.DateTimeField(_("all compared"), null=True, blank=True, editable=False)
    openers = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+")
    submissions = models.JSONField(_("submissions found"), default=list)
    record = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("opening record")
        verbose_name_plural = _("opening records")

    def __str__(self) -> str:
        return f"{self.round}: {self.at}"


class PriceOpening(models.Model):
    """When the prices of a segment were unsealed: once its quality scores were fixed, and not before."""

    segment_round = models.OneToOneField(SegmentRound, on_delete=models.PROTECT, related_name="price_opening")
    at = models.DateTimeField(_("opened"), db_default=Now(), editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    submissions = models.JSONField(_("submissions found"), default=list)

    class Meta:
        verbose_name = _("opening of the prices")
        verbose_name_plural = _("openings of the prices")
        triggers = [stays("price_opening_stays")]

    def __str__(self) -> str:
        return f"{self.segment_round}: {self.at}"
