"""Forms of objections: filing, writing down what came on paper, answering, taking back; and of the award notice."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from achterhoek.nlds.fields import DateInput, DateTimeInput
from achterhoek.nlds.forms import NldsForm
from procurement.enums import ObjectionConsequence, ObjectionKind, ObjectionStatus
from procurement.forms.sections import LongTextField
from procurement.models import Objection
from providers.models import Organisation

MAX_GROUNDS = 20_000
MAX_ANSWER = 20_000
INVALID_MOMENT = _("Enter a day and a time, for example 1-4-2027 12:00.")
INVALID_DAY = _("Enter a day, for example 1-4-2027.")


class _PdfField(forms.FileField):
    """One PDF, which may be left out."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.FileInput(attrs={"accept": "application/pdf,.pdf"})
        super().__init__(required=False, widget=widget, **kwargs)


def _names(organisations: Iterable[Organisation]) -> list[tuple[str, str]]:
    return [(str(found.pk), found.name) for found in organisations]


class FileForm(NldsForm):
    """An objection or a complaint of one's own organisation."""

    submit_label = _("Send it to the authority")

    organisation = forms.ChoiceField(label=_("For which organisation?"), widget=forms.RadioSelect)
    kind = forms.ChoiceField(
        label=_("What do you want to file?"),
        help_text=_(
            "An objection in time holds up the contract. A complaint does not: "
            "an independent complaints officer looks at how we acted."
        ),
        choices=[
            (ObjectionKind.OBJECTION, _("An objection to the decision")),
            (ObjectionKind.COMPLAINT, _("A complaint about the procedure")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose an objection or a complaint.")},
    )
    grounds = LongTextField(
        label=_("Why?"),
        help_text=_("Write what you disagree with, and why. Name the criterion or the page of the letter."),
        max_length=MAX_GROUNDS,
        widget=forms.Textarea(attrs={"rows": 10}),
        error_messages={"required": _("Write down why.")},
    )
    file = _PdfField(label=_("PDF with your grounds"), help_text=_("One PDF, at most 200 pages and 25 MB."))

    def __init__(self, *args: Any, organisations: list[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.organisations = {str(found.pk): found for found in organisations}
        field: Any = self.fields["organisation"]
        field.choices = _names(organisations)
        if len(organisations) == 1:
            del self.fields["organisation"]

    def organisation_chosen(self) -> Organisation:
        """The one that was chosen, or the only one there is."""
        key = self.cleaned_data.get("organisation") or next(iter(self.organisations))
        return self.organisations[key]


class RegisterForm(NldsForm):
    """What came on paper, or a writ. `received_at` decides whether it holds up the contract."""

    submit_label = _("Write it down")

    organisation = forms.ChoiceField(
        label=_("From which bidder?"), error_messages={"required": _("Choose from whom it came.")}
    )
    kind = forms.ChoiceField(
        label=_("What came in?"),
        choices=ObjectionKind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what came in.")},
    )
    received_at = forms.DateTimeField(
        label=_("Received on"),
        help_text=_("Dutch time. When it reached the authority, which may be before today."),
        widget=DateTimeInput(),
        error_messages={"required": _("Choose a day and a time."), "invalid": INVALID_MOMENT},
    )
    grounds = LongTextField(
        label=_("What it says"),
        help_text=_("The grounds in short, or what is asked of the court."),
        max_length=MAX_GROUNDS,
        widget=forms.Textarea(attrs={"rows": 8}),
        error_messages={"required": _("Write down why.")},
    )
    file = _PdfField(label=_("The letter or the writ as PDF"), help_text=_("One PDF, at most 200 pages and 25 MB."))
    court = forms.CharField(label=_("Court"), help_text=_("Only with interim relief."), max_length=200, required=False)
    case_number = forms.CharField(
        label=_("Case number"), help_text=_("Only with interim relief, as soon as it is known."),
        max_length=60, required=False,
    )  # fmt: skip
    hearing_on = forms.DateField(
        label=_("Hearing on"), help_text=_("Only with interim relief, as soon as it is known."),
        widget=DateInput(), required=False, error_messages={"invalid": INVALID_DAY},
    )  # fmt: skip

    def __init__(self, *args: Any, organisations: Iterable[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = list(organisations)
        self.organisations = {str(organisation.pk): organisation for organisation in found}
        field: Any = self.fields["organisation"]
        field.choices = [("", _("Choose a bidder")), *_names(found)]

    def organisation_chosen(self) -> Organisation:
        return self.organisations[self.cleaned_data["organisation"]]


class AnswerObjectionForm(NldsForm):
    """Upheld or not, with the answer that the objector reads; for a court its judgment and the date of it."""

    submit_label = _("Record and send the answer")

    outcome = forms.ChoiceField(
        label=_("Your answer"),
        choices=[
            (ObjectionStatus.UPHELD, _("The organisation is right, wholly or in part")),
            (ObjectionStatus.REJECTED, _("The organisation is not right")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose your answer.")},
    )
    consequence = forms.ChoiceField(
        label=_("What follows"),
        help_text=_("Only when the organisation is right. The step itself you take after this."),
        choices=ObjectionConsequence.choices,
        widget=forms.RadioSelect,
        required=False,
    )
    judged_on = forms.DateField(
        label=_("Date of the judgment"), widget=DateInput(), required=False, error_messages={"invalid": INVALID_DAY}
    )
    answer = LongTextField(
        label=_("Reasons"),
        help_text=_("The organisation reads this text."),
        max_length=MAX_ANSWER,
        widget=forms.Textarea(attrs={"rows": 8}),
        error_messages={"required": _("Write the answer: the organisation will read it.")},
    )

    def __init__(self, *args: Any, objection: Objection, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if objection.kind != ObjectionKind.INTERIM_RELIEF:
            del self.fields["judged_on"]
            return
        self.fields["outcome"].label = _("What the court decided")
        self.fields["answer"].label = _("The judgment in short")

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("outcome") == ObjectionStatus.UPHELD and not data.get("consequence"):
            self.add_error("consequence", _("Choose what follows from it."))
        return data


class TakeBackForm(NldsForm):
    """The objector takes it back itself; saying why is up to it."""

    submit_label = _("Take it back")

    reason = LongTextField(
        label=_("Why do you take it back?"), max_length=MAX_ANSWER, required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip


class TakeBackForThemForm(NldsForm):
    """Taken back on behalf of the objector, who said so by telephone or letter."""

    submit_label = _("Record that it was taken back")

    reason = LongTextField(
        label=_("How and when did the organisation take it back?"),
        help_text=_("The organisation gets a mail of this."),
        max_length=MAX_ANSWER,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Write down how and when the organisation took it back.")},
    )


class NoticeForm(NldsForm):
    """That the notice of an award was published: its number, and when."""

    submit_label = _("Record the publication")

    reference = forms.CharField(
        label=_("Number of the notice on TenderNed"),
        max_length=60,
        error_messages={"required": _("Fill in the number of the notice on TenderNed.")},
    )
    published_at = forms.DateTimeField(
        label=_("Published on"),
        help_text=_("Dutch time."),
        widget=DateTimeInput(),
        error_messages={"required": _("Choose a day and a time."), "invalid": INVALID_MOMENT},
    )
