"""The forms at Team CLM's desk: decide, ask, ask for advice, follow up, and do several at once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from achterhoek.clock import database_today
from achterhoek.nlds.forms import NldsForm
from achterhoek.region.models import Municipality
from contracts.domain.change_terms import ADVICE_DAYS
from contracts.enums import ChangeKind, ChangeStatus
from contracts.forms.change_fields import date_field, no_person, text_field
from contracts.models import SubcontractorChange


class DecisionForm(NldsForm):
    """Team CLM's decision. Refusing is the default: no new subcontractors without a well-founded reason."""

    submit_label = _("Record the decision")

    outcome = forms.ChoiceField(
        label=_("Decision"),
        help_text=_("The rule is that no new ones are admitted unless there is a well-founded reason."),
        choices=[
            (ChangeStatus.REFUSED.value, _("Refuse")),
            (ChangeStatus.APPROVED.value, _("Approve")),
            (ChangeStatus.CONDITIONAL.value, _("Approve with conditions")),
        ],
        initial=ChangeStatus.REFUSED.value,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a decision.")},
    )
    reason = text_field(
        _("Reason of the decision"),
        _("The contractor reads this reason."),
        _("Give the reason of the decision. The contractor reads it."),
    )
    takes_effect_on = date_field(
        _("Holds from"),
        _("Only when you approve, and only to choose a later day than was asked. Never backwards."),
        required=False,
    )
    conditions = text_field(
        _("Conditions"),
        _("Only when you approve with conditions. Each on a line of its own; the contractor reads them."),
        "",
        rows=4,
        required=False,
    )
    conditions_due_on = date_field(
        _("Conditions to be met by"), _("You see here whether they were met."), required=False
    )

    def __init__(self, *args: Any, change: SubcontractorChange, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        outcome: Any = self.fields["outcome"]
        if change.kind != ChangeKind.ADD:
            outcome.help_text = _("Look at what it leaves uncovered, and at how the care of current clients goes on.")
        if change.kind == ChangeKind.STOP:
            day = self.fields["takes_effect_on"]
            day.label = _("Last day")
            day.help_text = _("Only when you approve, and only to choose a later last day than was asked.")
        if change.status == ChangeStatus.QUESTIONED:
            outcome.choices = outcome.choices[:1]
            outcome.help_text = _("As long as your question is open, you can only refuse.")

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("outcome") == ChangeStatus.CONDITIONAL and not (data.get("conditions") or "").strip():
            self.add_error("conditions", gettext("Write down the conditions."))
        return data


class QuestionForm(NldsForm):
    """A question to the contractor."""

    submit_label = _("Ask the contractor")

    text = text_field(
        _("Question to the contractor"),
        _("The contractor reads it in the portal, and gets an e-mail. Your term stands still until the answer."),
        _("Write your question."),
        rows=4,
    )


class AdviceForm(NldsForm):
    """Advice asked of municipalities."""

    submit_label = _("Ask for advice")

    municipalities = forms.ModelMultipleChoiceField(
        queryset=Municipality.objects.none(),
        label=_("Which municipalities?"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one municipality.")},
    )
    question = text_field(
        _("Your question"),
        _("What do you want to know of them? The contractor does not read it."),
        "",
        rows=3,
        required=False,
    )
    due_on = date_field(_("Wanted by"))

    def __init__(self, *args: Any, municipalities: Iterable[Municipality], **kwargs: Any) -> None:
        due = database_today() + timedelta(days=ADVICE_DAYS)
        super().__init__(*args, initial={"due_on": due}, **kwargs)
        field: Any = self.fields["municipalities"]
        field.queryset = municipalities


class ConditionForm(NldsForm):
    """That a condition was met."""

    submit_label = _("Note that it was met")

    met_on = date_field(_("Met on"))
    remark = forms.CharField(label=_("Remark"), max_length=1000, required=False, validators=[no_person])


class RefuseTogetherForm(NldsForm):
    """One reason for several refusals."""

    submit_label = _("Refuse these requests")

    reason = text_field(
        _("Reason of the decision"),
        _("Each contractor reads this reason in its own letter."),
        _("Give the reason of the decision. The contractor reads it."),
    )


class SearchForm(NldsForm):
    """A name for the filters of a list."""

    name = forms.CharField(
        label=_("Name of this search"), max_length=80, error_messages={"required": _("Give this search a name.")}
    )
    shared = forms.BooleanField(label=_("For the whole team"), required=False)
    query = forms.CharField(widget=forms.HiddenInput, required=False, max_length=2000)
