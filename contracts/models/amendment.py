"""Amendments: what was changed in a contract while it ran, numbered, each on its legal ground."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from achterhoek.documents.models import StoredFile
from contracts.domain.states import AMENDMENT
from contracts.enums import AmendmentKind, AmendmentStatus, LegalGround, MemberStep
from contracts.models.contract import Contract
from procurement.models.base import status_guard
from providers.models import Organisation


class Amendment(models.Model):
    """A change of the contract (Aw 2.163a-g). `value_change` is in euros over the whole run, and may be negative.

    Those on the ground of 2.163b (de minimis) count together against 10% of the value at the start.
    """

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="amendments")
    sequence = models.PositiveSmallIntegerField(_("number"))
    kind = models.CharField(_("kind"), max_length=14, choices=AmendmentKind.choices)
    ground = models.CharField(_("ground in law"), max_length=8, choices=LegalGround.choices)
    title = models.CharField(_("in short"), max_length=200)
    description = models.TextField(_("what changes"))
    reason = models.TextField(_("why"))
    value_change = models.DecimalField(_("change in value"), max_digits=14, decimal_places=2, default=0)
    percentage = models.DecimalField(_("indexation in percent"), max_digits=6, decimal_places=3, null=True, blank=True)
    year = models.PositiveSmallIntegerField(_("year of the indexation"), null=True, blank=True)
    successor = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("new contractor"),
    )
    effective_on = models.DateField(_("from"))
    status = models.CharField(
        _("state"), max_length=10, choices=AmendmentStatus.choices, default=AmendmentStatus.DRAFT, editable=False
    )
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
    signed_at = models.DateTimeField(_("in force since"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("amendment")
        verbose_name_plural = _("amendments")
        ordering = ["contract", "sequence"]
        triggers = [status_guard(AMENDMENT)]
        constraints = [
            models.UniqueConstraint(fields=["contract", "sequence"], name="amendment_number_once"),
            models.CheckConstraint(
                condition=Q(status="signed", signed_at__isnull=False)
                | (~Q(status="signed") & Q(signed_at__isnull=True)),
                name="amendment_signed_complete",
            ),
            models.CheckConstraint(
                condition=Q(kind="indexation", percentage__isnull=False, year__isnull=False)
                | (~Q(kind="indexation") & Q(percentage__isnull=True)),
                name="amendment_indexation_has_percentage",
            ),
            models.CheckConstraint(
                condition=Q(kind="replacement", successor__isnull=False)
                | (~Q(kind="replacement") & Q(successor__isnull=True)),
                name="amendment_replacement_has_successor",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contract.number} A{self.sequence}"


# What both sides signed about the members stays as it was signed.
SIGNED_LINES_STAY = pgtrigger.Trigger(
    name="signed_lines_stay",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
    func="""
        IF EXISTS (
            SELECT 1 FROM contracts_amendment
            WHERE id IN (NEW.amendment_id, OLD.amendment_id) AND status = 'signed'
        ) THEN
            RAISE EXCEPTION 'a signed amendment keeps its lines about members' USING ERRCODE = '23514';
        END IF;
        IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
        RETURN NEW;
    """,
)


class AmendmentMember(models.Model):
    """What an amendment does with one member of the consortium: it joins, leaves, or gets another share.

    Kept beside the amendment, so that who is in the contract on any day follows from what was agreed.
    """

    amendment = models.ForeignKey(Amendment, on_delete=models.CASCADE, related_name="members")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    step = models.CharField(_("what happens"), max_length=5, choices=MemberStep.choices)
    share = models.DecimalField(_("share in percent"), max_digits=5, decimal_places=2, null=True, blank=True)

    class Meta:
        verbose_name = _("member in an amendment")
        verbose_name_plural = _("members in amendments")
        ordering = ["amendment", "step", "organisation__name"]
        triggers = [SIGNED_LINES_STAY]
        constraints = [
            models.UniqueConstraint(fields=["amendment", "organisation"], name="amendment_member_once"),
            models.CheckConstraint(
                condition=Q(share__isnull=True) | (Q(share__gt=0, share__lte=100) & ~Q(step="leave")),
                name="amendment_member_share_is_a_percentage",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation}: {self.get_step_display()}"
