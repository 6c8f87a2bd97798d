"""Fields that the forms about changes of subcontractors share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from achterhoek.nlds.fields import DateInput
from contracts.domain.privacy import holds_bsn
from providers.domain.identity import clean_number


class NumberField(forms.CharField):
    """A KvK number or AGB code, without the spaces and points that people type in it."""

    def __init__(self, *, check: Callable[[str], bool], problem: Any, **kwargs: Any) -> None:
        super().__init__(
            widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}), max_length=20, **kwargs
        )
        self.check = check
        self.problem = problem

    def clean(self, value: Any) -> str:
        number = clean_number(super().clean(value))
        if number and not self.check(number):
            raise forms.ValidationError(self.problem)
        return number


def no_person(text: str) -> None:
    """A validator: numbers of clients, never who they are."""
    if holds_bsn(text):
        raise ValidationError(
            _("This looks like a citizen service number (BSN). Take it out: write no data about clients here.")
        )


def date_field(label: Any, help_text: Any = "", *, required: bool = True) -> forms.DateField:
    return forms.DateField(
        label=label,
        help_text=help_text,
        required=required,
        widget=DateInput,
        error_messages={
            "invalid": _("Enter a date that exists, for example 1-7-2026."),
            "required": _("Choose a date."),
        },
    )


def text_field(label: Any, help_text: Any, needed: Any, *, rows: int = 5, required: bool = True) -> forms.CharField:
    return forms.CharField(
        label=label, help_text=help_text, max_length=4000, required=required, widget=forms.Textarea({"rows": rows}),
        error_messages={"required": needed}, validators=[no_person],
    )  # fmt: skip


def clients_field(help_text: Any, *, required: bool = True) -> forms.IntegerField:
    """How many, and nothing else of them."""
    return forms.IntegerField(
        label=_("Number of current clients"),
        help_text=help_text,
        required=required,
        min_value=0,
        max_value=100_000,
        # A number box takes no words: what was typed would be gone.
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={
            "required": _("Fill in how many clients there are. Is there none? Then fill in 0."),
            "invalid": _("Fill in a whole number, for example 12."),
            "min_value": _("Fill in 0 or more."),
            "max_value": _("This number cannot be. Check it."),
        },
    )


class Parts(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Parts of the work: subsegments of the contract, to be ticked."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            widget=forms.CheckboxSelectMultiple,
            error_messages={"required": _("Choose at least one part.")},
            **kwargs,
        )
