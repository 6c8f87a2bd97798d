"""Decisions on a ranking, the colleges that take them, and the awards that follow."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from achterhoek.region.models import Municipality
from procurement.domain.states import AWARD, COLLEGE_DECISION, DECISION
from procurement.enums import AwardStatus, CollegeDecisionStatus, DecisionStatus
from procurement.models.base import status_guard
from procurement.models.ranking import Ranking
from procurement.models.round import SegmentRound
from procurement.models.submission import Entry

# Aw 2.131: while interim relief or an objection runs, and before the decision is final, nothing may be signed.
FINAL_WHEN_NOTHING_HOLDS_IT_UP = pgtrigger.Trigger(
    name="decision_final_unopposed",
    when=pgtrigger.Before,
    operation=pgtrigger.UpdateOf("status"),  # type: ignore[no-untyped-call]
    condition=pgtrigger.Q(new__status="final"),
    func="""
        IF EXISTS (
            SELECT 1 FROM procurement_objection
            WHERE decision_id = NEW.id AND suspends AND status IN ('received', 'in_review')
        ) THEN
            RAISE EXCEPTION 'an objection or interim relief holds up decision %', NEW.id USING ERRCODE = '23514';
        END IF;
        RETURN NEW;
    """,
)
ADOPTED_IS_SIGNED = pgtrigger.Protect(
    name="decision_adopted_is_signed",
    operation=pgtrigger.Insert | pgtrigger.Update,
    condition=pgtrigger.Q(new__status="adopted", new__signed_by__isnull=True),
)
# Nothing goes on, and nothing is sent, before every college that has to decide has agreed, and before it is signed.
AGREED_AND_SIGNED = pgtrigger.Trigger(
    name="decision_agreed_and_signed",
    when=pgtrigger.Before,
    operation=pgtrigger.UpdateOf("status"),  # type: ignore[no-untyped-call]
    condition=pgtrigger.Q(new__status__in=["approved", "adopted", "sent"]),
    func="""
        IF NEW.status = 'sent' AND NEW.signed_by_id IS NULL THEN
            RAISE EXCEPTION 'decision % is not signed', NEW.id USING ERRCODE = '23514';
        END IF;
        IF EXISTS (
            SELECT 1 FROM procurement_segmentround s JOIN procurement_round r ON r.id = s.round_id
            WHERE s.id = NEW.segment_round_id AND r.stage = 'award'
        ) AND (
            NOT EXISTS (SELECT 1 FROM procurement_collegedecision WHERE decision_id = NEW.id)
            OR EXISTS (
                SELECT 1 FROM procurement_collegedecision
                WHERE decision_id = NEW.id AND status NOT IN ('approved', 'reserved')
            )
        ) THEN
            RAISE EXCEPTION 'not all colleges agreed to decision %', NEW.id USING ERRCODE = '23514';
        END IF;
        RETURN NEW;
    """,
)
ACTIVE_WHEN_FINAL = pgtrigger.Trigger(
    name="award_active_when_final",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert | pgtrigger.UpdateOf("status"),  # type: ignore[no-untyped-call]
    condition=pgtrigger.Q(new__status="active"),
    func="""
        IF NOT EXISTS (SELECT 1 FROM procurement_decision WHERE id = NEW.decision_id AND status = 'final') THEN
            RAISE EXCEPTION 'the decision of award % is not final', NEW.id USING ERRCODE = '23514';
        END IF;
        RETURN NEW;
    """,
)


class Decision(models.Model):
    """Selection or award decision of one segment, on one ranking, which it cites by its digest.

    `standstill_until` is the last day of the opschortende termijn (Aw 2.127: 20 days or more from the
    day after sending); `objection_cutoff` the contractual vervaltermijn, which does not roll. Whoever proposes it never
    signs it: `signed_by` is somebody else, and `mandate` is the rule that lets that person sign.
    """

    segment_round = models.ForeignKey(SegmentRound, on_delete=models.PROTECT, related_name="decisions")
    ranking = models.ForeignKey(Ranking, on_delete=models.PROTECT, related_name="decisions")
    status = models.CharField(
        _("state"),
        max_length=20,
        choices=DecisionStatus.choices,
        default=DecisionStatus.PROPOSED,
        editable=False,
    )
    note = models.TextField(_("explanation"), blank=True)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(db_default=Now(), editable=False)
    approved_at = models.DateTimeField(_("approved by the colleges"), null=True, blank=True, editable=False)
    adopted_at = models.DateTimeField(_("signed"), null=True, blank=True, editable=False)
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )
    mandate = models.CharField(_("mandate on which it is signed"), max_length=200, blank=True, editable=False)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True, editable=False)
    standstill_until = models.DateField(_("standstill ends"), null=True, blank=True, editable=False)
    objection_cutoff = models.DateField(_("objection cut-off"), null=True, blank=True, editable=False)
    final_at = models.DateTimeField(_("final"), null=True, blank=True, editable=False)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True, editable=False)
    withdrawal_reason = models.TextField(_("reason of the withdrawal"), blank=True, editable=False)

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        ordering = ["-id"]
        triggers = [status_guard(DECISION), ADOPTED_IS_SIGNED, AGREED_AND_SIGNED, FINAL_WHEN_NOTHING_HOLDS_IT_UP]
        constraints = [
            models.UniqueConstraint(
                fields=["segment_round"], condition=~Q(status="withdrawn"), name="decision_one_in_force"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["proposed", "approved", "withdrawn"]) | Q(adopted_at__isnull=False),
                name="decision_adopted_has_time",
            ),
            models.CheckConstraint(
                condition=Q(signed_by__isnull=True) | ~Q(signed_by=F("proposed_by")), name="decision_signed_by_another"
            ),
            models.CheckConstraint(
                condition=Q(signed_by__isnull=True) | (Q(adopted_at__isnull=False) & ~Q(mandate="")),
                name="decision_signed_on_a_mandate",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["sent", "final"]) | Q(sent_at__isnull=False),
                name="decision_sent_has_time",
            ),
            # Aw 2.131: nothing is final before the standstill has ended.
            models.CheckConstraint(
                condition=Q(final_at__isnull=True)
                | Q(standstill_until__isnull=True)
                | Q(final_at__date__gt=F("standstill_until")),
                name="decision_final_after_standstill",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.segment_round} ({self.get_status_display()})"


class CollegeDecision(models.Model):
    """Collegebesluit of one municipality on an award; a reservation (voorbehoud) is kept with its text."""

    decision = models.ForeignKey(Decision, on_delete=models.CASCADE, related_name="college_decisions")
    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(
        _("state"),
        max_length=20,
        choices=CollegeDecisionStatus.choices,
        default=CollegeDecisionStatus.PENDING,
        editable=False,
    )
    reservation = models.TextField(_("reservation"), blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)

    class Meta:
        verbose_name = _("college decision")
        verbose_name_plural = _("college decisions")
        ordering = ["municipality__name"]
        triggers = [status_guard(COLLEGE_DECISION)]
        constraints = [
            models.UniqueConstraint(fields=["decision", "municipality"], name="college_decision_once"),
            models.CheckConstraint(
                condition=Q(status="pending", decided_at__isnull=True)
                | (~Q(status="pending") & Q(decided_at__isnull=False, decided_by__isnull=False)),
                name="college_decision_complete",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["reserved", "rejected"]) | ~Q(reservation=""),
                name="college_reservation_has_text",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.municipality}: {self.decision}"


class Award(models.Model):
    """The award of a segment to one entry: provisional when sent, final after the standstill (Aw 2.127-2.131)."""

    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="awards")
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="awards")
    status = models.CharField(
        _("state"), max_length=20, choices=AwardStatus.choices, default=AwardStatus.PENDING, editable=False
    )

    class Meta:
        verbose_name = _("award")
        verbose_name_plural = _("awards")
        ordering = ["id"]
        triggers = [status_guard(AWARD), ACTIVE_WHEN_FINAL]
        constraints = [
            models.UniqueConstraint(fields=["entry"], condition=~Q(status="cancelled"), name="award_once_an_entry"),
        ]

    def __str__(self) -> str:
        return f"{self.entry}"
