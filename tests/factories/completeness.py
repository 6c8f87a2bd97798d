"""An opened round with submissions to check, each with its own team, and people of every role around it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from achterhoek.accounts.enums import Role
from achterhoek.accounts.models import User
from procurement.enums import Completeness, SegmentRoundStatus
from procurement.models import (
    Clarification,
    ClarificationRequest,
    CompletenessCheck,
    Round,
    SegmentRound,
    Submission,
    VaultOpening,
)
from procurement.services.clarifications import ask_clarification
from procurement.services.completeness import judge_completeness
from tests import triggers
from tests.factories.accounts import user_with
from tests.factories.procurement import (
    EntryFactory,
    QuestionFactory,
    RoundFactory,
    SegmentRoundFactory,
    SubmissionFactory,
)
from tests.factories.providers import OrganisationFactory, member_of

POINT = "Uittreksel ontbreekt"


@dataclass
class Checking:
    """A round after its opening, with its lead, segments and submissions."""

    round: Round
    lead: User
    segment_rounds: list[SegmentRound]
    submissions: list[Submission]

    def member(self, submission: Submission) -> User:
        return submission.organisation.memberships.get().user

    def judge(self, submission: Submission, outcome: str, **fields: Any) -> CompletenessCheck:
        return judge_completeness(submission=submission, outcome=outcome, by=self.lead, **fields)

    def to_clarify(self, *submissions: Submission, point: str = POINT) -> None:
        for submission in submissions or self.submissions:
            self.judge(submission, Completeness.CLARIFY, point=point)

    def ask(self, *submissions: Submission, **fields: Any) -> ClarificationRequest:
        given = {
            "round": self.round, "point": POINT, "submissions": submissions or self.submissions, "by": self.lead,
            "subject": "Uittreksel", "text": "Stuur het uittreksel.", "due_at": in_hours(48), **fields,
        }  # fmt: skip
        return ask_clarification(**given)

    def asked(self) -> list[Clarification]:
        """All have the same point, and all were asked about it."""
        self.to_clarify()
        return list(self.ask().clarifications.order_by("submission__number"))


def in_hours(hours: float) -> datetime:
    return timezone.now() + timedelta(hours=hours)


def pass_term(request: ClarificationRequest, moment: datetime | None = None) -> None:
    """Let the term end, as time itself would; the database refuses this to everybody else."""
    with triggers.ignored():
        ClarificationRequest.objects.filter(pk=request.pk).update(
            sent_at=request.sent_at - timedelta(days=9), due_at=moment or in_hours(-0.001)
        )
    request.refresh_from_db()


def checking(submissions: int = 2, segments: int = 1, region: Any = None) -> Checking:
    fields = {"tender__region": region} if region else {}
    found = RoundFactory(vault_opened=True, **fields)
    rules = [SegmentRoundFactory(round=found, status=SegmentRoundStatus.SCORING) for _ in range(segments)]
    for segment_round in rules:
        QuestionFactory(round=found, segment=segment_round.segment)
    QuestionFactory(round=found)
    made = []
    for _ in range(submissions):
        organisation = OrganisationFactory()
        submission = SubmissionFactory(
            round=found, submitted=True, organisation=organisation, created_by=member_of(organisation)
        )
        for segment_round in rules:
            EntryFactory(submission=submission, segment=segment_round.segment)
        made.append(submission)
    lines = [{"number": s.number, "organisation": s.organisation.name, "matches": True} for s in made]
    VaultOpening.objects.create(round=found, submissions=lines)
    lead = user_with(Role.LEAD, region=found.tender.region, name="Inkoopspecialist")
    return Checking(found, lead, rules, made)
