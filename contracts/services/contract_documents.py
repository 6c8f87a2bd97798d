"""Writers of the text of a contract: laid out as PDF for signing, and offered to the contractor."""

from __future__ import annotations

from datetime import date
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from achterhoek.accounts.models import User
from achterhoek.audit.services import record
from achterhoek.clock import database_today
from achterhoek.documents.services import PDF, store_bytes
from achterhoek.errors import RuleViolation
from achterhoek.links import absolute
from achterhoek.mail.services import queue_mail
from contracts.models import Contract, ContractDocument
from contracts.selectors.contract_text import contract_text, runs_long
from contracts.selectors.signing import CONTRACT_FILE, document_that_holds
from contracts.services.signing import locked_contract, require_open_text, require_unopposed
from contracts.services.texts import in_dutch
from procurement.services.letter_pdf import html_to_pdf
from procurement.services.receipt_documents import SHEET


@transaction.atomic
def offer_contract(*, contract: Contract, by: User) -> ContractDocument:
    """Lay the contract out for signing, and tell the contractor that it can sign. What was laid out before is outdated.

    Raises `NotAllowed`; `RuleViolation` where a side has signed, where the shares of a consortium are not a hundred
    percent together, where the motivation of a long run is missing, or an objection holds it up (Aw 2.131); and where
    it is laid out already and says the same: a button that was pressed twice makes no second text and no second mail.
    """
    contract = locked_contract(contract.pk)
    holds = document_that_holds(contract)
    require_open_text(contract, by)
    require_unopposed(contract)
    _require_complete(contract)
    if holds is not None and holds.file.sha256 == sha256(_laid_out(contract, localdate(holds.made_at))).hexdigest():
        raise RuleViolation(_("This text is laid out already, and nothing in it was changed. It still holds."))
    content = _laid_out(contract, database_today())
    sequence = contract.documents.count() + 1
    name = f"contract-{contract.number}-{sequence}.pdf"
    stored = store_bytes(content=content, name=name, content_type=PDF, kind=CONTRACT_FILE, by=by)
    made = ContractDocument.objects.create(contract=contract, sequence=sequence, file=stored, made_by=by)
    _tell(made)
    detail = {"contract": contract.number, "sequence": sequence, "sha256": stored.sha256}
    record("contracts.contractdocument.offer", by=by, target=made, detail=detail)
    return made


def _laid_out(contract: Contract, day: date) -> bytes:
    with in_dutch():
        return contract_pdf(contract_text(contract, made=day))


def contract_html(facts: dict[str, Any]) -> str:
    """The text of a contract as a whole document. A contract is in Dutch."""
    return render_to_string("letters/contract_text.html", {**facts, "about": f"Contract {facts['number']}"})


def contract_pdf(facts: dict[str, Any]) -> bytes:
    """The same as PDF: the same bytes for the same facts."""
    return html_to_pdf(contract_html(facts), sheet=SHEET)


def _require_complete(contract: Contract) -> None:
    shares = [row.share for row in contract.parties.all()]
    if any(share is not None for share in shares) and sum(share or 0 for share in shares) != 100:
        raise RuleViolation(_("The shares of the parties have to be 100% together. Set them first."))
    if runs_long(contract) and not contract.long_term_reason.strip():
        raise RuleViolation(_("Give the reason why this contract runs longer than four years (Aw 2.140, paragraph 3)."))


def _tell(document: ContractDocument) -> None:
    contract = document.contract
    context = {"contract": contract, "page": absolute("contracts:contract_own_sign", contract.pk)}
    with translation.override(contract.contractor.letter_language):
        subject = _("Contract %(number)s can be signed") % {"number": contract.number}
        body = render_to_string("emails/contracts/signing.txt", context)
    queue_mail(key=f"contract-document:{document.pk}", to=contract.contractor.email, subject=subject, body=body)
