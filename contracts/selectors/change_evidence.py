"""The documents that go with a change, and who reads them: the contractor that sent them, and the officials."""

from __future__ import annotations

from typing import Any

from achterhoek.documents.gate import reads
from achterhoek.documents.models import StoredFile
from contracts.models import ChangeEvidence, Contract, HeldEvidence, SubcontractorChange

EVIDENCE_FILE = "change_evidence"


@reads(EVIDENCE_FILE)
def may_read_evidence(user: Any, stored: StoredFile) -> bool:
    """Whoever may see the change reads its evidence; what waits with an unsent form only who put it there.

    A municipality that is asked for advice does not: it advises on the care, not on the papers of the newcomer.
    """
    if not getattr(user, "is_authenticated", False):
        return False
    changes = SubcontractorChange.objects.visible_to(user)
    return (
        ChangeEvidence.objects.filter(file=stored, change__in=changes).exists()
        or HeldEvidence.objects.filter(file=stored, by=user).exists()
    )


def held_evidence(contract: Contract, change: SubcontractorChange | None, user: Any) -> list[HeldEvidence]:
    """What waits with this user's form: of a new request, or of an answer about a change."""
    found = HeldEvidence.objects.filter(contract=contract, change=change, by=user)
    return list(found.select_related("file").order_by("kind"))


def evidence_of(change: SubcontractorChange) -> list[ChangeEvidence]:
    """The documents of a change, the newest of each kind first."""
    found = ChangeEvidence.objects.filter(change=change).select_related("file", "added_by")
    return list(found.order_by("kind", "-added_at"))
