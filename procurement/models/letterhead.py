"""How a region's letters look, and what they say in its own words."""

from __future__ import annotations

import pghistory
from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from achterhoek.documents.models import StoredFile
from achterhoek.region.models import Region
from procurement.enums import LetterKind, TextPlace
from providers.enums import LetterLanguage


class Letterhead(models.Model):
    """Briefpapier of a region. What is empty is taken from its contracting authority."""

    region = models.OneToOneField(Region, on_delete=models.CASCADE, related_name="letterhead")
    logo = models.OneToOneField(
        StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("logo")
    )
    logo_text = models.CharField(_("what the logo says"), max_length=100, blank=True)
    sender = models.CharField(_("name above the letter"), max_length=200, blank=True)
    return_address = models.CharField(_("return address"), max_length=300, blank=True)
    footer = models.CharField(_("line at the foot"), max_length=300, blank=True)
    colour = models.CharField(
        _("colour of lines and headings"),
        max_length=7,
        default="#154273",
        validators=[RegexValidator(r"^#[0-9a-fA-F]{6}$", _("Write a colour as #154273."))],
    )
    signatory = models.CharField(_("name under the letter"), max_length=200, blank=True)
    function = models.CharField(_("function under the letter"), max_length=200, blank=True)
    changed_at = models.DateTimeField(auto_now=True)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("letterhead")
        verbose_name_plural = _("letterheads")
        constraints = [
            models.CheckConstraint(condition=Q(colour__regex=r"^#[0-9a-fA-F]{6}$"), name="letterhead_colour"),
            models.CheckConstraint(condition=Q(logo__isnull=True) | ~Q(logo_text=""), name="letterhead_logo_told"),
        ]

    def __str__(self) -> str:
        return f"{self.region}"


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent(), context_field=None)  # type: ignore[arg-type]
class LetterText(models.Model):
    """A region's own words in one kind of letter, with fields between braces (`procurement.domain.letter_texts`)."""

    region = models.ForeignKey(Region, on_delete=models.CASCADE, related_name="letter_texts")
    kind = models.CharField(_("kind"), max_length=20, choices=LetterKind.choices)
    language = models.CharField(_("language"), max_length=2, choices=LetterLanguage.choices)
    place = models.CharField(_("place"), max_length=10, choices=TextPlace.choices)
    text = models.TextField(_("text"))
    changed_at = models.DateTimeField(auto_now=True)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("text of a letter")
        verbose_name_plural = _("texts of letters")
        ordering = ["kind", "language", "place"]
        constraints = [
            models.UniqueConstraint(fields=["region", "kind", "language", "place"], name="letter_text_once"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.language}, {self.get_place_display()})"
