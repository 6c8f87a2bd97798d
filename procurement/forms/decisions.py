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


class SignForm(NldsForm):
    """On which mandate somebody signs, and that it was read."""

    submit_label = _("Sign the decision")

    mandate = forms.CharField(
        label=_("On which mandate do you sign?"),
        help_text=_("The rule that lets you sign for the authority, such as: Mandate decree 2026, article 4."),
        max_length=200,
        error_messages={"required": _("Write on which mandate you sign.")},
    )
    confirmed = forms.BooleanField(
        label=_("I have read the decision, the ranking it rests on and the letters."),
        error_messages={"required": _("Confirm that you have read what you sign.")},
    )


class WithdrawByLetterForm(NldsForm):
    """After sending: the reason that every bidder reads, and that it is clear what happens."""

    submit_label = _("Have the letters made and withdraw the decision")

    reason = forms.CharField(
        label=_("Why do you withdraw this decision?"),
        help_text=_("Every bidder reads this text in the letter. Name no bidder, and nothing that is confidential."),
        widget=forms.Textarea(attrs={"rows": 6}),
        max_length=NOTE_LENGTH,
        error_messages={"required": _("Give the reason why you withdraw this decision.")},
    )
    confirmed = forms.BooleanField(
        label=_("I know that all bidders get a letter, and that this cannot be undone."),
        error_messages={"required": _("Confirm that you know what happens.")},
    )


class WithdrawForm(NldsForm):
    submit_label = _("Withdraw the decision")

    reason = forms.CharField(
        label=_("Why do you withdraw this decision?"),
        help_text=_("The reason is kept in the file."),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=NOTE_LENGTH,
        error_messages={"required": _("Give the reason why you withdraw this decision.")},
    )


class StopWithdrawalForm(NldsForm):
    """Why a decision is not withdrawn after all."""

    submit_label = _("Stop the letters of the withdrawal")

    reason = forms.CharField(
        label=_("Why do you stop these letters?"),
        help_text=_("The reason is kept in the file. The bidders do not see this text."),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=NOTE_LENGTH,
        error_messages={"required": _("Give the reason why you stop these letters.")},
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
