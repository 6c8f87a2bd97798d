"""The work list of changes as a file: the same rows as the list, with its filters."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils import timezone
from django.utils.translation import gettext as _

from achterhoek.spreadsheets import Table, Value
from contracts.models import SubcontractorChange


def changes_table(changes: Iterable[SubcontractorChange]) -> Table:
    """A row for each change. No text about clients: how their care goes on stays in the portal."""
    return Table(_("Changes of subcontractors"), headings(), [_row(change) for change in changes])


def headings() -> list[str]:
    return [
        _("Request"), _("State"), _("Contract number"), _("Contractor"), _("Segment"), _("Subcontractor"),
        _("KvK number"), _("Part of the work"), _("Asked"), _("To be decided by"), _("Asked from"), _("Decided"),
        _("Decided from"), _("Reason of the decision"), _("Conditions"), _("Conditions still to be met"),
        _("Advice still to come"), _("Number of current clients"),
    ]  # fmt: skip


def _row(change: SubcontractorChange) -> list[Value]:
    contract = change.contract
    return [
        change.get_kind_display(), change.get_status_display(), contract.number, contract.party_name,
        contract.segment.name, change.organisation.name, change.organisation.kvk_number, change.part_of_work,
        timezone.localdate(change.requested_at), change.decide_by, change.effective_on,
        timezone.localdate(change.decided_at) if change.decided_at else None, change.takes_effect_on,
        change.decision_reason, change.conditions, change.conditions_open,  # type: ignore[attr-defined]
        change.advices_open, change.clients,  # type: ignore[attr-defined]
    ]  # fmt: skip
