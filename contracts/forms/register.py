"""What is asked of the register: a day, a kind of help, a municipality, a name; and which versions to compare."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from achterhoek.nlds.fields import DateInput
from achterhoek.nlds.formatting import format_day
from achterhoek.nlds.forms import NldsForm
from contracts.selectors.register_choices import BETWEEN

Choices = Sequence[tuple[str, Any]]

# Days that the calendar of contracts can be about; a year such as 20222 is a slip of the hand.
FIRST_YEAR, LAST_YEAR = 1990, 2100
UNKNOWN = {"invalid_choice": _("The register does not know this choice. Choose one from the list.")}


def _offer(form: forms.Form, name: str, label: Any, choices: Choices) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = [("", label), *choices]
    field.error_messages.update(UNKNOWN)


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
        _offer(self, "segment", _("All segments"), segments)
        _offer(self, "gemeente", _("All municipalities"), municipalities)

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


class WhoHelpsForm(NldsForm):
    """Where somebody lives, and with what they want help. Both are needed for an answer."""

    form_method = "get"
    show_optional = False
    submit_label = _("Show who may help")

    gemeente = forms.ChoiceField(
        label=_("Where do you live?"), error_messages={"required": _("Choose your municipality.")}
    )
    hulp = forms.ChoiceField(
        label=_("What do you need help with?"), error_messages={"required": _("Choose a kind of help.")}
    )

    def __init__(self, *args: Any, municipalities: Choices, kinds: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self, "gemeente", _("Choose a municipality"), municipalities)
        _offer(self, "hulp", _("Choose a kind of help"), kinds)

    def filters(self) -> dict[str, str]:
        """What to narrow the register by."""
        segment, _between, subsegment = self.cleaned_data["hulp"].partition(BETWEEN)
        return {"segment": segment, "subsegment": subsegment, "municipality": self.cleaned_data["gemeente"]}


class CompareForm(NldsForm):
    """Two versions of the register."""

    form_method = "get"
    show_optional = False
    submit_label = _("Compare")

    van = forms.ChoiceField(label=_("From the version of"), error_messages={"required": _("Choose a version.")})
    tot = forms.ChoiceField(label=_("To the version of"), error_messages={"required": _("Choose a version.")})

    def __init__(self, *args: Any, days: Sequence[date], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("van", "tot"):
            _offer(self, name, _("Choose a version"), [(day.isoformat(), format_day(day)) for day in days])

    def clean(self) -> dict[str, Any] | None:
        data = super().clean() or {}
        if data.get("van") and data.get("van") == data.get("tot"):
            self.add_error("tot", _("Choose two different versions."))
        return data
