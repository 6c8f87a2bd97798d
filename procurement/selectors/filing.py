"""Files on their way to a draft."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import QuerySet
from django.db.models.functions import Now

from achterhoek.documents.models import Upload
from achterhoek.prepared import Prepared
from procurement.domain.filing import filing_of, prefix
from procurement.models import Question, Submission
from procurement.selectors.gate import ANSWER_FILE
from providers.models import Membership

# Something that nothing was added to for so long is not on its way any more, though it can still be gone on with.
QUIET = timedelta(hours=1)


def _of_team(organisation: int) -> QuerySet[Upload]:
    team = Membership.objects.filter(organisation=organisation).values("user")
    found = Upload.objects.filter(kind=ANSWER_FILE, by__in=team, changed_at__gt=Now() - QUIET).select_related("by")
    return found.only("purpose", "by__name", "size", "offset", "finished_at", "error").order_by("created_at")


_recent = Prepared(_of_team, int)


@dataclass(frozen=True)
class OnItsWay:
    """A file that has not come in whole, or is being checked."""

    question: Question
    who: str
    percent: int


def files_on_their_way(submission: Submission) -> list[OnItsWay]:
    """Files that somebody of the team is sending for this draft now; two queries at most.

    Only what each person sent last for a question: what was begun before that and left is not on its way.
    """
    latest: dict[tuple[int, int], Upload] = {}
    for upload in _recent(submission.organisation_id):
        if upload.purpose.startswith(prefix(submission.pk)):
            latest[filing_of(upload.purpose).question, upload.by_id] = upload
    running = {key: upload for key, upload in latest.items() if upload.finished_at is None and not upload.error}
    questions = Question.objects.in_bulk([question for question, _by in running]) if running else {}
    return [
        OnItsWay(questions[question], upload.by.name, upload.offset * 100 // upload.size)
        for (question, _by), upload in running.items()
        if question in questions
    ]
