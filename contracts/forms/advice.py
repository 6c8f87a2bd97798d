"""The advice of a municipality on a change of subcontractor."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from achterhoek.nlds.forms import NldsForm
from contracts.enums import AdviceOutcome
from contracts.forms.change_fields import text_field


class GiveAdviceForm(NldsForm):
    """In favour, against, or no opinion; against says why."""

    submit_label = _("Send the advice to Team CLM")

    outcome = forms.ChoiceField(
        label=_("Advice of your municipality"),
        choices=AdviceOutcome.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose your advice.")},
    )
    text = text_field(
        _("Explanation"),
        _("Team CLM reads it, the contractor does not. Needed when your municipality is against it."),
        "",
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("outcome") == AdviceOutcome.NEGATIVE and not (data.get("text") or "").strip():
            self.add_error("text", gettext("Say why your municipality is against it."))
        return data
