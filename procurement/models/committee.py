"""Who evaluates a segment: the seats, which bids each scores, and what each declared about the bidders."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from procurement.enums import Interest, SeatRole
from procurement.models.round import SegmentRound
from procurement.models.submission import Entry


class CommitteeMember(models.Model):
    """A seat in the evaluation committee (beoordelingscommissie) of one segment in one round.

    Only a `member` scores; the `chair` (an inkoopspecialist) leads the meeting, an `observer` looks on.
    `handed_in_at` ends scoring alone. A seat that ended is kept with what was scored from it, which counts no more;
    `replaces` is the seat whose work this one took over.
    """

    segment_round = models.ForeignKey(SegmentRound, on_delete=models.CASCADE, related_name="committee")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="committee_seats")
    role = models.CharField(_("role"), max_length=10, choices=SeatRole.choices, default=SeatRole.MEMBER)
    since = models.DateTimeField(_("since"), db_default=Now(), editable=False)
    handed_in_at = models.DateTimeField(_("handed in"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True, editable=False)
    end_reason = models.TextField(_("why it ended"), blank=True, editable=False)
    replaces = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="replaced_by", editable=False
    )

    class Meta:
        verbose_name = _("member of the evaluation committee")
        verbose_name_plural = _("members of the evaluation committee")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["segment_round", "user"], condition=Q(ended_at__isnull=True), name="committee_member_once"
            ),
            models.UniqueConstraint(
                fields=["segment_round"], condition=Q(role="chair", ended_at__isnull=True), name="committee_one_chair"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | ~Q(end_reason=""), name="committee_end_has_reason"
            ),
            models.CheckConstraint(
                condition=Q(handed_in_at__isnull=True) | Q(role="member"), name="committee_members_hand_in"
            ),
            models.CheckConstraint(
                condition=Q(replaces__isnull=True) | ~Q(replaces=F("pk")), name="committee_replaces_another"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.segment_round}"


class Assignment(models.Model):
    """This seat scores this entry. A segment round without any has every member score every entry."""

    seat = models.ForeignKey(CommitteeMember, on_delete=models.CASCADE, related_name="assignments")
    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="assignments")
    by_hand = models.BooleanField(_("by hand"), default=False)
    at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("bid of an evaluator")
        verbose_name_plural = _("bids of evaluators")
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["seat", "entry"], name="assignment_once")]

    def __str__(self) -> str:
        return f"{self.seat}: {self.entry}"


class InterestDeclaration(models.Model):
    """What a member declared about one bidder with its consortium members and subcontractors (Aw 1.10b, 2.132).

    `parties` are those that were shown, `parties_digest` tells whether they have changed since: then it is asked
    again, and this one gets `superseded_at`. Before there is one that holds, and says `none`, the bid is not seen.
    A party that joins a bid while it is evaluated supersedes at once, in the database itself; `told` is false until
    the log tells of that. Never changed otherwise, never deleted: it is part of the record.
    """

    seat = models.ForeignKey(CommitteeMember, on_delete=models.PROTECT, related_name="declarations")
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="declarations")
    interest = models.CharField(_("interest"), max_length=20, choices=Interest.choices)
    explanation = models.TextField(_("explanation"), blank=True)
    parties = models.JSONField(_("parties"))
    parties_digest = models.CharField(max_length=71)
    at = models.DateTimeField(_("declared"), db_default=Now(), editable=False)
    superseded_at = models.DateTimeField(_("asked again"), null=True, blank=True, editable=False)
    told = models.BooleanField(default=True, editable=False)

    class Meta:
        verbose_name = _("declaration of interest")
        verbose_name_plural = _("declarations of interest")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["seat", "entry"], condition=Q(superseded_at__isnull=True), name="declaration_holds_once"
            ),
            models.CheckConstraint(
                condition=Q(interest="none") | ~Q(explanation=""), name="declaration_interest_explained"
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="declaration_stays", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(name="declaration_unchanged", exclude=["superseded_at", "told"]),
        ]

    def __str__(self) -> str:
        return f"{self.seat}: {self.entry} ({self.interest})"


class InterestCorrection(models.Model):
    """An interest that was declared by mistake: who says so and why, and what the lead decided (Aw 2.132).

    Whoever declared it cannot give the bid back to themselves. Agreed to, the declaration holds no longer, and the
    member is asked again; both stay in the record.
    """

    declaration = models.ForeignKey(InterestDeclaration, on_delete=models.PROTECT, related_name="corrections")
    reason = models.TextField(_("what was mistaken"))
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(_("asked"), db_default=Now(), editable=False)
    agreed = models.BooleanField(_("agreed"), null=True, blank=True)
    note = models.TextField(_("explanation"), blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("correction of a declaration")
        verbose_name_plural = _("corrections of declarations")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["declaration"], condition=Q(decided_at__isnull=True), name="correction_open_once"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="correction_has_reason"),
            models.CheckConstraint(
                condition=Q(agreed__isnull=True, decided_at__isnull=True, decided_by__isnull=True)
                | (Q(agreed__isnull=False, decided_at__isnull=False, decided_by__isnull=False) & ~Q(note="")),
                name="correction_decided_with_reason",
            ),
        ]
        triggers = [pgtrigger.Protect(name="correction_stays", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.declaration}: {self.reason}"
