"""Forms of the completeness check, of a request for clarification, and of its answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from achterhoek.nlds.fields import DateTimeInput
from achterhoek.nlds.forms import NldsForm
from procurement.domain.clarification import same_point
from procurement.enums import Completeness
from procurement.forms.sections import LongTextField
from procurement.models import Clarification, CompletenessCheck, Submission

MAX_TEXT = 4000
OTHER = "other"


class JudgeForm(NldsForm):
    """Complete, to clarify or excluded. A point that was named before is chosen, so that it reads the same."""

    outcome = forms.ChoiceField(
        label=gettext_lazy("Your judgment"),
        choices=Completeness.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose your judgment.")},
    )
    known_point = forms.ChoiceField(
        label=gettext_lazy("Point to clarify"),
        help_text=gettext_lazy("Only when it is to clarify. Who has the same point gets the same question."),
        widget=forms.RadioSelect,
        required=False,
    )
    point = forms.CharField(
        label=gettext_lazy("Point to clarify"),
        help_text=gettext_lazy(
            "Only when it is to clarify. A few words, such as: extract of the trade register missing."
        ),
        max_length=200,
        required=False,
    )
    reason = LongTextField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("Needed when you exclude: the bidder will read it. An exclusion cannot be undone."),
        max_length=MAX_TEXT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(
        self, *args: Any, points: Sequence[str], check: CompletenessCheck | None = None, **kwargs: Any
    ) -> None:
        initial = {}
        if check is not None:
            initial = {"outcome": check.outcome, "known_point": check.point, "point": check.point}
            initial["reason"] = "" if check.reason == check.point else check.reason
        super().__init__(*args, initial=initial, **kwargs)
        if points:
            known: Any = self.fields["known_point"]
            known.choices = [*((point, point) for point in points), (OTHER, _("Another point"))]
            self.fields["point"].label = _("The other point")
            self.fields["point"].help_text = _("A few words. Fill this in only when the point is not in the list.")
            if initial:
                self.initial["point"] = ""
        else:
            del self.fields["known_point"]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        known = data.get("known_point", OTHER)
        if known and known != OTHER:
            data["point"] = known
        return data


class AskForm(NldsForm):
    """One question with one term, to the submissions that have the same point to clarify."""

    submit_label = gettext_lazy("Send the question to all chosen")

    submissions = forms.MultipleChoiceField(
        label=gettext_lazy("Who gets the question"),
        help_text=gettext_lazy("Everybody for whom the same has to be clarified is chosen."),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one submission.")},
    )
    difference = LongTextField(
        label=gettext_lazy("Why you leave somebody out"),
        help_text=gettext_lazy("Only needed when you do not ask everybody in the list."),
        max_length=MAX_TEXT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    subject = forms.CharField(label=gettext_lazy("Subject"), max_length=200)
    text = LongTextField(
        label=gettext_lazy("Question"),
        help_text=gettext_lazy("Ask only what clarifies or repairs an obvious error. A new bid is not allowed."),
        max_length=MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 8}),
    )
    due_at = forms.DateTimeField(
        label=gettext_lazy("Answer before"),
        help_text=gettext_lazy("Dutch time. The same moment for all; it cannot be changed after sending."),
        widget=DateTimeInput(),
        error_messages={
            "required": gettext_lazy("Choose a day and a time."),
            "invalid": gettext_lazy("Enter a day and a time, for example 1-4-2027 12:00."),
        },
    )

    def __init__(self, *args: Any, submissions: Iterable[Submission], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offered = {str(submission.pk): submission for submission in submissions}
        field: Any = self.fields["submissions"]
        field.choices = [(key, f"{s.number}, {s.organisation.name}") for key, s in self.offered.items()]
        field.initial = list(self.offered)
        if len(self.offered) < 2:
            del self.fields["difference"]

    def chosen(self) -> list[Submission]:
        return [self.offered[key] for key in self.cleaned_data["submissions"]]


class AnswerForm(NldsForm):
    """The answer to a question, with at most one PDF."""

    submit_label = gettext_lazy("Send your answer")

    answer = LongTextField(
        label=gettext_lazy("Your answer"),
        max_length=10_000,
        error_messages={"required": gettext_lazy("Write your answer. You may add a PDF to it.")},
    )
    file = forms.FileField(
        label=gettext_lazy("PDF with your answer"),
        help_text=gettext_lazy("One PDF, at most 20 pages and 25 MB. A new file replaces the one you sent before."),
        required=False,
        widget=forms.FileInput(attrs={"accept": "application/pdf,.pdf"}),
    )
    drop_file = forms.BooleanField(label=gettext_lazy("Remove the PDF I sent before"), required=False)

    def __init__(self, *args: Any, clarification: Clarification, **kwargs: Any) -> None:
        super().__init__(*args, initial={"answer": clarification.answer}, **kwargs)
        if clarification.file_id is None:
            del self.fields["drop_file"]
        if clarification.answered_at is not None:
            self.submit_label = gettext_lazy("Change your answer")  # type: ignore[misc]


def point_named(points: Iterable[str], wanted: str) -> str | None:
    """The point of this name among those that can be asked about."""
    return next((point for point in points if same_point(point) == same_point(wanted)), None)
