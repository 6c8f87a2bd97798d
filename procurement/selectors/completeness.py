"""Questions about the completeness check and the clarifications.

What a bidder answers stands beside its bid. Its own team reads it at once; officials read who has answered, and what
was answered only once the term has passed or everybody has: nobody is helped by what another wrote (Aw 1.8).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from achterhoek.documents.gate import reads
from achterhoek.documents.models import StoredFile
from achterhoek.prepared import Prepared
from procurement.domain.clarification import same_point
from procurement.enums import Completeness, EntryStatus, QuestionKind, RoundStatus, SubmissionStatus
from procurement.models import (
    Clarification,
    ClarificationRequest,
    CompletenessCheck,
    Entry,
    Question,
    Round,
    Segment,
    SegmentRound,
    Submission,
    Tender,
)
from procurement.rules import overseen
from procurement.selectors.answers import AnswerRow
from procurement.selectors.gate import PRICES_OPEN, readable_answers, readable_submissions

CLARIFICATION_FILE = "clarification"
CLARIFICATION_LETTER = "clarification_letter"


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One submission on the lead's list. `matches` is what the opening record says; None where it says nothing."""

    submission: Submission
    check: CompletenessCheck | None
    matches: bool | None
    segments: list[Segment]
    clarifications: list[Clarification]

    @property
    def outcome(self) -> str:
        return self.check.outcome if self.check else ""


@dataclass(frozen=True, slots=True)
class Part:
    """What one submission answered: to the general questions, or to those of one segment (with its entry)."""

    entry: Entry | None
    segment_round_id: int | None
    rows: list[AnswerRow]
    prices_sealed: bool


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """One bidder in a request: whether it answered, and what, where that may be read already (`content`)."""

    submission: Submission
    answered_at: datetime | None
    content: Clarification | None
    outcome: str


def _released() -> Q:
    """The term of the request has passed, or everybody has answered."""
    unanswered = Clarification.objects.filter(request=OuterRef("request"), answered_at__isnull=True)
    return Q(request__due_at__lte=Now()) | Q(~Exists(unanswered))


def readable_clarifications(user: Any) -> QuerySet[Clarification]:
    """The clarifications of which this user may read the content now."""
    own = Q(submission__in=Submission.objects.visible_to(user))
    readable = Q(submission__in=readable_submissions(user))
    return Clarification.objects.filter(own | (readable & _released()))


@reads(CLARIFICATION_FILE)
def may_read_clarification_file(user: Any, stored: StoredFile) -> bool:
    """The file of an answer is read by whoever may read that answer."""
    return readable_clarifications(user).filter(file=stored).exists()


@reads(CLARIFICATION_LETTER)
def may_read_clarification_letter(user: Any, stored: StoredFile) -> bool:
    """The letter that asked is read by the bidder it was sent to, and by whoever reads its submission."""
    submissions = Q(submission__in=Submission.objects.visible_to(user)) | Q(submission__in=readable_submissions(user))
    return Clarification.objects.filter(submissions, letter=stored).exists()


def clarifications_beside(user: Any, submission: Submission) -> list[Clarification]:
    """What was answered to questions about this submission, as far as this user may read it now; one query."""
    found = readable_clarifications(user).filter(submission=submission, answered_at__isnull=False)
    return list(found.select_related("file").order_by("request_id"))


# The lead and the auditor ------------------------------------------------------------------------------


def submissions_to_check(user: Any, round: Round) -> QuerySet[Submission]:
    """What was submitted in this round, as far as the gate lets this user read it."""
    found = readable_submissions(user).filter(round=round, status=SubmissionStatus.SUBMITTED)
    return found.select_related("organisation", "completeness__checked_by").order_by("number", "pk")


def check_rows(user: Any, round: Round) -> list[CheckRow]:
    """All submissions of an opened round with their judgment; the same number of queries for one and for many."""
    entries = Entry.objects.select_related("segment").order_by("segment__position", "pk")
    found = submissions_to_check(user, round).prefetch_related(
        Prefetch("entries", entries),
        Prefetch("clarifications", Clarification.objects.order_by("request_id"), to_attr="asked"),
    )
    recorded = opening_matches(round)
    return [
        CheckRow(
            submission=submission,
            check=getattr(submission, "completeness", None),
            matches=recorded.get(submission.number),
            segments=[entry.segment for entry in submission.entries.all()],
            clarifications=submission.asked,
        )
        for submission in found
    ]


def opening_matches(round: Round) -> dict[str, bool]:
    """By submission number: whether it was, at the opening, what its receipt says."""
    opening = getattr(round, "opening", None)
    return {line["number"]: bool(line["matches"]) for line in opening.submissions} if opening else {}


def parts_of(user: Any, submission: Submission) -> list[Part]:
    """What was asked of this submission and what it answered; prices only where the gate lets them through."""
    answers = {
        answer.question_id: answer
        for answer in readable_answers(user).filter(submission=submission).select_related("file")
    }
    rules = dict(SegmentRound.objects.filter(round=submission.round_id).values_list("segment_id", "pk"))
    entries = list(submission.entries.select_related("segment").order_by("segment__position", "pk"))
    questions = list(
        Question.objects.filter(round=submission.round_id)
        .filter(Q(segment__isnull=True) | Q(segment__in=[entry.segment_id for entry in entries]))
        .order_by("position", "pk")
    )
    parts = []
    for entry in (None, *entries):
        segment_id = entry.segment_id if entry else None
        asked = [question for question in questions if question.segment_id == segment_id]
        sealed = [q for q in asked if q.kind == QuestionKind.PRICE and q.pk not in answers]
        rows = [AnswerRow(q.code, q.title, q.kind, answers.get(q.pk)) for q in asked if q not in sealed]
        if asked or entry:
            rules_id = rules.get(segment_id) if segment_id else None
            parts.append(Part(entry, rules_id, rows, prices_sealed=bool(sealed)))
    return parts


def points_in_use(round: Round) -> list[str]:
    """The points to clarify that were named in this round: one wording for all in the same position."""
    named = CompletenessCheck.objects.filter(submission__round=round).exclude(point="")
    asked = ClarificationRequest.objects.filter(round=round)
    found: dict[str, str] = {}
    for point in [*asked.values_list("point", flat=True), *named.order_by("pk").values_list("point", flat=True)]:
        found.setdefault(same_point(point), point)
    return sorted(found.values(), key=str.casefold)


def waiting_for(round: Round, point: str) -> list[Submission]:
    """The submissions that are to clarify this point, and were not asked yet."""
    checks = CompletenessCheck.objects.filter(
        submission__round=round, submission__status=SubmissionStatus.SUBMITTED, outcome=Completeness.CLARIFY
    ).select_related("submission__organisation")
    asked = asked_about(round, point)
    return [
        check.submission
        for check in checks.order_by("submission__number")
        if same_point(check.point) == same_point(point) and check.submission_id not in asked
    ]


def asked_about(round: Round, point: str) -> set[Any]:
    """Who was asked about this point already: everybody gets that chance once."""
    asked = Clarification.objects.filter(request__round=round)
    return {c.submission_id for c in asked if same_point(c.request.point) == same_point(point)}


def points_to_ask(rows: list[CheckRow]) -> list[tuple[str, int]]:
    """The points that somebody still has to be asked about, with how many; from the rows of the list."""
    found: dict[str, tuple[str, int]] = {}
    for row in rows:
        if row.check is None or row.outcome != Completeness.CLARIFY:
            continue
        key = same_point(row.check.point)
        if key in {same_point(c.request.point) for c in row.clarifications}:
            continue
        point, count = found.get(key, (row.check.point, 0))
        found[key] = (point, count + 1)
    return list(found.values())


def requests_of(round: Round) -> QuerySet[ClarificationRequest]:
    """The requests for clarification in a round, with how many were asked and have answered."""
    return (
        ClarificationRequest.objects.filter(round=round)
        .annotate(
            asked=Count("clarifications"),
            answered=Count("clarifications", filter=Q(clarifications__answered_at__isnull=False)),
        )
        .order_by("-due_at", "-pk")
    )


def managed_request(user: Any, pk: int) -> ClarificationRequest | None:
    """A request in a round of this user's region."""
    found = ClarificationRequest.objects.filter(overseen(user, region="round__tender__region"))
    return found.select_related("round__tender__region", "sent_by").filter(pk=pk).first()


def answer_lines(user: Any, request: ClarificationRequest) -> list[AnswerLine]:
    """Everybody who was asked, side by side; the content only where the gate lets it through."""
    asked = request.clarifications.filter(submission__in=readable_submissions(user))
    found = asked.select_related("submission__organisation", "submission__completeness").order_by("submission__number")
    contents = {c.pk: c for c in readable_clarifications(user).filter(request=request).select_related("file")}
    lines = []
    for clarification in found.defer("answer"):
        check = getattr(clarification.submission, "completeness", None)
        content = contents.get(clarification.pk)
        lines.append(
            AnswerLine(
                submission=clarification.submission,
                answered_at=clarification.answered_at,
                content=content if content and content.answered_at else None,
                outcome=check.outcome if check else "",
            )
        )
    return lines


def judgment_hindrance(submission: Submission) -> str:
    """Why this submission cannot be judged now, in words; empty where it can."""
    check = CompletenessCheck.objects.filter(submission=submission).first()
    if check is not None and check.outcome == Completeness.EXCLUDED:
        return _("This submission is excluded. That stays as it is.")
    fixed = fixed_segments([submission.pk])
    if fixed:
        return _("The scores are fixed of: %(segments)s. The judgment can no longer change.") % {
            "segments": ", ".join(fixed)
        }
    if Clarification.objects.filter(submission=submission, request__due_at__gt=Now()).exists():
        return _("A question to this organisation is still open. Wait until its term has passed, then judge.")
    return ""


def fixed_segments(submission_ids: list[Any]) -> list[str]:
    """The segments of these submissions whose scores are fixed."""
    entries = Entry.objects.filter(
        submission__in=submission_ids,
        submission__round=OuterRef("round"),
        segment=OuterRef("segment"),
        status=EntryStatus.ADMITTED,
    )
    fixed = SegmentRound.objects.filter(Exists(entries), status__in=PRICES_OPEN)
    return list(fixed.order_by("segment__position", "pk").values_list("segment__name", flat=True))


def unclear_submissions(segment_round: SegmentRound) -> list[str]:
    """The numbers of submissions in this segment that are still to clarify."""
    checks = CompletenessCheck.objects.filter(
        outcome=Completeness.CLARIFY,
        submission__round=segment_round.round_id,
        submission__status=SubmissionStatus.SUBMITTED,
        submission__entries__segment=segment_round.segment_id,
        submission__entries__status=EntryStatus.ADMITTED,
    )
    return list(checks.order_by("submission__number").values_list("submission__number", flat=True))


def checks_of_tender(user: Any, tender: Tender) -> list[Round]:
    """The opened rounds of a tender with how far the check is; one query."""
    unanswered = Clarification.objects.filter(request=OuterRef("pk"), answered_at__isnull=True)
    requests = ClarificationRequest.objects.filter(round=OuterRef("pk")).order_by().values("round")
    running = requests.filter(due_at__gt=Now()).annotate(count=Count("pk")).values("count")
    ready = requests.filter(Q(due_at__lte=Now()) | ~Exists(unanswered)).annotate(count=Count("pk")).values("count")
    submitted = Q(submissions__status=SubmissionStatus.SUBMITTED)
    outcome = "submissions__completeness__outcome"
    rounds = Round.objects.filter(overseen(user, region="tender__region"), tender=tender, status=RoundStatus.OPENED)
    return list(
        rounds.annotate(
            submitted=Count("submissions", filter=submitted),
            checked=Count("submissions", filter=submitted & Q(**{f"{outcome}__isnull": False})),
            to_clarify=Count("submissions", filter=submitted & Q(**{outcome: Completeness.CLARIFY})),
            excluded=Count("submissions", filter=submitted & Q(**{outcome: Completeness.EXCLUDED})),
            running=Subquery(running),
            ready=Subquery(ready),
        ).order_by("pk")
    )


# The provider ------------------------------------------------------------------------------------------


def own_clarification(user: Any, submission_pk: Any, request_pk: int) -> Clarification | None:
    """The question to this user's own organisation, with its answer."""
    found = Clarification.objects.filter(submission__in=Submission.objects.visible_to(user))
    found = found.select_related("submission__organisation", "submission__round__tender", "file", "answered_by")
    return found.filter(submission=submission_pk, request=request_pk).first()


_questions = Prepared(lambda submission: Clarification.objects.filter(submission=submission), UUID)


def clarifications_of(submission: Submission) -> list[Clarification]:
    """The questions to the team about its own submission, for who has that from the gate."""
    return _questions(submission.pk)


def open_clarifications(user: Any) -> list[Clarification]:
    """Questions to this user's organisations whose term runs, what is unanswered and most urgent first; one query."""
    found = Clarification.objects.filter(
        submission__in=Submission.objects.visible_to(user), request__due_at__gt=Now()
    ).select_related("submission__organisation", "submission__round__tender")
    return sorted(found, key=lambda c: (c.answered_at is not None, c.request.due_at, c.pk))
