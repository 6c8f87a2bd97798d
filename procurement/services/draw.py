"""The drawing of lots (loting): with the seed that was promised beforehand, or by hand with its record.

Equal top scores may be decided by lot where that was announced; nobody may be able to steer it, or seem to.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import structlog
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from achterhoek.accounts.models import User
from achterhoek.audit.services import record
from achterhoek.clock import database_now
from achterhoek.documents.models import StoredFile
from achterhoek.documents.services import accept_pdf
from achterhoek.errors import RuleViolation
from procurement.domain.scoring import digest
from procurement.enums import DrawKind, SegmentRoundStatus
from procurement.models import Draw, DrawnPlace, Ranking, Reevaluation, SegmentRound
from procurement.rules import require_lead
from procurement.selectors.dossier import build_dossier
from procurement.selectors.draw import DRAW_FILE, draw_of, equal_bids, may_end_unused
from procurement.selectors.ranking import decision_in_force, latest_ranking
from procurement.services.draw_promise import opened
from procurement.services.locks import locked_segment_round
from procurement.services.ranking import rank_segment
from procurement.services.ranking_rows import settle_rows

logger = structlog.get_logger(__name__)


@transaction.atomic
def reveal_seed(*, segment_round: SegmentRound, by: User) -> Draw:
    """Show the seed: where bids are equal across the cut (the ranking is then made anew with it), or unused at the end.

    At the end every seed is shown that lies sealed still, also that of a scoring that was done again.
    Raises `NotAllowed`, `RuleViolation` (too early, twice, or a seed that is not the one that was promised).
    """
    current = locked_segment_round(segment_round.pk)
    require_lead(by, current.round.tender)
    if may_end_unused(current):
        return _show_the_rest(current, by)
    draw = _promised(current)
    if not _is_needed(current):
        raise RuleViolation(
            _("It is too early. The seed is shown when bids are equal across the cut, or when all letters are sent.")
        )
    seed = _show(draw, by, used=True)
    SegmentRound.objects.filter(pk=current.pk).update(draw_seed=seed)
    rank_segment(segment_round=current, by=by)
    return draw


def _show_the_rest(segment_round: SegmentRound, by: User) -> Draw:
    sealed = Draw.objects.select_for_update(of=("self",)).filter(segment_round=segment_round, seed="")
    draws = list(sealed.exclude(commitment="").order_by("pk"))
    if not draws:
        raise RuleViolation(_("The seed was shown already. It cannot be done twice."))
    for draw in draws:
        _show(draw, by, used=False)
    return draws[-1]


def _show(draw: Draw, by: User, *, used: bool) -> str:
    seed = opened(draw)
    if seed is None:
        logger.error("the sealed seed is not the one that was promised", draw=draw.pk)
        raise RuleViolation(
            _("The sealed seed is not the one that was promised. It is not used. Tell the auditor, and draw by hand.")
        )
    draw.seed, draw.shown_at = seed, database_now()
    if used:
        draw.held_at, draw.held_by = draw.shown_at, by
    draw.save(update_fields=["seed", "shown_at", "held_at", "held_by"])
    detail = {"commitment": draw.commitment, "seed": seed, "used": used}
    record("procurement.draw.revealed", by=by, target=draw, detail=detail)
    return seed


def enter_physical_draw(
    *,
    segment_round: SegmentRound,
    order: Sequence[int],
    account: str,
    held_at: datetime,
    upload: UploadedFile,
    by: User,
    instead_reason: str = "",
) -> Draw:
    """Enter a draw that was held by hand: the entries in the order in which they were drawn, and the record.

    It settles the equal bids of the newest ranking; the computed result stays as it was. Where a seed lies sealed it
    takes the place of drawing with that, with the reason; the seed is shown at the end all the same.
    Raises `NotAllowed`, `RuleViolation` (nothing to draw, no reason, twice, not exactly the equal bids).
    """
    _check(segment_round, order, account, held_at, instead_reason, by)
    try:
        stored = accept_pdf(upload=upload, kind=DRAW_FILE, by=by)
    except RuleViolation as refused:
        raise RuleViolation(refused.message, "upload") from refused
    return _enter(segment_round, order, account.strip(), held_at, instead_reason.strip(), stored, by)


@transaction.atomic
def _check(
    segment_round: SegmentRound, order: Sequence[int], account: str, held_at: datetime, instead_reason: str, by: User
) -> Ranking:
    """The newest ranking, where this draw can be entered for it; the segment round stays locked."""
    current = locked_segment_round(segment_round.pk)
    require_lead(by, current.round.tender)
    draw = draw_of(current)
    ranking = latest_ranking(current)
    waiting = equal_bids(current, ranking) if current.status == SegmentRoundStatus.RANKED else []
    if ranking is None or not waiting:
        if draw is not None and draw.held_at is not None:
            raise RuleViolation(_("The draw was held already. It cannot be done twice."))
        raise RuleViolation(_("There is nothing to draw: no bids are equal across the cut."))
    _refuse_decided(current)
    if draw is not None and draw.sealed_still and not instead_reason.strip():
        raise RuleViolation(
            _("A seed was promised for this segment. Draw with that seed, or give the reason why not."),
            "instead_reason",
        )
    if not account.strip():
        raise RuleViolation(_("Tell how the draw was held, and before whom."), "account")
    if held_at > database_now():
        raise RuleViolation(_("This moment has not come yet."), "held_at")
    if held_at < ranking.computed_at.replace(second=0, microsecond=0):
        raise RuleViolation(
            _("The draw was held before there was a ranking with equal bids. That is too early."), "held_at"
        )
    if len(set(order)) != len(order) or set(order) != {item.entry_id for item in waiting}:
        raise RuleViolation(_("Give every equal bid a place of its own, and no other bid."), "order")
    return ranking


@transaction.atomic
def _enter(
    segment_round: SegmentRound,
    order: Sequence[int],
    account: str,
    held_at: datetime,
    instead_reason: str,
    stored: StoredFile,
    by: User,
) -> Draw:
    ranking = _check(segment_round, order, account, held_at, instead_reason, by)
    current = ranking.segment_round
    draw = draw_of(current)
    if draw is None:
        again = Reevaluation.objects.filter(segment_round=current).order_by("-pk").first()
        draw = Draw(segment_round=current, reevaluation=again)
    draw.kind, draw.account, draw.record = DrawKind.PHYSICAL, account, stored
    draw.held_at, draw.held_by, draw.instead_reason = held_at, by, instead_reason
    draw.save()
    DrawnPlace.objects.bulk_create(
        DrawnPlace(draw=draw, entry_id=entry_id, place=place) for place, entry_id in enumerate(order, start=1)
    )
    bids = {item.entry_id: item.bid for item in equal_bids(current, ranking)}
    record(
        "procurement.draw.held",
        by=by,
        target=draw,
        detail={
            "ranking": ranking.digest,
            "order": [bids[entry_id] for entry_id in order],
            "account": account,
            "record": stored.sha256,
            **({"instead_of_seed": instead_reason} if instead_reason else {}),
        },
    )
    settle_rows(ranking)
    return draw


def _promised(segment_round: SegmentRound) -> Draw:
    """The draw of this scoring, of which the seed lies sealed."""
    draw = draw_of(segment_round)
    if draw is None or draw.kind != DrawKind.SEED:
        raise RuleViolation(_("No seed was promised for this segment."))
    if draw.seed:
        raise RuleViolation(_("The seed was shown already. It cannot be done twice."))
    return draw


def _is_needed(segment_round: SegmentRound) -> bool:
    """Whether the newest ranking has equal bids across the cut, and is still the ranking of what is recorded."""
    ranking = latest_ranking(segment_round)
    if segment_round.status != SegmentRoundStatus.RANKED or not equal_bids(segment_round, ranking):
        return False
    _refuse_decided(segment_round)
    if ranking is not None and ranking.digest != digest(build_dossier(segment_round)):
        raise RuleViolation(_("Something changed after the ranking. Make the ranking anew first."))
    return True


def _refuse_decided(segment_round: SegmentRound) -> None:
    if decision_in_force(segment_round) is not None:
        raise RuleViolation(_("A decision rests on the ranking. Withdraw the decision first."))
