"""Forms of scoring alone: a score with its reason, and a private note with a flag."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from achterhoek.nlds.forms import NldsForm
from procurement.forms.evaluation import MAX_REASON, ScoreForm
from procurement.models import Criterion, SegmentRound
from procurement.selectors.evaluation import choices_for
from procurement.selectors.scoring import Shown


class SheetForm(ScoreForm):
    """One criterion of the sheet of a bid. What is right is decided by the service; this shows it.

    `seen` holds what stands in the database now: sent along, so that an older page does not overwrite a newer score.
    """

    meanings_shown = True

    def __init__(self, *args: Any, criterion: Criterion, shown: Shown, segment_round: SegmentRound, **kwargs: Any):
        super().__init__(*args, criterion=criterion, choices=choices_for(criterion, segment_round), **kwargs)
        self.shown = shown
        if segment_round.reason_min_length > 1:
            least = _("At least %(count)d characters.")
            self.fields["reason"].help_text = least % {"count": segment_round.reason_min_length}
        self.initial = {"value": shown.value, "reason": shown.reason}

    def seen(self) -> SafeString:
        shown = {"value": self.shown.value, "reason": self.shown.reason}
        names = [(self.add_initial_prefix(name), text) for name, text in shown.items()]
        return format_html_join("", '<input type="hidden" name="{}" value="{}">', names)


class NoteForm(NldsForm):
    """A private note: nobody else reads it, ever."""

    submit_label = _("Save the note")
    flagged = forms.BooleanField(label=_("Flag this bid, to come back to it"), required=False)
    text = forms.CharField(
        label=_("Private note"),
        help_text=_("Only you read this. It is no part of your scores."),
        max_length=MAX_REASON,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
