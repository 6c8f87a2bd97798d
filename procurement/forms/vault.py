"""The form of an opener's confirmation."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from achterhoek.nlds.forms import NldsForm


class ConfirmOpeningForm(NldsForm):
    """The opener's own password once more: who sits at an open screen is not yet the opener."""

    submit_label = gettext_lazy("Confirm opening the vault")

    password = forms.CharField(
        label=gettext_lazy("Your password"),
        help_text=gettext_lazy("The password with which you log in."),
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        strip=False,
        error_messages={"required": gettext_lazy("Enter your password.")},
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if not self.user.check_password(password):
            raise forms.ValidationError(_("This is not your password. Try again."))
        return password
