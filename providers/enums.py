"""Choices of the providers app."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class LegalForm(models.TextChoices):
    """Every legal form may take part (Aw 2.52; 002_6dfa1213d0e534a1.txt)."""

    FOUNDATION = "stichting", _("Foundation (stichting)")
    PRIVATE_LIMITED = "bv", _("Private limited company (BV)")
    PARTNERSHIP = "vof", _("General partnership (VoF)")
    SOLE_TRADER = "eenmanszaak", _("Sole trader (zzp)")
    COOPERATIVE = "cooperatie", _("Cooperative (coöperatie)")
    ASSOCIATION = "vereniging", _("Association (vereniging)")
    PROFESSIONAL_PARTNERSHIP = "maatschap", _("Professional partnership (maatschap)")


class LetterLanguage(models.TextChoices):
    """The language in which an organisation wants its letters."""

    DUTCH = "nl", _("Dutch")
    ENGLISH = "en", _("English")
