"""Team CLM's decision to end a contract early."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from achterhoek.nlds.fields import DateInput
from achterhoek.nlds.forms import NldsForm
from contracts.forms.change_fields import no_person


class TerminateForm(NldsForm):
    """End a contract early."""

    submit_label = _("End the contract early")

    on = forms.DateField(
        label=_("Last day"),
        help_text=_("The last day on which the contract is in force."),
        widget=DateInput,
        error_messages={
            "invalid": _("Enter a date that exists, for example 1-7-2026."),
            "required": _("Choose a date."),
        },
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=4000,
        validators=[no_person],
        widget=forms.Textarea({"rows": 4}),
        error_messages={"required": _("Give the reason of the early end.")},
    )
