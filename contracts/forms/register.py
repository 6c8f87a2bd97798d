"""What is asked of the register: a day, a segment, a municipality, a name."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from achterhoek.nlds.fields import DateInput
from achterhoek.nlds.forms import NldsForm

Choices = Sequence[tuple[str, str]]

# Days that the calendar of contracts can be about; a year such as 20222 is a slip of the hand.
FIRST_YEAR, LAST_YEAR = 1990, 2100


class RegisterForm(NldsForm):
    """The filters of the register, as the query string gives them. Nothing has to be filled in."""

    form_method = "get"
    show_optional = False
    submit_label = _("Show")

    op = forms.DateField(
        label=_("On which day"),
        required=False,
        widget=DateInput,
        error_messages={"invalid": _("This is not a date that exists. Write it as 2024-06-27.")},
    )
    segment = forms.ChoiceField(label=_("Segment"), required=False)
    gemeente = forms.ChoiceField(label=_("Municipality"), required=False)
    zoek = forms.CharField(label=_("Name"), required=False, max_length=100)

    def __init__(self, *args: Any, segments: Choices, municipalities: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        unknown = {"invalid_choice": _("The register does not know this choice. Choose one from the list.")}
        for name, label, choices in (
            ("segment", _("All segments"), segments),
            ("gemeente", _("All municipalities"), municipalities),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", label), *choices]
            field.error_messages.update(unknown)

    def clean_op(self) -> date | None:
        day: date | None = self.cleaned_data["op"]
        if day is not None and not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise forms.ValidationError(
                _("Choose a day in the years %(first)s to %(last)s."),
                params={"first": FIRST_YEAR, "last": LAST_YEAR},
            )
        return day

    def filters(self) -> dict[str, str]:
        """What to narrow the register by; a filter that was refused counts as not given."""
        data = self.cleaned_data
        return {
            "segment": data.get("segment", ""),
            "municipality": data.get("gemeente", ""),
            "search": data.get("zoek", ""),
        }
