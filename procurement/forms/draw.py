"""The form in which the lead enters a draw that was held by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from crispy_forms.layout import Submit
from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from achterhoek.nlds.fields import DateTimeInput
from achterhoek.nlds.forms import NldsForm
from procurement.selectors.draw import EqualBid

MAX_ACCOUNT = 4000


class PhysicalDrawForm(NldsForm):
    """When and how lots were drawn, which place each equal bid drew, and the record of it."""

    submit_label = gettext_lazy("Enter the draw")

    held_at = forms.DateTimeField(
        label=gettext_lazy("When the draw was held"),
        help_text=gettext_lazy("Dutch time."),
        widget=DateTimeInput(),
        error_messages={
            "required": gettext_lazy("Choose a day and a time."),
            "invalid": gettext_lazy("Enter a day and a time, for example 1-4-2027 12:00."),
        },
    )
    account = forms.CharField(
        label=gettext_lazy("How it was held, and before whom"),
        help_text=gettext_lazy("Say who drew, who watched, and how nobody could see the lots beforehand."),
        max_length=MAX_ACCOUNT,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    instead_reason = forms.CharField(
        label=gettext_lazy("Why not with the promised seed"),
        help_text=gettext_lazy("For example: the tender announced a draw before a notary. This stays in the record."),
        max_length=MAX_ACCOUNT,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": gettext_lazy("Give the reason why you do not draw with the promised seed.")},
    )
    upload = forms.FileField(
        label=gettext_lazy("Signed record of the draw (PDF)"),
        widget=forms.FileInput(attrs={"accept": "application/pdf,.pdf"}),
        error_messages={"required": gettext_lazy("Add the signed record as a PDF.")},
    )

    def __init__(self, *args: Any, bids: Sequence[EqualBid], promised: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.bids = bids
        if not promised:
            del self.fields["instead_reason"]
        places = [("", _("Choose a place")), *((str(number), str(number)) for number in range(1, len(bids) + 1))]
        after = {name: self.fields.pop(name) for name in list(self.fields)}
        for bid in bids:
            self.fields[self.name_of(bid)] = forms.TypedChoiceField(
                label=_("Place that %(name)s drew") % {"name": bid.organisation},
                help_text=bid.bid,
                choices=places,
                coerce=int,
                error_messages={"required": _("Choose the place that this bid drew.")},
            )
        self.fields.update(after)

    @staticmethod
    def name_of(bid: EqualBid) -> str:
        return f"place_{bid.entry_id}"

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        taken: dict[int, str] = {}
        for bid in self.bids:
            place = data.get(self.name_of(bid))
            if place is None:
                continue
            if place in taken:
                text = _("%(name)s has this place already. Give each bid a place of its own.")
                self.add_error(self.name_of(bid), text % {"name": taken[place]})
            taken.setdefault(place, bid.organisation)
        return data

    def order(self) -> list[int]:
        """The entries in the order in which they were drawn."""
        drawn = sorted(self.bids, key=lambda bid: self.cleaned_data[self.name_of(bid)])
        return [bid.entry_id for bid in drawn]


class AnnounceDrawForm(NldsForm):
    """What the letter to the equal bidders says: when, where and how lots are drawn."""

    submit_label = gettext_lazy("Have the letters made and sent")

    moment = forms.DateTimeField(
        label=gettext_lazy("When lots are drawn"),
        help_text=gettext_lazy("Dutch time. Leave the bidders a few days, so that they can be there."),
        widget=DateTimeInput(),
        error_messages={
            "required": gettext_lazy("Choose a day and a time."),
            "invalid": gettext_lazy("Enter a day and a time, for example 1-4-2027 12:00."),
        },
    )
    place = forms.CharField(
        label=gettext_lazy("Where"),
        help_text=gettext_lazy("The address, or how to look on from elsewhere."),
        max_length=300,
        error_messages={"required": gettext_lazy("Say where lots are drawn.")},
    )
    how = forms.CharField(
        label=gettext_lazy("How"),
        help_text=gettext_lazy("Who draws, who watches, and what decides. The published digest is added by itself."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": gettext_lazy("Say how lots are drawn.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        example = Submit("example", _("Example as PDF"))
        example.field_classes = "utrecht-button--secondary-action"
        self.helper.add_input(example)

    def clean_moment(self) -> Any:
        moment = self.cleaned_data["moment"]
        if moment <= timezone.now():
            raise forms.ValidationError(_("This moment has passed. Choose one that lies ahead."))
        return moment

    def facts(self) -> dict[str, str]:
        """As the batch keeps them."""
        given = self.cleaned_data
        return {"moment": given["moment"].isoformat(), "place": given["place"].strip(), "how": given["how"].strip()}
