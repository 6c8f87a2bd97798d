"""Forms of a scoring done again: how it begins, and what changed at its end."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from achterhoek.nlds.forms import NldsForm, NldsFormHelper
from procurement.enums import ReevaluationCause
from procurement.models import Criterion, SegmentRound
from procurement.selectors.evaluation import graded_criteria

MAX_LENGTH = 4000


class ReevaluationForm(NldsForm):
    """Why, and which criteria."""

    submit_label = _("Begin the re-evaluation")

    cause = forms.ChoiceField(
        label=_("Why is the scoring done again?"), choices=ReevaluationCause.choices, widget=forms.RadioSelect
    )
    reason = forms.CharField(
        label=_("Explanation"),
        help_text=_("What was wrong, and what has to be judged again. It is kept in the file."),
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=MAX_LENGTH,
        error_messages={"required": _("Explain why the scoring is done again.")},
    )
    criteria = forms.ModelMultipleChoiceField(
        queryset=Criterion.objects.none(),
        label=_("Which criteria are scored again?"),
        help_text=_("The other criteria keep their scores."),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one criterion.")},
    )

    def __init__(self, *args: Any, segment_round: SegmentRound, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen: Any = self.fields["criteria"]
        chosen.queryset = graded_criteria(segment_round)


class ExplainForm(NldsForm):
    """What came out otherwise, and why. The re-evaluation ends with it."""

    submit_label = _("End the re-evaluation")

    explanation = forms.CharField(
        label=_("What changed, and why?"),
        help_text=_("Write it also where nothing changed. Both results stay visible, with this text."),
        widget=forms.Textarea(attrs={"rows": 6}),
        max_length=MAX_LENGTH,
        error_messages={"required": _("Explain what changed, and why.")},
    )

    def __init__(self, *args: Any, action: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.action = action

    @property
    def helper(self) -> NldsFormHelper:
        found = super().helper
        found.form_action = self.action
        return found
