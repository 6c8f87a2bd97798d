"""Who a contract is with, and for which municipalities: each from and until, so that any day can be asked for."""

from __future__ import annotations

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from achterhoek.region.models import Municipality
from contracts.models.contract import Contract, DateRange
from providers.models import Organisation

WHOLE = RangeBoundary(inclusive_lower=True, inclusive_upper=True)

# Looked at when all is written, as one change often touches several rows: on each day on which somebody begins or has
# just ended, whoever is in it has one lead, and the shares of those that have one are a hundred percent together.
SHARES_ARE_WHOLE = pgtrigger.Trigger(
    name="party_shares_are_whole",
    when=pgtrigger.After,
    timing=pgtrigger.Deferred,
    operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
    declare=[("key", "bigint")],
    func="""
        key := COALESCE(NEW.contract_id, OLD.contract_id);
        IF EXISTS (
            SELECT 1 FROM (
                SELECT start AS day FROM contracts_contractparty WHERE contract_id = key
                UNION SELECT "end" + 1 FROM contracts_contractparty WHERE contract_id = key AND "end" IS NOT NULL
            ) days JOIN contracts_contractparty p
                ON p.contract_id = key AND p.start <= days.day AND (p."end" IS NULL OR p."end" >= days.day)
            GROUP BY days.day HAVING sum(p.share) <> 100 OR NOT bool_or(p.is_lead)
        ) THEN
            RAISE EXCEPTION 'contract % has a day without a lead, or with shares that are not 100%% together', key
                USING ERRCODE = '23514';
        END IF;
        RETURN NULL;
    """,
)


class ContractParty(models.Model):
    """A member of the consortium that has the contract, with its share; or the one contractor, with all of it.

    Nobody is in it twice at once, and it has one lead (penvoerder, Aw 2.52) at a time. A replaced contractor
    (Aw 2.163f) ends, and the new one begins on the next day. Another share is a row of its own from its day on.
    """

    contract = models.ForeignKey(Contract, on_delete=models.CASCADE, related_name="parties")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="contract_parties")
    is_lead = models.BooleanField(_("lead"), default=False)
    share = models.DecimalField(_("share in percent"), max_digits=5, decimal_places=2, null=True, blank=True)
    start = models.DateField(_("from"))
    end = models.DateField(_("until and including"), null=True, blank=True)

    class Meta:
        verbose_name = _("party of a contract")
        verbose_name_plural = _("parties of contracts")
        ordering = ["contract", "-is_lead", "organisation__name", "start"]
        triggers = [SHARES_ARE_WHOLE]
        constraints = [
            models.CheckConstraint(
                condition=Q(end__isnull=True) | Q(end__gte=F("start")), name="party_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(share__isnull=True) | Q(share__gt=0, share__lte=100), name="party_share_is_a_percentage"
            ),
            ExclusionConstraint(
                name="party_once_at_a_time",
                expressions=[
                    ("contract", RangeOperators.EQUAL),
                    ("organisation", RangeOperators.EQUAL),
                    (DateRange("start", "end", WHOLE), RangeOperators.OVERLAPS),
                ],
            ),
            ExclusionConstraint(
                name="party_one_lead_at_a_time",
                expressions=[
                    ("contract", RangeOperators.EQUAL),
                    (DateRange("start", "end", WHOLE), RangeOperators.OVERLAPS),
                ],
                condition=Q(is_lead=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} ({self.contract.number})"


class ContractMunicipality(models.Model):
    """A municipality for which the contract holds. One whose college does not extend, ends with the term before."""

    contract = models.ForeignKey(Contract, on_delete=models.CASCADE, related_name="contract_municipalities")
    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, related_name="+")
    start = models.DateField(_("from"))
    end = models.DateField(_("until and including"), null=True, blank=True)

    class Meta:
        verbose_name = _("municipality of a contract")
        verbose_name_plural = _("municipalities of contracts")
        ordering = ["contract", "municipality__name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(end__isnull=True) | Q(end__gte=F("start")), name="contract_municipality_ends_after_start"
            ),
            ExclusionConstraint(
                name="contract_municipality_once",
                expressions=[
                    ("contract", RangeOperators.EQUAL),
                    ("municipality", RangeOperators.EQUAL),
                    (DateRange("start", "end", WHOLE), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.municipality} ({self.contract.number})"
