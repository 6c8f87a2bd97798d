"""Registering a fingerprint and sending its package, as the tests do it."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from unittest.mock import patch

from procurement.enums import SubmissionStatus
from procurement.models import DraftAnswer, Fingerprint, Receipt, Submission
from procurement.services.fingerprints import receive_package, register_fingerprint
from tests.factories.packages import as_upload, sha256, signer

CLOCKS = ("procurement.services.fingerprints", "procurement.services.vault", "procurement.services.locks")


@contextmanager
def clock(moment: datetime) -> Iterator[None]:
    """Lets the services of this room read this moment from the database's clock."""
    with ExitStack() as stack:
        for place in CLOCKS:
            stack.enter_context(patch(f"{place}.database_now", return_value=moment))
        yield


def register(draft: Submission, package: bytes) -> Fingerprint:
    return register_fingerprint(submission=draft, digest=sha256(package), by=signer(draft))


def send(draft: Submission, package: bytes) -> Receipt:
    return receive_package(submission=draft, package=as_upload(package), by=signer(draft))


def unchanged(draft: Submission) -> bool:
    found = Submission.objects.get(pk=draft.pk)
    kept = DraftAnswer.objects.filter(submission=draft).count() == 11
    return found.status == SubmissionStatus.DRAFT and not found.receipts.exists() and kept
