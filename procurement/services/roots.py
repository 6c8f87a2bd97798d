"""The one number over all receipts of a round, made and published at its deadline."""

from __future__ import annotations

import secrets

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from achterhoek.audit.services import record
from achterhoek.clock import database_now
from achterhoek.errors import RuleViolation
from procurement.domain.proof import PREFIX, merkle_root
from procurement.enums import RoundStatus
from procurement.models import Receipt, ReceiptRoot, Round
from procurement.selectors.proof import digests_until


@transaction.atomic
def publish_root(*, round: Round) -> ReceiptRoot:
    """Publish the root over every receipt of this round, of submissions and withdrawals; once for each deadline.

    From then on no receipt can be added, left out or replaced without showing. Belongs in the transaction that closes
    the round, which holds its row: whoever was submitting is in it. It does not tell how many receipts there are, also
    not in the log, since who has bid is secret until the vault is open (Aw 2.108).
    """
    if round.deadline is None or round.status in (RoundStatus.PLANNED, RoundStatus.OPEN):
        raise RuleViolation(_("The receipts are counted together once the deadline has passed."))
    published = ReceiptRoot.objects.filter(round=round, deadline=round.deadline).first()
    if published is not None:
        return published
    # Never before the newest receipt: a clock that was set back may leave none out.
    newest = Receipt.objects.filter(submission__round=round).aggregate(Max("at"))["at__max"]
    now = database_now()
    at = max(now, newest or now)
    blind = PREFIX + secrets.token_hex(32)
    root = merkle_root([*digests_until(round.pk, at), blind])
    made = ReceiptRoot.objects.create(round=round, deadline=round.deadline, root=root, blind=blind, at=at)
    detail = {"root": root, "deadline": round.deadline.isoformat()}
    record("procurement.round.publish_root", by=None, target=round, detail=detail)
    return made
