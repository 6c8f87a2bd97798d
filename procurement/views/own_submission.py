"""What every page of one's own submission begins with."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import Http404, QueryDict
from django.utils.functional import SimpleLazyObject

from achterhoek.accounts.requests import UserRequest
from achterhoek.clock import database_now
from procurement.enums import RoundStatus
from procurement.models import Submission
from procurement.selectors.checklist import Checklist, checklist
from procurement.selectors.content import is_being_filled_in
from procurement.selectors.fingerprints import safety_net
from procurement.selectors.gate import content_for, team_submission
from procurement.selectors.outage import extensions_of_round


def posted(request: UserRequest) -> QueryDict | None:
    """What was sent in, also when it is empty; None where the page is only looked at."""
    return request.POST if request.method == "POST" else None


def own_submission(request: UserRequest, pk: uuid.UUID) -> Submission:
    """The submission of one's own organisation; for others it does not exist."""
    found = team_submission(request.user, pk)
    if found is None:
        raise Http404
    return found


def page_context(submission: Submission) -> dict[str, Any]:
    """What each page of a submission shows: the deadline by the server's clock, and whether it still can change."""
    now = database_now()
    found = submission.round
    in_time = found.status == RoundStatus.OPEN and found.deadline is not None and now < found.deadline
    return {
        "submission": submission,
        "tender": found.tender,
        "round": found,
        "now": now,
        "in_time": in_time,
        "editable": in_time and is_being_filled_in(submission),
        "net": SimpleLazyObject(lambda: safety_net(submission, now)),
        "extensions": SimpleLazyObject(lambda: extensions_of_round(found)),
    }


def own_checklist(request: UserRequest, submission: Submission) -> Checklist:
    """What is asked, and what stands filled in, through the gate."""
    return checklist(submission, content_for(request.user, submission))
