"""The form with which the lead extends a deadline after an outage."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from achterhoek.nlds.fields import DateTimeInput
from achterhoek.nlds.forms import NldsForm
from procurement.models import Round

MAX_REASON = 2000
MOMENT_ERRORS = {
    "required": _("Choose a day and a time."),
    "invalid": _("Enter a day and a time, for example 1-4-2027 12:00."),
}


def _moment(label: Any, help_text: Any = "") -> forms.DateTimeField:
    return forms.DateTimeField(label=label, help_text=help_text, widget=DateTimeInput(), error_messages=MOMENT_ERRORS)


class ExtendDeadlineForm(NldsForm):
    """When it was, what happened, and until when one may submit now. `deadline_was` is the deadline that it showed."""

    submit_label = _("Extend the deadline and tell everybody")

    deadline_was = forms.CharField(widget=forms.HiddenInput(), required=False)
    outage_from = _moment(_("The outage began"), _("Dutch time."))
    outage_until = _moment(_("The outage was over"))
    reason = forms.CharField(
        label=_("What happened"),
        help_text=_("Everybody can read this: it stands on the page of the tender and in the mail. Name no bidders."),
        max_length=MAX_REASON,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    deadline = _moment(
        _("New deadline"),
        _("A working day. At least as long after now as the outage lasted, and after the deadline that was."),
    )

    def __init__(self, *args: Any, round: Round, **kwargs: Any) -> None:
        initial = {"deadline_was": round.deadline.isoformat() if round.deadline else ""}
        super().__init__(*args, initial=initial, **kwargs)

    def clean_deadline_was(self) -> datetime | None:
        """The moment that the page showed; None, which no round has, for anything else."""
        try:
            return datetime.fromisoformat(self.cleaned_data["deadline_was"])
        except ValueError:
            return None
