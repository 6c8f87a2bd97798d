"""Who is in a consortium from a day on: its members with their shares, who leaves, and who joins."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from crispy_forms.layout import Fieldset, Layout
from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from achterhoek.errors import RuleViolation
from achterhoek.nlds.forms import NldsForm, NldsFormHelper
from contracts.enums import LegalGround, MemberStep
from contracts.forms.change_fields import NumberField, date_field, no_person
from contracts.models import ContractParty
from contracts.services.amendments import AmendmentSaid, members_amendment
from contracts.services.members import MemberChange, join_field, leave_field, share_field
from providers.domain.identity import is_kvk_number
from providers.models import Organisation
from providers.selectors.organisations import find_by_kvk

GROUNDS = (LegalGround.CLAUSE, LegalGround.REPLACEMENT, LegalGround.NOT_SUBSTANTIAL)
JOINERS = (1, 2)


def _share(label: Any, **kwargs: Any) -> forms.DecimalField:
    told = _("Give a share above 0 and up to 100 percent, or leave it empty.")
    return forms.DecimalField(
        label=label,
        required=False,
        max_digits=5,
        decimal_places=2,
        min_value=Decimal("0.01"),
        max_value=100,
        localize=True,
        error_messages={"min_value": told, "max_value": told},
        **kwargs,
    )


class MembersForm(NldsForm):
    """An amendment of a consortium: each member as it will be, and up to two that join."""

    ground = forms.ChoiceField(
        label=_("Ground in law"), choices=[(one.value, one.label) for one in GROUNDS], widget=forms.RadioSelect,
        help_text=_("Who joins or leaves does so on Aw 2.163c or 2.163f; shares alone change on 2.163c or 2.163g."),
    )  # fmt: skip
    effective_on = date_field(_("Holds from"), _("The first day of this composition."))
    reason = forms.CharField(
        label=_("Why, and why on this ground?"), help_text=_("The contractor reads this in the letter."),
        max_length=8000, validators=[no_person], widget=forms.Textarea({"rows": 4}),
    )  # fmt: skip

    def __init__(
        self, *args: Any, parties: Sequence[ContractParty], draft: AmendmentSaid | None = None, **kwargs: Any
    ) -> None:
        filled = {"ground": draft.ground, "effective_on": draft.effective_on, "reason": draft.reason} if draft else {}
        super().__init__(*args, initial=filled, **kwargs)
        self.parties = parties
        steps = {one.organisation.pk: one for one in draft.members} if draft else {}
        for row in parties:
            step = steps.get(row.organisation_id)
            self.fields[share_field(row.organisation_id)] = _share(
                _("Share in percent"), initial=step.share if step and step.step == MemberStep.SHARE else row.share
            )
            if not row.is_lead:
                self.fields[leave_field(row.organisation_id)] = forms.BooleanField(
                    label=_("%(name)s leaves the consortium") % {"name": row.organisation.name}, required=False,
                    initial=step is not None and step.step == MemberStep.LEAVE,
                )  # fmt: skip
        joining = [one for one in steps.values() if one.step == MemberStep.JOIN]
        for number in JOINERS:
            one = joining[number - 1] if len(joining) >= number else None
            self.fields[f"kvk{number}"] = NumberField(
                check=is_kvk_number, label=_("KvK number"), required=False,
                help_text=_("The organisation has to have an account here."),
                problem=_("A KvK number has 8 digits. Check the number in the trade register."),
                initial=one.organisation.kvk_number if one else "",
            )  # fmt: skip
            self.fields[f"aandeel_nieuw{number}"] = _share(_("Share in percent"), initial=one.share if one else None)
        self.joining: dict[int, Organisation] = {}

    @property
    def helper(self) -> NldsFormHelper:
        helper = NldsFormHelper(self, submit_label=_("Save as a draft"))
        helper.layout = Layout(
            *(Fieldset(_legend(row), *self._fields_of(row)) for row in self.parties),
            *(Fieldset(legend, f"kvk{n}", f"aandeel_nieuw{n}") for n, legend in zip(JOINERS, LEGENDS, strict=True)),
            Fieldset(_("From when, and why?"), "ground", "effective_on", "reason"),
        )
        return helper

    def _fields_of(self, row: ContractParty) -> list[str]:
        names = (share_field(row.organisation_id), leave_field(row.organisation_id))
        return [name for name in names if name in self.fields]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for number in JOINERS:
            found = find_by_kvk(data[f"kvk{number}"]) if data.get(f"kvk{number}") else None
            if found is not None:
                self.joining[number] = found
            elif data.get(f"kvk{number}"):
                self.add_error(f"kvk{number}", gettext("No organisation with this KvK number is known here."))
            elif data.get(f"aandeel_nieuw{number}") is not None and f"kvk{number}" not in self.errors:
                self.add_error(f"kvk{number}", gettext("Give the KvK number of who gets this share."))
        return data

    def said(self) -> AmendmentSaid:
        """What was filled in."""
        data = self.cleaned_data
        return members_amendment(
            ground=data["ground"], reason=data["reason"], effective_on=data["effective_on"],
            members=tuple(self._changes()),
        )  # fmt: skip

    def _changes(self) -> Iterator[MemberChange]:
        """Only what becomes different; of who leaves no share is asked."""
        for row in self.parties:
            share: Decimal | None = self.cleaned_data[share_field(row.organisation_id)]
            if self.cleaned_data.get(leave_field(row.organisation_id)):
                yield MemberChange(row.organisation, MemberStep.LEAVE)
            elif share != row.share:
                yield MemberChange(row.organisation, MemberStep.SHARE, share)
        for number, organisation in self.joining.items():
            yield MemberChange(organisation, MemberStep.JOIN, self.cleaned_data[f"aandeel_nieuw{number}"])

    def refuse(self, broken: RuleViolation) -> None:
        """About who joins beside the line on which it was typed, the last one where it is there twice."""
        lines = {join_field(one.pk): f"kvk{number}" for number, one in self.joining.items()}
        super().refuse(RuleViolation(broken.message, lines.get(broken.field or "", broken.field)))


LEGENDS = (_("Who joins?"), _("Does another one join?"))


def _legend(row: ContractParty) -> Any:
    if row.is_lead:
        return _("%(name)s, which leads the consortium") % {"name": row.organisation.name}
    return row.organisation.name
