"""Fields and widgets for what this portal asks often: dates, moments, and money as people write it."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _


class DateInput(forms.DateInput):
    """The browser's own date picker; it always speaks ISO, whatever the page's language."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class DateTimeInput(forms.DateTimeInput):
    """The browser's own picker of a day and a time, in Dutch time."""

    input_type = "datetime-local"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%dT%H:%M")


class MoneyInput(forms.TextInput):
    """A text box with a euro sign before it; a number box would refuse `1.240.000,00`."""

    prefix = "€"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"inputmode": "decimal", "autocomplete": "off", **(attrs or {})})

    def format_value(self, value: Any) -> str | None:
        if isinstance(value, Decimal | int):
            return str(number_format(value, decimal_pos=2, use_l10n=True, force_grouping=True))
        return super().format_value(value)


class MoneyField(forms.DecimalField):
    """An amount in euros, exact, read as people write it: `1.240.000,00`, `1240000`, `€ 1 240 000,5`."""

    widget = MoneyInput
    default_error_messages = {
        "invalid": _("Enter an amount in euros, for example 1250,00."),
    }

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_digits", 14)
        kwargs.setdefault("decimal_places", 2)
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]
        if isinstance(value, str):
            value = plain_amount(value)
            # A decimal field would take `1e5` and `infinity` as well: nobody writes an amount like that.
            if value and not re.fullmatch(r"-?[0-9]+(\.[0-9]*)?|-?\.[0-9]+", value):
                raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(value)


def plain_amount(text: str) -> str:
    """What was typed with separators as a plain decimal; a lone point before three digits separates thousands."""
    bare = re.sub(r"[\s\u00a0\u202f€]", "", text)
    if "," in bare and bare.rfind(",") > bare.rfind("."):
        return bare.replace(".", "").replace(",", ".")
    if re.fullmatch(r"-?\d{1,3}(\.\d{3})+", bare):
        return bare.replace(".", "")
    return bare.replace(",", "")
