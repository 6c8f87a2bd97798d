"""The form in which the lead judges one requirement of one bid: what knocks it out before scores count."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from achterhoek.nlds.forms import NldsForm
from procurement.enums import RequirementKind
from procurement.forms.evaluation import MAX_REASON
from procurement.models import Requirement, RequirementCheck, RequirementConfirmation


class RequirementForm(NldsForm):
    """Whether an entry meets one requirement, or whether a ground for exclusion applies; falling out needs a reason.

    `stated` is what the submitter itself says of it.
    """

    # The reason says itself when it is needed.
    show_optional = False
    stated: RequirementConfirmation | None = None
    met = forms.TypedChoiceField(
        coerce=lambda text: text == "yes",
        empty_value=None,
        choices=[("yes", _("Met")), ("no", _("Not met"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose: met or not met.")},
    )
    reason = forms.CharField(
        max_length=MAX_REASON,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(
        self,
        *args: Any,
        requirement: Requirement,
        check: RequirementCheck | None = None,
        **kwargs: Any,
    ) -> None:
        initial = {"met": "yes" if check.met else "no", "reason": check.reason} if check else {}
        super().__init__(
            *args, prefix=f"e{requirement.pk}", initial=initial, empty_permitted=True,
            use_required_attribute=False, **kwargs,
        )  # fmt: skip
        self.requirement = requirement
        self.check = check
        if requirement.kind == RequirementKind.EXCLUSION:
            met: Any = self.fields["met"]
            met.choices = [("yes", _("Does not apply")), ("no", _("Applies"))]
            met.error_messages["required"] = _("Choose: does it apply or not.")
            self.fields["reason"].label = _("Reason where %(code)s applies") % {"code": requirement.code}
        else:
            self.fields["reason"].label = _("Reason where %(code)s is not met") % {"code": requirement.code}
        self.fields["met"].label = f"{requirement.code} {requirement.title}"
        self.fields["met"].help_text = requirement.text

    @property
    def met_label(self) -> str:
        """What it is called when nothing knocks the bid out."""
        return self._words[0]

    @property
    def not_met_label(self) -> str:
        """What it is called when this knocks the bid out."""
        return self._words[1]

    @property
    def _words(self) -> tuple[str, str]:
        met: Any = self.fields["met"]
        (_yes, first), (_no, second) = met.choices
        return str(first), str(second)
