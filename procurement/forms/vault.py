"""The form of an opener's confirmation."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from achterhoek.accounts.models import User
from achterhoek.accounts.second_factor import Factor, WrongFactor, confirm_factor, factor_of
from achterhoek.errors import RuleViolation
from achterhoek.nlds.forms import NldsForm
from achterhoek.sealing.shares import ShareProblem
from procurement.forms.custody import ShareField
from procurement.models import Round
from procurement.selectors.custody import join_shares


class CodeInput(forms.TextInput):
    """Shows what is typed, but never again in an answer: a code works only once anyhow."""

    def format_value(self, value: Any) -> None:
        return None


def _code() -> forms.CharField:
    return forms.CharField(
        label=_("Code of your authenticator app"),
        help_text=_("The six digits that the app shows now. A recovery code works too."),
        max_length=20,
        widget=CodeInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
        error_messages={"required": _("Enter the code of your authenticator app.")},
    )


def _password() -> forms.CharField:
    return forms.CharField(
        label=_("Your password"),
        help_text=_("The password with which you log in."),
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        strip=False,
        error_messages={"required": _("Enter your password.")},
    )


class ConfirmOpeningForm(NldsForm):
    """The opener's second factor once more: who sits at an open screen is not yet the opener.

    The last opener of a vault in custodian mode types the custodians' shares in as well (`shares` fields). They
    are looked at first: a code of an authenticator app works only once, and is not spent on a typing error.
    """

    submit_label = gettext_lazy("Confirm opening the vault")

    def __init__(self, *args: Any, user: User, round: Round, shares: int = 0, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.round = user, round
        self.wrong_factor = False
        self.factor = factor_of(user)
        self.share_fields = [f"share_{number}" for number in range(1, shares + 1)]
        for number, name in enumerate(self.share_fields, start=1):
            self.fields[name] = ShareField(label=_("Words of paper %(number)d") % {"number": number})
        if self.factor != Factor.NONE:
            self.fields[self.factor.value] = _code() if self.factor == Factor.CODE else _password()

    @property
    def shares(self) -> list[str]:
        """What was typed, for the service that joins it; the form is forgotten with the answer."""
        return [self.cleaned_data[name] for name in self.share_fields]

    def clean(self) -> dict[str, Any]:
        if not self.errors and self.share_fields:
            self._look_at_shares()
        if not self.errors:
            self._look_at_factor()
        return self.cleaned_data

    def _look_at_shares(self) -> None:
        try:
            join_shares(self.round, self.shares)
        except ShareProblem as problem:
            self.add_error(None if problem.place is None else self.share_fields[problem.place], problem.message)

    def _look_at_factor(self) -> None:
        try:
            confirm_factor(self.user, self.cleaned_data.get(self.factor.value, ""))
        except RuleViolation as broken:
            self.wrong_factor = isinstance(broken, WrongFactor)
            self.refuse(broken)
