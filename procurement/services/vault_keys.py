"""The keys of a round's vault: made when they are first needed, never more than one of each."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from achterhoek.errors import RuleViolation
from achterhoek.prepared import Prepared
from achterhoek.sealing.models import SealingKey
from achterhoek.sealing.services import make_key
from procurement.enums import Custody, VaultContent
from procurement.models import Round, SegmentRound, VaultKey


def content_key(round: Round) -> SealingKey:
    """The key to which every submission of this round is sealed.

    Raises `RuleViolation` where custodians hold it and their ceremony has not been held.
    """
    found = _find(round, VaultContent.CONTENT, None)
    if found is not None:
        return found
    if round.tender.custody == Custody.CUSTODIANS:
        raise RuleViolation(_("The key of this vault has not been made yet: its custodians have no shares."))
    return _make(round, VaultContent.CONTENT, None)


@dataclass(frozen=True)
class RoundKeys:
    """What a submission of one round is sealed to. The keys that were made already are read at once."""

    round: Round
    segment_rounds: dict[str, SegmentRound]
    found: dict[tuple[str, int | None], SealingKey]

    def content(self) -> SealingKey:
        """Raises `RuleViolation`, as `content_key` does."""
        return self.found.get((VaultContent.CONTENT, None)) or content_key(self.round)

    def price(self, segment: str) -> SealingKey:
        """The key of the prijskluis of the segment with this slug; of none for prices that are asked once."""
        segment_round = self.segment_rounds.get(segment)
        known = self.found.get((VaultContent.PRICE, segment_round.pk if segment_round else None))
        return known or price_key(self.round, segment_round)


_keys = Prepared(lambda round: VaultKey.objects.filter(round=round).select_related("key"), int)
_of_segments = Prepared(
    lambda round: SegmentRound.objects.filter(round=round).select_related("segment").only("round", "segment__slug"),
    int,
)


def round_keys(round: Round) -> RoundKeys:
    """The keys of a round; two queries."""
    return RoundKeys(
        round,
        {found.segment.slug: found for found in _of_segments(round.pk)},
        {(row.content, row.segment_round_id): row.key for row in _keys(round.pk)},
    )


def price_key(round: Round, segment_round: SegmentRound | None) -> SealingKey:
    """The key of the prijskluis of one segment, or (None) of prices that are asked once for all segments."""
    return _find(round, VaultContent.PRICE, segment_round) or _make(round, VaultContent.PRICE, segment_round)


def _find(round: Round, content: str, segment_round: SegmentRound | None) -> SealingKey | None:
    row = VaultKey.objects.filter(round=round, content=content, segment_round=segment_round)
    found = row.select_related("key").first()
    return found.key if found else None


def _make(round: Round, content: str, segment_round: SegmentRound | None) -> SealingKey:
    """Whoever comes second finds the key that the first one made; its own is undone."""
    try:
        with transaction.atomic():
            key = make_key(f"{content} of round {round.pk}")
            VaultKey.objects.create(round=round, content=content, segment_round=segment_round, key=key)
            return key
    except IntegrityError:
        found = _find(round, content, segment_round)
        if found is None:
            raise
        return found
