"""Forms of the consensus meeting: the score given together, and the minutes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from achterhoek.nlds.fields import DateInput
from achterhoek.nlds.forms import NldsForm
from procurement.domain.wording import BROWSER_PATTERN, comparative_phrases
from procurement.forms.evaluation import MAX_REASON, ScoreForm
from procurement.models import CommitteeMember, SegmentRound
from procurement.selectors.basis import NOTHING
from procurement.selectors.consensus import CriterionScores, version_of
from procurement.selectors.meeting import present_seats

MAX_MINUTES = 20_000


class ConsensusForm(ScoreForm):
    """The score that the committee gave together, with the motivation that the bidder will read.

    `given` are the individual scores beside it. What was shown is sent along, so that of two who record at once the
    second is told what the first has set.
    """

    # The only field that may stay empty says itself when it is needed.
    show_optional = False
    wording_pattern = BROWSER_PATTERN
    # In a re-evaluation: a criterion that is not scored again.
    closed = False
    reason_label = _("Motivation for %(code)s")
    reason_missing = _("Give the motivation. The bidder will read it.")

    outside_reason = forms.CharField(
        label=_("Why outside the individual scores"),
        help_text=_("Needed where the score lies below the lowest or above the highest of them."),
        max_length=MAX_REASON,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        show_hidden_initial=True,
    )
    confirm = forms.BooleanField(label=_("The committee looked again and keeps this score"), required=False)

    def __init__(self, *args: Any, given: CriterionScores | None, **kwargs: Any) -> None:
        super().__init__(*args, score=given.consensus if given else None, **kwargs)
        self.given = given
        if self.score is not None:
            self.initial["outside_reason"] = self.score.outside_reason
        if given is None or not given.stale:
            del self.fields["confirm"]

    @property
    def shown_name(self) -> str:
        """Under which name the page sends along what it showed."""
        return self.add_prefix("shown")

    @property
    def shown(self) -> str:
        """What the page showed on which this form was filled in; nothing where it did not tell."""
        return str(self.data.get(self.shown_name, ""))

    @property
    def shown_now(self) -> str:
        """What the page shows now: this is sent along the next time."""
        return self.given.shown if self.given else version_of(None, NOTHING)

    @property
    def comparing(self) -> tuple[str, ...]:
        """Phrases of the motivation that seem to compare with other bids: pointed out, never refused."""
        return comparative_phrases(self["reason"].value() or "")


class MinutesForm(NldsForm):
    """The minutes of a meeting: when, who was there, and what was said."""

    submit_label = _("Record the minutes")
    held_on = forms.DateField(
        label=_("Date of the meeting"),
        widget=DateInput,
        error_messages={"invalid": _("Give the date as day, month and year: 24-11-2026.")},
    )
    present = forms.ModelMultipleChoiceField(
        label=_("Who was there"),
        queryset=CommitteeMember.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose who was there.")},
    )
    minutes = forms.CharField(
        label=_("Minutes"),
        help_text=_("They cannot be changed afterwards. A correction is a new set of minutes."),
        max_length=MAX_MINUTES,
        widget=forms.Textarea(attrs={"rows": 12}),
        error_messages={"required": _("Write what was said and decided.")},
    )

    def __init__(self, *args: Any, segment_round: SegmentRound, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        present: Any = self.fields["present"]
        present.queryset = present_seats(segment_round)
        present.label_from_instance = _seat_label


def _seat_label(seat: CommitteeMember) -> str:
    return f"{seat.user} ({seat.get_role_display()})"
