"""Receipts: the manifest of all that came in, or of its withdrawal, and its digest.

What a manifest is and how anybody checks one stands in `procurement.domain.proof`.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from achterhoek.accounts.models import User
from procurement.domain.package import MANIFEST_FORMAT, manifest_lines
from procurement.domain.proof import digest_of
from procurement.enums import ReceiptKind, Stage
from procurement.models import Receipt, Segment, Submission
from procurement.services.packages import Packed

# Without characters that are taken for one another when read aloud.
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def _head(submission: Submission, *, kind: str, number: str, receipt: str, at: datetime, by: User) -> dict[str, Any]:
    """Who did what, where and when. The nonce keeps two manifests from ever having the same digest."""
    found = submission.round
    return {
        "format": MANIFEST_FORMAT,
        "kind": kind,
        "nonce": secrets.token_hex(16),
        "number": number,
        "receipt": receipt,
        "tender": found.tender.slug,
        "stage": found.stage,
        "deadline": _utc(found.deadline) if found.deadline else "",
        "received_at": _utc(at),
        "organisation": submission.organisation.name,
        "kvk_number": submission.organisation.kvk_number,
        "submitted_by": by.name,
    }


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def make_receipt(
    *,
    submission: Submission,
    segments: Iterable[Segment],
    packed: Packed,
    number: str,
    at: datetime,
    by: User,
    in_time_by: str = "",
) -> Receipt:
    """Write the receipt of this submitting, for these segments; each one takes the next number of its submission.

    `in_time_by`: the fingerprint, registered before the deadline, of a package that came after it (Aw 2.109a).
    """
    receipt = _next_number(submission, number)
    head = _head(submission, kind=ReceiptKind.SUBMISSION, number=number, receipt=receipt, at=at, by=by)
    if in_time_by:
        head["in_time_by"] = in_time_by
    slugs = sorted(segment.slug for segment in segments)
    return _write(
        submission,
        ReceiptKind.SUBMISSION,
        at,
        {**head, "segments": slugs, **manifest_lines(packed.answers, packed.requirements)},
    )


def make_withdrawal_receipt(*, submission: Submission, at: datetime, by: User) -> Receipt:
    """Write the receipt of a withdrawal; it names the digest of what does not count any more."""
    receipt = _next_number(submission, submission.number)
    head = _head(
        submission, kind=ReceiptKind.WITHDRAWAL, number=submission.number, receipt=receipt, at=at, by=by
    )  # fmt: skip
    last = submission.receipts.filter(kind=ReceiptKind.SUBMISSION).order_by("-pk").first()
    return _write(submission, ReceiptKind.WITHDRAWAL, at, {**head, "withdraws": last.digest if last else ""})


def _next_number(submission: Submission, number: str) -> str:
    """What has no number yet has no receipt."""
    return f"{number}-{submission.receipts.count() + 1 if submission.number else 1}"


def _write(submission: Submission, kind: str, at: datetime, manifest: dict[str, Any]) -> Receipt:
    return Receipt.objects.create(
        submission=submission, kind=kind, number=manifest["receipt"], at=at, digest=digest_of(manifest),
        manifest=manifest,
    )  # fmt: skip


def new_number(stage: str) -> str:
    """A number that tells nothing: not how many came before, and not who comes next."""
    prefix = "I" if stage == Stage.AWARD else "V"
    while True:
        code = "".join(secrets.choice(ALPHABET) for _ in range(8))
        number = f"{prefix}-{code[:4]}-{code[4:]}"
        if not Submission.objects.filter(number=number).exists():
            return number
