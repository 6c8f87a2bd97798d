"""Forms of taking part and of submitting."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy

from achterhoek.nlds.forms import NldsForm
from procurement.models import Segment
from providers.models import Organisation


class StartForm(NldsForm):
    """For which organisation, and for which segments."""

    submit_label = gettext_lazy("Begin your submission")

    organisation = forms.ModelChoiceField(
        Organisation.objects.none(),
        label=gettext_lazy("Organisation"),
        widget=forms.RadioSelect,
        empty_label=None,
        error_messages={"required": gettext_lazy("Choose the organisation that submits.")},
    )
    segments = forms.ModelMultipleChoiceField(
        Segment.objects.none(),
        label=gettext_lazy("Segments"),
        help_text=gettext_lazy("Choose every segment you want to submit for. You can change this until you submit."),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one segment.")},
    )

    def __init__(
        self, *args: Any, organisations: QuerySet[Organisation], segments: QuerySet[Segment], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        _offer(self.fields["organisation"], organisations)
        _offer(self.fields["segments"], segments)
        if len(organisations) == 1:
            self.fields["organisation"].initial = organisations[0]


class SegmentsForm(NldsForm):
    """Other segments for a draft."""

    submit_label = gettext_lazy("Save segments")

    segments = StartForm.base_fields["segments"]

    def __init__(self, *args: Any, segments: QuerySet[Segment], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self.fields["segments"], segments)


def _offer(field: forms.Field, rows: QuerySet[Any]) -> None:
    assert isinstance(field, forms.ModelChoiceField)
    field.queryset = rows


class SubmitForm(NldsForm):
    """The statement of the person who signs."""

    submit_label = gettext_lazy("Submit now")

    confirm = forms.BooleanField(
        label=gettext_lazy("I may sign for this organisation, and what we submit is true and complete."),
        error_messages={"required": gettext_lazy("Confirm this statement to submit.")},
    )
    own_copy = forms.BooleanField(
        label=gettext_lazy("I keep my own copy of this package: I downloaded it and stored it safely."),
        error_messages={"required": gettext_lazy("Download your package first, keep it, and tick this box.")},
    )

    def __init__(self, *args: Any, custodians: bool = False, **kwargs: Any) -> None:
        """Where custodians hold the key, nobody can give the content back: then the team keeps its own copy."""
        super().__init__(*args, **kwargs)
        if not custodians:
            del self.fields["own_copy"]
