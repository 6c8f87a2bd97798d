"""A contract and its terms: 3 years and twice an option of 2, or any other pattern."""

from __future__ import annotations

from typing import Any

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from achterhoek.accounts.enums import Role
from achterhoek.accounts.roles import has_role, in_regions_of
from contracts.domain.states import CONTRACT, TERM
from contracts.enums import ContractStatus, TermStatus
from procurement.models import Award, Segment, SubSegment
from procurement.models.base import status_guard
from providers.models import Consortium, Organisation

OFFICIALS = (Role.LEAD, Role.CLM, Role.AUDITOR, Role.ADMIN)


class DateRange(Func):
    """PostgreSQL's daterange of two date columns, both ends included."""

    function = "DATERANGE"
    output_field = DateRangeField()


class ContractQuerySet(models.QuerySet["Contract"]):
    def visible_to(self, user: Any) -> ContractQuerySet:
        """The contractor's members see their own; officials see their regions'. The public reads the register."""
        if has_role(user, *OFFICIALS):
            return self.filter(in_regions_of(user, *OFFICIALS, field="segment__tender__region"))
        if not user.is_authenticated:
            return self.none()
        return self.filter(contractor__memberships__user=user)


# Aw 2.131: nothing is concluded on an award before it is final, also not by an error in code.
OF_A_FINAL_AWARD = pgtrigger.Trigger(
    name="contract_of_a_final_award",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert | pgtrigger.UpdateOf("award_id", "signed_at"),  # type: ignore[no-untyped-call]
    condition=pgtrigger.Q(new__award__isnull=False),
    func="""
        IF NOT EXISTS (SELECT 1 FROM procurement_award WHERE id = NEW.award_id AND status = 'active') THEN
            RAISE EXCEPTION 'award % is not final: no contract yet', NEW.award_id USING ERRCODE = '23514';
        END IF;
        RETURN NEW;
    """,
)

# Aw 2.131: also what was received in time, and written down only after the award became final, holds up signing.
SIGNED_WHEN_NOTHING_HOLDS_IT_UP = pgtrigger.Trigger(
    name="contract_signed_unopposed",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert | pgtrigger.UpdateOf("award_id", "signed_at"),  # type: ignore[no-untyped-call]
    condition=pgtrigger.Q(new__award__isnull=False, new__signed_at__isnull=False),
    func="""
        PERFORM 1 FROM procurement_decision d JOIN procurement_award a ON a.decision_id = d.id
        WHERE a.id = NEW.award_id FOR NO KEY UPDATE OF d;
        IF EXISTS (
            SELECT 1 FROM procurement_objection o JOIN procurement_award a ON a.decision_id = o.decision_id
            WHERE a.id = NEW.award_id AND o.suspends AND o.status IN ('received', 'in_review')
        ) THEN
            RAISE EXCEPTION 'an objection or interim relief holds up contract %', NEW.id USING ERRCODE = '23514';
        END IF;
        RETURN NEW;
    """,
)

# Neither side is bound before the other: what is in force bears a signature of both.
SIGNED_BY_BOTH_SIDES = pgtrigger.Trigger(
    name="contract_with_both_signatures",
    when=pgtrigger.Before,
    operation=pgtrigger.UpdateOf("status"),  # type: ignore[no-untyped-call]
    condition=pgtrigger.Q(old__status="prepared", new__status="active"),
    func="""
        IF (SELECT count(DISTINCT side) FROM contracts_contractsignature WHERE contract_id = NEW.id) < 2 THEN
            RAISE EXCEPTION 'contract % lacks a signature', NEW.id USING ERRCODE = '23514';
        END IF;
        RETURN NEW;
    """,
)


class Contract(models.Model):
    """One contract of one contractor for one segment. With a consortium, `contractor` is its lead."""

    number = models.CharField(_("contract number"), max_length=30, unique=True)
    segment = models.ForeignKey(Segment, on_delete=models.PROTECT, related_name="contracts")
    award = models.OneToOneField(Award, on_delete=models.PROTECT, null=True, blank=True, related_name="contract")
    contractor = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="contracts")
    consortium = models.ForeignKey(
        Consortium, on_delete=models.PROTECT, null=True, blank=True, related_name="contracts"
    )
    subsegments = models.ManyToManyField(SubSegment, blank=True, related_name="contracts")
    status = models.CharField(
        _("state"),
        max_length=20,
        choices=ContractStatus.choices,
        default=ContractStatus.PREPARED,
        editable=False,
    )
    start = models.DateField(_("start"))
    notice_months = models.PositiveSmallIntegerField(_("months of notice"), default=6)
    initial_value = models.DecimalField(
        _("value at the start, over all agreed terms"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    long_term_reason = models.TextField(_("why it runs longer than four years"), blank=True)
    signed_at = models.DateTimeField(_("signed"), null=True, blank=True, editable=False)
    terminated_on = models.DateField(_("ended early on"), null=True, blank=True, editable=False)
    termination_reason = models.TextField(_("reason of the early end"), blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ContractQuerySet.as_manager()

    class Meta:
        verbose_name = _("contract")
        verbose_name_plural = _("contracts")
        ordering = ["number"]
        triggers = [status_guard(CONTRACT), OF_A_FINAL_AWARD, SIGNED_WHEN_NOTHING_HOLDS_IT_UP, SIGNED_BY_BOTH_SIDES]
        constraints = [
            models.CheckConstraint(
                condition=Q(status="prepared") | Q(signed_at__isnull=False), name="contract_active_is_signed"
            ),
            models.CheckConstraint(
                condition=(Q(status="terminated", terminated_on__isnull=False) & ~Q(termination_reason=""))
                | (~Q(status="terminated") & Q(terminated_on__isnull=True)),
                name="contract_terminated_complete",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.party_name}"

    @property
    def party_name(self) -> str:
        """The name in the register: the consortium, or else the contractor."""
        return str(self.consortium) if self.consortium_id else str(self.contractor)


class ContractTerm(models.Model):
    """One term, both days included: start 1-7-2022, 3 years -> 30-6-2025. Terms never overlap."""

    contract = models.ForeignKey(Contract, on_delete=models.CASCADE, related_name="terms")
    sequence = models.PositiveSmallIntegerField(_("number"))
    start = models.DateField(_("from"))
    end = models.DateField(_("until and including"))
    status = models.CharField(
        _("state"), max_length=20, choices=TermStatus.choices, default=TermStatus.OPEN, editable=False
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True, editable=False)
    reason = models.TextField(_("reason"), blank=True, editable=False)

    class Meta:
        verbose_name = _("term of a contract")
        verbose_name_plural = _("terms of contracts")
        ordering = ["contract", "sequence"]
        triggers = [status_guard(TERM)]
        constraints = [
            models.UniqueConstraint(fields=["contract", "sequence"], name="term_number_once"),
            models.CheckConstraint(condition=Q(end__gt=F("start")), name="term_ends_after_start"),
            models.CheckConstraint(
                condition=Q(sequence=1, status="committed") | (Q(sequence__gt=1) & ~Q(status="committed")),
                name="term_first_is_committed",
            ),
            ExclusionConstraint(
                name="terms_do_not_overlap",
                expressions=[
                    ("contract", RangeOperators.EQUAL),
                    (
                        DateRange("start", "end", RangeBoundary(inclusive_lower=True, inclusive_upper=True)),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contract.number} #{self.sequence}"
