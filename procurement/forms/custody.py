"""The forms of custodian mode: who keeps the key, who the custodians are, and the words of their papers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from achterhoek.nlds.forms import NldsForm
from procurement.enums import Custody
from procurement.models import Tender

MOST_CUSTODIANS = 9
MOST_CHARACTERS = 2000


class ShareField(forms.CharField):
    """The words of one paper. No program of the browser's maker may help with them: they are a key."""

    def __init__(self, **kwargs: Any) -> None:
        quiet = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false", "translate": "no", "rows": 5}
        kwargs.setdefault("widget", forms.Textarea(attrs={**quiet, "class": "notranslate"}))
        kwargs.setdefault("error_messages", {"required": gettext_lazy("Type in the words of this share.")})
        # A validator and no `max_length`, which would count the characters beside it.
        super().__init__(validators=[MaxLengthValidator(MOST_CHARACTERS)], **kwargs)


class ChooseCustodyForm(NldsForm):
    """Who keeps the key, and where custodians do: how many, and how many of them open."""

    submit_label = gettext_lazy("Save the choice")

    custody = forms.ChoiceField(
        label=gettext_lazy("Who keeps the key?"),
        choices=[
            (Custody.OPERATOR, gettext_lazy("The portal's key service keeps it")),
            (Custody.CUSTODIANS, gettext_lazy("Custodians keep it, in shares on paper")),
        ],
        widget=forms.RadioSelect,
    )
    total = forms.TypedChoiceField(
        label=gettext_lazy("How many custodians are there?"),
        help_text=gettext_lazy("Only counts when custodians keep the key. Each gets one share."),
        choices=[(number, str(number)) for number in range(2, MOST_CUSTODIANS + 1)],
        coerce=int,
    )
    needed = forms.TypedChoiceField(
        label=gettext_lazy("How many of them are needed to open?"),
        help_text=gettext_lazy("With fewer shares nobody can open the vault, not even the portal."),
        choices=[(number, str(number)) for number in range(2, MOST_CUSTODIANS + 1)],
        coerce=int,
    )

    def __init__(self, *args: Any, tender: Tender, **kwargs: Any) -> None:
        initial = {"custody": tender.custody, "total": tender.custodians_total, "needed": tender.custodians_needed}
        super().__init__(*args, initial=initial, **kwargs)


class CeremonyForm(NldsForm):
    """The name of each custodian. `instead_of` is the key whose papers this makes worthless, if there is one."""

    submit_label = gettext_lazy("Make the key and the papers")

    def __init__(self, *args: Any, total: int, instead_of: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number in range(1, total + 1):
            self.fields[f"holder_{number}"] = forms.CharField(
                label=_("Custodian %(number)d") % {"number": number},
                max_length=200,
                widget=forms.TextInput(attrs={"autocomplete": "off"}),
                error_messages={"required": _("Fill in the name of this custodian.")},
            )
        if instead_of:
            self.fields["anew"] = forms.BooleanField(
                label=_("I know that the papers that were printed before become worthless"),
                error_messages={"required": _("Tick this box if you want to make new papers.")},
            )
        self.fields["instead_of"] = forms.UUIDField(required=False, widget=forms.HiddenInput, initial=instead_of)

    @property
    def holders(self) -> list[str]:
        return [value for name, value in self.cleaned_data.items() if name.startswith("holder_")]


class TypeBackForm(NldsForm):
    """The words of one paper, typed back to prove that it can be read."""

    submit_label = gettext_lazy("Check this share")

    words = ShareField(
        label=gettext_lazy("The words of one paper"),
        help_text=gettext_lazy(
            "In the order of their numbers, with spaces between them. Capitals do not matter, and the first four "
            "letters of a word are enough."
        ),
    )
