"""Organisations that offer care, their members, and consortia."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from achterhoek.accounts.enums import Role
from achterhoek.accounts.roles import has_role
from achterhoek.sealing.models import SealingKey
from providers.enums import LegalForm, LetterLanguage

OFFICIALS = (Role.LEAD, Role.CLM, Role.AUDITOR, Role.ADMIN)


class OrganisationQuerySet(models.QuerySet["Organisation"]):
    def visible_to(self, user: Any) -> OrganisationQuerySet:
        """Members see their own; officials see all; others none."""
        if has_role(user, *OFFICIALS):
            return self
        if not user.is_authenticated:
            return self.none()
        return self.filter(memberships__user=user)


class Organisation(models.Model):
    """A care provider. The KvK number is its identity; the AGB code its identity in care."""

    name = models.CharField(_("name"), max_length=200)
    legal_form = models.CharField(_("legal form"), max_length=20, choices=LegalForm.choices)
    kvk_number = models.CharField(
        _("KvK number"),
        max_length=8,
        unique=True,
        validators=[RegexValidator(r"^\d{8}$")],
        error_messages={"unique": _("An organisation with this KvK number is registered already.")},
    )
    agb_code = models.CharField(
        _("AGB code"),
        max_length=8,
        unique=True,
        validators=[RegexValidator(r"^\d{8}$")],
        error_messages={"unique": _("An organisation with this AGB code is registered already.")},
    )
    street = models.CharField(_("street and number"), max_length=200)
    postcode = models.CharField(_("postcode"), max_length=7)
    city = models.CharField(_("city"), max_length=100)
    email = models.EmailField(_("e-mail address for letters"))
    phone = models.CharField(_("telephone"), max_length=30, blank=True)
    website = models.URLField(_("website"), blank=True)
    letter_language = models.CharField(
        _("language of letters"), max_length=2, choices=LetterLanguage.choices, default=LetterLanguage.DUTCH
    )
    # What its people draft is sealed to this key; made when they first need it.
    sealing_key = models.OneToOneField(
        SealingKey, on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=Q(kvk_number__regex=r"^\d{8}$"), name="organisation_kvk_8_digits"),
            models.CheckConstraint(condition=Q(agb_code__regex=r"^\d{8}$"), name="organisation_agb_8_digits"),
        ]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A person who works for an organisation here. A signatory may submit in its name."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    is_signatory = models.BooleanField(_("may sign"), default=False)

    class Meta:
        verbose_name = _("member of an organisation")
        verbose_name_plural = _("members of organisations")
        constraints = [
            models.UniqueConstraint(fields=["organisation", "user"], name="membership_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user} ({self.organisation})"


class Consortium(models.Model):
    """Combinatie: organisations that contract together; the lead (penvoerder) speaks for them (Aw 2.52)."""

    name = models.CharField(_("name"), max_length=200, unique=True)
    lead = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="led_consortia")
    members: models.ManyToManyField[Organisation, ConsortiumMember] = models.ManyToManyField(
        Organisation, through="ConsortiumMember", related_name="consortia"
    )

    class Meta:
        verbose_name = _("consortium")
        verbose_name_plural = _("consortia")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ConsortiumMember(models.Model):
    """One organisation in a consortium; the lead is a member too."""

    consortium = models.ForeignKey(Consortium, on_delete=models.CASCADE, related_name="consortium_members")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["consortium", "organisation"], name="consortium_member_once"),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} in {self.consortium}"
