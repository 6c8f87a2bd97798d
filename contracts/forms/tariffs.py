"""How a contract is paid for: its funding and its tariffs."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from achterhoek.nlds.fields import MoneyField
from achterhoek.nlds.forms import NldsForm
from contracts.enums import TariffUnit
from contracts.forms.change_fields import date_field, no_person
from contracts.models import Contract
from procurement.enums import FundingModel
from procurement.models import SubSegment


class _Work(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A subsegment of the contract; left empty: all of its work."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            label=_("Work"), queryset=SubSegment.objects.none(), required=False, empty_label=_("All work"), **kwargs
        )


class _OfContract(NldsForm):
    show_optional = False

    def __init__(self, *args: Any, contract: Contract, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["subsegment"]
        field.queryset = contract.subsegments.order_by("position")


class FundingForm(_OfContract):
    """How the contract or a part of its work is paid for."""

    submit_label = _("Save the funding")

    subsegment = _Work()
    model = forms.ChoiceField(label=_("Funding"), choices=FundingModel.choices, widget=forms.RadioSelect)
    provisional = forms.BooleanField(
        label=_("This is provisional"), help_text=_("The municipalities may still change it."), required=False
    )
    note = forms.CharField(label=_("Remark"), max_length=300, required=False, validators=[no_person])


class TariffForm(_OfContract):
    """A tariff from a day on."""

    submit_label = _("Save the tariff")
    prefix = "tarief"

    subsegment = _Work()
    unit = forms.ChoiceField(label=_("Price of"), choices=TariffUnit.choices, widget=forms.RadioSelect)
    price = MoneyField(
        label=_("Price"),
        help_text=_("In euros, without VAT."),
        min_value=Decimal("0.0001"),
        max_digits=10,
        decimal_places=4,
        error_messages={
            "required": _("Enter an amount in euros, for example 1250,00."),
            "min_value": _("Give a price in euros above zero, with four decimals at most."),
            "max_decimal_places": _("Give a price in euros above zero, with four decimals at most."),
        },
    )
    start = date_field(
        _("From"),
        _("The tariff that holds until then ends the day before. On the first day of the last tariff it is corrected."),
    )
