"""Files that come in by themselves for a question of a draft: who may add them, and where they go."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from achterhoek.clock import ClockTimestamp
from achterhoek.documents.intake import takes
from achterhoek.documents.models import StoredFile, Upload
from achterhoek.documents.sealed import key_of
from achterhoek.errors import RuleViolation
from achterhoek.prepared import Prepared
from procurement.domain.filing import Filing, filing_of
from procurement.enums import QuestionKind
from procurement.models import DraftAnswer, Entry, Question, Submission
from procurement.selectors.gate import ANSWER_FILE
from procurement.services.answers import put_file, require_draft
from procurement.services.locks import require_open_at, require_provider
from providers.models import Membership


def _standing(submission: UUID, round: int, question: int) -> QuerySet[Question, tuple[int | None]]:
    chosen = Entry.objects.filter(submission=submission).values("segment")
    found = Question.objects.filter(round=round, kind=QuestionKind.FILE, pk=question)
    stands = DraftAnswer.objects.filter(submission=submission, question=OuterRef("pk")).values("version")
    asked = found.filter(Q(segment__isnull=True) | Q(segment__in=chosen)).annotate(stands=Subquery(stands))
    return asked.values_list("stands")


def _taking(submission: UUID, question: int, user: int) -> QuerySet[Submission]:
    asked = Question.objects.filter(pk=question, kind=QuestionKind.FILE, round=OuterRef("round"))
    chosen = Entry.objects.filter(submission=submission).values("segment")
    rows = Submission.objects.select_related("round__tender").only(
        "organisation", "status", "replacing_since", "round__status", "round__deadline", "round__tender__status"
    )
    return rows.filter(pk=submission).annotate(
        is_asked=Exists(asked.filter(Q(segment__isnull=True) | Q(segment__in=chosen))),
        is_member=Exists(Membership.objects.filter(organisation=OuterRef("organisation"), user=user)),
        now=ClockTimestamp(),
    )


_version_of = Prepared(_standing, UUID, int, int)
_room = Prepared(_taking, UUID, int, int)
_max_pages = Prepared(lambda question: Question.objects.filter(pk=question).values_list("max_pages", flat=True), int)
_question = Prepared(lambda question: Question.objects.filter(pk=question), int)


def filing_for(submission: Submission, question: int) -> Filing | None:
    """Where a file for this question goes, beside the version of the answer that stands there now; None where it asks
    no file, or none for a segment of this submission.
    """
    row = _version_of.first(submission.pk, submission.round_id, question)
    return Filing(submission.pk, question, row[0] or 0) if row else None


@takes(ANSWER_FILE)
class AnswerFiles:
    """The room of files that answer a question: the draft of a team, until the deadline."""

    def check(self, user: Any, upload: Upload) -> None:
        """One query, since it is asked before every piece: whose draft, who may add to it, and until when."""
        filing = filing_of(upload.purpose)
        submission: Any = _room.first(filing.submission, filing.question, user.pk)
        if submission is None or not submission.is_asked:
            raise RuleViolation(_("The form has changed. Load the page again."))
        require_provider(user, is_member=submission.is_member)
        require_open_at(submission.round, submission.now)
        require_draft(submission)

    def max_pages(self, upload: Upload) -> int | None:
        return _max_pages.first(filing_of(upload.purpose).question)

    def attach(self, user: Any, upload: Upload, stored: StoredFile) -> None:
        filing = filing_of(upload.purpose)
        question = _question.first(filing.question)
        if question is None:
            raise RuleViolation(_("The form has changed. Load the page again."))
        put_file(
            submission=Submission(pk=filing.submission), question=question, stored=stored, name=key_of(stored).name,
            by=user, seen=filing.version, only_empty=filing.only_empty,
        )  # fmt: skip
