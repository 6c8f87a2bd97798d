"""The contractor's request to add or stop a subcontractor, and Team CLM's decision on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from crispy_forms.layout import Fieldset, Layout
from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from achterhoek.nlds.fields import DateInput
from achterhoek.nlds.forms import NldsForm, NldsFormHelper
from contracts.enums import ChangeStatus
from providers.domain.identity import clean_number, is_agb_code, is_kvk_number
from providers.enums import LegalForm
from providers.models import Organisation
from providers.selectors.organisations import find_by_kvk
from providers.services.organisations import OrganisationData

# What is asked of an organisation only where the portal does not know its KvK number.
NEWCOMER_FIELDS = ("name", "legal_form", "agb_code", "street", "postcode", "city", "email")


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


def _date_field(label: Any, help_text: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        help_text=help_text,
        widget=DateInput,
        error_messages={
            "invalid": _("Enter a date that exists, for example 1-7-2026."),
            "required": _("Choose a date."),
        },
    )


def _text(label: Any, help_text: Any, required: Any) -> forms.CharField:
    return forms.CharField(
        label=label, help_text=help_text, max_length=4000, widget=forms.Textarea({"rows": 5}),
        error_messages={"required": required},
    )  # fmt: skip


class AddSubcontractorForm(NldsForm):
    """Add a subcontractor: an organisation that is known here by its KvK number, or a new one."""

    kvk_number = NumberField(
        check=is_kvk_number,
        label=_("KvK number of the subcontractor"),
        help_text=_("8 digits, as in the trade register."),
        problem=_("A KvK number has 8 digits. Check the number in the trade register."),
        error_messages={"required": _("Fill in the KvK number of the subcontractor.")},
    )
    name = forms.CharField(label=_("Name"), max_length=200, required=False)
    legal_form = forms.ChoiceField(
        label=_("Legal form"), choices=[("", _("Choose a legal form")), *LegalForm.choices], required=False
    )
    agb_code = NumberField(
        check=is_agb_code,
        label=_("AGB code"),
        help_text=_("8 digits, as in the AGB register of care providers."),
        problem=_("An AGB code has 8 digits. Check the code in the AGB register."),
        required=False,
    )
    street = forms.CharField(label=_("Street and number"), max_length=200, required=False)
    postcode = forms.RegexField(
        r"^\d{4} ?[A-Za-z]{2}$",
        label=_("Postcode"),
        required=False,
        error_messages={"invalid": _("Enter a postcode such as 7001 AB.")},
    )
    city = forms.CharField(label=_("City"), max_length=100, required=False)
    email = forms.EmailField(
        label=_("E-mail address"),
        required=False,
        error_messages={"invalid": _("Enter an e-mail address such as name@organisation.nl.")},
    )
    part_of_work = forms.CharField(
        label=_("Part of the work"),
        help_text=_("What will the subcontractor do for you? For example: play therapy for young children."),
        max_length=300,
        error_messages={"required": _("Say which part of the work the subcontractor will do.")},
    )
    effective_on = _date_field(_("From"), _("The first day on which the subcontractor works for you."))
    reason = _text(
        _("Reason"),
        _("The rule is: no new subcontractors, unless there is a well-founded reason. Explain yours."),
        _("Give the reason of this change."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.organisation: Organisation | None = None

    @property
    def helper(self) -> NldsFormHelper:
        helper = NldsFormHelper(self, submit_label=_("Send to Team CLM"))
        helper.layout = Layout(
            Fieldset(_("Which organisation?"), "kvk_number"),
            Fieldset(_("Only if this organisation is not known in the portal yet"), *NEWCOMER_FIELDS),
            Fieldset(_("What will it do, and why?"), "part_of_work", "effective_on", "reason"),
        )
        return helper

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        number = data.get("kvk_number")
        if number:
            self.organisation = find_by_kvk(number)
            if self.organisation is None:
                self._require_newcomer(data)
        return data

    def _require_newcomer(self, data: dict[str, Any]) -> None:
        for field in NEWCOMER_FIELDS:
            if not data.get(field) and field not in self.errors:
                self.add_error(
                    field, gettext("The portal does not know this KvK number yet. Fill in this field as well.")
                )

    def newcomer(self) -> OrganisationData:
        """What was filled in about an organisation that the portal does not know."""
        values = {field: self.cleaned_data[field] for field in NEWCOMER_FIELDS}
        return OrganisationData(kvk_number=self.cleaned_data["kvk_number"], **values)


class StopSubcontractorForm(NldsForm):
    """Stop with one subcontractor of the contract."""

    submit_label = _("Send to Team CLM")

    effective_on = _date_field(_("Last day"), _("The last day on which the subcontractor works for you."))
    reason = _text(_("Reason"), _("Why do you stop with this subcontractor?"), _("Give the reason of this change."))
    continuity = _text(
        _("Care for current clients"),
        _("How does the care for the clients of this subcontractor go on? Name no persons."),
        _("Say how the care for current clients goes on."),
    )


class DecisionForm(NldsForm):
    """Team CLM's decision. Refusing is the default: no new subcontractors without a well-founded reason."""

    submit_label = _("Record the decision")

    outcome = forms.ChoiceField(
        label=_("Decision"),
        help_text=_("The rule is that no new ones are admitted unless there is a well-founded reason."),
        choices=[
            (ChangeStatus.REFUSED.value, _("Refuse")),
            (ChangeStatus.APPROVED.value, _("Approve")),
            (ChangeStatus.CONDITIONAL.value, _("Approve with conditions")),
        ],
        initial=ChangeStatus.REFUSED.value,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a decision.")},
    )
    reason = _text(
        _("Reason of the decision"),
        _("The contractor reads this reason."),
        _("Give the reason of the decision. The contractor reads it."),
    )
    conditions = forms.CharField(
        label=_("Conditions"),
        help_text=_("Only when you approve with conditions. The contractor reads them."),
        required=False,
        max_length=4000,
        widget=forms.Textarea({"rows": 4}),
    )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("outcome") == ChangeStatus.CONDITIONAL and not (data.get("conditions") or "").strip():
            self.add_error("conditions", gettext("Write down the conditions."))
        return data
