"""The one exception with which a service says that a rule was broken."""

from __future__ import annotations


class RuleViolation(Exception):
    """A rule of the law, of the tender or of the portal forbids this step.

    `message` is translated text for the user that says what to do; `field` is the form field it
    belongs beside, or None where it concerns the whole form.
    """

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class NotAllowed(RuleViolation):
    """The role or the assignment of this user does not permit this step."""
