"""The form with which the lead sets how a segment is scored."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from achterhoek.nlds.forms import NldsForm
from procurement.enums import ScoringOrder
from procurement.models import SegmentRound
from procurement.services.evaluation_settings import LONGEST_MINIMUM


class EvaluationSettingsForm(NldsForm):
    """Order, length of a reason, evaluators for each bid, and phrases, one a line."""

    submit_label = _("Save the settings")
    scoring_order = forms.ChoiceField(
        label=_("Order of scoring"),
        help_text=_("An evaluator sees one bid with all criteria, or one criterion with all bids."),
        choices=ScoringOrder.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one of the orders.")},
    )
    reason_min_length = forms.IntegerField(
        label=_("Characters a reason has at least"),
        help_text=_("Can change until the first score is given."),
        min_value=1,
        max_value=LONGEST_MINIMUM,
        error_messages={"required": _("Give a number.")},
    )
    evaluators_per_bid = forms.IntegerField(
        label=_("Evaluators for each bid"),
        help_text=_("Leave empty: all members score every bid. Can change until the first score is given."),
        min_value=1,
        required=False,
    )
    phrases = forms.CharField(
        label=_("Phrases to begin a reason with"),
        help_text=_("One on each line. Evaluators can choose from them and go on writing."),
        required=False,
        widget=forms.Textarea(attrs={"rows": 8}),
    )

    def __init__(self, *args: Any, segment_round: SegmentRound, **kwargs: Any) -> None:
        kwargs["initial"] = {
            "scoring_order": segment_round.scoring_order,
            "reason_min_length": segment_round.reason_min_length,
            "evaluators_per_bid": segment_round.evaluators_per_bid,
            "phrases": "\n".join(phrase.text for phrase in segment_round.phrases.all()),
        }
        super().__init__(*args, **kwargs)
