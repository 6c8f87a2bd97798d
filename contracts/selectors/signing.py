"""What is signed of a contract: the text that holds, the signatures under it, and who reads these files."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet

from achterhoek.accounts.roles import has_role
from achterhoek.documents.gate import reads
from achterhoek.documents.models import StoredFile
from contracts.enums import SigningSide
from contracts.models import Amendment, Contract, ContractDocument, ContractSignature
from contracts.models.contract import OFFICIALS
from contracts.selectors.parties import led_on
from providers.models import Organisation

CONTRACT_FILE = "contract_document"
SIGNED_FILE = "contract_signed"
M = TypeVar("M", bound=Model)


@reads(CONTRACT_FILE)
def may_read_contract_document(user: Any, stored: StoredFile) -> bool:
    """See `visible_documents`."""
    return visible_documents(user).filter(file=stored).exists()


@reads(SIGNED_FILE)
def may_read_signed_scan(user: Any, stored: StoredFile) -> bool:
    """What was signed: see `visible_signatures` and `visible_amendments`."""
    return any(rows(user).filter(file=stored).exists() for rows in (visible_signatures, visible_amendments))


def visible_documents(user: Any) -> QuerySet[ContractDocument]:
    """The texts of a contract: for officials of the region all of them; for the contractor the one that holds, which
    it takes over with the contract (Aw 2.163f); for who was the contractor those of its own time."""
    rows = ContractDocument.objects.all()
    holds = Q(contract__in=Contract.objects.visible_to(user))
    if has_role(user, *OFFICIALS):
        return rows.filter(holds)
    return _of_their_time(rows, user, "made_at", holds & Q(outdated_at__isnull=True))


def visible_signatures(user: Any) -> QuerySet[ContractSignature]:
    """The signatures under a contract, with their scans: for whoever has it now, and for who had it then."""
    rows = ContractSignature.objects.all()
    return _of_their_time(rows, user, "recorded_at", Q(contract__in=Contract.objects.visible_to(user)))


def visible_amendments(user: Any) -> QuerySet[Amendment]:
    """What was amended: for whoever has the contract now, for who had it then, and for who takes it over by it."""
    holds = Q(contract__in=Contract.objects.visible_to(user))
    if not has_role(user, *OFFICIALS) and user.is_authenticated:
        holds |= Q(successor__in=Organisation.objects.filter(memberships__user=user))
    return _of_their_time(Amendment.objects.all(), user, "signed_at", holds)


def _of_their_time(rows: QuerySet[M], user: Any, moment: str, holds: Q) -> QuerySet[M]:
    if has_role(user, *OFFICIALS) or not user.is_authenticated:
        return rows.filter(holds)
    return rows.filter(holds | Q(led_on(user, moment)))


def document_that_holds(contract: Contract) -> ContractDocument | None:
    """The text as it was laid out last, while nothing in it was changed since."""
    return contract.documents.filter(outdated_at__isnull=True).select_related("file").first()


def signatures_of(contract: Contract) -> list[tuple[str, str, ContractSignature | None]]:
    """Each side with its name and its signature, None where it has not signed."""
    found = {row.side: row for row in contract.signatures.select_related("file", "recorded_by")}
    return [(side.value, str(side.label), found.get(side.value)) for side in SigningSide]


def sides_to_sign(contract: Contract) -> list[str]:
    """The sides that have not signed."""
    return [side for side, _label, signature in signatures_of(contract) if signature is None]
