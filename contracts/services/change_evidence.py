"""Writers of the evidence that goes with a change: kept as soon as it came in, and attached when the form is sent.

A document is not asked for again because a date beside it was wrong. What is never sent goes after a month.
"""

from __future__ import annotations

from datetime import date, timedelta

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from achterhoek.accounts.models import User
from achterhoek.clock import database_now, database_today
from achterhoek.documents.models import StoredFile
from achterhoek.documents.services import accept_pdf, discard
from achterhoek.errors import RuleViolation
from contracts.enums import EvidenceKind
from contracts.models import ChangeEvidence, Contract, HeldEvidence, SubcontractorChange
from contracts.rules import require_contractor
from contracts.selectors.change_evidence import EVIDENCE_FILE, held_evidence
from providers.services.keys import organisation_key

MAX_PAGES = 100
MAX_BYTES = 25 * 1024 * 1024
# How long a document waits for the form it came with.
WAITS = timedelta(days=30)


def hold_evidence(
    *,
    contract: Contract,
    change: SubcontractorChange | None,
    kind: str,
    upload: UploadedFile,
    issued_on: date | None,
    by: User,
) -> HeldEvidence:
    """Keep a document of a form that may still be refused; a newer one of the same kind takes its place.

    It is judged by its content and scanned first. Raises `NotAllowed`, `RuleViolation` beside its field, and
    `storage.StorageDown` where it cannot be kept now.
    """
    require_contractor(by, contract)
    try:
        stored = accept_pdf(
            upload=upload, kind=EVIDENCE_FILE, sealing_key=organisation_key(contract.contractor), by=by,
            max_pages=MAX_PAGES, max_bytes=MAX_BYTES,
        )  # fmt: skip
    except RuleViolation as refused:
        raise RuleViolation(refused.message, f"file_{kind}") from refused
    try:
        return _replace(contract, change, EvidenceKind(kind), stored, issued_on, by)
    except BaseException:
        # Nothing refers to it: it does not stay behind.
        with transaction.atomic():
            discard(stored)
        raise


@transaction.atomic
def _replace(
    contract: Contract,
    change: SubcontractorChange | None,
    kind: EvidenceKind,
    stored: StoredFile,
    issued_on: date | None,
    by: User,
) -> HeldEvidence:
    Contract.objects.select_for_update(of=("self",)).get(pk=contract.pk)
    _drop([row for row in held_evidence(contract, change, by) if row.kind == kind])
    return HeldEvidence.objects.create(
        contract=contract, change=change, kind=kind, file=stored, issued_on=issued_on, by=by
    )


@transaction.atomic
def drop_evidence(*, contract: Contract, change: SubcontractorChange | None, kind: str, by: User) -> None:
    """Whoever fills the form in leaves a document out again. Raises `NotAllowed`."""
    require_contractor(by, contract)
    _drop([row for row in held_evidence(contract, change, by) if row.kind == kind])


@transaction.atomic
def date_evidence(
    *, contract: Contract, change: SubcontractorChange | None, days: dict[str, date | None], by: User
) -> None:
    """Note the days of issue as they were last typed, by kind. Raises `NotAllowed`."""
    require_contractor(by, contract)
    for row in held_evidence(contract, change, by):
        if row.kind in days and row.issued_on != days[row.kind]:
            row.issued_on = days[row.kind]
            row.save(update_fields=["issued_on"])


def attach_evidence(change: SubcontractorChange, *, held_for: SubcontractorChange | None, by: User) -> list[str]:
    """Make what waited with a form the evidence of a change; the kinds. Within the transaction that sends the form.

    Raises `RuleViolation` beside its field for a document that was issued after today.
    """
    today = database_today()
    kinds = []
    for row in held_evidence(change.contract, held_for, by):
        if row.issued_on and row.issued_on > today:
            raise RuleViolation(
                _("This day lies in the future. Fill in the day that stands on the document."), f"issued_{row.kind}"
            )
        ChangeEvidence.objects.create(change=change, kind=row.kind, file=row.file, issued_on=row.issued_on, added_by=by)
        row.delete()
        kinds.append(str(row.kind))
    return kinds


@transaction.atomic
def sweep_held_evidence() -> int:
    """Throw away what waits longer than a month for a form that nobody sent; how many documents."""
    old = HeldEvidence.objects.select_for_update(of=("self",), skip_locked=True)
    rows = list(old.filter(held_at__lt=database_now() - WAITS).select_related("file"))
    _drop(rows)
    return len(rows)


def _drop(rows: list[HeldEvidence]) -> None:
    for row in rows:
        row.delete()
        discard(row.file)
