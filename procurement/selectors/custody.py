"""Who keeps the key of a round's vault, and how far the custodians are with their papers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from achterhoek.sealing.age import public_of
from achterhoek.sealing.models import SealingKey
from achterhoek.sealing.shares import ShareProblem, combine, digest_of
from procurement.enums import Custody, RoundStatus, TenderStatus, VaultContent
from procurement.models import CustodianShare, Round, Tender, VaultKey


@dataclass(frozen=True, slots=True)
class Keeping:
    """The key of one round in custodian mode: made or not, and whose papers have proven readable."""

    round: Round
    key: SealingKey | None
    shares: list[CustodianShare]
    needed: int

    @property
    def confirmed(self) -> int:
        """How many shares were typed back."""
        return sum(share.confirmed_at is not None for share in self.shares)

    @property
    def ready(self) -> bool:
        """Whether the vault can be opened with the papers that have proven readable."""
        return self.key is not None and self.confirmed >= self.needed

    @property
    def may_change(self) -> bool:
        """Until the round takes submissions its key can still be replaced: nothing is sealed to it yet."""
        return self.round.status == RoundStatus.PLANNED


def custody_tender(user: Any, slug: str) -> Tender | None:
    """The tender whose key this user looks after, or (the auditor) looks at."""
    return Tender.objects.managed_by(user).filter(slug=slug, is_history=False).select_related("region").first()


def may_choose(tender: Tender) -> bool:
    """Who keeps the key is part of what is published: it is chosen before that."""
    return tender.status == TenderStatus.DRAFT


def keepings(tender: Tender) -> list[Keeping]:
    """The rounds of a tender with their keys and shares, in a fixed number of queries."""
    content = VaultKey.objects.filter(content=VaultContent.CONTENT).select_related("key")
    rounds = tender.rounds.order_by("pk").prefetch_related(
        "custodian_shares", Prefetch("vault_keys", content, to_attr="content_keys")
    )
    return [_keeping(found, tender) for found in rounds]


def has_papers(found: list[Keeping]) -> bool:
    """Whether any custodian has a paper by now."""
    return any(keeping.key is not None and keeping.shares for keeping in found)


def keeping_of(tender: Tender, stage: str) -> Keeping | None:
    """The same for one stage; None where the tender has no such stage."""
    return next((found for found in keepings(tender) if found.round.stage == stage), None)


def custody_problem(tender: Tender, stage: str) -> str:
    """What has to be done about the key before this stage takes submissions; empty where nothing has."""
    if tender.custody != Custody.CUSTODIANS:
        return ""
    found = keeping_of(tender, stage)
    if found is None or found.ready:
        return ""
    if found.key is None:
        return _("The custodians have no shares of the key yet. Make the key and print the shares first.")
    text = _("%(given)d of the %(needed)d shares that are needed have been typed back. Type them in first.")
    return text % {"given": found.confirmed, "needed": found.needed}


def needs_shares(round: Round) -> bool:
    """Whether only the custodians can open this vault: the private key is not here."""
    return withheld_key(round) is not None


def withheld_key(round: Round) -> SealingKey | None:
    """The key of this vault, while only its custodians have the private half."""
    row = VaultKey.objects.filter(round=round, content=VaultContent.CONTENT, key__wrapped__isnull=True)
    found = row.select_related("key").first()
    return found.key if found else None


@sensitive_variables()
def join_shares(round: Round, typed: Sequence[str]) -> tuple[str, list[int]]:
    """The private key of this vault out of its shares, and whose shares they are. Raises `ShareProblem`."""
    given = [text for text in typed if text.strip()]
    known = {share.digest: share.position for share in CustodianShare.objects.filter(round=round)}
    digests = [digest_of(text, place) for place, text in enumerate(given)]
    for place, digest in enumerate(digests):
        if digest not in known:
            raise ShareProblem(_("All words are right, but this share is not of this vault's key."), place)
    secret, key = combine(given), withheld_key(round)
    if key is None or public_of(secret) != key.public:
        raise ShareProblem(_("Together these shares do not give the key of this vault."))
    return secret, sorted(known[digest] for digest in digests)


def _keeping(round: Round, tender: Tender) -> Keeping:
    keys: list[VaultKey] = round.content_keys  # type: ignore[attr-defined]
    key = keys[0].key if keys else None
    return Keeping(round, key, list(round.custodian_shares.all()), tender.custodians_needed)
