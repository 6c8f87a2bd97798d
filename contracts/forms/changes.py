"""What the contractor asks: to add a subcontractor, to stop with one, to change its work; and its answer."""

from __future__ import annotations

from typing import Any

from crispy_forms.layout import Fieldset, Layout
from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from achterhoek.nlds.forms import NldsForm, NldsFormHelper
from contracts.enums import EvidenceKind
from contracts.forms.change_evidence import EvidenceForm
from contracts.forms.change_fields import NumberField, Parts, clients_field, date_field, no_person, text_field
from contracts.models import Contract, Subcontractor
from providers.domain.identity import is_agb_code, is_kvk_number
from providers.enums import LegalForm
from providers.models import Organisation
from providers.selectors.organisations import find_by_kvk
from providers.services.organisations import OrganisationData

# What is asked of an organisation only where the portal does not know its KvK number.
NEWCOMER_FIELDS = ("name", "legal_form", "agb_code", "street", "postcode", "city", "email")
SEND = _("Send to Team CLM")


def _parts(contract: Contract) -> Parts:
    return Parts(
        queryset=contract.subsegments.all(),
        label=_("Which parts of the contract?"),
        help_text=_("Tick what the subcontractor will do."),
    )


class AddSubcontractorForm(EvidenceForm):
    """Add a subcontractor: an organisation that is known here by its KvK number, or a new one."""

    needed = (EvidenceKind.SELF_DECLARATION,)

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
        validators=[no_person],
        error_messages={"required": _("Say which part of the work the subcontractor will do.")},
    )
    effective_on = date_field(_("From"), _("The first day on which the subcontractor works for you."))
    reason = text_field(
        _("Reason"),
        _("The rule is: no new subcontractors, unless there is a well-founded reason. Explain yours."),
        _("Give the reason of this change."),
    )
    clients = clients_field(
        _("How many clients go over to this subcontractor? Only the number; empty where there are none."),
        required=False,
    )
    continuity = text_field(
        _("Care for current clients"),
        _("Do clients go over to this subcontractor? Say how their care goes on. Name no persons."),
        "",
        required=False,
    )

    def __init__(self, *args: Any, contract: Contract, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.organisation: Organisation | None = None
        self.with_parts = contract.subsegments.exists()
        if self.with_parts:
            self.fields["subsegments"] = _parts(contract)
            # Problems are told in the order of the page.
            before = list(self.fields)
            self.order_fields([*before[: before.index("part_of_work")], "subsegments"])

    @property
    def helper(self) -> NldsFormHelper:
        helper = NldsFormHelper(self, submit_label=SEND)
        parts = ("subsegments",) if self.with_parts else ()
        helper.layout = Layout(
            Fieldset(_("Which organisation?"), "kvk_number"),
            Fieldset(_("Only if this organisation is not known in the portal yet"), *NEWCOMER_FIELDS),
            Fieldset(
                _("What will it do, and why?"),
                *parts,
                "part_of_work",
                "effective_on",
                "reason",
                "clients",
                "continuity",
            ),
            *self.document_sets(),
        )
        return helper

    def clean(self) -> dict[str, Any]:
        data = super().clean()
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

    submit_label = SEND

    effective_on = date_field(_("Last day"), _("The last day on which the subcontractor works for you."))
    reason = text_field(
        _("Reason"), _("Why do you stop with this subcontractor?"), _("Give the reason of this change.")
    )
    clients = clients_field(
        _("The clients that this subcontractor helps for you now. Only the number; 0 where there are none.")
    )
    continuity = text_field(
        _("Care for current clients"),
        _("How does the care for the clients of this subcontractor go on? Name no persons."),
        _("Say how the care for current clients goes on."),
    )


class ChangeSubcontractorForm(NldsForm):
    """Change the work of one subcontractor: other parts, or other words for them."""

    part_of_work = forms.CharField(
        label=_("Part of the work"),
        help_text=_("What will the subcontractor do for you from that day on?"),
        max_length=300,
        validators=[no_person],
        error_messages={"required": _("Say which part of the work the subcontractor will do.")},
    )
    effective_on = date_field(_("From"), _("The first day of the new work."))
    reason = text_field(_("Reason"), _("Why does the work change?"), _("Give the reason of this change."))
    clients = clients_field(
        _("The clients that this subcontractor helps for you now. Only the number; 0 where there are none.")
    )
    continuity = text_field(
        _("Care for current clients"),
        _("How does the care for the clients of this subcontractor go on? Name no persons."),
        _("Say how the care for current clients goes on."),
    )

    def __init__(self, *args: Any, contract: Contract, subcontractor: Subcontractor, **kwargs: Any) -> None:
        now = {
            "part_of_work": subcontractor.part_of_work,
            "subsegments": [part.pk for part in subcontractor.subsegments.all()],
        }
        super().__init__(*args, initial=now, **kwargs)
        self.with_parts = contract.subsegments.exists()
        if self.with_parts:
            self.fields["subsegments"] = _parts(contract)
            self.order_fields(["subsegments"])

    @property
    def helper(self) -> NldsFormHelper:
        helper = NldsFormHelper(self, submit_label=SEND)
        parts = ("subsegments",) if self.with_parts else ()
        helper.layout = Layout(
            Fieldset(_("What will it do, and why?"), *parts, "part_of_work", "effective_on", "reason"),
            Fieldset(_("Current clients"), "clients", "continuity"),
        )
        return helper


class AnswerForm(EvidenceForm):
    """The contractor's answer to a question of Team CLM, with documents where they were asked."""

    rest_title = _("Documents with your answer, where they were asked")

    text = text_field(
        _("Your answer"), _("Team CLM reads it. Write no data about clients."), _("Write your answer."), rows=6
    )

    @property
    def helper(self) -> NldsFormHelper:
        helper = NldsFormHelper(self, submit_label=_("Send your answer"))
        helper.layout = Layout("text", *self.document_sets())
        return helper
