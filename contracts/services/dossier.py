"""The contracts of a tender in its dossier: with whom, where and for how long, what was signed, and the letters."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch

from achterhoek.accounts.models import User
from contracts.models import (
    Amendment,
    Contract,
    ContractDocument,
    ContractLetter,
    ContractMunicipality,
    ContractParty,
    ContractSignature,
    ContractTerm,
    OptionDecision,
    SubcontractorChange,
)
from contracts.rules import last_day_of, terms_of
from contracts.selectors.letters import letter_number
from procurement.models import Tender
from procurement.services.dossier_log import about_any, event_lines
from procurement.services.dossier_parts import Found
from procurement.services.dossier_writer import FilePart, json_part, lines_part


def contract_parts(user: User, tender: Tender) -> Found:
    """Each contract that this user sees, its papers through the gate of files, and what the log has of them."""
    contracts = Contract.objects.visible_to(user).filter(segment__tender=tender)
    found = list(
        contracts.select_related("segment", "contractor", "consortium").prefetch_related(*_beside()).order_by("number")
    )
    for contract in found:
        yield from _parts(contract)
    if found:
        of_contracts = (
            contracts,
            ContractTerm.objects.filter(contract__in=contracts),
            OptionDecision.objects.filter(term__contract__in=contracts),
            ContractSignature.objects.filter(contract__in=contracts),
            Amendment.objects.filter(contract__in=contracts),
            ContractLetter.objects.filter(contract__in=contracts),
            SubcontractorChange.objects.filter(contract__in=contracts),
        )
        about = "Logboek van de contracten: een gebeurtenis per regel, met de plaats in de keten"
        yield lines_part("contracten/logboek.jsonl", about, event_lines(about_any(of_contracts)))


def _beside() -> list[Prefetch]:
    """What hangs on a contract, each in one query for all contracts."""
    return [
        Prefetch("terms", ContractTerm.objects.order_by("sequence")),
        Prefetch("terms__college_decisions", OptionDecision.objects.select_related("municipality")),
        Prefetch("parties", ContractParty.objects.select_related("organisation")),
        Prefetch("contract_municipalities", ContractMunicipality.objects.select_related("municipality")),
        Prefetch("documents", ContractDocument.objects.select_related("file").order_by("sequence")),
        Prefetch("signatures", ContractSignature.objects.select_related("file", "document").order_by("side")),
        Prefetch("amendments", Amendment.objects.select_related("file", "successor")),
        Prefetch("letters", ContractLetter.objects.select_related("file").order_by("asked_at", "pk")),
    ]


def _parts(contract: Contract) -> Found:
    where, letters = f"contracten/{contract.number}", list(contract.letters.all())
    said = _contract(contract) | {"letters": [_letter(letter) for letter in letters]}
    yield json_part(f"{where}/contract.json", f"Contract {contract.number} met {contract.party_name}", said)
    for document in contract.documents.all():
        path = f"{where}/contract-{document.sequence}.pdf"
        yield FilePart(path, f"Tekst van contract {contract.number} om te tekenen", document.file)
    for signature in contract.signatures.all():
        if signature.file is not None:
            path = f"{where}/ondertekend-{signature.side}.pdf"
            yield FilePart(path, f"Getekend exemplaar van contract {contract.number}", signature.file)
    for letter in letters:
        if letter.file is not None:
            path = f"{where}/brieven/{letter_number(letter)}.pdf"
            yield FilePart(path, f"{letter.get_kind_display()} ({contract.number})", letter.file)


def _contract(contract: Contract) -> dict[str, Any]:
    return {
        "number": contract.number,
        "segment": contract.segment.slug,
        "party": contract.party_name,
        "kvk_number": contract.contractor.kvk_number,
        "status": contract.status,
        "start": contract.start,
        "end": last_day_of(contract),
        "signed_at": contract.signed_at,
        "terms": [_term(term) for term in terms_of(contract)],
        "parties": [
            {"kvk_number": row.organisation.kvk_number, "name": row.organisation.name, "lead": row.is_lead}
            | {"share": row.share, "start": row.start, "end": row.end}
            for row in contract.parties.all()
        ],
        "municipalities": [
            {"name": row.municipality.name, "start": row.start, "end": row.end}
            for row in contract.contract_municipalities.all()
        ],
        "signatures": [_signature(signature) for signature in contract.signatures.all()],
        "amendments": [_amendment(amendment) for amendment in contract.amendments.all()],
    }


def _term(term: ContractTerm) -> dict[str, Any]:
    decisions = [
        {"municipality": row.municipality.name, "outcome": row.outcome, "decided_on": row.decided_on}
        | {"reason": row.reason, "condition": row.condition, "condition_met_on": row.condition_met_on}
        for row in term.college_decisions.all()
    ]
    return {
        "sequence": term.sequence,
        "start": term.start,
        "end": term.end,
        "status": term.status,
        "reason": term.reason,
        "college_decisions": decisions,
    }


def _signature(signature: ContractSignature) -> dict[str, Any]:
    return {
        "side": signature.side,
        "name": signature.name,
        "function": signature.function,
        "signed_on": signature.signed_on,
        "text": signature.document.sequence if signature.document else None,
        "file_sha256": signature.file.sha256 if signature.file else "",
    }


def _amendment(amendment: Amendment) -> dict[str, Any]:
    return {
        "sequence": amendment.sequence,
        "kind": amendment.kind,
        "ground": amendment.ground,
        "title": amendment.title,
        "description": amendment.description,
        "reason": amendment.reason,
        "value_change": amendment.value_change,
        "effective_on": amendment.effective_on,
        "status": amendment.status,
        "successor": amendment.successor.kvk_number if amendment.successor else None,
    }


def _letter(letter: ContractLetter) -> dict[str, Any]:
    return {
        "number": letter_number(letter),
        "kind": letter.kind,
        "asked_at": letter.asked_at,
        "sent_at": letter.sent_at,
        "file_sha256": letter.file.sha256 if letter.file else "",
    }
