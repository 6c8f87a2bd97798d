"""Forms of a committee: who sits in it, who takes over, how bids are divided, and what a member declares."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from achterhoek.accounts.models import User
from achterhoek.nlds.forms import NldsForm
from procurement.domain.parties import CONSORTIUM_MEMBER, SUBCONTRACTOR
from procurement.enums import Interest
from procurement.models import CommitteeMember, Entry, SegmentRound
from procurement.selectors.committee import PartyLine, who_may_score
from procurement.selectors.evaluation import eligible_evaluators
from procurement.services.interests import Interests, PartyInterest

MAX_TEXT = 2000
PARTS = {CONSORTIUM_MEMBER: _("in a consortium"), SUBCONTRACTOR: _("as subcontractor")}


class PeopleForm(NldsForm):
    """Who takes part: each field that names people offers who may be an evaluator of this segment."""

    people: ClassVar[tuple[str, ...]]

    def __init__(self, *args: Any, segment_round: SegmentRound, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.people:
            field: Any = self.fields[name]
            field.queryset = eligible_evaluators(segment_round)


class MembersForm(PeopleForm):
    """Who scores a segment. Only evaluators of the region without a tie to a provider can be chosen."""

    submit_label = _("Save the committee")
    people = ("users",)
    users = forms.ModelMultipleChoiceField(
        label=_("Members of the committee"),
        help_text=_("People who work for a provider are not in this list."),
        queryset=User.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one evaluator.")},
    )


class AttendantsForm(PeopleForm):
    """Who leads the meeting and who looks on."""

    submit_label = _("Save chair and observers")
    people = ("chair", "observers")
    attendants = forms.CharField(widget=forms.HiddenInput, initial="1")
    chair = forms.ModelChoiceField(
        label=_("Chair"),
        help_text=_("Leads the consensus meeting, and gives no scores."),
        queryset=User.objects.none(),
        required=False,
        empty_label=_("No chair yet"),
    )
    observers = forms.ModelMultipleChoiceField(
        label=_("Observers"),
        help_text=_("Look on, and give no scores."),
        queryset=User.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )


class ReplaceForm(NldsForm):
    """Who takes over a seat, and why."""

    submit_label = _("Replace this member")
    user = forms.ModelChoiceField(
        label=_("Who takes over"),
        help_text=_("Takes over the bids, declares interests, and scores alone."),
        queryset=User.objects.none(),
        empty_label=_("Choose an evaluator"),
        error_messages={"required": _("Choose who takes over.")},
    )
    reason = forms.CharField(
        label=_("Reason for the replacement"),
        help_text=_("It is part of the record of this tender."),
        max_length=MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Give the reason for the replacement. It is part of the record.")},
    )

    def __init__(self, *args: Any, seat: CommitteeMember, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["user"]
        seated = CommitteeMember.objects.filter(segment_round=seat.segment_round_id, ended_at__isnull=True)
        field.queryset = eligible_evaluators(seat.segment_round).exclude(pk__in=seated.values("user"))


class DivideForm(NldsForm):
    """How many members score each bid, and the seed."""

    submit_label = _("Divide the bids")
    per_bid = forms.IntegerField(
        label=_("Members for each bid"),
        help_text=_("Everybody gets about the same number of bids, and never one of a party with an interest."),
        min_value=1,
        max_value=99,
        error_messages={"invalid": _("Fill in a whole number."), "required": _("Fill in a whole number.")},
    )
    seed = forms.CharField(
        label=_("Seed of the division"),
        help_text=_("Leave it empty for one made by chance. With the seed anybody can replay the division."),
        max_length=100,
        required=False,
    )


class BidMembersForm(NldsForm):
    """Who scores one bid, by hand."""

    submit_label = _("Save who scores this bid")
    seats = forms.ModelMultipleChoiceField(
        label=_("Members that score this bid"),
        help_text=_("Members with an interest in this bid are not in this list."),
        queryset=CommitteeMember.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one member for this bid.")},
    )

    def __init__(self, *args: Any, segment_round: SegmentRound, entry: Entry, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["seats"]
        field.queryset = who_may_score(segment_round, entry)
        field.label_from_instance = lambda seat: str(seat.user)


class PartiesForm(NldsForm):
    """In which parties there is an interest; in none is a button of its own."""

    parties = forms.MultipleChoiceField(
        label=_("Parties in which you have an interest"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, lines: Iterable[PartyLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["parties"]
        field.choices = [(line.kvk_number, _with_parts(line)) for line in lines]
        self.some = "none" not in self.data

    def clean_parties(self) -> list[str]:
        chosen: list[str] = self.cleaned_data["parties"]
        if self.some and not chosen:
            raise forms.ValidationError(_("Tick the parties, or declare that you have an interest in none of them."))
        if chosen and not self.some:
            raise forms.ValidationError(_("You ticked a party. Untick it, or go on with what you ticked."))
        return chosen


class InterestsForm(NldsForm):
    """For each party that was ticked: what ties, and how."""

    submit_label = _("Declare these interests, and none in the others")

    def __init__(self, *args: Any, lines: Iterable[PartyLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.numbers = [line.kvk_number for line in lines]
        kinds = [choice for choice in Interest.choices if choice[0] != Interest.NONE]
        for line in lines:
            self.fields[f"interest_{line.kvk_number}"] = forms.ChoiceField(
                label=_("What ties you to %(party)s") % {"party": line.name},
                choices=[("", _("Make a choice")), *kinds],
                error_messages={"required": _("Choose what ties you to this party.")},
            )
            self.fields[f"explanation_{line.kvk_number}"] = forms.CharField(
                label=_("Explanation about %(party)s") % {"party": line.name},
                max_length=MAX_TEXT,
                widget=forms.Textarea(attrs={"rows": 2}),
                error_messages={"required": _("Explain in a few words what ties you to this party.")},
            )

    def interests(self) -> Interests:
        """By party, as the service wants it."""
        data = self.cleaned_data
        return {n: PartyInterest(data[f"interest_{n}"], data[f"explanation_{n}"]) for n in self.numbers}


class AskCorrectionForm(NldsForm):
    """Why a declared interest was a mistake, in the words of who declared it."""

    submit_label = _("Say that it was a mistake")
    reason = forms.CharField(
        label=_("What was mistaken"),
        help_text=_("The procurement lead reads this and decides. It is part of the record of this tender."),
        max_length=MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Explain what was mistaken. It is part of the record.")},
    )


class DecideCorrectionForm(NldsForm):
    """Whether a declared interest was a mistake, and why."""

    submit_label = _("Record the decision")
    agreed = forms.TypedChoiceField(
        label=_("Was this interest declared by mistake?"),
        choices=[("yes", _("Yes: the member is asked again about this bid")), ("no", _("No: the interest stands"))],
        coerce=lambda value: value == "yes",
        empty_value=None,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose yes or no.")},
    )
    note = forms.CharField(
        label=_("Explanation"),
        help_text=_("It is part of the record of this tender."),
        max_length=MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Explain your decision. It is part of the record.")},
    )

    def __init__(self, *args: Any, asked: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not asked:
            field: Any = self.fields["agreed"]
            field.choices = field.choices[:1]


def _with_parts(line: PartyLine) -> str:
    """The name, and where it is not only a bidder, what else it is in a bid."""
    parts = [str(PARTS[part]) for part in line.parts if part in PARTS]
    return f"{line.name} ({', '.join(parts)})" if parts else line.name
