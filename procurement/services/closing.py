"""The end of scoring alone: all that was announced has happened, or the lead says why not."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from achterhoek.accounts.models import User
from achterhoek.errors import RuleViolation
from achterhoek.transitions.services import transition
from procurement.domain.states import SEGMENT_ROUND
from procurement.enums import EntryStatus, SegmentRoundStatus
from procurement.models import SegmentRound
from procurement.rules import require_lead
from procurement.selectors.evaluation import segment_entries
from procurement.selectors.seats import scorers_of, scoring_seats
from procurement.services.draw_promise import see_to_promise
from procurement.services.locks import locked_segment_round


@transaction.atomic
def close_scoring(*, segment_round: SegmentRound, by: User, reason: str = "") -> SegmentRound:
    """End the individual scoring; only then the consensus meeting begins.

    All members have handed in, they are as many as was announced, and so many score each bid; or the lead gives the
    reason why not, which is recorded. Scoring that began without a promised seed gets one here at the latest: nobody
    has seen another's scores yet. Raises `NotAllowed`, `RuleViolation`.
    """
    current = locked_segment_round(segment_round.pk)
    require_lead(by, current.round.tender)
    seats = list(scoring_seats(current).select_for_update(of=("self",)).select_related("user"))
    if not seats:
        raise RuleViolation(_("There is no committee yet. Choose the evaluators first."))
    missing = [seat.user.email for seat in seats if seat.handed_in_at is None]
    announced = current.round.tender.evaluators_announced
    short = _scored_by_too_few(current, members=len(seats))
    asks = bool(missing) or len(seats) != announced or bool(short)
    if asks and not reason.strip():
        raise RuleViolation(_why_asked(len(missing), len(seats), announced, short), "reason")
    see_to_promise(segment_round=current, by=by)
    detail: dict[str, Any] = {"not_handed_in": missing, "members": len(seats), "announced": announced}
    if short:
        detail["scored_by_fewer"] = short
    return transition(
        current,
        SegmentRoundStatus.CONSENSUS,
        by=by,
        table=SEGMENT_ROUND,
        reason=reason.strip() if asks else "",
        detail=detail,
    )


def _scored_by_too_few(segment_round: SegmentRound, *, members: int) -> list[str]:
    """The numbers of the admitted bids that fewer members score than the rest: an interest took them away."""
    wanted = min(segment_round.evaluators_per_bid or members, members)
    admitted = segment_entries(segment_round).filter(status=EntryStatus.ADMITTED)
    numbers = dict(admitted.values_list("pk", "submission__number"))
    have = Counter(scorers_of(list(numbers)).values_list("entry", flat=True))
    return [number for pk, number in numbers.items() if have[pk] < wanted]


def _why_asked(waiting: int, members: int, announced: int, short: list[str]) -> str:
    if waiting:
        message = ngettext(
            "%(count)d evaluator has not handed in. Wait, or explain why you go on without.",
            "%(count)d evaluators have not handed in. Wait, or explain why you go on without.",
            waiting,
        )
        return message % {"count": waiting}
    if members != announced:
        text = _("%(announced)d evaluators were announced, and %(count)d are in the committee. Explain why.")
        return text % {"announced": announced, "count": members}
    message = ngettext(
        "Fewer evaluators than announced score this entry: %(numbers)s. Explain why.",
        "Fewer evaluators than announced score these entries: %(numbers)s. Explain why.",
        len(short),
    )
    return message % {"numbers": ", ".join(short)}
