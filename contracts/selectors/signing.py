"""What is signed of a contract: the text that holds, the signatures under it, and who reads these files."""

from __future__ import annotations

from typing import Any

from achterhoek.documents.gate import reads
from achterhoek.documents.models import StoredFile
from contracts.enums import SigningSide
from contracts.models import Amendment, Contract, ContractDocument, ContractSignature

CONTRACT_FILE = "contract_document"
SIGNED_FILE = "contract_signed"


@reads(CONTRACT_FILE)
def may_read_contract_document(user: Any, stored: StoredFile) -> bool:
    """Whoever may see the contract reads its text."""
    visible = Contract.objects.visible_to(user)
    return ContractDocument.objects.filter(file=stored, contract__in=visible).exists()


@reads(SIGNED_FILE)
def may_read_signed_scan(user: Any, stored: StoredFile) -> bool:
    """Whoever may see the contract reads what was signed: the contract, and its amendments."""
    visible = Contract.objects.visible_to(user)
    return (
        ContractSignature.objects.filter(file=stored, contract__in=visible).exists()
        or Amendment.objects.filter(file=stored, contract__in=visible).exists()
    )


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
