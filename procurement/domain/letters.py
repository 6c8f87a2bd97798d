"""What a decision letter says, and the dates that hold after it. Pure: facts in, facts out.

Every figure is text already, in Dutch notation: a letter is written in one language and never computes.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from procurement.domain.letter_frame import PLAIN, Head
from procurement.domain.letter_frame import Party as Party
from procurement.domain.periods import Calendar, standstill_end

OBJECTION_DAYS: Final = 20
"""The contractual vervaltermijn where the tender does not set another one."""


@dataclass(frozen=True, slots=True)
class NoticeDates:
    """`standstill_until` is the last day on which nothing may be signed; None after a selection."""

    sent: date
    standstill_until: date | None
    objection_cutoff: date


def notice_dates(sent: date, *, award: bool, calendar: Calendar, cutoff_days: int = OBJECTION_DAYS) -> NoticeDates:
    """The dates that follow from sending.

    The standstill holds for an award only and rolls past days off (Aw 2.127, Algemene termijnenwet art. 1).
    The contractual cut-off is a second date, which does not roll: it is no term of the law.
    """
    if cutoff_days < 1:
        raise ValueError("the cut-off is at least one day")
    standstill = standstill_end(sent, calendar=calendar) if award else None
    return NoticeDates(sent, standstill, sent + timedelta(days=cutoff_days))


# The outcomes of a ranking that have a kind of letter of their own; the values of `LetterKind`.
KINDS: Final = {
    "knocked_out": "below_minimum",
    "below_minimum": "below_minimum",
    "excluded": "excluded",
    "dropped": "excluded",
    "withdrawn": "withdrawn",
    "pending_draw": "pending_draw",
}
GOOD_NEWS: Final = frozenset({"awarded", "selected", "invitation"})


def kind_of(outcome: str, *, award: bool, announced_reserve: bool = False) -> str:
    """Which kind of letter tells this outcome of a ranking. Only `selected` is good news, in either stage.

    `announced_reserve`: the bid is among the first reserves, as many as the tender said there would be.
    """
    if outcome == "selected":
        return "awarded" if award else "selected"
    if outcome == "reserve" and announced_reserve:
        return "reserve"
    return KINDS.get(outcome, "not_awarded" if award else "not_selected")


@dataclass(frozen=True, slots=True)
class CriterionLine:
    """One criterion as it was judged: own score, weight, points, and why (the consensus motivation)."""

    code: str
    title: str
    weight: str
    score: str
    points: str
    reason: str
    minimum: str = ""
    below_minimum: bool = False


@dataclass(frozen=True, slots=True)
class Winner:
    """A bidder that was awarded: its name, its place, and a score for each criterion, in their order."""

    name: str
    rank: str
    total: str
    scores: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Advantage:
    """A relative advantage of an awarded bid (Aw 2.130): it scored higher, and this is its motivation."""

    winner: str
    score: str
    reason: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """The advantages on one criterion, the best score first."""

    code: str
    title: str
    own_score: str
    advantages: tuple[Advantage, ...]


@dataclass(frozen=True, slots=True)
class UnmetRequirement:
    code: str
    title: str
    reason: str


@dataclass(frozen=True, slots=True)
class LetterContent:
    """All that one letter says. The same content gives the same bytes.

    `kind` is a value of `LetterKind`; `facts` what only this batch tells (the reason of a withdrawal, when a draw is).
    `mandate` is the rule on which `signatory` signed; `opening` and `closing` are the region's own words.
    `outcome` is the word of the ranking. `ranked` is the number of bids with a rank, `eligible_last` the
    total of the last one that got a place.
    """

    kind: str
    award: bool
    language: str
    outcome: str
    dates: NoticeDates
    sender: Party
    region: str
    receiver: Party
    decision_number: str
    submission_number: str
    tender: str
    lot: str
    segment: str
    places: int
    by_value: bool
    scale_max: str
    criteria: tuple[CriterionLine, ...]
    rank: str
    ranked: int
    total: str
    minimum_total: str
    last_place_total: str
    status_reason: str
    unmet: tuple[UnmetRequirement, ...]
    winners: tuple[Winner, ...]
    comparisons: tuple[Comparison, ...]
    reservations: tuple[str, ...]
    municipalities: tuple[str, ...]
    court: str
    bid_deadline: str
    signatory: str
    digest: str
    facts: tuple[tuple[str, str], ...] = ()
    head: Head = PLAIN
    opening: tuple[str, ...] = ()
    closing: tuple[str, ...] = ()
    mandate: str = ""
    reserve_place: str = ""

    @property
    def told(self) -> dict[str, str]:
        return dict(self.facts)

    @property
    def dated(self) -> date:
        return self.dates.sent

    @property
    def our_reference(self) -> str:
        return self.decision_number

    @property
    def your_reference(self) -> str:
        return self.submission_number

    @property
    def about(self) -> str:
        return self.tender

    @property
    def good_news(self) -> bool:
        return self.kind in GOOD_NEWS or (self.kind == "final" and self.outcome == "selected")

    @property
    def scored(self) -> bool:
        """Whether there are scores to tell; a bid that was kept out has none."""
        return bool(self.criteria)

    @property
    def criterion_codes(self) -> tuple[str, ...]:
        return tuple(line.code for line in self.criteria)
