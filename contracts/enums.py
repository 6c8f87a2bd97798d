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
    TERMINATION = "termination", _("The contract ends early")
    AMENDMENT = "amendment", _("The contract is amended")


class ChangeKind(models.TextChoices):
    ADD = "add", _("Add a subcontractor")
    STOP = "stop", _("Stop with a subcontractor")
    CHANGE = "change", _("Change the work of a subcontractor")


class ChangeStatus(models.TextChoices):
    REQUESTED = "requested", _("Asked")
    QUESTIONED = "questioned", _("Question to the contractor")
    APPROVED = "approved", _("Approved")
    CONDITIONAL = "conditional", _("Approved with conditions")
    REFUSED = "refused", _("Refused")
    WITHDRAWN = "withdrawn", _("Withdrawn")


# Still to be decided, also while the contractor has a question to answer.
OPEN_CHANGES = (ChangeStatus.REQUESTED, ChangeStatus.QUESTIONED)


class SigningSide(models.TextChoices):
    CONTRACTOR = "contractor", _("The contractor")
    AUTHORITY = "authority", _("The contracting authority")


class OptionOutcome(models.TextChoices):
    """What one college decides on an option."""

    EXTEND = "extend", _("Extend")
    CONDITIONAL = "conditional", _("Extend on a condition")
    DECLINE = "decline", _("Do not extend")


class AmendmentKind(models.TextChoices):
    INDEXATION = "indexation", _("Price indexation")
    SCOPE = "scope", _("More or less work")
    TERM = "term", _("Terms")
    REPLACEMENT = "replacement", _("Replacement of the contractor")
    PARTIES = "parties", _("Members of the consortium and their shares")
    TEXT = "text", _("Text")


class MemberStep(models.TextChoices):
    """What an amendment does with a member of the consortium."""

    JOIN = "join", _("Joins")
    LEAVE = "leave", _("Leaves")
    SHARE = "share", _("Gets another share")


class LegalGround(models.TextChoices):
    """On which ground a contract may be changed without a new tender (Aw 2.163b-g)."""

    DE_MINIMIS = "2.163b", _("Small change, below 10% (Aw 2.163b)")
    CLAUSE = "2.163c", _("Clear clause in the contract (Aw 2.163c)")
    ADDITIONAL = "2.163d", _("Additional work that was needed (Aw 2.163d)")
    UNFORESEEN = "2.163e", _("Could not be foreseen (Aw 2.163e)")
    REPLACEMENT = "2.163f", _("Replacement of the contractor (Aw 2.163f)")
    NOT_SUBSTANTIAL = "2.163g", _("Not substantial (Aw 2.163g)")


class AmendmentStatus(models.TextChoices):
    DRAFT = "draft", _("Being written")
    SIGNED = "signed", _("Signed")
    DROPPED = "dropped", _("Dropped")


class Direction(models.TextChoices):
    HIGHER = "higher", _("Higher is better")
    LOWER = "lower", _("Lower is better")


class ReportStatus(models.TextChoices):
    ASKED = "asked", _("To be handed in")
    SUBMITTED = "submitted", _("Handed in")
    RETURNED = "returned", _("Sent back")
    ACCEPTED = "accepted", _("Accepted")


class EvaluationStatus(models.TextChoices):
    OPEN = "open", _("Being filled in")
    CONCLUDED = "concluded", _("Concluded")


class EvaluationSide(models.TextChoices):
    CONTRACTOR = "contractor", _("Contractor")
    CLM = "clm", _("Team CLM")


class TariffUnit(models.TextChoices):
    """What one tariff pays for."""

    HOUR = "hour", _("an hour")
    DAY_PART = "day_part", _("a part of a day")
    DAY = "day", _("a day")
    NIGHT = "night", _("a night")
    TRAJECTORY = "trajectory", _("a trajectory")
    INHABITANT = "inhabitant", _("an inhabitant a year")


class PaymentKind(models.TextChoices):
    INSTALMENT = "instalment", _("Instalment")
    CORRECTION = "correction", _("Correction")


class MessageSide(models.TextChoices):
    CLM = "clm", _("Team CLM")
    CONTRACTOR = "contractor", _("Contractor")


class AdviceOutcome(models.TextChoices):
    POSITIVE = "positive", _("In favour")
    NEGATIVE = "negative", _("Against")
    NONE = "none", _("No opinion")


class EvidenceKind(models.TextChoices):
    """What a newcomer hands in (Aw 2.84, 2.89), with how long it holds."""

    SELF_DECLARATION = "self_declaration", _("Self-declaration")
    KVK_EXTRACT = "kvk_extract", _("Extract of the KvK")
    CONDUCT = "conduct", _("Declaration of conduct in procurement (GVA)")
    TAX = "tax", _("Statement of the tax authority")
    QUALITY = "quality", _("Quality certificate, or equivalent")
    OTHER = "other", _("Something else")


class TransitionStatus(models.TextChoices):
    PROPOSED = "proposed", _("Proposed")
    AGREED = "agreed", _("Agreed")
    DONE = "done", _("Handed over")
    DROPPED = "dropped", _("Dropped")
