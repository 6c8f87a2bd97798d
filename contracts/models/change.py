"""What goes with a change of subcontractor: questions back and forth, advice of municipalities, evidence, searches."""

from __future__ import annotations

from typing import Any

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from achterhoek.accounts.enums import Role
from achterhoek.accounts.models import RoleAssignment
from achterhoek.accounts.roles import has_role, in_regions_of, municipality_ids_of, region_ids_of
from achterhoek.documents.models import StoredFile
from achterhoek.region.models import Municipality
from contracts.enums import AdviceOutcome, EvidenceKind, MessageSide
from contracts.models.contract import OFFICIALS, Contract
from contracts.models.subcontractor import SubcontractorChange


class ChangeMessage(models.Model):
    """A question of Team CLM to the contractor, or an answer; both read all of them. Never changed."""

    change = models.ForeignKey(SubcontractorChange, on_delete=models.PROTECT, related_name="messages")
    side = models.CharField(_("of"), max_length=12, choices=MessageSide.choices)
    text = models.TextField(_("message"))
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("at"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("message about a change")
        verbose_name_plural = _("messages about changes")
        ordering = ["change", "at", "pk"]
        triggers = [pgtrigger.Protect(name="message_stays", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.change}: {self.at}"


class ChangeAdviceQuerySet(models.QuerySet["ChangeAdvice"]):
    def visible_to(self, user: Any) -> ChangeAdviceQuerySet:
        """A college secretary sees what is asked of its own municipality; officials see their regions'. The
        contractor sees none."""
        own = Q(municipality__in=municipality_ids_of(user))
        if has_role(user, *OFFICIALS):
            own |= in_regions_of(user, *OFFICIALS, field="change__contract__segment__tender__region")
        return self.filter(own)


class ChangeAdvice(models.Model):
    """Advice that Team CLM asks of a municipality: it advises, Team CLM decides. The contractor does not read it."""

    change = models.ForeignKey(SubcontractorChange, on_delete=models.PROTECT, related_name="advices")
    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, related_name="+")
    question = models.TextField(_("question"), blank=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(_("asked"), db_default=Now(), editable=False)
    due_on = models.DateField(_("wanted by"))
    outcome = models.CharField(_("advice"), max_length=10, choices=AdviceOutcome.choices, blank=True)
    text = models.TextField(_("explanation"), blank=True)
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    given_at = models.DateTimeField(_("given"), null=True, blank=True, editable=False)

    objects = ChangeAdviceQuerySet.as_manager()

    class Meta:
        verbose_name = _("advice on a change")
        verbose_name_plural = _("advice on changes")
        ordering = ["change", "municipality__name"]
        constraints = [
            models.UniqueConstraint(fields=["change", "municipality"], name="advice_once_a_municipality"),
            models.CheckConstraint(
                condition=Q(outcome="", given_at__isnull=True)
                | (~Q(outcome="") & Q(given_at__isnull=False, given_by__isnull=False)),
                name="advice_given_complete",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.change}: {self.municipality}"


class ChangeEvidence(models.Model):
    """A document of the newcomer (self-declaration, KvK extract, certificate), with the day until which it holds."""

    change = models.ForeignKey(SubcontractorChange, on_delete=models.PROTECT, related_name="evidence")
    kind = models.CharField(_("kind"), max_length=20, choices=EvidenceKind.choices)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    issued_on = models.DateField(_("issued on"), null=True, blank=True)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(_("added"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("evidence with a change")
        verbose_name_plural = _("evidence with changes")
        ordering = ["change", "kind", "added_at"]

    def __str__(self) -> str:
        return f"{self.change}: {self.get_kind_display()}"


class HeldEvidence(models.Model):
    """A document that came with a form that was not sent yet: it is not asked for again after an error.

    One of each kind for who fills the form in; without a change it belongs to a new request. It becomes evidence when
    the form is sent, and goes by itself when it never is.
    """

    contract = models.ForeignKey(Contract, on_delete=models.CASCADE, related_name="held_evidence")
    change = models.ForeignKey(
        SubcontractorChange, on_delete=models.CASCADE, null=True, blank=True, related_name="held_evidence"
    )
    kind = models.CharField(_("kind"), max_length=20, choices=EvidenceKind.choices)
    file = models.OneToOneField(StoredFile, on_delete=models.PROTECT, related_name="+")
    issued_on = models.DateField(_("issued on"), null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    held_at = models.DateTimeField(_("received"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("document of an unsent form")
        verbose_name_plural = _("documents of unsent forms")
        ordering = ["kind"]
        constraints = [
            models.UniqueConstraint(
                fields=["contract", "change", "by", "kind"], nulls_distinct=False, name="evidence_held_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contract}: {self.get_kind_display()}"


class ChangeCondition(models.Model):
    """One condition under which a change was approved, and whether it was met: Team CLM follows it up."""

    change = models.ForeignKey(SubcontractorChange, on_delete=models.PROTECT, related_name="followed")
    sequence = models.PositiveSmallIntegerField(_("number"))
    text = models.TextField(_("condition"))
    due_on = models.DateField(_("to be met by"), null=True, blank=True)
    met_on = models.DateField(_("met on"), null=True, blank=True)
    remark = models.TextField(_("remark"), blank=True)
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )

    class Meta:
        verbose_name = _("condition of an approval")
        verbose_name_plural = _("conditions of approvals")
        ordering = ["change", "sequence"]
        constraints = [
            models.UniqueConstraint(fields=["change", "sequence"], name="condition_number_once"),
            models.CheckConstraint(
                condition=Q(met_on__isnull=True, checked_by__isnull=True)
                | Q(met_on__isnull=False, checked_by__isnull=False),
                name="condition_met_complete",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.change} #{self.sequence}"


class SavedSearchQuerySet(models.QuerySet["SavedSearch"]):
    def visible_to(self, user: Any) -> SavedSearchQuerySet:
        """One's own, and those that colleagues of one's own region share: who is of Team CLM there, or everywhere."""
        if not user.is_authenticated:
            return self.none()
        regions = region_ids_of(user, *OFFICIALS)
        team = RoleAssignment.objects.filter(role=Role.CLM)
        if regions is not None:
            team = team.filter(Q(region__in=regions) | Q(region__isnull=True)) if regions else team.none()
        return self.filter(Q(owner=user) | Q(shared=True, owner__in=team.values("user")))


class SavedSearch(models.Model):
    """A set of filters of a work list in the admin, kept under a name by who uses it, or shared with the team."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_searches")
    page = models.CharField(_("list"), max_length=60)
    name = models.CharField(_("name"), max_length=80)
    query = models.CharField(_("filters"), max_length=1000)
    shared = models.BooleanField(_("for the whole team"), default=False)

    objects = SavedSearchQuerySet.as_manager()

    class Meta:
        verbose_name = _("saved search")
        verbose_name_plural = _("saved searches")
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["owner", "page", "name"], name="saved_search_name_once")]

    def __str__(self) -> str:
        return self.name
