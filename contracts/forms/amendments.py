"""Amendments of a contract: written down, and signed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from achterhoek.nlds.fields import DateInput, MoneyField
from achterhoek.nlds.forms import NldsForm
from contracts.enums import AmendmentKind, LegalGround
from contracts.forms.change_fields import no_person
from contracts.services.amendments import AmendmentSaid
from providers.selectors.organisations import find_by_kvk

NO_DATE = {"invalid": _("Enter a date that exists, for example 1-7-2026."), "required": _("Choose a date.")}


class AmendmentForm(NldsForm):
    """What changes, on which ground, and why."""

    submit_label = _("Save as a draft")

    kind = forms.ChoiceField(
        label=_("What kind of change?"), widget=forms.RadioSelect,
        choices=[one for one in AmendmentKind.choices if one[0] != AmendmentKind.PARTIES],
    )  # fmt: skip
    ground = forms.ChoiceField(label=_("Ground in law"), choices=LegalGround.choices, widget=forms.RadioSelect)
    title = forms.CharField(label=_("In short"), max_length=200, validators=[no_person])
    description = forms.CharField(
        label=_("What changes?"), help_text=_("The contractor reads this in the letter."), max_length=8000,
        validators=[no_person], widget=forms.Textarea({"rows": 4}),
    )  # fmt: skip
    reason = forms.CharField(
        label=_("Why, and why on this ground?"), help_text=_("The contractor reads this in the letter."),
        max_length=8000, validators=[no_person], widget=forms.Textarea({"rows": 4}),
    )  # fmt: skip
    effective_on = forms.DateField(label=_("Holds from"), widget=DateInput, error_messages=NO_DATE)
    value_change = MoneyField(
        label=_("Change in value"),
        help_text=_("Over the whole run, in euros without VAT. With a minus where it becomes less. Empty: none."),
        required=False,
    )
    percentage = forms.DecimalField(
        label=_("Percentage of the indexation"), help_text=_("Only for an indexation, for example 3,5."),
        required=False, max_digits=6, decimal_places=3, localize=True,
    )  # fmt: skip
    year = forms.IntegerField(
        label=_("Year of the indexation"), help_text=_("Only for an indexation: the first year for which it holds."),
        required=False, min_value=2000, max_value=2100,
    )  # fmt: skip
    successor = forms.CharField(
        label=_("KvK number of the new contractor"),
        help_text=_("Only for a replacement. The organisation has to have an account here."),
        required=False, max_length=20,
    )  # fmt: skip

    def clean_successor(self) -> Any:
        """The organisation with this number."""
        number = "".join(self.cleaned_data["successor"].split())
        if not number:
            return None
        found = find_by_kvk(number)
        if found is None:
            raise forms.ValidationError(_("No organisation with this KvK number is known here."))
        return found

    @staticmethod
    def filled(says: AmendmentSaid) -> dict[str, Any]:
        """What a draft says, as it is filled in."""
        return {
            "kind": says.kind, "ground": says.ground, "title": says.title, "description": says.description,
            "reason": says.reason, "effective_on": says.effective_on, "value_change": says.value_change or None,
            "percentage": says.percentage, "year": says.year,
            "successor": says.successor.kvk_number if says.successor else "",
        }  # fmt: skip

    def said(self) -> AmendmentSaid:
        """What was filled in."""
        data = {**self.cleaned_data, "value_change": self.cleaned_data["value_change"] or Decimal(0)}
        return AmendmentSaid(**data)


class SignAmendmentForm(NldsForm):
    """That both sides signed an amendment."""

    submit_label = _("Both sides signed: put it in force")

    file = forms.FileField(
        label=_("Scan of the signed amendment"),
        help_text=_("As PDF."),
        required=False,
        widget=forms.FileInput({"accept": "application/pdf,.pdf"}),
        error_messages={"empty": _("This file is empty. Choose the file again.")},
    )
    agreed = forms.BooleanField(label=_("Both sides signed this amendment."))
    seen = forms.CharField(widget=forms.HiddenInput)
