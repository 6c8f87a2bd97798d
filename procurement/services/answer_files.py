"""Files that come in by themselves for a question of a draft: who may add them, and where they go."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from achterhoek.documents.intake import takes
from achterhoek.documents.models import StoredFile, Upload
from achterhoek.documents.sealed import key_of
from achterhoek.errors import RuleViolation
from procurement.domain.filing import Filing, filing_of
from procurement.enums import QuestionKind
from procurement.models import Question, Submission
from procurement.selectors.gate import ANSWER_FILE
from procurement.services.answers import put_file, require_draft
from procurement.services.locks import require_member, require_open


def _submission(filing: Filing) -> Submission:
    """Whose draft an upload is for: what is needed to say who may add to it, and until when."""
    rows = Submission.objects.select_related("round__tender").only(
        "organisation", "status", "replacing_since", "round__status", "round__deadline", "round__tender__status"
    )
    submission = rows.filter(pk=filing.submission).first()
    if submission is None:
        raise RuleViolation(_("The form has changed. Load the page again."))
    return submission


def _question(submission: Submission, filing: Filing) -> Question:
    """The question that an upload answers. Raises `RuleViolation` where it is not asked (any more)."""
    question = asked_file(submission, filing.question)
    if question is None:
        raise RuleViolation(_("The form has changed. Load the page again."))
    return question


def asked_file(submission: Submission, pk: int) -> Question | None:
    """The question of this key, where it asks a file for a segment of this submission, or once."""
    chosen = submission.entries.values("segment")
    found = Question.objects.filter(round=submission.round_id, kind=QuestionKind.FILE, pk=pk)
    return found.filter(Q(segment__isnull=True) | Q(segment__in=chosen)).first()


@takes(ANSWER_FILE)
class AnswerFiles:
    """The room of files that answer a question: the draft of a team, until the deadline."""

    def check(self, user: Any, upload: Upload) -> None:
        filing = filing_of(upload.purpose)
        submission = _submission(filing)
        _question(submission, filing)
        require_member(submission=submission, by=user)
        require_open(submission.round)
        require_draft(submission)

    def max_pages(self, upload: Upload) -> int | None:
        return (
            Question.objects.values_list("max_pages", flat=True).filter(pk=filing_of(upload.purpose).question).first()
        )

    def attach(self, user: Any, upload: Upload, stored: StoredFile) -> None:
        filing = filing_of(upload.purpose)
        submission = _submission(filing)
        put_file(
            submission=submission, question=_question(submission, filing), stored=stored, name=key_of(stored).name,
            by=user, seen=filing.version, only_empty=filing.only_empty,
        )  # fmt: skip
