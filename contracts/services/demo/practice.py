"""The six practice tenders, played from their publication up to the stage that a visitor finds them in."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from achterhoek.accounts.models import User
from contracts.services.demo import letters, objections, scoring
from contracts.services.demo.envelopes import Envelope, envelopes_of, fill_in, hand_in_envelope
from contracts.services.demo.files import Document
from contracts.services.demo.people import Party
from contracts.services.demo.plan import Plan
from contracts.services.demo.tenders import draft_tender
from procurement.enums import ObjectionKind, RoundStatus, Stage
from procurement.models import CollegeDecision, Decision, Round, SegmentRound, Tender
from procurement.selectors.publication import deadline_problem
from procurement.services.assignment import divide
from procurement.services.decisions import decide_as_college, propose_decision, sign_decision
from procurement.services.evaluation import close_scoring, fix_scores
from procurement.services.ranking import rank_segment
from procurement.services.rounds import close_if_due, open_award_round
from procurement.services.tenders import publish_tender
from procurement.services.vault import confirm_opening

DRAFTING = timedelta(days=4)
# Parts of the time between the opening of the vault and the fixing of the scores.
SCORED, DIVIDED, HANDED_IN, CLOSED, AGREED = 0.35, 0.4, 0.5, 0.6, 0.8


@dataclass
class Cast:
    """Who plays, and what they say."""

    people: dict[str, User]
    parties: dict[str, Party]
    texts: Document
    practice: Document
    with_letters: bool
    evaluators: list[User] = field(init=False)
    openers: list[User] = field(init=False)
    lead: User = field(init=False)
    chair: User = field(init=False)
    observer: User = field(init=False)
    mandate_holder: User = field(init=False)
    mandate: str = field(init=False)
    complaints_officer: User = field(init=False)

    def __post_init__(self) -> None:
        self.evaluators = [self.people[email] for email in self.practice["evaluators"]]
        self.openers = [self.people[email] for email in self.practice["openers"]]
        self.lead = self.people[self.practice["lead"]]
        self.chair = self.people[self.practice["chair"]]
        self.observer = self.people[self.practice["observer"]]
        self.mandate_holder = self.people[self.practice["mandate_holder"]]
        self.mandate = self.practice["mandate"]
        self.complaints_officer = self.people[self.practice["complaints_officer"]]


@dataclass
class Script:
    """One practice tender: plans its steps. The database is asked when a step is played, not before."""

    spec: Document
    tender: Tender
    plan: Plan
    cast: Cast

    @property
    def days(self) -> dict[str, int]:
        found: dict[str, int] = self.spec["days"]
        return found

    def write(self) -> None:
        self._publication()
        self._round(Stage.SELECTION, self.spec["requests"])
        if "vault_opened" in self.days:
            self._evaluation(
                Stage.SELECTION, self.spec["requests"], "vault_opened",
                scored=self.days.get("scores_complete"), fixed=self.days.get("selection_decided", 8) - 8,
            )  # fmt: skip
        if "selection_decided" in self.days:
            self._selection()
            self._round(Stage.AWARD, self.spec["bids"])
            self._evaluation(
                Stage.AWARD, self.spec["bids"], "bids_opened", scored=None, fixed=self.days["quality_final"]
            )
            self._award()

    # Up to the deadline ------------------------------------------------------------------------------

    def _publication(self) -> None:
        deadline = self.round(Stage.SELECTION).deadline
        moment = self._early_enough(Stage.SELECTION, self.plan.day(self.days["publication"], 9), deadline)
        lead, evaluators = self.cast.lead, self.cast.evaluators
        chair, observer = self.cast.chair, self.cast.observer

        def publish() -> None:
            publish_tender(tender=self.tender, by=lead)
            for segment_round in self.segment_rounds(Stage.SELECTION):
                scoring.seat_committee(segment_round, evaluators, chair, observer, lead)

        Tender.objects.filter(pk=self.tender.pk).update(created_at=moment - timedelta(days=30))
        self.plan.at(moment, publish)

    def _early_enough(self, stage: str, moment: datetime, deadline: datetime | None) -> datetime:
        """As planned, or earlier where holidays make the shortest term longer (Algemene termijnenwet)."""
        while deadline_problem(stage, deadline, timezone.localdate(moment)):
            moment -= timedelta(days=1)
        return moment

    def _round(self, stage: Stage, rows: list[Document]) -> None:
        """All envelopes of a stage: begun, handed in before the deadline, and the round closed after it."""
        deadline = self.round(stage).deadline
        assert deadline is not None
        last = min(deadline, self.plan.now)
        for envelope in self.envelopes(rows):
            moment = last - envelope.before_deadline
            self.plan.at(moment - DRAFTING, lambda e=envelope: self._fill_in(e, stage))  # type: ignore[misc]
            if envelope.submitted:
                self.plan.at(moment, lambda e=envelope: self._hand_in(e, stage))  # type: ignore[misc]
        if deadline < self.plan.now:
            self.plan.at(deadline + timedelta(minutes=1), lambda: close_if_due(round=self.round(stage)))

    def _fill_in(self, envelope: Envelope, stage: str) -> None:
        fill_in(envelope, self.round(stage), self.cast.texts)

    def _hand_in(self, envelope: Envelope, stage: str) -> None:
        hand_in_envelope(envelope, self.round(stage))

    # From the vault to the ranking -------------------------------------------------------------------

    def _evaluation(self, stage: Stage, rows: list[Document], opened: str, *, scored: int | None, fixed: int) -> None:
        """The vault is opened and the evaluators score; what follows is played where the data has it."""
        start = self.days[opened]
        for minute, opener in enumerate(self.cast.openers):
            self.plan.at(
                self.plan.day(start, 9, minute),
                lambda o=opener: confirm_opening(round=self.round(stage), by=o),  # type: ignore[misc]
            )
        end = scored if scored is not None else fixed
        for segment_round in self.segment_rounds(stage):
            self._scoring(segment_round, rows, start, end)
            if "scores_complete" in self.days or "selection_decided" in self.days:
                self._consensus(segment_round, rows, start, end)
            if "selection_decided" in self.days:
                self._ranking(segment_round, stage, fixed)

    def _scoring(self, segment_round: SegmentRound, rows: list[Document], start: int, end: int) -> None:
        envelopes, evaluators = self.envelopes(rows), self.cast.evaluators
        reasons = self.cast.texts["evaluator_reasons"]
        interests, people, parties = self.spec.get("interests", []), self.cast.people, self.cast.parties
        self.plan.at(self.plan.day(start, 10), lambda: scoring.declare(segment_round, interests, people, parties))
        self.plan.at(
            self.between(start, end, SCORED),
            lambda: scoring.give_scores(segment_round, envelopes, evaluators, reasons),
        )
        if per_bid := self.spec.get("evaluators_per_bid"):
            self.plan.at(
                self.between(start, end, DIVIDED),
                lambda: divide(segment_round=segment_round, per_bid=per_bid, by=self.cast.lead),
            )
        self.plan.at(
            self.between(start, end, HANDED_IN),
            lambda: scoring.hand_in_complete(segment_round, envelopes, evaluators),
        )

    def _consensus(self, segment_round: SegmentRound, rows: list[Document], start: int, end: int) -> None:
        envelopes, lead = self.envelopes(rows), self.cast.lead
        self.plan.at(self.between(start, end, CLOSED), lambda: close_scoring(segment_round=segment_round, by=lead))
        self.plan.at(self.between(start, end, AGREED), lambda: scoring.agree(segment_round, envelopes, lead))
        if self.cast.with_letters:
            chair, minutes = self.cast.chair, self.cast.practice["minutes"]
            self.plan.at(self.between(start, end, AGREED), lambda: scoring.keep_minutes(segment_round, chair, minutes))

    def _ranking(self, segment_round: SegmentRound, stage: Stage, fixed: int) -> None:
        ranked = self.days["ranked"] if stage == Stage.AWARD else fixed + 1
        lead = self.cast.lead
        self.plan.at(self.plan.day(fixed, 15), lambda: fix_scores(segment_round=segment_round, by=lead))
        self.plan.at(self.plan.day(ranked, 11), lambda: rank_segment(segment_round=segment_round, by=lead))

    def between(self, start: int, end: int, part: float) -> datetime:
        return self.plan.day(start + (end - start) * part, 14)

    # Decisions ---------------------------------------------------------------------------------------

    def _selection(self) -> None:
        """The selection is signed, everybody is told, and the selected ones are invited to bid."""
        decided, cast = self.days["selection_decided"], self.cast
        lead = cast.lead
        award = self.round(Stage.AWARD)
        deadline = award.deadline
        assert deadline is not None
        for segment_round in self.segment_rounds(Stage.SELECTION):

            def select(found: SegmentRound = segment_round) -> None:
                decision = propose_decision(segment_round=found, note="", by=lead)
                sign_decision(decision=decision, mandate=cast.mandate, by=cast.mandate_holder)
                letters.send(decision, lead, with_letters=self.cast.with_letters)

            self.plan.at(self.plan.day(decided, 13), select)

        def invite() -> None:
            open_award_round(tender=self.tender, deadline=deadline, by=lead)
            for segment_round in self.segment_rounds(Stage.AWARD):
                scoring.seat_committee(segment_round, cast.evaluators, cast.chair, cast.observer, lead)

        invitation = self._early_enough(Stage.AWARD, self.plan.day(self.days["invitation"], 9), deadline)
        self.plan.at(max(invitation, self.plan.day(decided, 14)), invite)

    def _award(self) -> None:
        """The award is laid before the colleges; they decide as the data has it, and it is sent where all did."""
        lead = self.cast.lead
        for segment_round in self.segment_rounds(Stage.AWARD):
            self.plan.at(
                self.plan.day(self.days["ranked"] + 1, 10),
                lambda found=segment_round: propose_decision(segment_round=found, note="", by=lead),  # type: ignore[misc]
            )
            slug = segment_round.segment.slug
            for row in self.spec["college_decisions"]:
                if row.get("segment", slug) == slug:
                    self.plan.at(
                        self.plan.day(row["days"], 16),
                        lambda found=segment_round, row=row: self._decide(found, row),  # type: ignore[misc]
                    )
            if "letters_sent" in self.days and self.cast.with_letters:
                self.plan.at(
                    self.plan.day(self.days["letters_sent"], 10),
                    lambda found=segment_round: self._sign(found),  # type: ignore[misc]
                )
                self.plan.at(
                    self.plan.day(self.days["letters_sent"], 11),
                    lambda found=segment_round: letters.send(self.decision(found), lead),  # type: ignore[misc]
                )
                for row in self.spec.get("objections", []):
                    if row["segment"] == slug:
                        self._objection(segment_round, row)

    def _sign(self, segment_round: SegmentRound) -> None:
        cast = self.cast
        sign_decision(decision=self.decision(segment_round), mandate=cast.mandate, by=cast.mandate_holder)

    def _objection(self, segment_round: SegmentRound, row: Document) -> None:
        """One bidder brings something against the award; whoever handles it takes it up, and may have ended it."""
        party, cast = self.cast.parties[row["provider"]], self.cast
        handler = cast.complaints_officer if row["kind"] == ObjectionKind.COMPLAINT else cast.lead
        self.plan.at(self.plan.day(row["days"], 15), lambda: objections.bring(self.decision(segment_round), party, row))
        self.plan.at(
            self.plan.day(row["taken_up"], 10),
            lambda: objections.handle(self.decision(segment_round), party, row, handler),
        )
        if "ended" in row:
            self.plan.at(
                self.plan.day(row["ended"], 12),
                lambda: objections.end(self.decision(segment_round), party, row, handler),
            )

    def _decide(self, segment_round: SegmentRound, row: Document) -> None:
        """A college decides, where its municipality takes part in this segment."""
        waiting = CollegeDecision.objects.filter(
            decision=self.decision(segment_round), municipality__slug=row["municipality"]
        ).first()
        if waiting is not None:
            decide_as_college(
                college_decision=waiting, outcome=row["decision"], reservation=row["reservation"] or "",
                by=self.cast.people[f"college.{row['municipality']}@demo.example"],
            )  # fmt: skip

    # What the steps ask ------------------------------------------------------------------------------

    def decision(self, segment_round: SegmentRound) -> Decision:
        return Decision.objects.get(segment_round=segment_round)

    def round(self, stage: str) -> Round:
        return Round.objects.select_related("tender").get(tender=self.tender, stage=stage)

    def segment_rounds(self, stage: str) -> list[SegmentRound]:
        found = SegmentRound.objects.filter(round__tender=self.tender, round__stage=stage)
        return list(found.select_related("segment", "round__tender"))

    def envelopes(self, rows: list[Document]) -> list[Envelope]:
        return envelopes_of(rows, self.cast.parties)


def plan_practice(template: Tender, plan: Plan, cast: Cast) -> list[Tender]:
    """Make the drafts, and plan everything that happens with them."""
    made: list[Tender] = []
    for spec in cast.practice["tenders"]:
        tender = draft_tender(spec, template, plan)
        Script(spec, tender, plan, cast).write()
        made.append(tender)
    return made


def states(tenders: list[Tender]) -> dict[str, Any]:
    """How each practice tender stands: for the log."""
    return {
        round_.tender.slug: round_.get_status_display()
        for round_ in Round.objects.filter(tender__in=tenders).exclude(status=RoundStatus.PLANNED).order_by("pk")
    }
