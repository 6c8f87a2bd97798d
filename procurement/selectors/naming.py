"""What a bid is called on the pages of who evaluates: the bidder's name, or only its number where names are hidden.

Lead and auditor of the region see names always. Evaluators, chair and observers of a tender with hidden bidders see
them on the declaration of interests alone, where no bid number stands beside them.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from achterhoek.accounts.enums import Role
from achterhoek.accounts.roles import region_ids_of
from procurement.models import Entry, Tender


def names_hidden(user: Any, tender: Tender) -> bool:
    """Whether this user reads numbers instead of names; costs no query once the user's roles are known."""
    if not tender.bidders_hidden:
        return False
    regions = region_ids_of(user, Role.LEAD, Role.AUDITOR)
    return regions is not None and tender.region_id not in regions


def named(hidden: bool, number: str, name: str) -> str:
    """The label of a row, where the question whether names are hidden was asked once for all rows."""
    return _("Bid %(number)s") % {"number": number} if hidden else name


def label_of(user: Any, entry: Entry, tender: Tender | None = None) -> str:
    """What this user may call this bid. `tender` where it is at hand already: it saves two queries."""
    submission = entry.submission
    if names_hidden(user, tender or submission.round.tender):
        return named(True, submission.number, "")
    return submission.organisation.name
