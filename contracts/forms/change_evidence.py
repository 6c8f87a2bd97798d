"""The part of a form in which documents are uploaded. What came in is kept, also when the form is refused."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from crispy_forms.layout import Fieldset
from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from achterhoek.clock import database_today
from achterhoek.nlds.forms import NldsForm
from achterhoek.sizes import format_size
from contracts.enums import EvidenceKind
from contracts.forms.change_fields import date_field
from contracts.models import HeldEvidence

ALL_KINDS = tuple(EvidenceKind)
# Of these the day of issue counts, or is worth knowing.
DATED = (EvidenceKind.KVK_EXTRACT, EvidenceKind.CONDUCT, EvidenceKind.TAX, EvidenceKind.QUALITY)
NEEDED = _("Choose this document. We need it to judge your request.")
HELP = {
    EvidenceKind.SELF_DECLARATION: _(
        "The newcomer declares that no ground for exclusion applies to it. Signed, as PDF."
    ),
    EvidenceKind.KVK_EXTRACT: _("PDF, at most 6 months old on the first day."),
    EvidenceKind.CONDUCT: _("PDF, at most 2 years old on the first day."),
    EvidenceKind.TAX: _("PDF, at most 6 months old on the first day."),
    EvidenceKind.QUALITY: _("For example HKZ or ISO 9001, as PDF."),
    EvidenceKind.OTHER: _("Another document that belongs to your request, as PDF."),
}


class EvidenceForm(NldsForm):
    """A form with a place for each kind of document."""

    needed: tuple[EvidenceKind, ...] = ()
    rest_title: Any = _("Other documents, where you have them")

    def __init__(self, *args: Any, held: Iterable[HeldEvidence] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind in ALL_KINDS:
            self.fields[f"file_{kind}"] = forms.FileField(
                label=kind.label, required=False, widget=forms.FileInput({"accept": "application/pdf,.pdf"}),
                error_messages={"required": NEEDED, "empty": _("This file is empty. Choose the file again.")},
            )  # fmt: skip
            if kind in DATED:
                self.fields[f"issued_{kind}"] = date_field(
                    _("%(document)s: issued on") % {"document": kind.label},
                    _("The day that stands on the document."),
                    required=False,
                )
            self.fields[f"drop_{kind}"] = forms.BooleanField(
                label=_("Leave this document out: %(document)s") % {"document": kind.label}, required=False
            )
        self.show_held(held)

    def show_held(self, held: Iterable[HeldEvidence]) -> None:
        """Say of each document whether it is there already; only one that is there can be left out."""
        self.held = {EvidenceKind(row.kind): row for row in held}
        for kind in ALL_KINDS:
            self.fields[f"file_{kind}"].required = kind in self.needed and kind not in self.held
            self[f"file_{kind}"].help_text = self._help(kind)  # the form may have been looked at already
            row = self.held.get(kind)
            if row is not None and row.issued_on and f"issued_{kind}" in self.fields:
                self.initial[f"issued_{kind}"] = row.issued_on

    def _help(self, kind: EvidenceKind) -> str:
        row = self.held.get(kind)
        if row is None:
            return str(HELP[kind])
        return gettext("Received: PDF, %(size)s. Choose a file only to replace it.") % {
            "size": format_size(row.file.size)
        }

    def documents(self, *kinds: EvidenceKind) -> list[str]:
        """The names of the fields of these documents, in their order."""
        names = []
        for kind in kinds:
            names.append(f"file_{kind}")
            if kind in DATED:
                names.append(f"issued_{kind}")
            if kind in self.held:
                names.append(f"drop_{kind}")
        return names

    def document_sets(self) -> list[Fieldset]:
        """What is needed, and apart from it what may be added."""
        rest = [kind for kind in ALL_KINDS if kind not in self.needed]
        sets = [Fieldset(_("Documents of the newcomer"), *self.documents(*self.needed))] if self.needed else []
        return [*sets, Fieldset(self.rest_title, *self.documents(*rest))]

    def uploads(self) -> Iterator[tuple[EvidenceKind, UploadedFile]]:
        """The documents that came in with this form."""
        for kind in ALL_KINDS:
            upload = self.files.get(f"file_{kind}")
            if upload is not None and f"file_{kind}" not in self.errors:
                yield kind, upload

    def left_out(self) -> list[EvidenceKind]:
        """The documents that were there and are to go, unless a new one came."""
        came = {kind for kind, _upload in self.uploads()}
        return [k for k in ALL_KINDS if k in self.held and k not in came and self.data.get(f"drop_{k}")]

    def issued(self) -> dict[str, date | None]:
        """The days of issue as far as they could be read, by kind."""
        return {
            kind.value: self.cleaned_data[f"issued_{kind}"]
            for kind in DATED
            if f"issued_{kind}" in getattr(self, "cleaned_data", {})
        }

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        today = database_today()
        for kind in ALL_KINDS:
            there = f"file_{kind}" in self.files or (kind in self.held and not data.get(f"drop_{kind}"))
            if kind in self.needed and not there and f"file_{kind}" not in self.errors:
                self.add_error(f"file_{kind}", NEEDED)
            day = data.get(f"issued_{kind}")
            if day and day > today:
                self.add_error(
                    f"issued_{kind}",
                    gettext("This day lies in the future. Fill in the day that stands on the document."),
                )
            if kind in DATED and there and not day and f"issued_{kind}" not in self.errors:
                self.add_error(f"issued_{kind}", gettext("Fill in the day that stands on the document."))
        return data
