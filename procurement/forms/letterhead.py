"""Forms of a region's paper: its letterhead, and its own words in a kind of letter."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from achterhoek.nlds.forms import NldsForm
from achterhoek.sizes import format_size
from procurement.domain.letter_texts import FIELDS
from procurement.domain.logo import MAX_BYTES
from procurement.enums import TextPlace
from procurement.models import Letterhead
from procurement.services.letterhead import TEXT_LIMIT, LetterheadData


class LetterheadForm(NldsForm):
    """What stands on the paper. What is left empty is taken from the contracting authority."""

    submit_label = _("Save the letterhead")

    sender = forms.CharField(
        label=_("Name above the letter"),
        help_text=_("Left empty: the name of the contracting authority."),
        max_length=200,
        required=False,
    )
    return_address = forms.CharField(
        label=_("Return address"),
        help_text=_("One line above the address of the receiver, such as: Postbus 100, 7000 AC Doetinchem."),
        max_length=300,
        required=False,
    )
    footer = forms.CharField(label=_("Line at the foot of each page"), max_length=120, required=False)
    colour = forms.CharField(
        label=_("Colour of lines and headings"),
        help_text=_("Six characters after a #, such as #154273. Dark enough to read on white."),
        max_length=7,
        initial="#154273",
        validators=[RegexValidator(r"^#[0-9a-fA-F]{6}$", _("Write a colour as #154273."))],
        error_messages={"required": _("Write a colour as #154273.")},
    )
    signatory = forms.CharField(
        label=_("Name under the letter"),
        help_text=_(
            "Under letters without a decision of their own, such as about a contract. A letter about a decision always"
            " names who signed it."
        ),
        max_length=200,
        required=False,
    )
    function = forms.CharField(
        label=_("Function under the letter"),
        help_text=_("Of this person. Is there no name above, then it stands under the name of who signed."),
        max_length=200,
        required=False,
    )
    logo = forms.FileField(
        label=_("Logo"),
        help_text=_(
            "A PNG or SVG of at most 200 kB, and at most 4,000 pixels wide and high. A new one replaces the old."
        ),
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/png,image/svg+xml,.png,.svg"}),
    )
    logo_text = forms.CharField(
        label=_("What the logo says"),
        help_text=_("For who does not see it, such as: Sociaal Domein Achterhoek."),
        max_length=100,
        required=False,
    )
    drop_logo = forms.BooleanField(label=_("Remove the logo"), required=False)

    def __init__(self, *args: Any, letterhead: Letterhead | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if letterhead is None or letterhead.logo is None:
            del self.fields["drop_logo"]

    @classmethod
    def of(cls, letterhead: Letterhead | None) -> LetterheadForm:
        """The form filled with what is known."""
        names = [name for name in LetterheadData.__dataclass_fields__ if letterhead is not None]
        return cls(initial={name: getattr(letterhead, name) for name in names}, letterhead=letterhead)

    def clean_logo(self) -> UploadedFile | None:
        """Nothing larger is read: what is checked here, is checked while the page waits."""
        upload: UploadedFile | None = self.cleaned_data["logo"]
        if upload is not None and (upload.size or 0) > MAX_BYTES:
            raise forms.ValidationError(
                _("This file is %(size)s. A logo is at most 200 kB: it stands in every letter. Make it smaller.")
                % {"size": format_size(upload.size or 0)}
            )
        return upload

    def data_typed(self) -> LetterheadData:
        return LetterheadData(**{name: self.cleaned_data[name] for name in LetterheadData.__dataclass_fields__})

    def logo_given(self) -> bytes | None:
        upload = self.cleaned_data["logo"]
        return upload.read() if upload else None


class LetterTextForm(NldsForm):
    """The own words of one kind of letter, at each place."""

    submit_label = _("Save the texts")

    opening = forms.CharField(
        label=TextPlace.OPENING.label,
        help_text=_("Fields you may use: %(fields)s. An empty line begins a new paragraph.")
        % {"fields": ", ".join(f"{{{name}}}" for name in FIELDS)},
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=TEXT_LIMIT,
        required=False,
    )
    closing = forms.CharField(
        label=TextPlace.CLOSING.label,
        help_text=_("The same fields."),
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=TEXT_LIMIT,
        required=False,
    )
