"""The one writer of the vault: two different openers, after the deadline, open it together (Aw 2.108)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from achterhoek.accounts.enums import Role
from achterhoek.accounts.models import User
from achterhoek.audit.services import record
from achterhoek.clock import database_now
from achterhoek.errors import NotAllowed, RuleViolation
from achterhoek.jobs.models import Job
from achterhoek.jobs.services import begin, fail, finish, reach, start_job
from achterhoek.nlds.formatting import format_moment
from achterhoek.queue import after_commit, alone
from procurement.enums import Custody, RoundStatus, SubmissionStatus
from procurement.models import Round, VaultConfirmation, VaultOpening
from procurement.rules import require_role
from procurement.selectors.fingerprints import holds_up_opening
from procurement.selectors.vault import CONFIRMATION_VALID, is_bidding_member, job_key
from procurement.services.custody import unlock
from procurement.services.opening import compare, lay_open, sealed_bytes
from procurement.services.rounds import close_if_due

# A vault with less is compared while its last opener waits; that takes a few seconds.
OPEN_AT_ONCE_BYTES = 64 * 1024 * 1024
PERCENT = 100


def confirm_opening(*, round: Round, by: User, shares: Sequence[str] = ()) -> VaultOpening | None:
    """Confirm, as one opener, that the vault may be opened; the last one needed opens it.

    Confirmations hold for ten minutes by the database's clock; older ones expire and are given anew.
    A round whose deadline has just passed is closed first, so that nobody waits for the scheduler.
    Where custodians hold the key, the last opener enters their `shares`.
    Returns the opening record once all confirmed, None while another opener is needed. A vault with many bytes is
    compared by a worker: the record then has no `finished_at` yet and the round is not opened yet. Raises
    `RuleViolation` before the deadline, when opened already, and for the same opener twice;
    `NotAllowed` for who is no opener here or works for an organisation that takes part.
    """
    _require_opener(round, by)
    close_if_due(round=round)
    opening = _confirm(round=round, by=by, shares=shares)
    if opening is None:
        return None
    if sealed_bytes(round) <= OPEN_AT_ONCE_BYTES:
        return finish_opening(round_id=round.pk)
    ask_comparison(round=round, by=by)
    return opening


@transaction.atomic
def ask_comparison(*, round: Round, by: User | None) -> Job:
    """Let a worker compare what is in this vault; its job tells the openers how far it is, in percent.

    In percent, since how many have bid is nobody's business until the vault lies open.
    """
    job = _job(round, by)
    after_commit("procurement.finish_opening", round.pk)
    return job


def _job(round: Round, by: User | None) -> Job:
    label = _("Opening the vault of %(tender)s") % {"tender": round.tender.title}
    page = reverse("procurement:vault_round", args=[round.pk])
    return start_job(key=job_key(round.pk), label=label, by=by, return_url=page)


def finish_for_job(*, round_id: int) -> bool:
    """The worker's part of a large vault; False where another worker is at it. A worker that dies lets go."""
    with alone("opening", round_id) as mine:
        if not mine:
            return False
        round = Round.objects.select_related("tender").get(pk=round_id)
        job = str(_job(round, None).pk)
        total = round.submissions.filter(status=SubmissionStatus.SUBMITTED).count() or 1
        begin(job, total=PERCENT)
        try:
            finish_opening(round_id=round_id, told=lambda done: reach(job, PERCENT * done // total))
        except Exception:
            fail(
                job, _("Something went wrong and nothing was opened. The portal tries again by itself within minutes.")
            )
            raise
        finish(job)
        return True


def finish_opening(*, round_id: int, told: Callable[[int], None] | None = None) -> VaultOpening:
    """Compare everything in a vault that its openers confirmed, and lay it open. Twice does no harm."""
    opening = VaultOpening.objects.select_related("round__tender").get(round=round_id)
    if opening.finished_at is not None:
        return opening
    last = opening.round.confirmations.select_related("opener").order_by("at", "pk").last()
    assert last is not None
    return lay_open(round=opening.round, opening=opening, found=compare(opening.round, told=told), by=last.opener)


def _require_opener(round: Round, by: User) -> None:
    require_role(by, round.tender, Role.OPENER)
    if is_bidding_member(by, round):
        raise NotAllowed(_("You work for an organisation that takes part. Somebody else has to open this vault."))


@transaction.atomic
def _confirm(*, round: Round, by: User, shares: Sequence[str]) -> VaultOpening | None:
    locked = Round.objects.select_for_update(of=("self",)).select_related("tender").get(pk=round.pk)
    now = database_now()
    if locked.status == RoundStatus.OPENED:
        raise RuleViolation(_("This vault has been opened already."))
    if locked.status != RoundStatus.CLOSED or locked.deadline is None or locked.deadline > now:
        raise RuleViolation(_("The vault stays closed until the deadline has passed."))
    if VaultOpening.objects.filter(round=locked).exists():
        raise RuleViolation(_("This vault is being opened. Wait until everything has been compared."))
    if ends_at := holds_up_opening(locked, now):
        # These words tell of the law, not of who uses it (see the decision on fingerprints).
        text = _("The term of Aw 2.109a still runs. The vault can be opened from %(moment)s.")
        raise RuleViolation(text % {"moment": format_moment(ends_at)})
    _expire(locked, now)
    if locked.confirmations.filter(opener=by).exists():
        raise RuleViolation(_("You have confirmed already. Now another opener has to confirm."))
    VaultConfirmation.objects.create(round=locked, opener=by, at=now)
    record("procurement.round.confirm_opening", by=by, target=locked)
    openers = [confirmation.opener for confirmation in locked.confirmations.select_related("opener")]
    if len(openers) < locked.tender.openers_required:
        return None
    if locked.tender.custody == Custody.CUSTODIANS:
        unlock(round=locked, shares=shares, by=by)
    opening = VaultOpening.objects.create(round=locked, at=now)
    opening.openers.set(openers)
    return opening


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
