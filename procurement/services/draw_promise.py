"""The promise of a draw: a seed made by chance, its sha256 published, the seed itself sealed.

The portal makes it by itself when the scoring of a segment begins, and once more when a scoring is done again: nobody
has to remember it, and nobody can leave it until the scores are known.
"""

from __future__ import annotations

import secrets

from django.db import transaction
from django.utils.translation import gettext as _

from achterhoek.accounts.models import User
from achterhoek.audit.models import AuditEvent
from achterhoek.audit.services import record
from achterhoek.clock import database_now
from achterhoek.errors import RuleViolation
from achterhoek.sealing import age
from achterhoek.sealing.services import make_key, secret_of
from procurement.domain.draw import commitment, keeps_promise
from procurement.enums import DrawKind
from procurement.models import Draw, Reevaluation, SegmentRound
from procurement.rules import require_lead
from procurement.selectors.draw import BEFORE_FIXING, draw_of
from procurement.services.locks import locked_segment_round

SEED_BYTES = 32


@transaction.atomic
def promise_seed(*, segment_round: SegmentRound, by: User) -> Draw:
    """The promise made by the lead, for a segment whose scoring began without one.

    Before the scores are fixed, since whoever knows them could otherwise make seeds until one suits.
    Raises `NotAllowed`, `RuleViolation`.
    """
    current = locked_segment_round(segment_round.pk)
    require_lead(by, current.round.tender)
    if draw_of(current) is not None:
        raise RuleViolation(_("A draw was set up for this segment already. It cannot be done twice."))
    if current.status not in BEFORE_FIXING:
        raise RuleViolation(
            _("The scores are fixed. A seed can only be promised before that. Hold a draw by hand if one is needed.")
        )
    return _promise(current, by)


def see_to_promise(*, segment_round: SegmentRound, by: User) -> Draw:
    """The promise for the scoring that is under way; made now where there is none. The caller holds the row."""
    return draw_of(segment_round) or _promise(segment_round, by)


def opened(draw: Draw) -> str | None:
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


def _promise(segment_round: SegmentRound, by: User) -> Draw:
    again = Reevaluation.objects.filter(segment_round=segment_round).order_by("-pk").first()
    seed = secrets.token_hex(SEED_BYTES)
    key = make_key(f"draw of segment round {segment_round.pk}")
    draw = Draw.objects.create(
        segment_round=segment_round,
        reevaluation=again,
        kind=DrawKind.SEED,
        commitment=commitment(seed),
        sealed=age.seal(seed.encode(), key.public),
        key=key,
        committed_at=database_now(),
        committed_by=by,
    )
    record("procurement.draw.promised", by=by, target=draw, detail={"commitment": draw.commitment})
    return draw
