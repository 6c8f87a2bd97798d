"""Choosing what a draft is filled with: an earlier submission, or the team's own package."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from achterhoek.nlds.forms import NldsForm


class RestoreForm(NldsForm):
    """The ZIP that was downloaded here earlier."""

    submit_label = _("Fill my draft with it")

    package = forms.FileField(
        label=_("Your package (ZIP)"),
        help_text=_("The ZIP file that you downloaded here, unchanged. What stands in your draft already stays."),
        widget=forms.FileInput(attrs={"accept": ".zip,application/zip"}),
        error_messages={"empty": _("This file is empty. Choose the file again.")},
    )


class CopyForm(NldsForm):
    """Which earlier submission."""

    submit_label = _("Show what would be copied")
    form_method = "get"
    show_optional = False

    van = forms.ChoiceField(
        label=_("Earlier submission"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose an earlier submission."),
            "invalid_choice": _("Choose an earlier submission."),
        },
    )

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["van"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices
