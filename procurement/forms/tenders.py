"""The lead's forms: a deadline for each of the two stages."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from achterhoek.nlds.fields import DateTimeInput
from achterhoek.nlds.formatting import format_day
from achterhoek.nlds.forms import NldsForm


class DeadlineForm(NldsForm):
    """One deadline, day and time, in Dutch time; the help says the first day the law allows."""

    submit_label = gettext_lazy("Publish the tender")

    deadline = forms.DateTimeField(
        label=gettext_lazy("Requests to participate can come in until"),
        widget=DateTimeInput(),
        error_messages={
            "required": gettext_lazy("Choose a day and a time."),
            "invalid": gettext_lazy("Enter a day and a time, for example 1-4-2027 12:00."),
        },
    )

    def __init__(self, *args: Any, earliest: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["deadline"].help_text = _(
            "Dutch time. By law the first possible day is %(earliest)s. After publication this is the only deadline."
        ) % {"earliest": format_day(earliest)}


class AwardDeadlineForm(DeadlineForm):
    """The deadline of the bids."""

    submit_label = gettext_lazy("Open the award stage and invite")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["deadline"].label = _("Bids can come in until")
