"""A bid that drops out after it was ranked: bankrupt, withdrawn by its bidder, or no longer able to deliver."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from achterhoek.accounts.models import User
from achterhoek.errors import RuleViolation
from achterhoek.transitions.services import transition
from procurement.domain.states import ENTRY
from procurement.enums import EntryStatus, SegmentRoundStatus
from procurement.models import Entry, Ranking, SegmentRound
from procurement.rules import require_lead
from procurement.selectors.evaluation import segment_entries
from procurement.selectors.ranking import decision_in_force
from procurement.services.locks import locked_segment_round
from procurement.services.ranking import rank_segment


@transaction.atomic
def drop_bid(*, segment_round: SegmentRound, entry: Entry, reason: str, by: User) -> Ranking:
    """Record that a ranked bid dropped out, and make the ranking that follows; the one before stays on file.

    What becomes of the others was fixed before publication (`on_exclusion`): their points stay, or are computed anew
    without this bid. As long as a decision rests on the ranking nobody drops out: it is withdrawn first. There is no
    way back. Raises `NotAllowed`, `RuleViolation`.
    """
    current = locked_segment_round(segment_round.pk)
    require_lead(by, current.round.tender)
    if current.status not in (SegmentRoundStatus.RANKED, SegmentRoundStatus.DECIDED):
        raise RuleViolation(_("A bid drops out of a ranking, and there is none yet."))
    if decision_in_force(current) is not None:
        raise RuleViolation(_("A decision rests on the ranking. Withdraw the decision first."))
    found = segment_entries(current).filter(pk=entry.pk).first()
    if found is None:
        raise RuleViolation(_("This entry is not for this segment."), "entry")
    if found.status != EntryStatus.ADMITTED:
        raise RuleViolation(_("This bid has fallen out already."), "entry")
    if not reason.strip():
        raise RuleViolation(_("Give the reason. It is part of the record, and the bidder reads it."), "reason")
    transition(found, EntryStatus.DROPPED, by=by, table=ENTRY, reason=reason.strip(), status_reason=reason.strip())
    return rank_segment(segment_round=current, by=by)
