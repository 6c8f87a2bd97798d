"""Shares, value and promises of a contract, and the day on which it is looked at."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from achterhoek.nlds.fields import DateInput, MoneyField
from achterhoek.nlds.forms import NldsForm
from achterhoek.region.models import Region
from contracts.forms.change_fields import no_person
from contracts.models import ContractParty, Indicator
from contracts.services.agreements import Promise, share_field


class SharesForm(NldsForm):
    """The share of each party, and the value at the start."""

    submit_label = _("Save")

    value = MoneyField(
        label=_("Value at the start"),
        help_text=_("Over all terms, options too, in euros without VAT. Small changes are measured by it."),
        required=False,
    )

    def __init__(self, *args: Any, parties: Sequence[ContractParty], value: Decimal | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["value"].initial = value
        self.parties = parties
        for party in parties:
            self.fields[share_field(party.pk)] = forms.DecimalField(
                label=_("Share of %(name)s in percent") % {"name": party.organisation.name},
                required=False, max_digits=5, decimal_places=2, localize=True, initial=party.share,
            )  # fmt: skip

    @property
    def shares(self) -> dict[int, Decimal | None]:
        """By party; None where it has no share."""
        return {party.pk: self.cleaned_data[share_field(party.pk)] for party in self.parties}


class ValueForm(NldsForm):
    """The value at the start, of a contract in force of which it is not known."""

    submit_label = _("Save")

    value = MoneyField(
        label=_("Value at the start"),
        help_text=_("Over all terms, options too, in euros without VAT. Small changes are measured by it."),
        min_value=Decimal("0.01"),
        error_messages={
            "required": _("Enter an amount in euros, for example 1250,00."),
            "min_value": _("Give a value above zero."),
        },
    )


class PromiseForm(NldsForm):
    """A promise, taken over from the bid."""

    submit_label = _("Take over this promise")

    promise = forms.CharField(
        label=_("Promise"), max_length=4000, validators=[no_person], widget=forms.Textarea({"rows": 5})
    )
    source = forms.CharField(label=_("Where it stands in the bid"), max_length=300)
    indicator = forms.ModelChoiceField(
        label=_("Indicator"), queryset=Indicator.objects.none(), required=False, empty_label=_("None")
    )
    target = forms.DecimalField(
        label=_("Promised figure"), required=False, max_digits=12, decimal_places=2, localize=True
    )
    due_on = forms.DateField(
        label=_("To be done by"), required=False, widget=DateInput,
        help_text=_("Empty: it holds as long as the contract."),
    )  # fmt: skip

    def __init__(self, *args: Any, region: Region, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["indicator"]
        field.queryset = Indicator.objects.filter(region=region)

    def said(self) -> Promise:
        """What was filled in."""
        return Promise(**self.cleaned_data)


class DayForm(NldsForm):
    """Look at the contract as it stood on a day."""

    submit_label = _("Show")
    form_method = "get"
    show_optional = False

    op = forms.DateField(label=_("As it stood on"), required=False, widget=DateInput)
