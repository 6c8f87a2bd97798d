"""What happens behind an opened vault: every package is unsealed, compared with its receipt, and laid open.

Two steps. Comparing reads every byte of every file and takes as long as that takes: it changes nothing, and may be
done again. Laying open is one short transaction.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Sum

from achterhoek.accounts.models import User
from achterhoek.clock import database_now
from achterhoek.documents.models import StoredFile
from achterhoek.documents.sealed import FileKey, content_digest, seal_to
from achterhoek.queue import after_commit
from achterhoek.sealing import age
from achterhoek.sealing.models import SealingKey
from achterhoek.sealing.services import secret_of
from achterhoek.transitions.services import transition
from procurement.domain.package import (
    Package,
    PackedAnswer,
    PackedFile,
    answer_line,
    decode_answers,
    manifest_lines,
)
from procurement.domain.proof import digest_of
from procurement.domain.states import ROUND, SEGMENT_ROUND
from procurement.enums import QuestionKind, ReceiptKind, RoundStatus, SegmentRoundStatus, SubmissionStatus
from procurement.models import (
    Answer,
    Entry,
    PriceOpening,
    Receipt,
    RequirementConfirmation,
    Round,
    SealedPackage,
    SegmentRound,
    Submission,
    VaultOpening,
)
from procurement.selectors.content import ask_of, open_package, price_keys, round_secret, value_of
from procurement.selectors.gate import PRICES_OPEN
from procurement.services.draw_promise import see_to_promise
from procurement.services.vault_keys import content_key

PRICE_KINDS = (QuestionKind.PRICE.value,)


@dataclass
class Found:
    """One submission as it came out of the vault: its line in the opening record, and its package."""

    submission: Submission
    receipt: Receipt | None
    line: dict[str, Any]
    package: Package | None = None
    files: dict[str, StoredFile] = field(default_factory=dict)


def sealed_bytes(round: Round) -> int:
    """How much has to be read to compare what is in this vault, in bytes."""
    current = SealedPackage.objects.filter(receipt__submission__round=round)
    total = StoredFile.objects.filter(packages__in=current).distinct().aggregate(total=Sum("size"))["total"]
    return int(total or 0)


def compare(round: Round, *, told: Callable[[int], None] | None = None) -> list[Found]:
    """Unseal every submission of a round and compute its digest anew, files and all. Changes nothing.

    `told` hears after each one how many are done. Raises `KeyWithheld` where custodians hold the key.
    """
    submitted = round.submissions.filter(status=SubmissionStatus.SUBMITTED).select_related(
        "organisation", "submitted_by"
    )
    if not submitted.exists():
        return []
    secret = _secret(round.pk)
    latest: dict[Any, Receipt] = {}
    receipts = Receipt.objects.filter(submission__in=submitted, kind=ReceiptKind.SUBMISSION)
    for receipt in receipts.select_related("package").order_by("pk"):
        latest[receipt.submission_id] = receipt
    found = []
    for done, submission in enumerate(submitted.order_by("organisation__name", "pk"), start=1):
        found.append(_compare_one(submission, latest.get(submission.pk), secret))
        if told is not None:
            told(done)
    return found


def _secret(round_id: int) -> str:
    """The content key; nothing where nothing was ever sealed."""
    sealed = SealedPackage.objects.filter(receipt__submission__round=round_id)
    return round_secret(round_id) if sealed.exists() else ""


def _compare_one(submission: Submission, receipt: Receipt | None, secret: str) -> Found:
    line: dict[str, Any] = {
        "number": submission.number,
        "organisation": submission.organisation.name,
        "received_at": submission.submitted_at.isoformat() if submission.submitted_at else "",
        "digest": receipt.digest if receipt else "",
        "computed": "",
        "matches": False,
        "problems": [],
    }
    found = Found(submission, receipt, line)
    sealed = SealedPackage.objects.filter(receipt=receipt).first() if receipt else None
    if receipt is None or sealed is None:
        line["problems"].append("no_package")
        return found
    try:
        found.package = open_package(sealed, secret)
    except (age.SealBroken, ValueError):
        line["problems"].append("seal_broken")
        return found
    found.files = {str(stored.pk): stored for stored in sealed.files.all()}
    line["computed"] = _recompute(found, receipt)
    line["matches"] = line["computed"] == receipt.digest
    if not line["matches"] and not line["problems"]:
        line["problems"].append("content_differs")
    return found


def _recompute(found: Found, receipt: Receipt) -> str:
    """The digest anew: the head of the manifest as kept, its lines from what is in the vault, every file read.

    Prices stay closed: what the manifest says of them is compared when they are opened.
    """
    assert found.package is not None

    def read(file: PackedFile) -> str:
        stored = found.files.get(file.id)
        digest = "missing" if stored is None else found_digest(stored, file.key)
        if digest != file.sha256:
            found.line["problems"].append(f"file_differs:{file.sha256[:12]}")
        return digest

    manifest = receipt.manifest
    prices = [line for line in manifest["answers"] if line["kind"] in PRICE_KINDS]
    lines = manifest_lines(found.package.answers, found.package.requirements, read)
    lines["answers"] = sorted([*lines["answers"], *prices], key=lambda a: (a["segment"], a["question"]))
    segments = sorted(found.submission.entries.values_list("segment__slug", flat=True))
    return digest_of({**manifest, "segments": segments, **lines})


def found_digest(stored: StoredFile, secret: str) -> str:
    """The digest of the bytes as they lie in storage now; a file that is gone or was changed matches nothing."""
    try:
        return content_digest(stored, secret)
    except (OSError, age.SealBroken):
        return "missing"


@transaction.atomic
def lay_open(*, round: Round, opening: VaultOpening, found: list[Found], by: User) -> VaultOpening:
    """Write what was in the vault where officials read it through the gate, and let the scoring begin.

    Does nothing where that was done already.
    """
    locked = Round.objects.select_for_update(of=("self",)).select_related("tender").get(pk=round.pk)
    opening.refresh_from_db()
    if locked.status == RoundStatus.OPENED:
        return opening
    if found:
        key = content_key(locked)
        for item in found:
            if item.package is not None:
                _write(item, item.package.answers, key)
                _write_confirmations(item)
    opening.submissions = [item.line for item in found]
    opening.finished_at = database_now()
    opening.save(update_fields=["submissions", "finished_at"])
    changed = [item.line["number"] for item in found if not item.line["matches"]]
    openers = list(opening.openers.values_list("pk", flat=True))
    transition(
        locked, RoundStatus.OPENED, by=by, table=ROUND, opened_at=opening.at,
        detail={"openers": openers, "submissions": len(found), "mismatches": changed},
    )  # fmt: skip
    for segment_round in locked.segment_rounds.filter(status=SegmentRoundStatus.PENDING).order_by("pk"):
        transition(segment_round, SegmentRoundStatus.SCORING, by=by, table=SEGMENT_ROUND)
        see_to_promise(segment_round=segment_round, by=by)
    after_commit("procurement.make_opening_record", locked.pk)
    return opening


def _write(item: Found, answers: list[PackedAnswer], key: SealingKey | None) -> None:
    """The answers as rows; their files can be opened with the key of the round from now on."""
    questions, _requirements = ask_of(item.submission.round_id)
    rows = []
    for answer in answers:
        question = questions.get((answer.segment, answer.question))
        if question is None:
            continue
        row = Answer(submission=item.submission, question=question, changed_by=item.submission.submitted_by)
        value = value_of(answer)
        if answer.file is None:
            row.text, row.number, row.boolean = value.text, value.number, value.boolean
        elif (stored := item.files.get(answer.file.id)) is not None:
            row.file = stored
            stored.name = answer.file.name
            stored.save(update_fields=["name"])
            if key is not None:
                seal_to(stored, key, FileKey(answer.file.key, answer.file.name))
        rows.append(row)
    Answer.objects.bulk_create(rows, ignore_conflicts=True)


def _write_confirmations(item: Found) -> None:
    assert item.package is not None
    _questions, requirements = ask_of(item.submission.round_id)
    RequirementConfirmation.objects.bulk_create(
        [
            RequirementConfirmation(
                submission=item.submission,
                requirement=requirements[line.segment, line.requirement],
                meets=line.meets,
                explanation=line.explanation,
            )
            for line in item.package.requirements
            if (line.segment, line.requirement) in requirements
        ],
        ignore_conflicts=True,
    )


@transaction.atomic
def open_prices(*, segment_round: SegmentRound, by: User) -> PriceOpening:
    """Open the prijskluis of a segment whose quality scores are fixed: unseal its prices, compare, lay them open.

    A price that was asked once, for all segments, opens with the last segment of its bidder that is fixed. Where
    scores are fixed again after a re-evaluation, the prices are open already: there is one opening, and one record.
    """
    before = PriceOpening.objects.filter(segment_round=segment_round).first()
    if before is not None:
        return before
    entries = Entry.objects.filter(
        segment=segment_round.segment_id,
        submission__round=segment_round.round_id,
        submission__status=SubmissionStatus.SUBMITTED,
    ).select_related("submission__organisation", "submission__submitted_by", "segment")
    lines = []
    bids = list(entries)
    if bids:
        secret = _secret(segment_round.round_id)
        secrets = {slug: secret_of(key) for slug, key in price_keys(segment_round.round_id).items()}
        for entry in bids:
            lines += _open_prices_of(entry, secret, secrets)
    opening = PriceOpening.objects.create(segment_round=segment_round, by=by, submissions=lines)
    after_commit("procurement.make_price_record", opening.pk)
    return opening


def _open_prices_of(entry: Entry, secret: str, secrets: dict[str, str]) -> list[dict[str, Any]]:
    submission = entry.submission
    receipt = submission.receipts.filter(kind=ReceiptKind.SUBMISSION).order_by("-pk").first()
    sealed = SealedPackage.objects.filter(receipt=receipt).first() if receipt else None
    if receipt is None or sealed is None:
        return []
    item = Found(submission, receipt, {})
    lines = []
    try:
        package = open_package(sealed, secret)
    except (age.SealBroken, ValueError):
        return [{"number": submission.number, "segment": entry.segment.slug, "matches": False}]
    slugs = [entry.segment.slug, *([""] if _all_fixed(submission) else [])]
    for slug in (slug for slug in slugs if slug in package.prices):
        try:
            answers = decode_answers(age.unseal(package.prices[slug], secrets[slug]))
        except age.SealBroken:
            lines.append({"number": submission.number, "segment": slug, "matches": False})
            continue
        said = [line for line in receipt.manifest["answers"] if line["kind"] in PRICE_KINDS and line["segment"] == slug]
        same = sorted(map(_spelled, said)) == sorted(_spelled(answer_line(answer)) for answer in answers)
        lines.append({"number": submission.number, "segment": slug, "matches": same})
        _write(item, answers, None)
    return lines


def _spelled(line: dict[str, Any]) -> tuple[str, str, str]:
    return line["segment"], line["question"], line["sha256"]


def _all_fixed(submission: Submission) -> bool:
    """Whether the scores of every segment that this bidder is in are fixed."""
    waiting = SegmentRound.objects.filter(
        round=submission.round_id, segment__in=submission.entries.values("segment")
    ).exclude(status__in=PRICES_OPEN)
    return not waiting.exists()
