"""Files that the portal itself brings into a draft: out of an earlier submission, or out of a team's own package.

They take the same way as a file that a person sends: encrypted while they come in, judged when they are whole.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from achterhoek.accounts.models import User
from achterhoek.documents import intake, uploads
from achterhoek.documents.intake import AT_ONCE
from achterhoek.documents.models import Upload
from achterhoek.documents.storage import StorageDown
from achterhoek.errors import RuleViolation
from achterhoek.queue import after_commit
from procurement.domain.filing import Filing
from procurement.models import Question, Submission
from procurement.selectors.gate import ANSWER_FILE
from providers.services.keys import organisation_key


class Pieces:
    """What comes in pieces, read as a file is; the first `skip` bytes have come in already."""

    def __init__(self, pieces: Iterator[bytes], skip: int = 0) -> None:
        self.pieces, self.skip, self.rest = pieces, skip, memoryview(b"")

    def read(self, size: int = -1, /) -> bytes:
        while not self.rest:
            piece = next(self.pieces, None)
            if piece is None:
                return b""
            dropped = min(self.skip, len(piece))
            self.skip -= dropped
            self.rest = memoryview(piece)[dropped:]
        taken = bytes(self.rest[:size] if size >= 0 else self.rest)
        self.rest = self.rest[len(taken) :]
        return taken


def announce(*, submission: Submission, question: Question, name: str, size: int, by: User) -> Upload:
    """Begin to bring in a file for a question that is empty; it never takes the place of another.

    Raises `RuleViolation`.
    """
    filing = Filing(submission.pk, question.pk, only_empty=True)
    return intake.open_upload(
        kind=ANSWER_FILE, purpose=str(filing), name=name, size=size, by=by,
        sealing_key=organisation_key(submission.organisation),
    )  # fmt: skip


def take_in(*, upload: Upload, stream: uploads.Readable, by: User) -> bool:
    """Take in what this stream gives, and judge it: True when it is the answer now, False when a worker judges it.

    Raises `RuleViolation` where it is refused, `StorageDown` where it cannot be kept now.
    """
    try:
        upload = uploads.append(upload=upload, offset=upload.offset, stream=stream)
    except uploads.TooManyBytes:
        upload.offset = 0
    if upload.offset < upload.size:
        uploads.cancel(upload=upload)
        raise RuleViolation(_("This file is not as long as it should be."))
    if upload.size <= AT_ONCE:
        try:
            intake.complete(upload=upload, by=by)
        except (StorageDown, FileNotFoundError):
            pass  # the bytes are safe: a worker goes on with them
        else:
            upload.refresh_from_db()
            if upload.error:
                raise RuleViolation(upload.error)
            return True
    after_commit("documents.finish_upload", str(upload.pk), by.pk)
    return False
