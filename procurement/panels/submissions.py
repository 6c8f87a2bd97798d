"""On the provider's home: own submissions with their next step, and where one may still take part."""

from __future__ import annotations

from django.http import HttpRequest

from achterhoek.clock import database_now
from achterhoek.panels import Panel, register
from procurement.enums import RoundStatus, SubmissionStatus
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


def provider_submissions(request: HttpRequest) -> Panel | None:
    """A fixed number of queries, however many submissions there are."""
    now = database_now()
    rows = []
    asked = {c.submission_id for c in open_clarifications(request.user) if c.answered_at is None}
    submissions = list(submissions_of_user(request.user))
    sending = may_still_send(submissions, now)
    for submission in submissions:
        found = submission.round
        in_time = found.status == RoundStatus.OPEN and found.deadline is not None and now < found.deadline
        may_send = submission.pk in sending
        step = "answer" if submission.pk in asked else _next_step(submission, in_time, may_send)
        ends_at = net_ends_at(found.deadline) if may_send and found.deadline else None
        rows.append({"submission": submission, "step": step, "in_time": in_time, "ends_at": ends_at})
    context = {"rows": rows, "open_rounds": open_rounds_for(request.user), "now": now}
    return Panel("procurement/submission/panel.html", context, order=20)


register("provider_home", provider_submissions)
