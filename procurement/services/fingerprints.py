"""The safety net of Aw 2.109a: a bid is in time if its fingerprint came before the deadline, and the bid itself at most
one working day after it, and both match.
"""

from __future__ import annotations

import hashlib
import re
from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from achterhoek.accounts.models import User
from achterhoek.audit.services import record
from achterhoek.clock import database_now
from achterhoek.documents.services import sha256_of
from achterhoek.errors import RuleViolation
from achterhoek.links import absolute
from achterhoek.mail.services import queue_mail
from achterhoek.nlds.formatting import format_moment
from procurement.domain.package import PackedAnswer
from procurement.domain.proof import PREFIX
from procurement.enums import QuestionKind, RoundStatus, TenderStatus
from procurement.models import Entry, Fingerprint, Receipt, Round, Segment, Submission, VaultOpening
from procurement.selectors.content import ask_of
from procurement.selectors.fingerprints import counting, net_ends_at
from procurement.services.answers import DraftWriter, clear_draft, require_draft
from procurement.services.locks import (
    LateSubmission,
    locked_submission,
    require_member,
    require_open,
    shared_round,
)
from procurement.services.own_package import own_copy, zip_pieces
from procurement.services.package_reader import OwnPackage, damaged, plain_value, read_package
from procurement.services.receipt_mail import promise_receipt
from procurement.services.rounds import close_if_due
from procurement.services.submissions import allowed_segments, require_signatory, seal_draft

METHOD = "SHA-256"
MOST = 20
HEX = re.compile(r"[0-9a-f]{64}")


class OtherPackage(RuleViolation):
    """The file is not one of which the fingerprint was registered. `computed` is the fingerprint that it has."""

    def __init__(self, computed: str) -> None:
        text = _("The fingerprint of this file is %(computed)s. You did not register that one before the deadline. "
                 "Nothing has changed: choose the very file that you took the fingerprint of.")  # fmt: skip
        super().__init__(text % {"computed": computed}, field="package")
        self.computed = computed


def plain_digest(text: str) -> str:
    """A fingerprint as people paste it (capitals, spaces, `sha256:` before it). Raises `RuleViolation`."""
    bare = "".join(text.split()).lower().removeprefix(PREFIX)
    if not HEX.fullmatch(bare):
        raise RuleViolation(
            _("A SHA-256 fingerprint has 64 characters: digits and the letters a to f. This one has %(count)d.")
            % {"count": len(bare)},
            field="digest",
        )
    return bare


def fingerprint_of_draft(*, submission: Submission, by: User) -> str:
    """The fingerprint of the ZIP that a team downloads of its draft as it is now: the same content, the same bytes."""
    digest = hashlib.sha256()
    for piece in zip_pieces(own_copy(submission=submission, by=by)):
        digest.update(piece)
    return digest.hexdigest()


def register_fingerprint(*, submission: Submission, digest: str, by: User) -> Fingerprint:
    """Keep the fingerprint of a package, with the moment by the database's clock, and confirm it by mail.

    Only before the deadline; an attempt after it is refused and written down. Any member of the team may: it binds to
    nothing. Raises `LateSubmission` or `RuleViolation`.
    """
    try:
        return _register(submission=submission, digest=digest, by=by)
    except LateSubmission as late:
        _record_late(submission, by, late.at, "fingerprint")
        raise


@transaction.atomic
def _register(*, submission: Submission, digest: str, by: User) -> Fingerprint:
    require_member(submission=submission, by=by)
    found = shared_round(submission.round_id)
    locked = locked_submission(submission)
    now = require_open(found)
    require_draft(locked)
    bare = plain_digest(digest)
    known = locked.fingerprints.filter(digest=bare).first()
    if known is not None and counting(Fingerprint.objects.filter(pk=known.pk)).exists():
        text = _("You registered this fingerprint already, on %(moment)s.")
        raise RuleViolation(text % {"moment": format_moment(known.at)}, field="digest")
    if known is None and locked.fingerprints.count() >= MOST:
        text = _("You have registered %(count)d fingerprints. More is not possible.")
        raise RuleViolation(text % {"count": MOST}, field="digest")
    # The same one again, after a receipt that had overtaken it: from now on it counts again.
    made, _created = Fingerprint.objects.update_or_create(
        submission=locked, digest=bare, defaults={"method": METHOD, "at": now, "by": by}
    )
    detail = {"method": METHOD, "digest": bare, "at": now.isoformat()}
    record("procurement.submission.fingerprint", by=by, target=locked, detail=detail)
    _confirm(made, locked, found, by)
    return made


def _confirm(made: Fingerprint, submission: Submission, found: Round, by: User) -> None:
    """A mail with the fingerprint, its moment, and what to do with the package."""
    assert found.deadline is not None  # an open round has one
    page = absolute("procurement:fingerprints", submission.pk)
    context = {
        "fingerprint": made, "tender": found.tender, "round": found, "ends_at": net_ends_at(found.deadline),
        "page": page, "organisation": submission.organisation,
    }  # fmt: skip
    with translation.override("nl"):
        subject = _("Fingerprint received: %(tender)s") % {"tender": found.tender.title}
        body = render_to_string("procurement/fingerprint/mail.txt", context)
    for number, address in enumerate(dict.fromkeys([by.email.lower(), submission.organisation.email.lower()])):
        key = f"fingerprint:{made.pk}:{made.at.isoformat()}:{number}"
        queue_mail(key=key, to=address, subject=subject, body=body)


def receive_package(*, submission: Submission, package: UploadedFile, by: User) -> Receipt:
    """Take in the package of a registered fingerprint, at most one working day after the deadline, and seal it.

    The whole file has come in when this is asked; the moment is by the database's clock. It has to be complete, as at
    submitting, and somebody who may sign hands it in. In all other cases nothing changes; an attempt that is too late
    or does not match is written down. Raises `LateSubmission`, `OtherPackage`, `IncompleteSubmission` or another
    `RuleViolation`.
    """
    require_member(submission=submission, by=by)
    close_if_due(round=submission.round)
    try:
        return _receive(submission=submission, package=package, by=by)
    except LateSubmission as late:
        _record_late(submission, by, late.at, "package")
        raise
    except OtherPackage as other:
        with transaction.atomic():
            detail = {"computed": other.computed}
            record("procurement.submission.package_refused", by=by, target=submission, detail=detail)
        raise


@transaction.atomic
def _receive(*, submission: Submission, package: UploadedFile, by: User) -> Receipt:
    """All in one transaction that shares the round: whoever opens the vault waits for it, and the other way round."""
    found = shared_round(submission.round_id)
    locked = locked_submission(submission)
    now = _require_running(found)
    require_signatory(locked, by)
    vouching = {item.digest: item for item in counting(locked.fingerprints.all())}
    if not vouching:
        raise RuleViolation(_("There is no fingerprint of yours that counts, so no package can come in any more."))
    computed = sha256_of(package)
    if computed not in vouching:
        raise OtherPackage(computed)
    assert package.file is not None
    own = read_package(package.file)
    clear_draft(locked)
    _choose_segments(locked, found, own.segments)
    _fill_in(locked, own, by)
    receipt = seal_draft(locked, found, now, by=by, in_time_by=PREFIX + computed)
    Fingerprint.objects.filter(pk=vouching[computed].pk).update(received_at=now)
    promise_receipt(receipt=receipt, addresses=[by.email, locked.organisation.email])
    submission.refresh_from_db()
    return receipt


def _require_running(found: Round) -> datetime:
    """The moment by the database's clock, if a package may come in at it."""
    now = database_now()
    if found.deadline is None or now < found.deadline:
        raise RuleViolation(_("The deadline has not passed yet. Submit in the usual way."))
    ends_at = net_ends_at(found.deadline)
    if now >= ends_at:
        text = _("The package had to be in before %(moment)s. It is too late now, so it does not count.")
        raise LateSubmission(text % {"moment": format_moment(ends_at)}, at=now)
    opened = VaultOpening.objects.filter(round=found).exists()
    if found.status != RoundStatus.CLOSED or opened or found.tender.status != TenderStatus.PUBLISHED:
        raise RuleViolation(_("No package can come in any more."))
    return now


def _choose_segments(locked: Submission, found: Round, slugs: list[str]) -> None:
    """The segments that the package is for; where it names none, those that were chosen in the draft."""
    if not slugs:
        return
    chosen = list(Segment.objects.filter(tender=found.tender_id, slug__in=slugs))
    if len(chosen) != len(set(slugs)):
        raise damaged()
    allowed_segments(found, locked.organisation, chosen)
    locked.entries.exclude(segment__in=chosen).delete()
    had = set(locked.entries.values_list("segment_id", flat=True))
    Entry.objects.bulk_create(Entry(submission=locked, segment=s) for s in chosen if s.pk not in had)


def _fill_in(locked: Submission, own: OwnPackage, by: User) -> None:
    """Make the package the draft, by the rules for what is typed, with the salts that the team knows.

    What it answers for segments that it is not for is left out, as at submitting.
    """
    questions, requirements = ask_of(locked.round_id)
    mine = {None, *locked.entries.values_list("segment_id", flat=True)}
    salts: dict[str, str] = {}
    answers: dict[int, Any] = {}
    confirmations: dict[int, tuple[bool | None, str]] = {}
    for answer in own.answers:
        question = questions.get((answer.segment, answer.question))
        if question is not None and question.segment_id in mine and question.kind == answer.kind:
            answers[question.pk] = _value(answer, own)
            salts[f"q{question.pk}"] = answer.salt
    for line in own.requirements:
        requirement = requirements.get((line.segment, line.requirement))
        if requirement is not None and requirement.segment_id in mine:
            confirmations[requirement.pk] = (line.meets, line.explanation)
            salts[f"r{requirement.pk}"] = line.salt
    writer = DraftWriter(locked, by, salts=salts)
    writer.save_answers(answers)
    writer.save_confirmations(confirmations)
    if writer.saved.refused:
        codes = {question.pk: question.code for question in questions.values()}
        lines = [f"{codes[pk]}: {message}" for pk, message in writer.saved.refused.items()]
        raise RuleViolation(" ".join(lines), field="package")
    writer.flush()


def _value(answer: PackedAnswer, own: OwnPackage) -> Any:
    """The value of an answer as a form would give it."""
    if answer.kind == QuestionKind.FILE and answer.file is not None:
        return own.files[answer.file.id].uploaded()
    return plain_value(answer)


def _record_late(submission: Submission, by: User, at: datetime, what: str) -> None:
    with transaction.atomic():
        detail = {"at": at.isoformat(), "what": what}
        record("procurement.submission.late", by=by, target=submission, detail=detail)
