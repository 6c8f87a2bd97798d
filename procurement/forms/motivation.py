"""The form of one reason in a letter: what the letter says, and why what was found in it may stand."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from achterhoek.nlds.forms import NldsForm
from procurement.selectors.motivation import Reason


class ReasonForm(NldsForm):
    """What is right is decided by the service; this shows it. The version of the text that it shows goes along."""

    show_optional = False

    text = forms.CharField(required=False, strip=False, widget=forms.Textarea(attrs={"rows": 9}))
    accepted = forms.CharField(
        label=_("Why this may stand"),
        help_text=_("Needed where something was found and you leave the text as it is. A later change asks again."),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, reason: Reason, **kwargs: Any) -> None:
        initial = {"text": reason.text, "accepted": reason.accepted}
        super().__init__(
            *args, prefix=f"m{reason.slug}", initial=initial, use_required_attribute=False, **kwargs
        )  # fmt: skip
        self.reason = reason
        code = reason.criterion.code
        if reason.winner:
            label = _("What the letter says about %(winner)s on %(code)s") % {"winner": reason.winner, "code": code}
        else:
            label = _("What the letter says on %(code)s") % {"code": code}
        self.fields["text"].label = label
        typed = self.is_bound and self.data.get(self.add_prefix("accepted"))
        if not typed and all(finding.is_gap for finding in reason.findings):
            del self.fields["accepted"]

    @property
    def seen_name(self) -> str:
        """Under which name the page sends along the version that it showed."""
        return f"seen-{self.reason.slug}"
