"""Making and signing contracts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from achterhoek.nlds.fields import DateInput
from achterhoek.nlds.forms import NldsForm
from contracts.enums import SigningSide
from contracts.forms.change_fields import no_person

NO_DATE = {"invalid": _("Enter a date that exists, for example 1-7-2026."), "required": _("Choose a date.")}


class MakeForm(NldsForm):
    """Make the contracts of a final award; longer than four years only with a motivation."""

    submit_label = _("Make the contracts")

    def __init__(self, *args: Any, long: bool, reason: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if long:
            self.fields["long_term_reason"] = forms.CharField(
                label=_("Why these contracts run longer than four years"),
                help_text=_("Required by law (Aw 2.140, paragraph 3). This text stands in each of the contracts."),
                initial=reason,
                max_length=8000,
                validators=[no_person],
                widget=forms.Textarea({"rows": 6}),
                error_messages={
                    "required": _(
                        "Give the reason why these contracts run longer than four years (Aw 2.140, paragraph 3)."
                    )
                },
            )


class SignForm(NldsForm):
    """Sign a contract in the portal, in the name of the contractor."""

    submit_label = _("Sign the contract")

    name = forms.CharField(
        label=_("Your name"), max_length=200, error_messages={"required": _("Fill in who signs.")},
        widget=forms.TextInput({"autocomplete": "name"}),
    )  # fmt: skip
    function = forms.CharField(
        label=_("Your function"),
        help_text=_("For example: director."),
        max_length=200,
        error_messages={"required": _("Fill in the function of who signs.")},
        widget=forms.TextInput({"autocomplete": "organization-title"}),
    )
    agreed = forms.BooleanField(
        label=_("I have read the contract, and I may sign it in the name of my organisation."),
        error_messages={"required": _("Tick this box to sign.")},
    )
    seen = forms.IntegerField(widget=forms.HiddenInput)


class RecordSignatureForm(NldsForm):
    """Write down what one side signed."""

    submit_label = _("Record the signature")

    side = forms.ChoiceField(
        label=_("Who signed?"), widget=forms.RadioSelect, error_messages={"required": _("Choose the side that signed.")}
    )
    name = forms.CharField(
        label=_("Name of who signed"), max_length=200, error_messages={"required": _("Fill in who signed.")}
    )
    function = forms.CharField(
        label=_("Function of who signed"),
        max_length=200,
        error_messages={"required": _("Fill in the function of who signed.")},
    )
    signed_on = forms.DateField(label=_("Signed on"), widget=DateInput, error_messages=NO_DATE)
    file = forms.FileField(
        label=_("Scan of the signed contract"),
        help_text=_("As PDF. Needed where the contractor signed on paper."),
        required=False,
        widget=forms.FileInput({"accept": "application/pdf,.pdf"}),
        error_messages={"empty": _("This file is empty. Choose the file again.")},
    )

    def __init__(self, *args: Any, sides: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["side"]
        field.choices = [(side.value, side.label) for side in SigningSide if side in sides]
        if len(sides) == 1:
            field.initial = sides[0]
