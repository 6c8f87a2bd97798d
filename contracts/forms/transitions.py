"""A transition: what is arranged, how many are handed over, and why it is dropped."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from achterhoek.nlds.formatting import format_day
from achterhoek.nlds.forms import NldsForm
from achterhoek.region.models import Municipality
from contracts.forms.change_fields import clients_field, date_field, no_person, text_field
from contracts.models import Contract, TransitionArrangement
from contracts.selectors.transitions import ends_of_contract, successors
from contracts.services.transitions import Handover
from procurement.models import SubSegment


class _Place(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A municipality in which the contract ends, with the last day there."""

    def label_from_instance(self, place: Any) -> str:
        return _("%(place)s, until and including %(day)s") % {"place": place, "day": format_day(self.ends[place.pk][1])}

    ends: dict[int, Any]


class TransitionForm(NldsForm):
    """How the clients of a contract that ends go over to another."""

    submit_label = _("Save the arrangement")

    municipality = _Place(label=_("Municipality"), queryset=Municipality.objects.none(), empty_label=None)
    subsegment = forms.ModelChoiceField(
        label=_("Work"), queryset=SubSegment.objects.none(), required=False, empty_label=_("All work")
    )
    new_contract = forms.ModelChoiceField(
        label=_("Contract that takes over"),
        queryset=Contract.objects.none(),
        required=False,
        empty_label=_("Not known yet"),
    )
    clients = clients_field(_("How many clients go over. Is there none? Then fill in 0."))
    due_on = date_field(_("Handed over by"))
    arrangement = text_field(
        _("What is agreed"),
        _("Both contractors read it. Write about numbers and steps, never about a client: no names, no numbers."),
        _("Write down what is agreed. Both contractors read it."),
    )

    def __init__(
        self, *args: Any, contract: Contract, arrangement: TransitionArrangement | None = None, **kwargs: Any
    ) -> None:
        if arrangement is not None:
            kwargs["initial"] = {
                name: getattr(arrangement, name)
                for name in ("municipality", "subsegment", "new_contract", "clients", "due_on", "arrangement")
            }
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        ends = ends_of_contract(contract)
        fields["municipality"].ends = ends
        fields["municipality"].queryset = Municipality.objects.filter(pk__in=ends).order_by("name")
        fields["subsegment"].queryset = contract.subsegments.order_by("position")
        fields["new_contract"].queryset = successors(contract)

    @property
    def given(self) -> Handover:
        data = self.cleaned_data
        return Handover(
            data["municipality"], data["subsegment"], data["new_contract"], data["clients"], data["arrangement"],
            data["due_on"],
        )  # fmt: skip


class CountForm(NldsForm):
    """How many clients are handed over in all."""

    submit_label = _("Save the count")

    on = date_field(_("On"))
    handed_over = clients_field(_("All clients that went over up to and including this day."))
    remark = forms.CharField(
        label=_("Remark"),
        help_text=_("Numbers and steps, never anything about a client."),
        max_length=500,
        required=False,
        validators=[no_person],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["handed_over"].label = _("Handed over in all")


class DropForm(NldsForm):
    """The arrangement does not go on."""

    submit_label = _("Drop the arrangement")

    reason = text_field(_("Reason"), _("Both contractors read it."), _("Give the reason why it is dropped."), rows=3)
