"""What is brought against a decision: objections, interim relief, complaints; and what came of it."""

from __future__ import annotations

import uuid

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from achterhoek.documents.models import StoredFile
from procurement.domain.standstill import Case
from procurement.domain.states import OBJECTION
from procurement.enums import DecisionStatus, ObjectionConsequence, ObjectionKind, ObjectionStatus
from procurement.models.base import status_guard
from procurement.models.decision import Decision
from providers.models import Organisation

# Held together with the decision, so that nothing becomes final between looking and filing; and only what was sent
# can be objected to.
AGAINST_WHAT_WAS_SENT = pgtrigger.Trigger(
    name="objection_against_a_sent_decision",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert,
    func="""
        PERFORM 1 FROM procurement_decision WHERE id = NEW.decision_id AND status IN ('sent', 'final') FOR SHARE;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'decision % was not sent, or was withdrawn', NEW.decision_id USING ERRCODE = '23514';
        END IF;
        RETURN NEW;
    """,
)


class Objection(models.Model):
    """One objection, interim relief or complaint of one organisation against one decision.

    `suspends`: it came before the standstill ended and is no complaint, so that nothing becomes final while it runs
    (Aw 2.131). `received_at` is when it reached the authority, which for a writ is not when it was typed in here.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="objections")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="objections")
    kind = models.CharField(_("kind"), max_length=15, choices=ObjectionKind.choices)
    status = models.CharField(
        _("state"), max_length=10, choices=ObjectionStatus.choices, default=ObjectionStatus.RECEIVED, editable=False
    )
    number = models.CharField(_("number"), max_length=20, unique=True, editable=False)
    grounds = models.TextField(_("grounds"))
    file = models.OneToOneField(StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    suspends = models.BooleanField(_("holds up the contract"), editable=False)
    court = models.CharField(_("court"), max_length=200, blank=True)
    case_number = models.CharField(_("case number"), max_length=60, blank=True)
    hearing_on = models.DateField(_("hearing on"), null=True, blank=True)
    received_at = models.DateTimeField(_("received"))
    registered_at = models.DateTimeField(db_default=Now(), editable=False)
    registered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    handler = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    answer = models.TextField(_("answer"), blank=True)
    judged_on = models.DateField(_("judgment of"), null=True, blank=True, editable=False)
    consequence = models.CharField(
        _("what follows"), max_length=20, choices=ObjectionConsequence.choices, blank=True, editable=False
    )
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True, editable=False)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )

    class Meta:
        verbose_name = _("objection")
        verbose_name_plural = _("objections")
        ordering = ["-registered_at"]
        triggers = [
            status_guard(OBJECTION),
            AGAINST_WHAT_WAS_SENT,
            pgtrigger.Protect(name="objection_stays", operation=pgtrigger.Delete),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(grounds=""), name="objection_has_grounds"),
            models.CheckConstraint(
                condition=~Q(kind="complaint") | Q(suspends=False), name="objection_complaint_waits"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["received", "in_review"], ended_at__isnull=True)
                | (~Q(status__in=["received", "in_review"]) & Q(ended_at__isnull=False, ended_by__isnull=False)),
                name="objection_ended_complete",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["upheld", "rejected"]) | ~Q(answer=""), name="objection_judged_has_answer"
            ),
            models.CheckConstraint(
                condition=~Q(status="upheld") | ~Q(consequence=""), name="objection_upheld_has_consequence"
            ),
            models.CheckConstraint(
                condition=~Q(kind="interim_relief", status__in=["upheld", "rejected"]) | Q(judged_on__isnull=False),
                name="objection_judgment_has_date",
            ),
            models.CheckConstraint(
                condition=Q(received_at__lte=F("registered_at")), name="objection_received_before_registered"
            ),
            models.UniqueConstraint(
                fields=["decision", "organisation", "kind"],
                condition=Q(status__in=["received", "in_review"]),
                name="objection_one_runs_of_a_kind",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.organisation}"

    @property
    def holds_up(self) -> bool:
        """Whether it keeps the award from becoming final, and its contracts from being signed, now."""
        case = Case(self.number, self.suspends, self.status, self.consequence)
        return self.decision.status != DecisionStatus.WITHDRAWN and case.holds_up
