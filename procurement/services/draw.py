"""The drawing of lots (loting): a seed promised beforehand and shown afterwards, or a draw by hand with its record.

Equal top scores may be decided by lot where that was announced; nobody may be able to steer it, or seem to.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime

import structlog
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from achterhoek.accounts.models import User
from achterhoek.audit.models import AuditEvent
from achterhoek.audit.services import record
from achterhoek.clock import database_now
from achterhoek.documents.models import StoredFile
from achterhoek.documents.services import accept_pdf
from achterhoek.errors import RuleViolation
from achterhoek.sealing import age
from achterhoek.sealing.services import make_key, secret_of
from procurement.domain.draw import commitment, keeps_promise
from procurement.domain.scoring import digest
from procurement.enums import DrawKind, SegmentRoundStatus
from procurement.models import Draw, DrawnPlace, Ranking, SegmentRound
from procurement.rules import require_lead
from procurement.selectors.dossier import build_dossier
from procurement.selectors.draw import BEFORE_FIXING, DRAW_FILE, equal_bids, may_end_unused
from procurement.selectors.ranking import decision_in_force, latest_ranking
from procurement.services.locks import locked_segment_round
from procurement.services.ranking import rank_segment
from procurement.services.ranking_rows import settle_rows

logger = structlog.get_logger(__name__)
SEED_BYTES = 32


@transaction.atomic
def promise_seed(*, segment_round: SegmentRound, by: User) -> Draw:
    """Make a seed, publish its sha256, and seal the seed itself: nobody knows it before it is shown.

    Before the scores are fixed, since whoever knows them could otherwise make seeds until one suits.
    Raises `NotAllowed`, `RuleViolation`.
    """
    current = locked_segment_round(segment_round.pk)
    require_lead(by, current.round.tender)
    if Draw.objects.filter(segment_round=current).exists():
        raise RuleViolation(_("A draw was set up for this segment already. It cannot be done twice."))
    if current.status not in BEFORE_FIXING:
        raise RuleViolation(
            _("The scores are fixed. A seed can only be promised before that. Hold a draw by hand if one is needed.")
        )
    seed = secrets.token_hex(SEED_BYTES)
    key = make_key(f"draw of segment round {current.pk}")
    draw = Draw.objects.create(
        segment_round=current,
        kind=DrawKind.SEED,
        commitment=commitment(seed),
        sealed=age.seal(seed.encode(), key.public),
        key=key,
        committed_at=database_now(),
        committed_by=by,
    )
    record("procurement.draw.promised", by=by, target=draw, detail={"commitment": draw.commitment})
    return draw


@transaction.atomic
def reveal_seed(*, segment_round: SegmentRound, by: User) -> Draw:
    """Show the seed: where bids are equal across the cut (the ranking is then made anew with it), or unused at the end.

    Raises `NotAllowed`, `RuleViolation` (too early, twice, or a seed that is not the one that was promised).
    """
    current = locked_segment_round(segment_round.pk)
    require_lead(by, current.round.tender)
    draw = _promised(current)
    needed = _is_needed(current)
    if not needed and not may_end_unused(current):
        raise RuleViolation(
            _("It is too early. The seed is shown when bids are equal across the cut, or when all letters are sent.")
        )
    seed = _opened(draw)
    if seed is None:
        logger.error("the sealed seed is not the one that was promised", draw=draw.pk)
        raise RuleViolation(
            _("The sealed seed is not the one that was promised. It is not used. Tell the auditor, and draw by hand.")
        )
    draw.seed, draw.held_at, draw.held_by = seed, database_now(), by
    draw.save(update_fields=["seed", "held_at", "held_by"])
    detail = {"commitment": draw.commitment, "seed": seed, "used": needed}
    record("procurement.draw.revealed", by=by, target=draw, detail=detail)
    if needed:
        SegmentRound.objects.filter(pk=current.pk).update(draw_seed=seed)
        rank_segment(segment_round=current, by=by)
    return draw


def enter_physical_draw(
    *,
    segment_round: SegmentRound,
    order: Sequence[int],
    account: str,
    held_at: datetime,
    upload: UploadedFile,
    by: User,
) -> Draw:
    """Enter a draw that was held by hand: the entries in the order in which they were drawn, and the record.

    It settles the equal bids of the newest ranking; the computed result stays as it was.
    Raises `NotAllowed`, `RuleViolation` (nothing to draw, a promised seed, twice, not exactly the equal bids).
    """
    _check(segment_round, order, account, held_at, by)
    try:
        stored = accept_pdf(upload=upload, kind=DRAW_FILE, by=by)
    except RuleViolation as refused:
        raise RuleViolation(refused.message, "upload") from refused
    return _enter(segment_round, order, account.strip(), held_at, stored, by)


@transaction.atomic
def _check(segment_round: SegmentRound, order: Sequence[int], account: str, held_at: datetime, by: User) -> Ranking:
    """The newest ranking, where this draw can be entered for it; the segment round stays locked."""
    current = locked_segment_round(segment_round.pk)
    require_lead(by, current.round.tender)
    draw = Draw.objects.filter(segment_round=current).first()
    ranking = latest_ranking(current)
    waiting = equal_bids(current, ranking)
    if ranking is None or not waiting:
        if draw is not None and draw.held_at is not None:
            raise RuleViolation(_("The draw was held already. It cannot be done twice."))
        raise RuleViolation(_("There is nothing to draw: no bids are equal across the cut."))
    _refuse_decided(current)
    if draw is not None and draw.kind == DrawKind.SEED and not draw.seed and _opened(draw) is not None:
        raise RuleViolation(_("A seed was promised for this segment. Draw with that seed."))
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
    segment_round: SegmentRound, order: Sequence[int], account: str, held_at: datetime, stored: StoredFile, by: User
) -> Draw:
    ranking = _check(segment_round, order, account, held_at, by)
    current = ranking.segment_round
    draw, _made = Draw.objects.select_for_update().get_or_create(
        segment_round=current, defaults={"kind": DrawKind.PHYSICAL}
    )
    DrawnPlace.objects.filter(draw=draw).delete()
    draw.kind, draw.account, draw.record = DrawKind.PHYSICAL, account, stored
    draw.held_at, draw.held_by = held_at, by
    draw.save(update_fields=["kind", "account", "record", "held_at", "held_by"])
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
        },
    )
    settle_rows(ranking)
    return draw


def _promised(segment_round: SegmentRound) -> Draw:
    draw = Draw.objects.select_for_update(of=("self",)).filter(segment_round=segment_round).first()
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


def _opened(draw: Draw) -> str | None:
    """The sealed seed; None where it cannot be opened, or is not the one whose sha256 was published and logged."""
    promised = AuditEvent.objects.filter(
        action="procurement.draw.promised", target_type=Draw._meta.label_lower, target_id=str(draw.pk)
    )
    logged = promised.order_by("id").values_list("detail__commitment", flat=True).first()
    if draw.sealed is None or draw.key is None:
        return None
    try:
        seed = age.unseal(draw.sealed, secret_of(draw.key)).decode()
    except (age.SealBroken, UnicodeDecodeError):
        return None
    return seed if keeps_promise(seed, draw.commitment) and logged == draw.commitment else None
