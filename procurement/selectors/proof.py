"""What the portal says of a receipt to whoever shows its digest, and the published roots.

A digest cannot be guessed, so who has it has the receipt; nothing is told beyond what stands on that receipt, and of
other receipts nothing at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from procurement.domain.proof import inclusion_proof, merkle_root, raw
from procurement.enums import RoundStatus
from procurement.models import Receipt, ReceiptRoot, Segment, Tender

IN, AFTER, BROKEN = "in", "after", "broken"


@dataclass(frozen=True, slots=True)
class Place:
    """A receipt against one published root: in it; made after it; or the root does not follow from what is stored."""

    root: ReceiptRoot
    status: str


@dataclass(frozen=True, slots=True)
class KnownReceipt:
    """What the portal knows of a receipt. No places: its deadline has not passed. `provable`: the vault is open."""

    receipt: Receipt
    places: list[Place]
    provable: bool

    @property
    def sound(self) -> bool:
        return all(place.status == IN for place in self.places)

    def segment_names(self) -> dict[str, str]:
        """What the segments of its tender are called, by the short names that a receipt has."""
        tender = self.receipt.submission.round.tender_id
        return dict(Segment.objects.filter(tender=tender).values_list("slug", "name"))


def is_digest(text: str) -> bool:
    try:
        return bool(raw(text))
    except ValueError:
        return False


def digests_until(round_id: int, moment: datetime) -> list[str]:
    """The digests of all receipts that a round had at this moment."""
    return list(Receipt.objects.filter(submission__round=round_id, at__lte=moment).values_list("digest", flat=True))


def published_roots() -> QuerySet[ReceiptRoot]:
    """Every root of a published tender, the newest first."""
    found = ReceiptRoot.objects.filter(round__tender__in=Tender.objects.public().values("pk"))
    return found.select_related("round__tender").order_by("-deadline", "-pk")


def roots_of(tender: Tender) -> list[ReceiptRoot]:
    """The roots of one tender, by stage and deadline."""
    return list(ReceiptRoot.objects.filter(round__tender=tender).select_related("round").order_by("round", "deadline"))


def known_receipt(digest: str, number: str = "") -> KnownReceipt | None:
    """What is known of the receipt with this digest (and this number, where one is given); None where there is none."""
    if not is_digest(digest):
        return None
    found = Receipt.objects.filter(digest=digest).select_related("submission__round__tender").first()
    if found is None or (number and found.number != number):
        return None
    round = found.submission.round
    places = [_place(found, root) for root in round.receipt_roots.order_by("deadline")]
    return KnownReceipt(found, places, provable=_is_open(found) and any(place.status == IN for place in places))


def _is_open(receipt: Receipt) -> bool:
    """A proof tells by its length how many receipts there are: not before the vault is open."""
    return receipt.submission.round.status == RoundStatus.OPENED


def _leaves(root: ReceiptRoot) -> list[str]:
    return [*digests_until(root.round_id, root.at), root.blind]


def _place(receipt: Receipt, root: ReceiptRoot) -> Place:
    if receipt.at > root.at:
        return Place(root, AFTER)
    leaves = _leaves(root)
    return Place(root, IN if receipt.digest in leaves and merkle_root(leaves) == root.root else BROKEN)


def proof_of(digest: str) -> dict[str, Any] | None:
    """The way from this receipt to the last published root that holds it; None where there is none to give yet."""
    standing = known_receipt(digest)
    if standing is None or not standing.provable:
        return None
    root = [place.root for place in standing.places if place.status == IN][-1]
    round = standing.receipt.submission.round
    return {
        **inclusion_proof(_leaves(root), digest),
        "tender": round.tender.slug,
        "stage": round.stage,
        "deadline": root.deadline.isoformat(),
    }
