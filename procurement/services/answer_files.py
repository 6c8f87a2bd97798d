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


def _found(upload: Upload) -> tuple[Filing, Submission, Question]:
    """What an upload is for. Raises `RuleViolation` where that is not asked (any more)."""
    filing = filing_of(upload.purpose)
    rows = Submission.objects.select_related("organisation__sealing_key", "round__tender")
    submission = rows.filter(pk=filing.submission).first()
    question = asked_file(submission, filing.question) if submission else None
    if submission is None or question is None:
        raise RuleViolation(_("The form has changed. Load the page again."))
    return filing, submission, question


def asked_file(submission: Submission, pk: int) -> Question | None:
    """The question of this key, where it asks a file for a segment of this submission, or once."""
    chosen = submission.entries.values("segment")
    found = Question.objects.filter(round=submission.round_id, kind=QuestionKind.FILE, pk=pk)
    return found.filter(Q(segment__isnull=True) | Q(segment__in=chosen)).first()


@takes(ANSWER_FILE)
class AnswerFiles:
    """The room of files that answer a question: the draft of a team, until the deadline."""

    def check(self, user: Any, upload: Upload) -> None:
        _filing, submission, _question = _found(upload)
        require_member(submission=submission, by=user)
        require_open(submission.round)
        require_draft(submission)

    def max_pages(self, upload: Upload) -> int | None:
        return _found(upload)[2].max_pages

    def attach(self, user: Any, upload: Upload, stored: StoredFile) -> None:
        filing, submission, question = _found(upload)
        put_file(
            submission=submission, question=question, stored=stored, name=key_of(stored).name, by=user,
            seen=filing.version, only_empty=filing.only_empty,
        )  # fmt: skip
