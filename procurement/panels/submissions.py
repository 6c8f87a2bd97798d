"""On the provider's home: own submissions with their next step, and where one may still take part."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest

from achterhoek.clock import database_now
from achterhoek.panels import Panel, register
from procurement.enums import LetterKind, RoundStatus, Stage, SubmissionStatus
from procurement.models import Submission
from procurement.selectors.completeness import open_clarifications
from procurement.selectors.fingerprints import may_still_send, net_ends_at
from procurement.selectors.submissions import open_rounds_for, submissions_of_user


def _next_step(submission: Submission, in_time: bool, may_send: bool) -> str:
    """What the provider can do now: a key that the template puts into words."""
    if may_send:
        return "send"
    if submission.replacing_since is not None and in_time:
        return "replace"
    if submission.status == SubmissionStatus.SUBMITTED:
        if any(entry.sent_letters for entry in submission.entries.all()):  # type: ignore[attr-defined]
            return "told"
        return "opened" if submission.round.status == RoundStatus.OPENED else "wait"
    if not in_time:
        return "late"
    return "fill_in" if submission.status == SubmissionStatus.DRAFT else "reopen"


# What the newest letter leads to, where it is more than reading it.
FOLLOWS = {
    LetterKind.AWARDED: "awarded",
    LetterKind.PENDING_DRAW: "draw",
    LetterKind.DECISION_WITHDRAWN: "taken_back",
}


def _after_letter(submission: Submission, bids: set[tuple[int, int]], open_tenders: set[int]) -> str:
    """What follows from the newest letter of each segment, once it was read; reading them where they differ."""
    newest = [entry.sent_letters[-1] for entry in submission.entries.all() if entry.sent_letters]  # type: ignore[attr-defined]
    kinds = {letter.kind for letter in newest}
    tender_id = submission.round.tender_id
    if submission.round.stage == Stage.SELECTION and kinds & {LetterKind.SELECTED, LetterKind.INVITATION}:
        if (tender_id, submission.organisation_id) in bids:
            return "went_on"
        return "invited" if tender_id in open_tenders else "told"
    if any(letter.first_read_at is None for letter in newest):
        return "told"
    return FOLLOWS.get(LetterKind(kinds.pop()), "told") if len(kinds) == 1 else "told"


def _standstill_of(submission: Submission) -> date | None:
    """The last day on which nothing is signed, of the newest letter."""
    letters = [letter for entry in submission.entries.all() for letter in entry.sent_letters]  # type: ignore[attr-defined]
    return letters[-1].decision.standstill_until if letters and letters[-1].decision else None


def provider_submissions(request: HttpRequest) -> Panel | None:
    """A fixed number of queries, however many submissions there are."""
    now = database_now()
    rows = []
    asked = {c.submission_id for c in open_clarifications(request.user) if c.answered_at is None}
    submissions = list(submissions_of_user(request.user))
    sending = may_still_send(submissions, now)
    open_rounds = open_rounds_for(request.user)
    bids = {(one.round.tender_id, one.organisation_id) for one in submissions if one.round.stage == Stage.AWARD}
    open_tenders = {found.tender_id for found in open_rounds if found.stage == Stage.AWARD}
    for submission in submissions:
        found = submission.round
        in_time = found.status == RoundStatus.OPEN and found.deadline is not None and now < found.deadline
        may_send = submission.pk in sending
        step = "answer" if submission.pk in asked else _next_step(submission, in_time, may_send)
        ends_at = net_ends_at(found.deadline) if may_send and found.deadline else None
        row = {"submission": submission, "step": step, "in_time": in_time, "ends_at": ends_at}
        if step == "told":
            row |= {
                "follows": _after_letter(submission, bids, open_tenders),
                "standstill_until": _standstill_of(submission),
            }
        rows.append(row)
    context = {"rows": rows, "open_rounds": open_rounds, "now": now}
    return Panel("procurement/submission/panel.html", context, order=20)


register("provider_home", provider_submissions)
