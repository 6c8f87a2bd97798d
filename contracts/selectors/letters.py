"""What letters about contracts say, and who reads them."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone, translation

from achterhoek.documents.gate import reads
from achterhoek.documents.models import StoredFile
from achterhoek.nlds.formatting import format_day
from contracts.enums import ContractLetterKind, TermStatus
from contracts.models import Contract, ContractLetter, ContractTerm, SubcontractorChange
from contracts.rules import last_day_of, terms_of
from procurement.domain.letter_frame import Party, PlainLetter
from procurement.selectors.letterhead import paper_of
from procurement.selectors.letters import party

CONTRACT_LETTER_FILE = "contract_letter"
# A span of days as a letter says it; letters are written in their own language, not translated.
SPAN = {"nl": "{first} tot en met {last}", "en": "{first} up to and including {last}"}
Fact = str | tuple[str, ...]


@reads(CONTRACT_LETTER_FILE)
def may_read_contract_letter(user: Any, stored: StoredFile) -> bool:
    """Whoever may see the contract reads its letters."""
    return ContractLetter.objects.filter(file=stored, contract__in=Contract.objects.visible_to(user)).exists()


def visible_letters(user: Any) -> QuerySet[ContractLetter]:
    """Letters about the contracts that this user may see."""
    return ContractLetter.objects.filter(contract__in=Contract.objects.visible_to(user)).select_related("contract")


def failed_letters(user: Any) -> list[ContractLetter]:
    """Those that could not be made, the oldest first. One query."""
    found = visible_letters(user).filter(sent_at__isnull=True).exclude(error="")
    return list(found.select_related("contract__contractor").order_by("asked_at"))


def letter_number(letter: ContractLetter) -> str:
    """By which a letter about a contract is cited: the contract, and which of its letters."""
    codes = {
        ContractLetterKind.CONTRACT: "C", ContractLetterKind.EXTENSION: "V",
        ContractLetterKind.NON_EXTENSION: "E", ContractLetterKind.SUBCONTRACTOR: "O",
    }  # fmt: skip
    return f"{codes[ContractLetterKind(letter.kind)]}-{letter.pk.hex[:8]}"


def contract_letter_content(letter: ContractLetter) -> PlainLetter:
    """The letter as it is printed, in the contractor's language, dated on the day it was asked."""
    contract = letter.contract
    region = contract.segment.tender.region
    paper = paper_of(region)
    with translation.override(contract.contractor.letter_language):
        return PlainLetter(
            kind=letter.kind,
            language=contract.contractor.letter_language,
            sender=party(region.authority),
            receiver=receiver_of(contract),
            dated=timezone.localdate(letter.asked_at),
            our_reference=letter_number(letter),
            your_reference=contract.number,
            about=contract.segment.name,
            signatory=paper.head.signatory,
            facts=tuple(_facts(letter).items()),
            head=paper.head,
        )


def receiver_of(contract: Contract) -> Party:
    return party(contract.contractor)


def _facts(letter: ContractLetter) -> dict[str, Fact]:
    contract = letter.contract
    if letter.kind == ContractLetterKind.CONTRACT:
        return _contract_facts(contract)
    if letter.kind == ContractLetterKind.SUBCONTRACTOR:
        return _change_facts(SubcontractorChange.objects.select_related("organisation").get(pk=letter.subject))
    term = contract.terms.get(pk=int(letter.subject))
    if letter.kind == ContractLetterKind.NON_EXTENSION:
        return {"end": format_day(last_day_of(contract)), "reason": term.reason}
    return {
        "start": format_day(term.start), "end": format_day(term.end), "reason": term.reason,
        "options": _options(contract, after=term.sequence),
    }  # fmt: skip


def _contract_facts(contract: Contract) -> dict[str, Fact]:
    first = terms_of(contract)[0]
    assert contract.signed_at is not None  # asked for when it is signed
    return {
        "signed": format_day(contract.signed_at),
        "party": contract.party_name,
        "tender": contract.segment.tender.title,
        "lot": contract.segment.lot.name,
        "subsegments": tuple(str(subsegment) for subsegment in contract.subsegments.all()),
        "start": format_day(first.start),
        "end": format_day(first.end),
        "options": _options(contract, after=first.sequence),
        "notice": str(contract.notice_months),
    }


def _options(contract: Contract, *, after: int) -> tuple[str, ...]:
    """The options that are still open, in their order."""
    language = contract.contractor.letter_language
    return tuple(_span(term, language) for term in terms_of(contract) if term.sequence > after and _is_open(term))


def _is_open(term: ContractTerm) -> bool:
    return term.status == TermStatus.OPEN


def _span(term: ContractTerm, language: str) -> str:
    return SPAN[language].format(first=format_day(term.start), last=format_day(term.end))


def _change_facts(change: SubcontractorChange) -> dict[str, Fact]:
    decided = timezone.localdate(change.decided_at) if change.decided_at else change.effective_on
    # An approved newcomer never works from before the decision (`contracts.services.subcontractors`).
    day = max(change.effective_on, decided) if change.kind == "add" else change.effective_on
    return {
        "change": change.kind,
        "outcome": change.status,
        "organisation": change.organisation.name,
        "kvk": change.organisation.kvk_number,
        "part": change.part_of_work,
        "day": format_day(day),
        "reason": change.decision_reason,
        "conditions": change.conditions,
    }
