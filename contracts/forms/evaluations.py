"""The interim evaluation: opened, answered, concluded, and what was agreed is done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from achterhoek.nlds.forms import NldsForm
from contracts.domain.evaluations import HIGHEST, LOWEST
from contracts.forms.change_fields import date_field, no_person, text_field
from contracts.selectors.evaluations import EvaluationPage
from contracts.services.evaluations import Answer, ToDo
from procurement.models import Tender

MARKS = [(str(mark), str(mark)) for mark in range(LOWEST, HIGHEST + 1)]
AGREEMENTS = 5


class OpenForm(NldsForm):
    """Open the evaluation of a year for the contracts of a tender."""

    submit_label = _("Open the evaluation")

    tender = forms.ModelChoiceField(label=_("Tender"), queryset=Tender.objects.none(), empty_label=None)
    year = forms.TypedChoiceField(
        label=_("Questionnaire of"), coerce=int, error_messages={"required": _("Choose a year.")}
    )
    due_on = date_field(_("To be filled in by"), _("Both sides answer by this day."))

    def __init__(self, *args: Any, tenders: Any, years: Sequence[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        tender: Any = self.fields["tender"]
        tender.queryset = tenders
        year: Any = self.fields["year"]
        year.choices = [(one, str(one)) for one in years]


class AnswersForm(NldsForm):
    """The answers of one side: a mark and words for each question. Saved as far as one is."""

    submit_label = _("Hand in the answers")
    show_optional = False

    def __init__(self, *args: Any, page: EvaluationPage, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.questions = [row.question for row in page.rows]
        for row in page.rows:
            given = row.answers.get(page.side or "")
            mark = forms.ChoiceField(
                label=row.question.text, choices=MARKS, required=False, widget=forms.RadioSelect,
                help_text=_("1 is poor, 5 is good."), initial=str(given.mark) if given and given.mark else None,
            )  # fmt: skip
            widget: Any = mark.widget
            widget.in_a_row = True
            self.fields[f"mark-{row.question.pk}"] = mark
            text = text_field(_("Explanation"), "", "", rows=3, required=False)
            text.initial = given.text if given else ""
            self.fields[f"text-{row.question.pk}"] = text

    @property
    def answers(self) -> dict[int, Answer]:
        """What was filled in, by question; what could not be read is left as it was."""
        found = {}
        for question in self.questions:
            names = (f"mark-{question.pk}", f"text-{question.pk}")
            if not any(name in self.errors for name in names):
                mark, text = (self.cleaned_data.get(name, "") for name in names)
                found[question.pk] = Answer(int(mark) if mark else None, text)
        return found

    def require_marks(self) -> bool:
        """For handing in: each question needs a mark. Every one that lacks is told."""
        for question in self.questions:
            name = f"mark-{question.pk}"
            if not self.cleaned_data.get(name) and name not in self.errors:
                self.add_error(name, _("Give a mark from 1 to 5."))
        return not self.errors


class ConcludeEvaluationForm(NldsForm):
    """What came out of the conversation."""

    submit_label = _("Conclude the evaluation")

    met_on = date_field(_("Discussed on"))
    conclusion = text_field(
        _("Conclusion"), _("The contractor and the colleges read it."),
        _("Write down the conclusion. The contractor reads it."),
    )  # fmt: skip
    advice = text_field(
        _("Advice on the extension"), _("The colleges see it beside the option of this contract."), "",
        rows=3, required=False,
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number in range(1, AGREEMENTS + 1):
            self.fields[f"agreed-{number}"] = forms.CharField(
                label=_("Agreed adjustment %(number)d") % {"number": number}, required=False, max_length=1000,
                validators=[no_person], widget=forms.TextInput,
            )  # fmt: skip
            self.fields[f"due-{number}"] = date_field(
                _("Adjustment %(number)d done by") % {"number": number}, required=False
            )

    def clean(self) -> dict[str, Any]:
        self.agreed: list[ToDo] = []
        for number in range(1, AGREEMENTS + 1):
            text, due = self.cleaned_data.get(f"agreed-{number}"), self.cleaned_data.get(f"due-{number}")
            if text and due:
                self.agreed.append(ToDo(text, due))
            elif text and f"due-{number}" not in self.errors:
                self.add_error(f"due-{number}", _("Choose a date."))
            elif due and f"agreed-{number}" not in self.errors:
                self.add_error(f"agreed-{number}", _("Write down what was agreed."))
        return self.cleaned_data


class FinishForm(NldsForm):
    """That an agreed adjustment was done."""

    submit_label = _("It was done")

    on = date_field(_("Done on"))
    remark = text_field(_("Remark"), "", "", rows=2, required=False)
