"""The receipt of a submission: a manifest of all that came in, and its digest.

The manifest is canonical JSON (keys sorted, no spaces, UTF-8); its sha256 is the digest. Whoever keeps
the file can compute it with any tool, and the opening of the vault computes it again from what is stored.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from achterhoek.accounts.models import User
from achterhoek.documents.models import StoredFile
from achterhoek.documents.services import content_digest
from procurement.enums import QuestionKind, Stage
from procurement.models import Answer, Receipt, Submission

FORMAT = "submission-manifest/1"
# Without characters that are taken for one another when read aloud.
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
FileDigest = Callable[[StoredFile], str]


def canonical(manifest: dict[str, Any]) -> bytes:
    """The one spelling of a manifest that its digest is over."""
    return json.dumps(manifest, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest_of(manifest: dict[str, Any]) -> str:
    """The digest that a receipt shows: sha256 of the canonical manifest."""
    return "sha256:" + hashlib.sha256(canonical(manifest)).hexdigest()


def plain_number(value: Decimal) -> str:
    """A number as digits, the same however many zeros the column keeps behind the point."""
    text = format(value, "f")
    return (text.rstrip("0").rstrip(".") or "0") if "." in text else text


def answer_value(answer: Answer) -> str:
    """The answer as the text that is hashed; a file is hashed itself."""
    kind = answer.question.kind
    if kind == QuestionKind.BOOLEAN:
        return "" if answer.boolean is None else str(answer.boolean).lower()
    if kind in (QuestionKind.NUMBER, QuestionKind.PRICE):
        return "" if answer.number is None else plain_number(answer.number)
    return answer.text


def stored_digest(stored: StoredFile) -> str:
    """The digest taken when the file came in."""
    return stored.sha256


def found_digest(stored: StoredFile) -> str:
    """The digest of the bytes as they lie in storage now; a file that is gone matches nothing."""
    try:
        return content_digest(stored)
    except OSError:
        return "missing"


def content_of(submission: Submission, *, file_digest: FileDigest = stored_digest) -> dict[str, Any]:
    """The part of the manifest that is computed from what is stored: segments, answers, files, confirmations."""
    answers = submission.answers.select_related("question__segment", "file")
    confirmations = submission.confirmations.select_related("requirement__segment")
    return {
        "kvk_number": submission.organisation.kvk_number,
        "segments": sorted(submission.entries.values_list("segment__slug", flat=True)),
        "answers": sorted(
            (_answer_line(answer, file_digest) for answer in answers), key=lambda a: (a["segment"], a["question"])
        ),
        "requirements": sorted(
            (
                {
                    "requirement": c.requirement.code,
                    "segment": c.requirement.segment.slug if c.requirement.segment else "",
                    "meets": c.meets,
                    "explanation_sha256": hashlib.sha256(c.explanation.encode()).hexdigest(),
                }
                for c in confirmations
            ),
            key=lambda c: (c["segment"], c["requirement"]),
        ),
    }


def _answer_line(answer: Answer, file_digest: FileDigest) -> dict[str, Any]:
    line: dict[str, Any] = {
        "question": answer.question.code,
        "segment": answer.question.segment.slug if answer.question.segment else "",
        "kind": answer.question.kind,
    }
    if answer.file is not None:
        return {
            **line,
            "sha256": file_digest(answer.file),
            "file_name": answer.file.name,
            "file_size": answer.file.size,
        }
    return {**line, "sha256": hashlib.sha256(answer_value(answer).encode()).hexdigest()}


def manifest_of(submission: Submission, *, number: str, receipt: str, at: datetime, by: User) -> dict[str, Any]:
    """The whole manifest: who handed in what, where and when.

    The nonce keeps the digest, which the opening record shows, from being used to try out a price that is still
    closed while all else can be read.
    """
    found = submission.round
    return {
        "format": FORMAT,
        "nonce": secrets.token_hex(16),
        "number": number,
        "receipt": receipt,
        "tender": found.tender.slug,
        "stage": found.stage,
        "deadline": _utc(found.deadline) if found.deadline else "",
        "received_at": _utc(at),
        "organisation": submission.organisation.name,
        "submitted_by": by.name,
        **content_of(submission),
    }


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def make_receipt(*, submission: Submission, number: str, at: datetime, by: User) -> Receipt:
    """Write the receipt of this submitting; each one takes the next number of its submission."""
    sequence = submission.receipts.count() + 1
    receipt = f"{number}-{sequence}"
    manifest = manifest_of(submission, number=number, receipt=receipt, at=at, by=by)
    return Receipt.objects.create(
        submission=submission, number=receipt, at=at, digest=digest_of(manifest), manifest=manifest
    )


def recompute(receipt: Receipt) -> str:
    """The digest anew: the manifest's head as kept, its content from what is stored now, files and all."""
    content = content_of(receipt.submission, file_digest=found_digest)
    return digest_of({**receipt.manifest, **content})


def new_number(stage: str) -> str:
    """A number that tells nothing: not how many came before, and not who comes next."""
    prefix = "I" if stage == Stage.AWARD else "V"
    while True:
        code = "".join(secrets.choice(ALPHABET) for _ in range(8))
        number = f"{prefix}-{code[:4]}-{code[4:]}"
        if not Submission.objects.filter(number=number).exists():
            return number
