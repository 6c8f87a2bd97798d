"""Who hears of a decided change of subcontractor: everybody, through the register."""

from __future__ import annotations

from datetime import date, timedelta

from django.utils.translation import gettext as _

from achterhoek.accounts.models import User
from achterhoek.clock import database_today
from contracts.enums import ChangeKind
from contracts.models import SubcontractorChange
from contracts.services.register import publish_version
from contracts.services.texts import in_dutch

_DAY = timedelta(days=1)


def publish_change(*, change: SubcontractorChange, from_day: date, by: User) -> None:
    """A new version of the register, from the day on which the list reads differently.

    A subcontractor's last day is still in the list; the day after it is not.
    """
    words = {
        "organisation": change.organisation.name,
        "party": change.contract.party_name,
        "segment": change.contract.segment.name,
    }
    with in_dutch():
        if change.kind == ChangeKind.ADD:
            note = _("%(organisation)s is a new subcontractor of %(party)s for %(segment)s.") % words
        elif change.kind == ChangeKind.STOP:
            note = _("%(organisation)s is no longer a subcontractor of %(party)s for %(segment)s.") % words
        else:
            note = _("%(organisation)s does other work as a subcontractor of %(party)s for %(segment)s.") % words
    day = from_day + _DAY if change.kind == ChangeKind.STOP else from_day
    publish_version(note=note, by=by, on=max(day, database_today()))
