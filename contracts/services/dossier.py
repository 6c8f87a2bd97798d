"""The contracts of a tender in its dossier: who was contracted for how long, and the letters about it."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch

from achterhoek.accounts.models import User
from contracts.models import Contract, ContractLetter, ContractTerm, SubcontractorChange
from contracts.rules import last_day_of, terms_of
from contracts.selectors.letters import letter_number
from procurement.models import Tender
from procurement.services.dossier_log import about_any, event_lines
from procurement.services.dossier_parts import Found
from procurement.services.dossier_writer import FilePart, json_part, lines_part


def contract_parts(user: User, tender: Tender) -> Found:
    """Each contract that this user sees, its letters through the gate of files, and what the log has of them."""
    contracts = Contract.objects.visible_to(user).filter(segment__tender=tender)
    written = ContractLetter.objects.select_related("file").order_by("asked_at", "pk")
    found = list(
        contracts.select_related("segment", "contractor", "consortium")
        .prefetch_related("terms", Prefetch("letters", written))
        .order_by("number")
    )
    for contract in found:
        yield from _parts(contract)
    if found:
        of_contracts = (
            contracts,
            ContractTerm.objects.filter(contract__in=contracts),
            ContractLetter.objects.filter(contract__in=contracts),
            SubcontractorChange.objects.filter(contract__in=contracts),
        )
        about = "Logboek van de contracten: een gebeurtenis per regel, met de plaats in de keten"
        yield lines_part("contracten/logboek.jsonl", about, event_lines(about_any(of_contracts)))


def _parts(contract: Contract) -> Found:
    where, letters = f"contracten/{contract.number}", list(contract.letters.all())
    said = _contract(contract) | {"letters": [_letter(letter) for letter in letters]}
    yield json_part(f"{where}/contract.json", f"Contract {contract.number} met {contract.party_name}", said)
    for letter in letters:
        if letter.file is not None:
            path = f"{where}/brieven/{letter_number(letter)}.pdf"
            yield FilePart(path, f"{letter.get_kind_display()} ({contract.number})", letter.file)


def _contract(contract: Contract) -> dict[str, Any]:
    terms = [
        {"sequence": term.sequence, "start": term.start, "end": term.end, "status": term.status, "reason": term.reason}
        for term in terms_of(contract)
    ]
    return {
        "number": contract.number,
        "segment": contract.segment.slug,
        "party": contract.party_name,
        "kvk_number": contract.contractor.kvk_number,
        "status": contract.status,
        "start": contract.start,
        "end": last_day_of(contract),
        "signed_at": contract.signed_at,
        "terms": terms,
    }


def _letter(letter: ContractLetter) -> dict[str, Any]:
    return {
        "number": letter_number(letter),
        "kind": letter.kind,
        "asked_at": letter.asked_at,
        "sent_at": letter.sent_at,
        "file_sha256": letter.file.sha256 if letter.file else "",
    }
