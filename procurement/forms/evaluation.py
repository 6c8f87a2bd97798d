"""Forms of evaluators and of the lead's evaluation."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from achterhoek.nlds.forms import NldsForm
from procurement.domain.score_scale import ScoreChoice, plain_text
from procurement.models import Criterion

MAX_REASON = 4000


class CloseScoringForm(NldsForm):
    """The end of scoring alone; a reason is asked where not everybody has handed in."""

    # It is asked for only where it is needed.
    show_optional = False

    reason = forms.CharField(
        label=_("Why you go on all the same"),
        help_text=_("Needed where somebody has not handed in, or with another number of members than announced."),
        max_length=MAX_REASON,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class ScaleSelect(forms.RadioSelect):
    """A scale in one row: the figure is shown, its meaning is read out and stands in a list under the form.

    Where scores are given alone the meanings stand beside the figures, one under another: the rubric is the list.
    """

    in_a_row = True


def _decimal(text: str) -> Decimal:
    """As a field wants it told: what is no number is a wrong value, no failure."""
    try:
        return Decimal(text)
    except InvalidOperation:
        raise ValueError(text) from None


class ScoreForm(NldsForm):
    """One score with its reason, on one criterion. Left as it was, it is not looked at."""

    reason_label: Any = _("Reason for %(code)s")
    reason_missing = _("Give the reason for this score.")
    # Whether what a score means is read in the list to choose from, or in a list of its own.
    meanings_shown = False

    value = forms.TypedChoiceField(
        coerce=_decimal,
        empty_value=None,
        widget=ScaleSelect,
        show_hidden_initial=True,
        error_messages={
            "required": _("Choose a score."),
            "invalid_choice": _("Choose one of the scores of the scale."),
        },
    )
    reason = forms.CharField(max_length=MAX_REASON, widget=forms.Textarea(attrs={"rows": 4}), show_hidden_initial=True)

    def __init__(
        self,
        *args: Any,
        criterion: Criterion,
        choices: Iterable[ScoreChoice],
        score: Any = None,
        **kwargs: Any,
    ) -> None:
        initial = {"value": plain_text(score.value), "reason": score.reason} if score else {}
        super().__init__(
            *args, prefix=f"k{criterion.pk}", initial=initial, empty_permitted=True,
            use_required_attribute=False, **kwargs,
        )  # fmt: skip
        self.criterion = criterion
        self.score = score
        value: Any = self.fields["value"]
        scale = list(choices)
        self.meanings = [(number_format(Decimal(choice.text)), choice.meaning) for choice in scale if choice.meaning]
        in_list = self.meanings_shown and bool(self.meanings)
        value.widget.in_a_row = not in_list
        value.choices = [(choice.text, _choice_label(choice, shown=in_list)) for choice in scale]
        value.label = _("Score for %(code)s %(title)s") % {"code": criterion.code, "title": criterion.title}
        self.fields["reason"].label = self.reason_label % {"code": criterion.code}
        self.fields["reason"].error_messages["required"] = self.reason_missing

    def seen(self) -> SafeString:
        """What the page showed, sent along: a stale second tab then changes only what was changed in it."""
        return mark_safe("".join(self[name].as_hidden(only_initial=True) for name in self.fields))


def _choice_label(choice: ScoreChoice, *, shown: bool) -> str:
    figure = number_format(Decimal(choice.text))
    if shown:
        label = '<b class="nlds-rubric__score">{}<span class="nlds-visually-hidden">: </span></b><span>{}</span>'
        return format_html(label, figure, choice.meaning)
    if not choice.meaning:
        return figure
    return format_html('{}<span class="nlds-visually-hidden">: {}</span>', figure, choice.meaning)
