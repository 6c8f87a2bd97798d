"""What letters about contracts say, and who reads them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone, translation

from achterhoek.accounts.roles import has_role
from achterhoek.documents.gate import reads
from achterhoek.documents.models import StoredFile
from achterhoek.nlds.formatting import format_day, format_euro, format_number
from contracts.enums import ContractLetterKind, TermStatus
from contracts.models import Amendment, Contract, ContractLetter, ContractTerm, SubcontractorChange
from contracts.models.contract import OFFICIALS
from contracts.rules import last_day_of, terms_of
from procurement.domain.letter_frame import PlainLetter
from procurement.selectors.letterhead import paper_of
from procurement.selectors.letters import party
from providers.models import Organisation

CONTRACT_LETTER_FILE = "contract_letter"
# A span of days as a letter says it; letters are written in their own language, not translated.
SPAN = {"nl": "{first} tot en met {last}", "en": "{first} up to and including {last}"}
Fact = str | tuple[str, ...]


@reads(CONTRACT_LETTER_FILE)
def may_read_contract_letter(user: Any, stored: StoredFile) -> bool:
    """Officials of the region, and whom it was addressed to: also once another has the contract (Aw 2.163f)."""
    return visible_letters(user).filter(file=stored).exists()


def visible_letters(user: Any) -> QuerySet[ContractLetter]:
    """Letters about the contracts of an official's regions, or to the organisations of this user."""
    letters = ContractLetter.objects.select_related("contract")
    if has_role(user, *OFFICIALS):
        return letters.filter(contract__in=Contract.objects.visible_to(user))
    return letters.filter(addressee__memberships__user=user) if user.is_authenticated else letters.none()


def failed_letters(user: Any) -> list[ContractLetter]:
    """Those that could not be made, the oldest first. One query."""
    found = visible_letters(user).filter(sent_at__isnull=True).exclude(error="")
    return list(found.select_related("contract__contractor").order_by("asked_at"))


def letter_number(letter: ContractLetter) -> str:
    """By which a letter about a contract is cited: the contract, and which of its letters."""
    codes = {
        ContractLetterKind.CONTRACT: "C", ContractLetterKind.EXTENSION: "V",
        ContractLetterKind.NON_EXTENSION: "E", ContractLetterKind.SUBCONTRACTOR: "O",
        ContractLetterKind.TERMINATION: "B", ContractLetterKind.AMENDMENT: "W",
    }  # fmt: skip
    return f"{codes[ContractLetterKind(letter.kind)]}-{letter.pk.hex[:8]}"


def contract_letter_content(letter: ContractLetter) -> PlainLetter:
    """The letter as it is printed, in the contractor's language, dated on the day it was asked."""
    contract = letter.contract
    region = contract.segment.tender.region
    paper = paper_of(region)
    receiver = letter.addressee
    with translation.override(receiver.letter_language):
        return PlainLetter(
            kind=letter.kind,
            language=receiver.letter_language,
            sender=party(region.authority),
            receiver=party(receiver),
            dated=timezone.localdate(letter.asked_at),
            our_reference=letter_number(letter),
            your_reference=contract.number,
            about=contract.segment.name,
            signatory=paper.head.signatory,
            facts=tuple(_facts(letter).items()),
            head=paper.head,
        )


def addressee_of(letter: ContractLetter) -> Organisation:
    """Whom a letter that is asked now goes to: the contractor of today; of a replacement the new one, and in a letter
    of its own the old one; so who joins or leaves."""
    if letter.kind == ContractLetterKind.AMENDMENT:
        amendment, other = amendment_of(letter)
        if other is not None:
            return other
        if amendment.successor is not None:
            return amendment.successor
    return letter.contract.contractor


def amendment_of(letter: ContractLetter) -> tuple[Amendment, Organisation | None]:
    """The amendment that a letter tells of, and who is told where that is not the contractor: the one before it, or a
    member that joins or leaves."""
    key, _colon, other = letter.subject.partition(":")
    found = Amendment.objects.select_related("successor").get(pk=int(key))
    return found, Organisation.objects.get(pk=int(other)) if other else None


def _facts(letter: ContractLetter) -> dict[str, Fact]:
    contract = letter.contract
    if letter.kind == ContractLetterKind.CONTRACT:
        return _contract_facts(letter)
    if letter.kind == ContractLetterKind.SUBCONTRACTOR:
        return _change_facts(SubcontractorChange.objects.select_related("organisation").get(pk=letter.subject))
    if letter.kind == ContractLetterKind.TERMINATION:
        assert contract.terminated_on is not None  # asked for when it is ended
        return {"end": format_day(contract.terminated_on), "reason": contract.termination_reason}
    if letter.kind == ContractLetterKind.AMENDMENT:
        return _amendment_facts(letter)
    term = contract.terms.get(pk=int(letter.subject))
    if letter.kind == ContractLetterKind.NON_EXTENSION:
        return {"end": format_day(last_day_of(contract)), "reason": term.reason}
    before = term.start - timedelta(days=1)
    leaving = contract.contract_municipalities.filter(end=before).order_by("municipality__name")
    return {
        "start": format_day(term.start), "end": format_day(term.end), "reason": term.reason,
        "options": _options(letter, after=term.sequence), "before": format_day(before),
        "leaving": tuple(leaving.values_list("municipality__name", flat=True)),
    }  # fmt: skip


def _amendment_facts(letter: ContractLetter) -> dict[str, Fact]:
    amendment, other = amendment_of(letter)
    member = amendment.members.filter(organisation=other).first() if other is not None else None
    return {
        "sequence": str(amendment.sequence),
        "title": amendment.title,
        "description": amendment.description,
        "reason": amendment.reason,
        "ground": amendment.ground,
        "day": format_day(amendment.effective_on),
        "value": format_euro(amendment.value_change) if amendment.value_change else "",
        "percentage": format_number(amendment.percentage, 2) if amendment.percentage is not None else "",
        "year": str(amendment.year or ""),
        "successor": amendment.successor.name if amendment.successor else "",
        "told_old": "yes" if other is not None and member is None else "",
        "told_member": member.step if member is not None else "",
        "consortium": letter.contract.party_name if member is not None else "",
    }


def _contract_facts(letter: ContractLetter) -> dict[str, Fact]:
    contract = letter.contract
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
        "options": _options(letter, after=first.sequence),
        "notice": str(contract.notice_months),
    }


def _options(letter: ContractLetter, *, after: int) -> tuple[str, ...]:
    """The options that are still open, in their order."""
    language = letter.addressee.letter_language
    return tuple(
        _span(term, language) for term in terms_of(letter.contract) if term.sequence > after and _is_open(term)
    )


def _is_open(term: ContractTerm) -> bool:
    return term.status == TermStatus.OPEN


def _span(term: ContractTerm, language: str) -> str:
    return SPAN[language].format(first=format_day(term.start), last=format_day(term.end))


def _change_facts(change: SubcontractorChange) -> dict[str, Fact]:
    due = change.followed.values_list("due_on", flat=True).first()
    return {
        "change": change.kind,
        "outcome": change.status,
        "organisation": change.organisation.name,
        "kvk": change.organisation.kvk_number,
        "part": change.part_of_work,
        "day": format_day(change.takes_effect_on or change.effective_on),
        "reason": change.decision_reason,
        "conditions": change.conditions,
        "due": format_day(due) if due else "",
    }
