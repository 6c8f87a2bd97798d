"""What a contractor fills in of a quarter, how Team CLM judges it, and a file with many figures."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from achterhoek.nlds.forms import NldsForm, NldsFormHelper
from contracts.domain.figures import read_figure
from contracts.forms.change_fields import no_person, text_field
from contracts.selectors.indicators import range_of, why_not
from contracts.selectors.results import FigureField, Sheet
from contracts.services.result_files import LARGEST
from contracts.services.results import Given, Key

NUMBER = forms.TextInput({"inputmode": "decimal", "autocomplete": "off"})


class ReportForm(NldsForm):
    """The figures of one quarter: of the whole contract, and as far as they are known of each municipality."""

    submit_label = _("Hand in the report")
    show_optional = False

    def __init__(self, *args: Any, sheet: Sheet, **kwargs: Any) -> None:
        super().__init__(*args, initial=sheet.typed(), **kwargs)
        self.sheet = sheet
        for field in sheet.fields():
            self.fields[field.name] = forms.CharField(label=_label(field), required=False, max_length=40, widget=NUMBER)
            if field.place is None:
                self.fields[field.name].help_text = range_of(field.asked.indicator)
                self.fields[field.remark_name] = forms.CharField(
                    label=_("Remark on %(name)s") % {"name": field.asked.indicator.name},
                    help_text=_("Is the figure not known? Say why here."),
                    required=False, max_length=500, validators=[no_person], widget=forms.TextInput,
                )  # fmt: skip
        self.fields["explanation"] = text_field(
            _("Explanation"), _("What stands behind the figures. The municipalities read it."), "", required=False
        )

    def clean(self) -> dict[str, Any]:
        """Every figure that cannot be gets its own reason; what lacks is told as well."""
        self.figures: dict[Key, Given] = {}
        for field in self.sheet.fields():
            text = str(self.cleaned_data.get(field.name, ""))
            remark = str(self.cleaned_data.get(field.remark_name, ""))
            try:
                value = read_figure(text)
            except ValueError:
                self.add_error(field.name, _("Fill in a figure, for example 12,5."))
                continue
            if value is not None and (reason := why_not(field.asked.indicator, value)):
                self.add_error(field.name, reason)
            elif value is None and field.place is None and not remark and field.remark_name not in self.errors:
                self.add_error(
                    field.name,
                    _("Fill in the figure. Is it not known? Then leave it empty and say why in the remark."),
                )
            self.figures[field.key] = Given(value, remark)
        return self.cleaned_data

    @property
    def groups(self) -> list[tuple[Any, forms.BoundField, forms.BoundField, list[forms.BoundField]]]:
        """For the page: each indicator with its figure, its remark, and the figures of the municipalities."""
        found: list[tuple[Any, forms.BoundField, forms.BoundField, list[forms.BoundField]]] = []
        for field in self.sheet.fields():
            if field.place is None:
                found.append((field.asked, self[field.name], self[field.remark_name], []))
            else:
                found[-1][3].append(self[field.name])
        return found


def _label(field: FigureField) -> Any:
    """With the indicator, so that the list of errors says which figure is meant."""
    words = {"name": field.asked.indicator.name, "place": field.place.name if field.place else ""}
    return _("%(name)s, %(place)s") % words if field.place else _("%(name)s, whole contract") % words


class SendBackForm(NldsForm):
    """Send a report back."""

    submit_label = _("Send it back")

    def __init__(self, *args: Any, action: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.action = action

    @property
    def helper(self) -> NldsFormHelper:
        """It stands on the page of the report, and has an address of its own."""
        helper = super().helper
        helper.form_action = self.action
        return helper

    reason = text_field(
        _("What has to be corrected"),
        _("The contractor reads it, and corrects the report."),
        _("Say what has to be corrected. The contractor reads it."),
        rows=3,
    )


class ImportForm(NldsForm):
    """A CSV or XLSX file with figures."""

    submit_label = _("Take over the figures")

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
