"""The form with which the lead records that a ranked bid dropped out."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from achterhoek.nlds.forms import NldsForm

MAX_LENGTH = 2000


class DropForm(NldsForm):
    """Which bid, and why."""

    entry = forms.TypedChoiceField(
        label=_("Which bid drops out?"),
        coerce=int,
        error_messages={"required": _("Choose the bid that drops out.")},
    )
    reason = forms.CharField(
        label=_("Why does it drop out?"),
        help_text=_("It is part of the record of this tender. The bidder reads it in the letter."),
        max_length=MAX_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Give the reason. It is part of the record, and the bidder reads it.")},
    )

    def __init__(self, *args: Any, bids: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["entry"]
        field.choices = [("", _("Choose a bid")), *bids]
