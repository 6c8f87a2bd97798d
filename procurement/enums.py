"""Choices of the procurement app. Their order is the order in which they are shown."""

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class Procedure(models.TextChoices):
    """Procedures of the seeds. A name, not yet a course of its own: only `restricted` runs here."""

    RESTRICTED = "restricted", _("Restricted procedure with preselection")
    OPEN = "open", _("Open procedure")
    OPEN_HOUSE = "open_house", _("Open house")
    NEGOTIATED = "negotiated", _("Negotiated framework (bestuurlijk aanbesteden)")
    SIMPLE = "simple", _("Simple track")
    UNKNOWN = "unknown", _("Not known")


class DatePrecision(models.TextChoices):
    """How precisely a source knows a date (procurement/data/README.md); the day given is then a place to sort on."""

    DAY = "day", _("On the day")
    MONTH_START = "month-start", _("Early in the month")
    MONTH_END = "month-end", _("Late in the month")
    MONTH = "month", _("In the month")
    QUARTER = "quarter", _("In the quarter")
    YEAR = "year", _("In the year")


class TenderStatus(models.TextChoices):
    DRAFT = "draft", _("In preparation")
    PUBLISHED = "published", _("Published")
    COMPLETED = "completed", _("Completed")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Stage(models.TextChoices):
    """The two stages of the restricted procedure (002_6dfa1213d0e534a1.txt)."""

    SELECTION = "selection", _("Selection stage")
    AWARD = "award", _("Award stage")


class RoundStatus(models.TextChoices):
    """The life of a round, up to its opened vault."""

    PLANNED = "planned", _("Planned")
    OPEN = "open", _("Open for submissions")
    CLOSED = "closed", _("Closed, vault sealed")
    OPENED = "opened", _("Vault opened")


class SegmentRoundStatus(models.TextChoices):
    """The evaluation of one segment in one round."""

    PENDING = "pending", _("Not yet begun")
    SCORING = "scoring", _("Individual scoring")
    CONSENSUS = "consensus", _("Consensus")
    FIXED = "fixed", _("Scores fixed")
    RANKED = "ranked", _("Ranked")
    DECIDED = "decided", _("Decided")


class SubmissionStatus(models.TextChoices):
    DRAFT = "draft", _("Draft, not yet submitted")
    SUBMITTED = "submitted", _("Submitted")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class SeatRole(models.TextChoices):
    """What a member of the evaluation committee does: score, lead the meeting, or look on."""

    MEMBER = "member", _("Evaluator")
    CHAIR = "chair", _("Chair")
    OBSERVER = "observer", _("Observer")


class Interest(models.TextChoices):
    """What may tie an evaluator to a bidder (Aw 1.10b)."""

    NONE = "none", _("No interest")
    EMPLOYMENT = "employment", _("Works or worked there")
    FAMILY = "family", _("Family or close friends work there")
    SHAREHOLDING = "shareholding", _("Has a share in it or is paid by it")
    OTHER = "other", _("Something else")


class ScoringOrder(models.TextChoices):
    """How evaluators go through the work."""

    FREE = "free", _("Each evaluator chooses")
    PER_BID = "per_bid", _("One bid at a time, all criteria")
    PER_CRITERION = "per_criterion", _("One criterion at a time, all bids")


class RequirementKind(models.TextChoices):
    """Why one can fall out before scores count: grounds for exclusion, suitability, minimum requirements."""

    EXCLUSION = "exclusion", _("Ground for exclusion")
    SUITABILITY = "suitability", _("Suitability requirement")
    MINIMUM = "minimum", _("Minimum requirement")


class DrawKind(models.TextChoices):
    """How lots are drawn."""

    SEED = "seed", _("With a seed that was promised beforehand")
    PHYSICAL = "physical", _("By hand, with a record")


class ReevaluationCause(models.TextChoices):
    """Why a scoring is done again."""

    OBJECTION = "objection", _("An objection")
    JUDGMENT = "judgment", _("A judgment")
    MISTAKE = "mistake", _("A mistake of our own")


class Custody(models.TextChoices):
    """Who holds the private key of a vault until it is opened."""

    OPERATOR = "operator", _("The portal, wrapped by its key service")
    CUSTODIANS = "custodians", _("Custodians, in shares on paper")


class VaultContent(models.TextChoices):
    """What a key of the vault opens: everything, or the prices within it."""

    CONTENT = "content", _("Everything")
    PRICE = "price", _("Prices")


class ReceiptKind(models.TextChoices):
    SUBMISSION = "submission", _("Submission")
    WITHDRAWAL = "withdrawal", _("Withdrawal")


class Completeness(models.TextChoices):
    """What the completeness check says of a submission."""

    COMPLETE = "complete", _("Complete")
    CLARIFY = "clarify", _("To clarify")
    EXCLUDED = "excluded", _("Excluded")


class EntryStatus(models.TextChoices):
    """How an entry stands in the ranking (the words of scoring-dossier.md)."""

    ADMITTED = "admitted", _("Admitted")
    EXCLUDED = "excluded", _("Excluded")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    DROPPED = "dropped", _("Dropped out")


class Outcome(models.TextChoices):
    """What a ranking says of an entry (the words of scoring-dossier.md)."""

    SELECTED = "selected", _("Selected")
    RESERVE = "reserve", _("Reserve")
    PENDING_DRAW = "pending_draw", _("Draw needed")
    KNOCKED_OUT = "knocked_out", _("Below a minimum score")
    BELOW_MINIMUM = "below_minimum", _("Below the minimum total")
    EXCLUDED = "excluded", _("Excluded")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    DROPPED = "dropped", _("Dropped out")

    def said_in(self, stage: str) -> str:
        """The word for it on screen: at the award nobody is selected any more, but gets a contract."""
        return gettext("Award") if self == Outcome.SELECTED and stage == "award" else str(self.label)


class QuestionKind(models.TextChoices):
    TEXT = "text", _("Text")
    FILE = "file", _("PDF file")
    NUMBER = "number", _("Number")
    PRICE = "price", _("Price")
    BOOLEAN = "boolean", _("Yes or no")


class CriterionKind(models.TextChoices):
    GRADED = "graded", _("Graded")
    PRICE = "price", _("Price")


class Method(models.TextChoices):
    WEIGHTED_POINTS = "weighted_points", _("Best price-quality ratio (weighted points)")
    AWARD_ON_VALUE = "award_on_value", _("Award on value (gunnen op waarde)")


class Formula(models.TextChoices):
    ABSOLUTE_LINEAR = "absolute_linear", _("Absolute, linear")
    RELATIVE_LOWEST = "relative_lowest", _("Relative to the lowest price")


class OnExclusion(models.TextChoices):
    """What happens when a bid falls out after the ranking; fixed before publication."""

    KEEP_RANKING = "keep_ranking", _("Keep the ranking")
    RESCORE = "rescore", _("Score anew")


class FundingModel(models.TextChoices):
    """Bekostiging (002_6dfa1213d0e534a1.txt)."""

    LUMPSUM = "lumpsum", _("Lump sum")
    POPULATION = "population", _("Population-based")
    PXQ = "pxq", _("Price times quantity (PxQ)")
    UNKNOWN = "unknown", _("Not known")


class DecisionStatus(models.TextChoices):
    """A decision is proposed, approved by the colleges where it is an award, signed by mandate, and sent."""

    PROPOSED = "proposed", _("Proposed")
    APPROVED = "approved", _("Approved, to be signed")
    ADOPTED = "adopted", _("Signed")
    SENT = "sent", _("Sent to the bidders")
    FINAL = "final", _("Final")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class CollegeDecisionStatus(models.TextChoices):
    PENDING = "pending", _("To be decided")
    APPROVED = "approved", _("Approved")
    RESERVED = "reserved", _("Approved with a reservation")
    REJECTED = "rejected", _("Not approved")


class AwardStatus(models.TextChoices):
    """Voorlopige en definitieve gunning (Aw 2.127-2.131)."""

    PENDING = "pending", _("Provisional")
    ACTIVE = "active", _("Final")
    CANCELLED = "cancelled", _("Cancelled")


class LetterKind(models.TextChoices):
    """What a letter tells one bidder. A selection or an award decides on all of them at once."""

    SELECTED = "selected", _("Selected")
    NOT_SELECTED = "not_selected", _("Not selected")
    AWARDED = "awarded", _("Awarded")
    NOT_AWARDED = "not_awarded", _("Not awarded")
    RESERVE = "reserve", _("Reserve")
    BELOW_MINIMUM = "below_minimum", _("Below the minimum")
    EXCLUDED = "excluded", _("Excluded")
    WITHDRAWN = "withdrawn", _("Withdrawn by the bidder")
    PENDING_DRAW = "pending_draw", _("A draw decides")
    INVITATION = "invitation", _("Invitation to bid")
    DECISION_WITHDRAWN = "decision_withdrawn", _("Decision withdrawn")
    FINAL = "final", _("The award is final")


class BatchPurpose(models.TextChoices):
    """Why letters go out to all bidders of a segment at one moment."""

    DECISION = "decision", _("The decision")
    DRAW = "draw", _("Announcement of a draw")
    INVITATION = "invitation", _("Invitation to bid")
    WITHDRAWAL = "withdrawal", _("Withdrawal of the decision")
    FINAL = "final", _("The final award")


class BatchStatus(models.TextChoices):
    PREPARED = "prepared", _("Being made")
    SENT = "sent", _("Sent")
    STOPPED = "stopped", _("Stopped")


class TextPlace(models.TextChoices):
    """Where in a letter the region's own words stand."""

    OPENING = "opening", _("After the salutation")
    CLOSING = "closing", _("Before the signature")


class MotivationKind(models.TextChoices):
    """A part of the reasons in a letter."""

    OWN = "own", _("The bidder's own score")
    ADVANTAGE = "advantage", _("Relative advantage of an awarded bid (Aw 2.130)")


class ObjectionKind(models.TextChoices):
    """What can be brought against a decision. The first two hold up the contract while they run."""

    OBJECTION = "objection", _("Objection")
    INTERIM_RELIEF = "interim_relief", _("Interim relief (kort geding)")
    COMPLAINT = "complaint", _("Complaint (klachtenmeldpunt)")


class ObjectionStatus(models.TextChoices):
    RECEIVED = "received", _("Received")
    IN_REVIEW = "in_review", _("Being handled")
    UPHELD = "upheld", _("Upheld")
    REJECTED = "rejected", _("Not upheld")
    WITHDRAWN = "withdrawn", _("Taken back")


class ObjectionConsequence(models.TextChoices):
    """What an upheld objection, judgment or complaint leads to."""

    NONE = "none", _("Nothing changes")
    REEVALUATION = "reevaluation", _("The scoring is done again")
    AWARD_WITHDRAWN = "award_withdrawn", _("The decision is withdrawn")


class LetterStatus(models.TextChoices):
    QUEUED = "queued", _("Waiting")
    RENDERED = "rendered", _("Made")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Failed")
    STOPPED = "stopped", _("Stopped")
