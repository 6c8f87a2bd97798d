"""The second factor once more, at a step that must not hang on an open screen alone: a code of the person's
authenticator app, or a recovery code. An account of the demo that has none confirms with its password.

Checking and its limits are allauth's own: a code works once, and five wrong ones close the door for five minutes.
"""

from __future__ import annotations

from enum import Enum

from allauth.account.adapter import get_adapter
from allauth.core import context
from allauth.mfa.base.forms import ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from achterhoek.accounts.models import User
from achterhoek.errors import RuleViolation

TOO_MANY = "too_many_login_attempts"


class Factor(Enum):
    """What somebody can confirm with. The value is the name of its field."""

    CODE = "code"
    PASSWORD = "password"  # noqa: S105
    NONE = ""


class WrongFactor(RuleViolation):
    """The code or the password was wrong. Worth a line in the log, unlike an attempt that was not even looked at."""


def factor_of(user: User) -> Factor:
    """What this person confirms with. NONE: they first have to set up a second factor."""
    if is_mfa_enabled(user, [Authenticator.Type.TOTP]):
        return Factor.CODE
    return Factor.PASSWORD if user.is_demo else Factor.NONE


@sensitive_variables()
def confirm_factor(user: User, given: str) -> None:
    """Check what was typed, for who is logged in. Raises `WrongFactor`, or `RuleViolation` after too many."""
    factor = factor_of(user)
    if factor == Factor.CODE:
        _confirm_code(user, given)
    elif factor == Factor.PASSWORD:
        _confirm_password(user, given)
    else:
        raise RuleViolation(_("First set up a second factor for your account."))


@sensitive_variables()
def _confirm_code(user: User, code: str) -> None:
    form = ReauthenticateForm({"code": code.strip()}, user=user)
    if form.is_valid():
        form.save()
    elif form.has_error("code", TOO_MANY):
        raise _too_many("code")
    else:
        text = _("This code is not right, or was used before. Wait for the next code in your app and type that in.")
        raise WrongFactor(text, field="code")


@sensitive_variables()
def _confirm_password(user: User, password: str) -> None:
    try:
        right = get_adapter(context.request).reauthenticate(user, password)
    except ValidationError:
        raise _too_many("password") from None
    if not right:
        raise WrongFactor(_("This is not your password. Try again."), field="password")


def _too_many(field: str) -> RuleViolation:
    return RuleViolation(_("This was tried too often. Wait five minutes and try again."), field=field)
