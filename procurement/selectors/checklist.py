"""The checklist of a draft: what is asked, what is done, what is missing. The submit service asks the same."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from django.utils.translation import gettext as _

from achterhoek.prepared import Prepared
from procurement.enums import QuestionKind
from procurement.models import Entry, Question, Requirement, Segment, Submission
from procurement.selectors.content import Content, Given

GENERAL = "algemeen"
"""The key of the section with what is asked once; the others carry the slug of their segment."""


@dataclass(frozen=True)
class Item:
    """One question or minimum requirement of a section, and what was filled in so far."""

    code: str
    title: str
    anchor: str
    done: bool
    required: bool
    question: Question | None = None
    answer: Given | None = None
    requirement: Requirement | None = None
    confirmation: Given | None = None

    @property
    def missing(self) -> bool:
        return self.required and not self.done

    @property
    def given(self) -> Given | None:
        return self.answer or self.confirmation

    @property
    def is_file(self) -> bool:
        return self.question is not None and self.question.kind == QuestionKind.FILE

    @property
    def conflict(self) -> bool:
        """Two people changed it at once, and the team has not chosen yet."""
        return bool(self.given and self.given.alternatives)

    @property
    def key(self) -> str:
        """The name of its field in a form."""
        return f"r{self.requirement.pk}" if self.requirement else f"q{self.question.pk if self.question else ''}"


@dataclass(frozen=True)
class Section:
    """One page of the form: what is asked once, or what is asked for one segment."""

    key: str
    title: str
    segment: Segment | None
    items: list[Item] = field(default_factory=list)

    @property
    def slug(self) -> str:
        """The slug of its segment; empty for what is asked once."""
        return self.segment.slug if self.segment else ""

    @property
    def asked(self) -> int:
        return sum(item.required for item in self.items)

    @property
    def done(self) -> int:
        return sum(item.required and item.done for item in self.items)

    @property
    def gaps(self) -> list[Item]:
        return [item for item in self.items if item.missing]

    @property
    def conflicts(self) -> list[Item]:
        return [item for item in self.items if item.conflict]

    def changed_by_others(self, user_id: int) -> list[Given]:
        """The latest change of each colleague in this section, the newest first."""
        latest: dict[str, Given] = {}
        for given in sorted((i.given for i in self.items if i.given), key=lambda found: str(found.changed_at)):
            if given.changed_by_id not in (None, user_id):
                latest[given.changed_by] = given
        return list(latest.values())[::-1]

    @property
    def state(self) -> str:
        if not self.gaps:
            return "done"
        return "current" if any(item.done for item in self.items) else "todo"


@dataclass(frozen=True)
class Checklist:
    """All sections of a draft, in the order of its form."""

    sections: list[Section]
    has_segments: bool
    content: Content = field(default_factory=Content)

    @property
    def withheld(self) -> bool:
        """Handed in, and only the custodians hold the key: nobody can show it now."""
        return self.content.withheld

    @property
    def asked(self) -> int:
        return sum(section.asked for section in self.sections)

    @property
    def done(self) -> int:
        return sum(section.done for section in self.sections)

    @property
    def missing(self) -> int:
        return self.asked - self.done

    @property
    def conflicts(self) -> int:
        return sum(len(section.conflicts) for section in self.sections)

    @property
    def complete(self) -> bool:
        return self.has_segments and not self.missing

    def section(self, key: str) -> Section | None:
        return next((found for found in self.sections if found.key == key), None)

    def after(self, key: str) -> Section | None:
        """The section after this one, if any."""
        keys = [found.key for found in self.sections]
        following = keys.index(key) + 1
        return self.sections[following] if following < len(keys) else None

    def gaps(self) -> list[str]:
        """Each gap in words: the section and what it misses."""
        lines = [] if self.has_segments else [_("Choose at least one segment.")]
        lines += [f"{section.title}: {item.code} {item.title}" for section in self.sections for item in section.gaps]
        return lines


def is_answered(question: Question, answer: Given | None) -> bool:
    """Whether the one value that belongs to the question's kind is there."""
    if answer is None:
        return False
    if question.kind == QuestionKind.TEXT:
        return bool(answer.text.strip())
    if question.kind == QuestionKind.FILE:
        return answer.file is not None
    if question.kind == QuestionKind.BOOLEAN:
        return answer.boolean is not None
    return answer.number is not None


def is_confirmed(confirmation: Given | None) -> bool:
    """A minimum requirement is answered by yes, or by no with the reason."""
    if confirmation is None or confirmation.meets is None:
        return False
    return confirmation.meets or bool(confirmation.explanation.strip())


_entries = Prepared(
    lambda submission: (
        Entry.objects.filter(submission=submission)
        .select_related("segment")
        .only("submission", "segment__tender", "segment__slug", "segment__name", "segment__short_name")
        .order_by("segment__lot__position", "segment__position", "segment_id")
    ),
    UUID,
)
_questions = Prepared(lambda round: Question.objects.filter(round=round), int)
_requirements = Prepared(lambda round: Requirement.objects.filter(round=round), int)


def checklist(submission: Submission, content: Content) -> Checklist:
    """What this submission must answer for its segments, and what it has; three queries, whatever its size."""
    entries = _entries(submission.pk)
    segments: list[Segment | None] = [None, *(entry.segment for entry in entries)]
    questions = _questions(submission.round_id)
    requirements = _requirements(submission.round_id)
    answers, confirmations = content.answers, content.confirmations
    sections = []
    for segment in segments:
        key = segment.pk if segment else None
        items = [_requirement_item(r, confirmations.get(r.pk)) for r in requirements if r.segment_id == key] + [
            _question_item(q, answers.get(q.pk)) for q in questions if q.segment_id == key
        ]
        if segment is None and items:
            sections.append(Section(GENERAL, _("General"), None, items))
        elif segment is not None:
            sections.append(Section(segment.slug, segment.name, segment, items))
    return Checklist(sections=sections, has_segments=bool(entries), content=content)


def _question_item(question: Question, answer: Given | None) -> Item:
    return Item(
        code=question.code,
        title=question.title,
        anchor=f"id_q{question.pk}",
        done=is_answered(question, answer),
        required=question.required,
        question=question,
        answer=answer,
    )


def _requirement_item(requirement: Requirement, confirmation: Given | None) -> Item:
    return Item(
        code=requirement.code,
        title=requirement.title,
        anchor=f"id_r{requirement.pk}-meets",
        done=is_confirmed(confirmation),
        required=True,
        requirement=requirement,
        confirmation=confirmation,
    )
