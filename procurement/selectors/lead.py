"""What the procurement lead's pages show: each tender with its step, and what can be done now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from procurement.domain.progress import COURSE, RoundFacts, SegmentFacts, Step, current_step
from procurement.enums import DecisionStatus, RoundStatus, Stage, SubmissionStatus
from procurement.models import Decision, Entry, Round, SegmentRound, Tender

# The name of each step, and what the lead does at it.
LABELS: Mapping[Step, Promise] = {
    Step.PREPARE: _("Preparation"),
    Step.REQUESTS: _("Requests to participate"),
    Step.SELECTION_VAULT: _("Opening of the vault"),
    Step.SELECTION_SCORING: _("Judging the requests"),
    Step.SELECTION_DECISION: _("Selection decision"),
    Step.INVITE: _("Invitation to bid"),
    Step.BIDS: _("Bids"),
    Step.AWARD_VAULT: _("Opening of the bids"),
    Step.AWARD_SCORING: _("Judging the bids"),
    Step.AWARD_DECISION: _("Award decision"),
    Step.STANDSTILL: _("Standstill"),
    Step.CONTRACTS: _("Contracts"),
    Step.DONE: _("Completed"),
}
NOW: Mapping[Step, Promise] = {
    Step.PREPARE: _("Check the tender, choose a deadline and publish it."),
    Step.REQUESTS: _("Wait for requests. Nobody can see them before the deadline."),
    Step.SELECTION_VAULT: _("Wait until two openers have opened the vault."),
    Step.SELECTION_SCORING: _("Check that all is complete, seat committees, follow the scoring and make the ranking."),
    Step.SELECTION_DECISION: _("Adopt the selection decisions and send the letters."),
    Step.INVITE: _("Choose a deadline for the bids and invite the selected candidates."),
    Step.BIDS: _("Wait for bids. Nobody can see them before the deadline."),
    Step.AWARD_VAULT: _("Wait until two openers have opened the vault."),
    Step.AWARD_SCORING: _("Check the requirements, follow the scoring, record the consensus and make the ranking."),
    Step.AWARD_DECISION: _("Follow the decisions of the colleges, and send the letters when all have decided."),
    Step.STANDSTILL: _("Wait until the standstill has ended. After that you make the award final."),
    Step.CONTRACTS: _("Make the contracts, and complete the tender."),
    Step.DONE: _("You do not have to do anything."),
}
# At these steps the lead has something to do; at the others it waits for time or for somebody else.
ACTING = frozenset(
    {
        Step.PREPARE,
        Step.SELECTION_SCORING,
        Step.SELECTION_DECISION,
        Step.INVITE,
        Step.AWARD_SCORING,
        Step.AWARD_DECISION,
        Step.CONTRACTS,
    }
)


@dataclass(frozen=True, slots=True)
class LeadLine:
    """A tender of the lead with the step at which it stands."""

    tender: Tender
    step: Step
    deadline: datetime | None
    standstill_until: date | None = None

    @property
    def label(self) -> Promise:
        return LABELS[self.step]

    @property
    def what_now(self) -> Promise:
        return NOW[self.step]

    @property
    def waits_until(self) -> datetime | date | None:
        """The date this step looks forward to: the deadline of an open round, or the end of the standstill."""
        if self.step in (Step.REQUESTS, Step.BIDS):
            return self.deadline
        return self.standstill_until if self.step == Step.STANDSTILL else None

    @property
    def acting(self) -> bool:
        return self.step in ACTING


@dataclass(frozen=True, slots=True)
class LeadPage:
    """One tender for its lead: the steps, the rounds, and the decisions so far."""

    line: LeadLine
    steps: list[dict[str, Any]]
    rounds: list[Round]
    decisions: list[Decision]


def lead_lines(user: Any) -> list[LeadLine]:
    """The tenders that are this user's work (or the auditor's to look at): those to act on first."""
    lines = [_line(tender) for tender in _managed(user).filter(is_history=False)]
    order = {step: number for number, step in enumerate(COURSE)}
    return sorted(lines, key=lambda line: (not line.acting, order[line.step], line.tender.title))


def history_of(user: Any) -> list[Tender]:
    """Tenders of the past, loaded as they were."""
    found = Tender.objects.managed_by(user).filter(is_history=True).select_related("region")
    return list(found.order_by("region__name", "title"))


def lead_page(user: Any, slug: str) -> LeadPage | None:
    """The page of one tender; None where it is not this user's. Fixed number of queries.

    Of each segment the newest decision, also one that was withdrawn: it leads to all before it, and to what follows.
    """
    tender = _managed(user).filter(slug=slug).first()
    if tender is None:
        return None
    line = _line(tender)
    rounds = list(tender.rounds.all())
    newer = Decision.objects.filter(segment_round=OuterRef("segment_round"), pk__gt=OuterRef("pk"))
    decisions = (
        Decision.objects.filter(~Exists(newer), segment_round__round__tender=tender)
        .select_related("segment_round__segment", "segment_round__round")
        .order_by("segment_round__round_id", "segment_round__segment__position")
    )
    return LeadPage(line, _steps(line, rounds), rounds, list(decisions))


def overseen_tenders(user: Any) -> QuerySet[Tender]:
    """All tenders of the regions an auditor oversees."""
    return Tender.objects.managed_by(user).select_related("region").order_by("is_history", "title")


def _managed(user: Any) -> QuerySet[Tender]:
    in_force = Decision.objects.exclude(status=DecisionStatus.WITHDRAWN)
    # Asked only where the vault is open: before that nobody may know whether anybody takes part (Aw 2.108).
    entries = Entry.objects.filter(
        segment=OuterRef("segment"),
        submission__round=OuterRef("round"),
        submission__round__status=RoundStatus.OPENED,
        submission__status=SubmissionStatus.SUBMITTED,
    )
    rules = (
        SegmentRound.objects.annotate(has_entries=Exists(entries))
        .select_related("segment")
        .prefetch_related(Prefetch("decisions", in_force, to_attr="in_force"))
    )
    rounds = Round.objects.order_by("id").prefetch_related(
        Prefetch("segment_rounds", rules.order_by("segment__position", "segment_id"))
    )
    return Tender.objects.managed_by(user).select_related("region").prefetch_related(Prefetch("rounds", rounds))


def _line(tender: Tender) -> LeadLine:
    facts = {found.stage: _facts(found) for found in tender.rounds.all()}
    step = current_step(tender.status, facts.get(Stage.SELECTION, RoundFacts()), facts.get(Stage.AWARD, RoundFacts()))
    stage = Stage.AWARD if COURSE.index(step) >= COURSE.index(Step.INVITE) else Stage.SELECTION
    deadline = next((found.deadline for found in tender.rounds.all() if found.stage == stage), None)
    return LeadLine(tender, step, deadline, _standstill_until(tender))


def _standstill_until(tender: Tender) -> date | None:
    """The last day of the longest standstill that was told to bidders (Aw 2.127)."""
    rules = (
        rules for found in tender.rounds.all() if found.stage == Stage.AWARD for rules in found.segment_rounds.all()
    )
    decisions: list[Decision] = [decision for found in rules for decision in found.in_force]  # type: ignore[attr-defined]
    return max((d.standstill_until for d in decisions if d.standstill_until), default=None)


def _facts(round: Round) -> RoundFacts:
    segments = []
    for rules in round.segment_rounds.all():
        decisions: list[Decision] = rules.in_force  # type: ignore[attr-defined]
        has_entries: bool = rules.has_entries  # type: ignore[attr-defined]
        segments.append(SegmentFacts(decisions[0].status if decisions else "", has_entries))
    return RoundFacts(round.status, tuple(segments))


def _steps(line: LeadLine, rounds: list[Round]) -> list[dict[str, Any]]:
    """The whole course for the steps component, with the dates that are known."""
    dates = _dates(line.tender, rounds)
    place = COURSE.index(line.step)
    return [
        {
            "label": LABELS[step],
            "state": "done" if number < place or line.step == Step.DONE else "current" if number == place else "todo",
            "date": dates.get(step),
        }
        for number, step in enumerate(COURSE)
    ]


def _dates(tender: Tender, rounds: list[Round]) -> dict[Step, date | datetime | None]:
    found: dict[Step, date | datetime | None] = {Step.PREPARE: tender.published_at}
    for round in rounds:
        selection = round.stage == Stage.SELECTION
        found[Step.REQUESTS if selection else Step.BIDS] = round.deadline
        found[Step.SELECTION_VAULT if selection else Step.AWARD_VAULT] = round.opened_at
        if not selection:
            found[Step.INVITE] = round.opens_at
    return found
