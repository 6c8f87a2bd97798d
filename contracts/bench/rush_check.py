"""After a deadline: is everything that was accepted whole and in time, and is nothing lost, doubled or half?

Reads what the clients tell and every byte in the vault. It answers with problems in words; none is good.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from achterhoek.audit.services import verify
from procurement.domain.proof import digest_of, inclusion_proof, merkle_root, verify_inclusion
from procurement.enums import ReceiptKind, SubmissionStatus
from procurement.models import DraftAnswer, Receipt, ReceiptRoot, Round, SealedPackage, Submission
from procurement.services.opening import compare
from procurement.services.rounds import close_due_rounds


def main() -> None:
    """Answer one request: check a round against what its clients told."""
    asked = json.load(sys.stdin)
    told = json.loads(Path(asked["told"]).read_text())["providers"]
    print(json.dumps(check(asked["round"], told, asked["late"])))  # noqa: T201 - the answer


def check(round_id: int, told: list[dict[str, Any]], late: list[str]) -> dict[str, Any]:
    close_due_rounds()
    found = Round.objects.get(pk=round_id)
    submissions = {str(one.pk): one for one in Submission.objects.filter(round=found)}
    submitted = {pk for pk, one in submissions.items() if one.status == SubmissionStatus.SUBMITTED}
    problems = [
        *_against_clients(found, submissions, told, late),
        *_against_vault(found, submitted),
        *_against_root(found),
        *_against_log(),
    ]
    receipts = [one for one in told if one["receipt"]]
    return {
        "problems": problems,
        "providers": len(told),
        "accepted": len(submitted),
        "receipts_with_clients": len(receipts),
        "refused_as_late": sum(one["refused"] in late for one in told),
        "tried_again": sum(one["again"] for one in told),
        "files": SealedPackage.files.through.objects.filter(sealedpackage__receipt__submission__round=found).count(),
    }


def _against_clients(
    found: Round, submissions: dict[str, Submission], told: list[dict[str, Any]], late: list[str]
) -> Iterator[str]:
    """Every receipt that a client holds is ours, and about its very files; who has none was told why."""
    assert found.deadline is not None
    ends = found.deadline.timestamp()
    if len(told) != len(submissions):
        yield f"{len(told)} clients told something, of {len(submissions)}"
    for one in told:
        submission = submissions[one["submission"]]
        receipts = list(submission.receipts.all())
        if not one["receipt"]:
            if one.get("failed") or one["refused"] not in late:
                yield f"{submission.pk}: neither a receipt nor told that it is late: {one}"
            if submission.status != SubmissionStatus.DRAFT or receipts:
                yield f"{submission.pk}: told that it is late, and accepted"
            continue
        if [receipt.number for receipt in receipts] != [one["receipt"]]:
            yield f"{submission.pk}: receipt {one['receipt']} with the client, {receipts} with us"
            continue
        receipt = receipts[0]
        if not one["digest"] == receipt.digest == digest_of(receipt.manifest):
            yield f"{receipt}: another digest with the client"
        files = [line["sha256"] for line in receipt.manifest["answers"] if "file_size" in line]
        if sorted(files) != sorted(one["files"]):
            yield f"{receipt}: other files than were sent"
        if receipt.at.timestamp() >= ends or one["asked_at"] >= ends:
            yield f"{receipt}: accepted after the deadline"


def _against_vault(found: Round, submitted: set[str]) -> Iterator[str]:
    """Every accepted submission lies whole in the vault, each file read anew; and nothing of a draft is left."""
    lines = [one.line for one in compare(found)]
    if len(lines) != len(submitted):
        yield f"{len(lines)} in the vault, of {len(submitted)}"
    yield from (f"{line['number']}: {line['problems']}" for line in lines if not line["matches"])
    packages = SealedPackage.objects.filter(receipt__submission__round=found)
    if packages.count() != len(submitted):
        yield f"{packages.count()} packages of {len(submitted)} submissions"
    if DraftAnswer.objects.filter(submission__in=submitted).exists():
        yield "answers of a draft are left after submitting"
    if SealedPackage.files.through.objects.filter(
        sealedpackage__in=packages, storedfile__envelope__isnull=False
    ).exists():
        yield "a file of a sealed package has its envelope still"


def _against_root(found: Round) -> Iterator[str]:
    """The published number is over all receipts, and each can be shown to be in it."""
    root = ReceiptRoot.objects.filter(round=found).order_by("-deadline").first()
    if root is None:
        yield "no root was published"
        return
    receipts = Receipt.objects.filter(submission__round=found, kind=ReceiptKind.SUBMISSION)
    digests = [*receipts.values_list("digest", flat=True), root.blind]
    if merkle_root(digests) != root.root:
        yield "the root is not over all receipts"
    for digest in digests:
        if not verify_inclusion(digest, inclusion_proof(digests, digest), root.root):
            yield f"{digest} is not in the root"


def _against_log() -> Iterator[str]:
    """The log is whole: every event in the chain, none doubled."""
    findings: list[str] = []
    verify(report=lambda finding: findings.append(str(finding)))
    yield from findings
