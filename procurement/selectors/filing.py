"""Files on their way to a draft."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db.models.functions import Now

from achterhoek.documents.models import Upload
from procurement.domain.filing import filing_of, prefix
from procurement.models import Question, Submission
from procurement.selectors.gate import ANSWER_FILE

# Something that nothing was added to for so long is not on its way any more, though it can still be gone on with.
QUIET = timedelta(hours=1)


@dataclass(frozen=True)
class OnItsWay:
    """A file that has not come in whole, or is being checked."""

    question: Question
    who: str
    percent: int


def files_on_their_way(submission: Submission) -> list[OnItsWay]:
    """Files that somebody of the team is sending for this draft now; three queries at most."""
    running = Upload.objects.filter(
        kind=ANSWER_FILE,
        purpose__startswith=prefix(submission.pk),
        finished_at__isnull=True,
        error="",
        changed_at__gt=Now() - QUIET,
    )
    uploads = list(running.select_related("by").order_by("created_at"))
    keys = [filing_of(upload.purpose).question for upload in uploads]
    questions = Question.objects.in_bulk(keys) if keys else {}
    return [
        OnItsWay(questions[key], upload.by.name, upload.offset * 100 // upload.size)
        for key, upload in zip(keys, uploads, strict=True)
        if key in questions
    ]
