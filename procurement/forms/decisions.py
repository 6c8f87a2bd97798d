"""Forms of decisions: proposing, withdrawing, and what a college decided."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from achterhoek.nlds.forms import NldsForm
from procurement.enums import CollegeDecisionStatus

NOTE_LENGTH = 4000


class ProposeForm(NldsForm):
    """The explanation that goes with a proposal. `ranking` is the number the lead looked at."""

    submit_label = _("Propose this decision")

    note = forms.CharField(
        label=_("Explanation"),
        help_text=_("For the colleges and for the file. The bidders do not see this text."),
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=NOTE_LENGTH,
        required=False,
    )
    ranking = forms.IntegerField(widget=forms.HiddenInput, required=False)


class WithdrawForm(NldsForm):
    submit_label = _("Withdraw the decision")

    reason = forms.CharField(
        label=_("Why do you withdraw this decision?"),
        help_text=_("The reason is kept in the file."),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=NOTE_LENGTH,
        error_messages={"required": _("Give the reason why you withdraw this decision.")},
    )


class CollegeForm(NldsForm):
    """What a college decided. A reservation or a refusal needs its text."""

    submit_label = _("Record the decision of the college")

    outcome = forms.ChoiceField(
        label=_("What did the college decide?"),
        choices=[
            (CollegeDecisionStatus.APPROVED, _("Approved")),
            (CollegeDecisionStatus.RESERVED, _("Approved with a reservation")),
            (CollegeDecisionStatus.REJECTED, _("Not approved")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what the college decided.")},
    )
    reservation = forms.CharField(
        label=_("Reservation, or the reason why not"),
        help_text=_("Needed with a reservation, and when the college does not approve."),
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=NOTE_LENGTH,
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        outcome = data.get("outcome")
        if "reservation" in data and not data["reservation"].strip():
            if outcome == CollegeDecisionStatus.RESERVED:
                self.add_error("reservation", _("Write down the reservation of the college."))
            elif outcome == CollegeDecisionStatus.REJECTED:
                self.add_error("reservation", _("Write down why the college does not approve."))
        return data
