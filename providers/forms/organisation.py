"""The form in which an organisation registers or changes its details."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from achterhoek.nlds.forms import NldsForm
from providers.enums import LegalForm, LetterLanguage
from providers.models import Organisation
from providers.services.organisations import OrganisationData


class OrganisationForm(NldsForm):
    """Details of an organisation; the numbers are judged by the service."""

    submit_label = _("Save organisation")

    name = forms.CharField(
        label=_("Name of the organisation"),
        help_text=_("As it stands in the trade register."),
        max_length=200,
        error_messages={"required": _("Fill in the name of the organisation.")},
    )
    legal_form = forms.ChoiceField(
        label=_("Legal form"),
        help_text=_("Every legal form may take part."),
        choices=[("", _("Choose a legal form")), *LegalForm.choices],
        error_messages={"required": _("Choose the legal form.")},
    )
    kvk_number = forms.CharField(
        label=_("KvK number"),
        help_text=_("8 digits, for example 12345678."),
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"required": _("Fill in the KvK number: 8 digits.")},
    )
    agb_code = forms.CharField(
        label=_("AGB code"),
        help_text=_("8 digits. The first two give the kind of care."),
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"required": _("Fill in the AGB code: 8 digits.")},
    )
    street = forms.CharField(
        label=_("Street and number"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "street-address"}),
        error_messages={"required": _("Fill in the street and number.")},
    )
    postcode = forms.CharField(
        label=_("Postcode"),
        max_length=7,
        widget=forms.TextInput(attrs={"autocomplete": "postal-code"}),
        error_messages={"required": _("Fill in the postcode, for example 7001 AB.")},
    )
    city = forms.CharField(
        label=_("City or village"),
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "address-level2"}),
        error_messages={"required": _("Fill in the city or village.")},
    )
    email = forms.EmailField(
        label=_("E-mail address for letters"),
        help_text=_("Receipts and decisions go to this address."),
        error_messages={
            "required": _("Fill in an e-mail address."),
            "invalid": _("This is not an e-mail address. An example: naam@zorg.example."),
        },
    )
    letter_language = forms.ChoiceField(
        label=_("Language of letters"),
        help_text=_("Reasons that the committee wrote stay in Dutch."),
        choices=LetterLanguage.choices,
        initial=LetterLanguage.DUTCH,
        required=False,
    )
    phone = forms.CharField(
        label=_("Telephone"),
        max_length=30,
        required=False,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )
    website = forms.URLField(
        label=_("Website"),
        required=False,
        assume_scheme="https",
        error_messages={"invalid": _("This is not a web address. An example: https://zorg.example.")},
    )

    @classmethod
    def of(cls, organisation: Organisation) -> OrganisationForm:
        """The form filled with what is known."""
        return cls(initial={name: getattr(organisation, name) for name in cls.base_fields})

    def data_typed(self) -> OrganisationData:
        """What was typed, for the service."""
        language = self.cleaned_data["letter_language"] or LetterLanguage.DUTCH
        return OrganisationData(**{**self.cleaned_data, "letter_language": language})


class MemberForm(NldsForm):
    """A colleague to add, by the address of their account."""

    submit_label = _("Add this person")

    email = forms.EmailField(
        label=_("E-mail address of the account"),
        help_text=_("The person must have an account in this portal already."),
        error_messages={
            "required": _("Fill in an e-mail address."),
            "invalid": _("This is not an e-mail address. An example: naam@zorg.example."),
        },
    )
    is_signatory = forms.BooleanField(
        label=_("This person may sign for the organisation"),
        help_text=_("Who may sign can submit in the name of the organisation and add people."),
        required=False,
    )
