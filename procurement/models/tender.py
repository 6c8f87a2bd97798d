"""A tender: one procedure in which a region buys care."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from achterhoek.accounts.enums import Role
from achterhoek.accounts.roles import has_role, in_regions_of
from achterhoek.region.models import Region
from procurement.domain.states import TENDER
from procurement.enums import Custody, Procedure, TenderStatus
from procurement.models.base import status_guard

# Who works on tenders before and behind the published page.
OFFICIALS = (Role.LEAD, Role.AUDITOR, Role.ADMIN)


class TenderQuerySet(models.QuerySet["Tender"]):
    def public(self) -> TenderQuerySet:
        """What anybody may see: all that was ever published, withdrawn ones included."""
        return self.filter(published_at__isnull=False)

    def visible_to(self, user: Any) -> TenderQuerySet:
        """Drafts only for officials of the region; the rest for everybody."""
        public = Q(published_at__isnull=False)
        if has_role(user, *OFFICIALS):
            return self.filter(public | in_regions_of(user, *OFFICIALS, field="region"))
        return self.filter(public)

    def managed_by(self, user: Any) -> TenderQuerySet:
        """Tenders of the regions in which this user is procurement lead (or auditor, to look)."""
        if not has_role(user, *OFFICIALS):
            return self.none()
        return self.filter(in_regions_of(user, *OFFICIALS, field="region"))


class Tender(models.Model):
    """A care tender under the light regime (Aw 2.38-2.39), run as a restricted procedure.

    `term_pattern` is in years: [3, 2, 2] is three years and twice an option of two. `scale_max` is
    the highest score of the scale. `is_history` marks one loaded as it was, not run here; only there
    the term may be unknown, and `term_pattern` is empty.
    """

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="tenders", verbose_name=_("region"))
    slug = models.SlugField(_("short name in addresses"), unique=True, max_length=80)
    title = models.CharField(_("title"), max_length=200)
    summary = models.TextField(_("summary"), blank=True)
    procedure = models.CharField(_("procedure"), max_length=20, choices=Procedure.choices)
    status = models.CharField(
        _("state"), max_length=20, choices=TenderStatus.choices, default=TenderStatus.DRAFT, editable=False
    )
    strategy = models.TextField(_("strategy"), blank=True)
    framework_motivation = models.TextField(_("why longer than four years"), blank=True)
    term_pattern = ArrayField(
        models.PositiveSmallIntegerField(), verbose_name=_("contract terms in years"), default=list, blank=True
    )
    notice_months = models.PositiveSmallIntegerField(_("months of notice before an option"), default=6)
    contract_start = models.DateField(_("contracts start on"), null=True, blank=True)
    scale_max = models.DecimalField(_("highest score"), max_digits=5, decimal_places=2, default=10)
    score_step = models.DecimalField(_("step between scores"), max_digits=5, decimal_places=2, default=2)
    openers_required = models.PositiveSmallIntegerField(_("people who open the vault"), default=2)
    custody = models.CharField(
        _("who holds the key of the vault"), max_length=12, choices=Custody.choices, default=Custody.OPERATOR
    )
    custodians_total = models.PositiveSmallIntegerField(_("number of custodians"), default=3)
    custodians_needed = models.PositiveSmallIntegerField(_("custodians needed to open"), default=2)
    evaluators_announced = models.PositiveSmallIntegerField(_("announced number of evaluators"), default=5)
    bidders_hidden = models.BooleanField(_("evaluators do not see who has bid"), default=False)
    is_history = models.BooleanField(default=False, editable=False)
    content = models.JSONField(_("further facts and texts"), default=dict, blank=True)
    published_at = models.DateTimeField(_("published"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = TenderQuerySet.as_manager()

    class Meta:
        verbose_name = _("tender")
        verbose_name_plural = _("tenders")
        ordering = ["-published_at", "title"]
        triggers = [status_guard(TENDER)]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["draft", "withdrawn"]) | Q(published_at__isnull=False),
                name="tender_published_has_time",
            ),
            models.CheckConstraint(condition=Q(scale_max__gt=0, score_step__gt=0), name="tender_scale_positive"),
            models.CheckConstraint(condition=Q(openers_required__gte=2), name="tender_two_openers"),
            models.CheckConstraint(
                condition=Q(
                    custodians_needed__gte=2, custodians_total__gte=F("custodians_needed"), custodians_total__lte=16
                ),
                name="tender_custodians_number",
            ),
            # History may not know its terms; whatever is published here does.
            models.CheckConstraint(
                condition=Q(is_history=True) | Q(status="draft") | Q(term_pattern__len__gte=1), name="tender_has_a_term"
            ),
        ]

    def __str__(self) -> str:
        return self.title
