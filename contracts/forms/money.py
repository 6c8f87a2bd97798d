"""Amounts of a year, their division, corrections, and the file of payments."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from achterhoek.nlds.fields import DateInput, MoneyField
from achterhoek.nlds.formatting import format_euro
from achterhoek.nlds.forms import NldsForm
from achterhoek.region.models import Region
from contracts.domain.money import PARTS, days_in
from contracts.forms.change_fields import no_person
from contracts.services.lumpsums import amount_field
from contracts.services.result_files import LARGEST

NO_DATE = {"invalid": _("Enter a date that exists, for example 1-7-2026."), "required": _("Choose a date.")}
NAMES_OF_PARTS = {12: _("every month"), 4: _("every quarter"), 2: _("every half year"), 1: _("at once")}


class LumpsumYearForm(NldsForm):
    """The lump sum of each municipality in one year. Left empty: not set."""

    submit_label = _("Save the amounts")

    def __init__(
        self,
        *args: Any,
        places: Sequence[Any],
        year: int,
        known: dict[int, Decimal],
        proposals: dict[int, tuple[Decimal, int]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.keys = {}
        for place in places:
            name = amount_field(place.municipality.pk, year)
            self.keys[name] = (place.municipality.pk, year)
            self.fields[name] = MoneyField(
                label=place.municipality.name,
                help_text=_proposal(place, year, proposals.get(place.municipality.pk)),
                required=False,
                min_value=Decimal(0),
                error_messages={
                    "min_value": _("An amount below zero cannot be. Is less paid? Then record a correction."),
                },
                initial=known.get(place.municipality.pk),
            )

    @property
    def amounts(self) -> dict[tuple[int, int], Decimal]:
        """What was filled in, by municipality and year."""
        found = {self.keys[name]: value for name, value in self.cleaned_data.items() if name in self.keys}
        return {key: value for key, value in found.items() if value is not None}


def _proposal(place: Any, year: int, found: tuple[Decimal, int] | None) -> str:
    """The part by days of a year that is set, where the contract runs a part of this one."""
    if found is None:
        return ""
    return _("By days: %(amount)s, which is %(days)d days of the amount of %(year)d.") % {
        "amount": format_euro(found[0]),
        "days": days_in(year, place.first, place.last),
        "year": found[1],
    }


class DivideForm(NldsForm):
    """Divide the amounts of a year into instalments."""

    submit_label = _("Divide the amounts")
    prefix = "deel"

    parts = forms.TypedChoiceField(
        label=_("Paid"),
        choices=[(number, NAMES_OF_PARTS[number]) for number in PARTS],
        coerce=int,
        initial=12,
        widget=forms.RadioSelect,
        error_messages={"required": _("Make a choice.")},
    )


class CorrectionForm(NldsForm):
    """A correction of a year: more, or less with a minus."""

    submit_label = _("Record the correction")

    amount = MoneyField(
        label=_("Amount"),
        help_text=_("With a minus before it where less is paid, for example -1250,00."),
        error_messages={"required": _("Enter an amount in euros, for example 1250,00.")},
    )
    due_on = forms.DateField(label=_("Due on"), widget=DateInput, error_messages=NO_DATE)
    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("The contractor reads it. Do not write anything about a client."),
        max_length=500,
        validators=[no_person],
        widget=forms.Textarea({"rows": 3}),
        error_messages={"required": _("Give the reason of the correction. The contractor reads it.")},
    )


class ExportForm(NldsForm):
    """A new file of payments."""

    submit_label = _("Make the file")

    region = forms.ModelChoiceField(label=_("Region"), queryset=Region.objects.none(), empty_label=None)
    until = forms.DateField(
        label=_("Due up to and including"),
        help_text=_("All payments due up to this day that stand in no file yet."),
        widget=DateInput,
        error_messages=NO_DATE,
    )

    def __init__(self, *args: Any, regions: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["region"]
        field.queryset = regions


class LumpsumFileForm(NldsForm):
    """A CSV or XLSX file with lump sums."""

    submit_label = _("Take over the amounts")

    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV or XLSX, at most 2 MB, in the form of the template."),
        error_messages={"required": _("Choose a file."), "empty": _("This file is empty.")},
        widget=forms.FileInput({"accept": ".csv,.xlsx"}),
    )

    def clean_file(self) -> Any:
        found = self.cleaned_data["file"]
        if found.size > LARGEST:
            raise forms.ValidationError(_("This file is larger than 2 MB. Divide it over several files."))
        return found
