"""Writers of letters about contracts: asked for with what they tell, made and mailed by a worker, each once."""

from __future__ import annotations

from uuid import UUID

import structlog
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from achterhoek.accounts.enums import Role
from achterhoek.accounts.models import User
from achterhoek.audit.services import record
from achterhoek.clock import database_now
from achterhoek.documents.services import PDF, store_bytes
from achterhoek.errors import RuleViolation
from achterhoek.links import absolute
from achterhoek.mail.services import queue_mail
from achterhoek.queue import after_commit
from contracts.enums import ContractLetterKind
from contracts.models import Contract, ContractLetter
from contracts.selectors.letters import CONTRACT_LETTER_FILE, addressee_of, contract_letter_content, letter_number
from procurement.domain.letter_frame import PlainLetter
from procurement.rules import require_role
from procurement.selectors.letter_gaps import missing_words
from procurement.services.letter_pdf import render_pdf

logger = structlog.get_logger(__name__)
MAKE_TASK = "contracts.make_letters"


def ask_letter(*, contract: Contract, kind: ContractLetterKind, subject: object = "") -> ContractLetter:
    """Have a letter made and mailed after the commit. Within the transaction of what it tells; asked again it is the
    same letter."""
    asked = ContractLetter(contract=contract, kind=kind, subject=str(subject))
    letter, _new = ContractLetter.objects.get_or_create(
        contract=contract, kind=kind, subject=asked.subject,
        defaults={"asked_at": database_now(), "addressee": addressee_of(asked)},
    )  # fmt: skip
    after_commit(MAKE_TASK)
    return letter


@transaction.atomic
def retry_letter(*, letter: ContractLetter, by: User) -> ContractLetter:
    """Have a letter that could not be made tried again now, not only with the next round. Raises `NotAllowed`;
    `RuleViolation` where it was sent already."""
    locked = ContractLetter.objects.select_for_update(of=("self",)).select_related("contract").get(pk=letter.pk)
    require_role(by, locked.contract.segment.tender, Role.LEAD, Role.CLM)
    if locked.sent_at is not None:
        raise RuleViolation(_("This letter was sent already."))
    after_commit(MAKE_TASK)
    detail = {"kind": locked.kind, "contract": locked.contract.number, "error": locked.error}
    record("contracts.contractletter.retry", by=by, target=locked, detail=detail)
    return locked


def make_letters() -> int:
    """Make and mail every letter that waits; how many. One that cannot be made keeps its cause and does not hold up
    the others: it is tried again with the next round."""
    made = 0
    passed: set[UUID] = set()
    while True:
        with transaction.atomic():
            waiting = ContractLetter.objects.filter(sent_at__isnull=True).exclude(pk__in=passed)
            letter = (
                waiting.select_for_update(of=("self",), skip_locked=True)
                .select_related("contract__segment__lot", "contract__segment__tender__region__authority")
                .select_related("contract__contractor", "contract__consortium", "addressee")
                .order_by("asked_at")
                .first()
            )
            if letter is None:
                return made
            passed.add(letter.pk)
            made += _made_or_told(letter)


def _made_or_told(letter: ContractLetter) -> bool:
    try:
        with transaction.atomic():
            _make(letter)
    except Exception as error:
        cause = error.message if isinstance(error, RuleViolation) else f"{type(error).__name__}: {error}"
        ContractLetter.objects.filter(pk=letter.pk).update(error=cause)
        logger.exception("letter about a contract not made", letter=str(letter.pk))
        return False
    return True


def _make(letter: ContractLetter) -> None:
    content = contract_letter_content(letter)
    for whose in (content.sender, content.receiver):
        if lacking := ", ".join(missing_words(whose)):
            text = _("The address of %(name)s lacks its %(parts)s.")
            raise RuleViolation(text % {"name": whose.name, "parts": lacking})
    name = f"brief-{letter.contract.number}-{letter_number(letter)}.pdf"
    letter.file = store_bytes(
        content=render_pdf(content), name=name, content_type=PDF, kind=CONTRACT_LETTER_FILE, by=None
    )
    subject, body = _mail(letter, content)
    letter.message = queue_mail(
        key=f"contract-letter:{letter.pk}", to=content.receiver.email, subject=subject, body=body,
        attachments=[letter.file],
    )  # fmt: skip
    letter.sent_at, letter.error = database_now(), ""
    letter.save(update_fields=["file", "message", "sent_at", "error"])
    detail = {"kind": letter.kind, "contract": letter.contract.number, "sha256": letter.file.sha256}
    record("contracts.contractletter.send", by=None, target=letter, detail=detail)


def _mail(letter: ContractLetter, content: PlainLetter) -> tuple[str, str]:
    # Who is no contractor, not yet or no longer, finds no page of it in the portal.
    own = letter.addressee_id == letter.contract.contractor_id
    context = {
        "letter": letter, "told": content.told, "contract": letter.contract, "sender": content.sender.name,
        "receiver": content.receiver.name,
        "page": absolute("contracts:contract", letter.contract_id) if own else "",
    }  # fmt: skip
    with translation.override(content.language):
        subject = render_to_string("emails/contracts/letter_subject.txt", context)
        return " ".join(subject.split()), render_to_string("emails/contracts/letter.txt", context)
