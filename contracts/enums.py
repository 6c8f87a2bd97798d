"""Choices of the contracts app."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ContractStatus(models.TextChoices):
    PREPARED = "prepared", _("To be signed")
    ACTIVE = "active", _("In force")
    ENDED = "ended", _("Ended")
    TERMINATED = "terminated", _("Ended early")


class TermStatus(models.TextChoices):
    """The first term is committed; an option is open until it is exercised or declined."""

    COMMITTED = "committed", _("Agreed")
    OPEN = "open", _("Option, to be decided")
    EXERCISED = "exercised", _("Option taken")
    DECLINED = "declined", _("Option not taken")


class ContractLetterKind(models.TextChoices):
    """What a letter about a contract tells."""

    CONTRACT = "contract", _("The contract is signed")
    EXTENSION = "extension", _("The contract is extended")
    NON_EXTENSION = "non_extension", _("The contract is not extended")
    SUBCONTRACTOR = "subcontractor", _("Decision on a subcontractor")


class ChangeKind(models.TextChoices):
    ADD = "add", _("Add a subcontractor")
    STOP = "stop", _("Stop with a subcontractor")


class ChangeStatus(models.TextChoices):
    REQUESTED = "requested", _("Asked")
    APPROVED = "approved", _("Approved")
    CONDITIONAL = "conditional", _("Approved with conditions")
    REFUSED = "refused", _("Refused")
    WITHDRAWN = "withdrawn", _("Withdrawn")
