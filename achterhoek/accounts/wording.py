"""Texts of django-allauth that this portal says in its own words.

Its Dutch says "je"; ours says "u". A text that stands here is kept in our catalogue, and ours is read first.
"""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

ALLAUTH_TEXTS = (
    _("Remember Me"),
    _("Password (again)"),
    _("You must type the same password each time."),
    _("Please type your current password."),
    _("The email address and/or password you specified are not correct."),
    _("Too many failed login attempts. Try again later."),
    _("Be patient, you are sending too many requests."),
    _("Use your password"),
    _("Use authenticator app or code"),
    _("You cannot deactivate two-factor authentication."),
    _("You cannot generate recovery codes without having two-factor authentication enabled."),
    _("You cannot activate two-factor authentication until you have verified your email address."),
    _("Incorrect code."),
)
