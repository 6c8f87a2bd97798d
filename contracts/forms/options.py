"""What a college decides on options, and the conclusion that Team CLM draws from it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from achterhoek.nlds.fields import DateInput
from achterhoek.nlds.forms import NldsForm, NldsFormHelper
from achterhoek.region.models import Municipality
from contracts.enums import OptionOutcome
from contracts.forms.change_fields import no_person

NO_DATE = {"invalid": _("Enter a date that exists, for example 1-7-2026."), "required": _("Choose a date.")}


class CollegeOptionForm(NldsForm):
    """One decision of one college, on one option or on several at once."""

    submit_label = _("Record the decision")

    municipality = forms.ModelChoiceField(
        label=_("Municipality"),
        queryset=Municipality.objects.none(),
        error_messages={"required": _("Choose the municipality."), "invalid_choice": _("Choose the municipality.")},
    )
    outcome = forms.ChoiceField(
        label=_("Decision of the college"),
        choices=OptionOutcome.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a decision.")},
    )
    decided_on = forms.DateField(
        label=_("Decided on"),
        help_text=_("The day on which the college decided. It counts for the notice date."),
        widget=DateInput,
        error_messages=NO_DATE,
    )
    condition = forms.CharField(
        label=_("Condition"),
        help_text=_("Only with a condition: what has to happen first."),
        max_length=2000,
        required=False,
        validators=[no_person],
        widget=forms.Textarea({"rows": 2}),
    )
    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("Needed when the college does not extend. The contractor reads it."),
        max_length=4000,
        required=False,
        validators=[no_person],
        widget=forms.Textarea({"rows": 3}),
    )

    @property
    def helper(self) -> NldsFormHelper:
        """Under a name, so that the boxes in the list above it belong to it."""
        helper = super().helper
        helper.form_id = "option-form"
        return helper

    def __init__(self, *args: Any, municipalities: Sequence[Municipality], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["municipality"]
        field.queryset = Municipality.objects.filter(pk__in=[one.pk for one in municipalities])
        if len(municipalities) == 1:
            field.initial = municipalities[0].pk
            field.empty_label = None


class ConcludeForm(NldsForm):
    """Draw the conclusion from what all colleges decided."""

    submit_label = _("Draw the conclusion and send the letter")

    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("The contractor reads this in the letter."),
        max_length=4000,
        validators=[no_person],
        widget=forms.Textarea({"rows": 4}),
        error_messages={"required": _("Give the reason of the decision. The contractor reads it.")},
    )


class ConditionForm(NldsForm):
    """That a condition of a college is met."""

    submit_label = _("The condition is met")

    on = forms.DateField(label=_("Met on"), widget=DateInput, error_messages=NO_DATE)
