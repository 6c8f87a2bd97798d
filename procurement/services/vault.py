"""The one writer of the vault: two different openers, after the deadline, open it together (Aw 2.108)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from achterhoek.accounts.enums import Role
from achterhoek.accounts.models import User
from achterhoek.audit.services import record
from achterhoek.clock import database_now
from achterhoek.errors import NotAllowed, RuleViolation
from achterhoek.transitions.services import transition
from procurement.domain.states import ROUND, SEGMENT_ROUND
from procurement.enums import RoundStatus, SegmentRoundStatus, SubmissionStatus
from procurement.models import Receipt, Round, VaultConfirmation, VaultOpening
from procurement.rules import require_role
from procurement.selectors.vault import CONFIRMATION_VALID, is_bidding_member
from procurement.services.receipts import recompute
from procurement.services.rounds import close_if_due


def confirm_opening(*, round: Round, by: User) -> VaultOpening | None:
    """Confirm, as one opener, that the vault may be opened; the last one needed opens it.

    Confirmations hold for ten minutes by the database's clock; older ones expire and are given anew.
    A round whose deadline has just passed is closed first, so that nobody waits for the scheduler.
    Returns the opening record once it is open, None while another opener is needed. Raises
    `RuleViolation` before the deadline, when opened already, and for the same opener twice;
    `NotAllowed` for who is no opener here or works for an organisation that takes part.
    """
    _require_opener(round, by)
    close_if_due(round=round)
    return _confirm(round=round, by=by)


def _require_opener(round: Round, by: User) -> None:
    require_role(by, round.tender, Role.OPENER)
    if is_bidding_member(by, round):
        raise NotAllowed(_("You work for an organisation that takes part. Somebody else has to open this vault."))


@transaction.atomic
def _confirm(*, round: Round, by: User) -> VaultOpening | None:
    locked = Round.objects.select_for_update(of=("self",)).select_related("tender").get(pk=round.pk)
    now = database_now()
    if locked.status == RoundStatus.OPENED:
        raise RuleViolation(_("This vault has been opened already."))
    if locked.status != RoundStatus.CLOSED or locked.deadline is None or locked.deadline > now:
        raise RuleViolation(_("The vault stays closed until the deadline has passed."))
    _expire(locked, now)
    if locked.confirmations.filter(opener=by).exists():
        raise RuleViolation(_("You have confirmed already. Now another opener has to confirm."))
    VaultConfirmation.objects.create(round=locked, opener=by, at=now)
    record("procurement.round.confirm_opening", by=by, target=locked)
    openers = [confirmation.opener for confirmation in locked.confirmations.select_related("opener")]
    if len(openers) < locked.tender.openers_required:
        return None
    return _open(locked, openers, now, by)


def _expire(round: Round, now: datetime) -> None:
    """Confirmations that nobody joined in time count no more."""
    for old in round.confirmations.filter(at__lte=now - CONFIRMATION_VALID).select_related("opener"):
        record(
            "procurement.round.confirmation_expired",
            by=None,
            target=round,
            detail={"opener": old.opener_id, "at": old.at.isoformat()},
        )
        old.delete()


def _open(round: Round, openers: list[User], now: datetime, by: User) -> VaultOpening:
    """Open the vault: prove each submission unchanged since its receipt, and let the scoring begin."""
    found = _inventory(round)
    opening = VaultOpening.objects.create(round=round, at=now, submissions=found)
    opening.openers.set(openers)
    changed = [line["number"] for line in found if not line["matches"]]
    transition(
        round, RoundStatus.OPENED, by=by, table=ROUND, opened_at=now,
        detail={"openers": [o.pk for o in openers], "submissions": len(found), "mismatches": changed},
    )  # fmt: skip
    for segment_round in round.segment_rounds.filter(status=SegmentRoundStatus.PENDING).order_by("pk"):
        transition(segment_round, SegmentRoundStatus.SCORING, by=by, table=SEGMENT_ROUND)
    return opening


def _inventory(round: Round) -> list[dict[str, Any]]:
    """Each submission with the digest of its receipt and whether what is stored still gives that digest."""
    submitted = round.submissions.filter(status=SubmissionStatus.SUBMITTED)
    latest: dict[Any, Receipt] = {}
    for receipt in Receipt.objects.filter(submission__in=submitted).select_related("submission__organisation"):
        latest[receipt.submission_id] = receipt
    lines = []
    for submission in submitted.select_related("organisation").order_by("organisation__name", "pk"):
        kept = latest.get(submission.pk)
        computed = recompute(kept) if kept else ""
        lines.append(
            {
                "number": submission.number,
                "organisation": submission.organisation.name,
                "received_at": submission.submitted_at.isoformat() if submission.submitted_at else "",
                "digest": kept.digest if kept else "",
                "computed": computed,
                "matches": kept is not None and computed == kept.digest,
            }
        )
    return lines
