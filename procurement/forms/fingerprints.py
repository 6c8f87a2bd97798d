"""Forms of the safety net: a fingerprint before the deadline, the package after it."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from achterhoek.errors import RuleViolation
from achterhoek.nlds.forms import NldsForm
from procurement.services.fingerprints import plain_digest


class FingerprintForm(NldsForm):
    """Paste a fingerprint; capitals, spaces and `sha256:` before it do no harm."""

    submit_label = _("Register the fingerprint")

    digest = forms.CharField(
        label=_("SHA-256 fingerprint of your ZIP file"),
        help_text=_("64 characters: digits and the letters a to f."),
        max_length=300,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "off"}),
        error_messages={"required": _("Paste the fingerprint of your ZIP file.")},
    )

    def clean_digest(self) -> str:
        if not self.cleaned_data["digest"]:
            return ""
        try:
            return plain_digest(self.cleaned_data["digest"])
        except RuleViolation as broken:
            raise forms.ValidationError(broken.message) from broken


class PackageForm(NldsForm):
    """The ZIP of which the fingerprint was registered."""

    submit_label = _("Send the package and submit")

    package = forms.FileField(
        label=_("Your ZIP file"),
        help_text=_("Exactly the file that you took the fingerprint of. One changed character makes it another file."),
        error_messages={"empty": _("This file is empty. Choose the file again.")},
    )
