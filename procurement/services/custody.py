"""Custodian mode: the private key of a vault exists only as shares on paper, until its custodians bring them together.

Nothing here keeps or tells a share: it goes from `hold_ceremony` to the page that prints it, and comes back typed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from achterhoek.accounts.models import User
from achterhoek.audit.services import record
from achterhoek.clock import database_now
from achterhoek.errors import RuleViolation
from achterhoek.sealing.keyring import KeyServiceDown
from achterhoek.sealing.services import make_withheld_key, restore_key
from achterhoek.sealing.shares import MOST_SHARES, ShareProblem, combine, digest_of, split
from procurement.enums import Custody, RoundStatus, TenderStatus, VaultContent
from procurement.models import CustodianShare, Round, Tender, VaultKey
from procurement.rules import require_lead
from procurement.selectors.custody import join_shares, may_choose, withheld_key


@dataclass(frozen=True, slots=True)
class Paper:
    """One custodian's share, to be printed once and then forgotten. Its words are in no log by accident."""

    holder: str
    position: int
    total: int
    words: tuple[str, ...] = field(repr=False)


@transaction.atomic
def choose_custody(*, tender: Tender, custody: str, total: int, needed: int, by: User) -> Tender:
    """Choose who keeps the keys of this tender's vaults, before it is published.

    Another choice than before makes shares that were printed already worthless: their keys are thrown away.
    Raises `RuleViolation` once the tender is published, or for numbers that cannot be.
    """
    require_lead(by, tender)
    locked = Tender.objects.select_for_update().get(pk=tender.pk)
    if not may_choose(locked):
        raise RuleViolation(_("Who keeps the key is fixed once the tender is published."))
    if not 2 <= needed <= total <= MOST_SHARES:
        text = _("Choose at least 2 custodians to open, and no more than there are.")
        raise RuleViolation(text, field="needed")
    chosen = (custody, total, needed)
    if chosen == (locked.custody, locked.custodians_total, locked.custodians_needed):
        return locked
    for round in Round.objects.select_for_update().filter(tender=locked).order_by("pk"):
        _throw_away(round)
    locked.custody, locked.custodians_total, locked.custodians_needed = chosen
    locked.save(update_fields=["custody", "custodians_total", "custodians_needed"])
    detail = {"custody": custody, "total": total, "needed": needed}
    record("procurement.tender.choose_custody", by=by, target=locked, detail=detail)
    return locked


@sensitive_variables()
@transaction.atomic
def hold_ceremony(*, round: Round, holders: Sequence[str], instead_of: UUID | None, by: User) -> list[Paper]:
    """Make the key of this round's vault, and give it away in shares: one for each custodian named.

    What is returned exists nowhere else; whoever asked for it prints it. Until the round takes submissions this
    can be done anew, which makes the papers of before worthless. `instead_of` is the key that is then replaced
    (None where there is none), so that a second click never replaces the shares that the first one printed.
    """
    locked = _planned(round, by)
    tender = locked.tender
    names = [" ".join(holder.split()) for holder in holders]
    _require_different(names, tender.custodians_total)
    now = VaultKey.objects.filter(round=locked, content=VaultContent.CONTENT).first()
    if (now.key_id if now else None) != instead_of:
        raise RuleViolation(_("The shares were made just now, on another page. Print those, or begin again."))
    _throw_away(locked)
    key, secret = make_withheld_key(f"content of round {locked.pk}, held by custodians")
    made = split(secret, needed=tender.custodians_needed, total=tender.custodians_total)
    if combine(made[-tender.custodians_needed :]) != secret:
        raise RuntimeError("the shares of a key do not give that key back")
    VaultKey.objects.create(round=locked, content=VaultContent.CONTENT, key=key)
    CustodianShare.objects.bulk_create(
        CustodianShare(round=locked, position=position, holder=name, digest=digest_of(words))
        for position, (name, words) in enumerate(zip(names, made, strict=True), start=1)
    )
    detail = {"total": tender.custodians_total, "needed": tender.custodians_needed, "public": key.public}
    record("procurement.round.make_shares", by=by, target=locked, detail=detail)
    return [
        Paper(name, position, len(made), tuple(words.split()))
        for position, (name, words) in enumerate(zip(names, made, strict=True), start=1)
    ]


@sensitive_variables()
@transaction.atomic
def confirm_share(*, round: Round, words: str, by: User) -> CustodianShare:
    """Type a share back from its paper: proof that it can be read. Only that it was right is kept.

    Raises `RuleViolation` beside `words` where a word was mistyped, and for a share of another key.
    """
    locked = _planned(round, by)
    try:
        digest = digest_of(words)
    except ShareProblem as problem:
        raise RuleViolation(problem.message, field="words") from None
    found = CustodianShare.objects.filter(round=locked, digest=digest).first()
    if found is None:
        text = _("All words are right, but this share is not of this round's key. Were its shares made anew since?")
        raise RuleViolation(text, field="words")
    if found.confirmed_at is None:
        found.confirmed_at = database_now()
        found.save(update_fields=["confirmed_at"])
        record("procurement.round.type_back_share", by=by, target=locked, detail={"position": found.position})
    return found


@sensitive_variables()
@transaction.atomic
def unlock(*, round: Round, shares: Sequence[str], by: User) -> None:
    """Bring the shares of the custodians together: the key is whole again, and kept wrapped from now on.

    Called by who opens the vault, within that transaction: if the opening fails, this never happened. Does
    nothing where the key is not in shares. Raises `RuleViolation` beside `shares`.
    """
    key = withheld_key(round)
    if key is None:
        return
    try:
        secret, positions = join_shares(round, shares)
        restore_key(key, secret)
    except ShareProblem as problem:
        raise RuleViolation(problem.told, field="shares") from None
    except KeyServiceDown:
        text = _("The key service of the portal does not answer. Nothing was changed. Try again later.")
        raise RuleViolation(text) from None
    record("procurement.round.join_shares", by=by, target=round, detail={"positions": positions})


def _planned(round: Round, by: User) -> Round:
    """The round, locked, while nothing is sealed to its key yet."""
    require_lead(by, round.tender)
    locked = Round.objects.select_for_update(of=("self",)).select_related("tender").get(pk=round.pk)
    if locked.tender.custody != Custody.CUSTODIANS:
        raise RuleViolation(_("In this tender the portal itself keeps the key. There are no shares."))
    if locked.status != RoundStatus.PLANNED or locked.tender.status not in (TenderStatus.DRAFT, TenderStatus.PUBLISHED):
        raise RuleViolation(_("This stage takes submissions, or has done so. Its key is fixed."))
    return locked


def _require_different(names: Sequence[str], total: int) -> None:
    if len(names) != total or not all(names):
        raise RuleViolation(_("Fill in the name of each of the %(total)d custodians.") % {"total": total})
    if len({name.casefold() for name in names}) < len(names):
        raise RuleViolation(_("Each share goes to somebody else: two custodians here have the same name."))


def _throw_away(round: Round) -> None:
    """The key of a round that takes no submissions yet, with what is known of its shares."""
    CustodianShare.objects.filter(round=round).delete()
    for row in VaultKey.objects.filter(round=round, content=VaultContent.CONTENT).select_related("key"):
        row.delete()
        row.key.delete()
