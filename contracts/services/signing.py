"""Writers of what is signed: the contract laid out for signing, and the signatures of both sides under it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from achterhoek.accounts.enums import Role
from achterhoek.accounts.models import User
from achterhoek.accounts.roles import has_role
from achterhoek.audit.services import record
from achterhoek.clock import database_now, database_today
from achterhoek.documents.models import StoredFile
from achterhoek.documents.services import accept_pdf, discard
from achterhoek.errors import NotAllowed, RuleViolation
from achterhoek.nlds.formatting import format_day
from achterhoek.transitions.services import transition
from contracts.domain.states import CONTRACT
from contracts.enums import ContractLetterKind, ContractStatus, SigningSide
from contracts.models import Contract, ContractDocument, ContractSignature
from contracts.rules import signs_for_contractor
from contracts.selectors.signing import SIGNED_FILE, document_that_holds
from contracts.services.letters import ask_letter
from contracts.services.register import PUBLISHERS, publish_version
from contracts.services.texts import in_dutch
from procurement.models import Decision
from procurement.rules import require_role, works_for_region
from procurement.selectors.objections import holding_up_now

MAX_PAGES = 200
MAX_BYTES = 25 * 1024 * 1024
OFFICIALS = (Role.LEAD, Role.CLM)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Signed:
    """Who signed, in what function, on which day."""

    name: str
    function: str
    signed_on: date


def sign_contract(
    *,
    contract: Contract,
    side: str,
    says: Signed,
    by: User,
    upload: UploadedFile | None = None,
    seen: int | None = None,
) -> Contract:
    """One side signs. With the second signature the contract is in force from its start, and in the register.

    The contractor signs in the portal, by a member who may sign, the text that it saw (`seen`); or the lead or Team
    CLM writes down what was signed on paper, with the scan. The side of the authority is written down by them.
    Raises `NotAllowed`; `RuleViolation` where that side signed already, where the text was changed meanwhile, for a day
    that cannot be, or where an objection or interim relief against its award runs (Aw 2.131);
    `storage.StorageDown` where the scan cannot be kept now.
    """
    if not (works_for_region(by, contract.segment.tender, *OFFICIALS) or signs_for_contractor(by, contract)):
        raise NotAllowed(_("Your role may not take this step."))
    stored = accepted_scan(upload, by=by)
    signed: Contract = or_discarded(stored, lambda: _sign(contract.pk, side, says, by, stored, seen))
    return signed


def accepted_scan(upload: UploadedFile | None, *, by: User) -> StoredFile | None:
    """The scan of what was signed, taken in. Raises `RuleViolation` beside `file`."""
    if upload is None:
        return None
    try:
        return accept_pdf(upload=upload, kind=SIGNED_FILE, by=by, max_pages=MAX_PAGES, max_bytes=MAX_BYTES)
    except RuleViolation as refused:
        raise RuleViolation(refused.message, "file") from refused


def or_discarded(stored: StoredFile | None, work: Callable[[], T]) -> T:
    """A scan that came with something refused does not stay behind."""
    try:
        return work()
    except BaseException:
        if stored is not None:
            with transaction.atomic():
                discard(stored)
        raise


@transaction.atomic
def _sign(pk: int, side: str, says: Signed, by: User, stored: StoredFile | None, seen: int | None) -> Contract:
    contract = locked_contract(pk)
    document = document_that_holds(contract)
    _require_side(contract, side, by, stored, document, seen)
    require_unopposed(contract)
    _check(contract, says)
    signature = ContractSignature.objects.create(
        contract=contract, side=side, name=says.name.strip(), function=says.function.strip(),
        signed_on=says.signed_on, file=stored, document=document, recorded_by=by,
    )  # fmt: skip
    detail = {
        "contract": contract.number, "side": side, "name": signature.name, "function": signature.function,
        "signed_on": says.signed_on.isoformat(), "text": document.file.sha256 if document else None,
        "scan": stored.sha256 if stored else None,
    }  # fmt: skip
    record("contracts.contractsignature.sign", by=by, target=signature, detail=detail)
    if contract.signatures.count() == len(SigningSide):
        _put_in_force(contract, by)
    return contract


def locked_contract(pk: int) -> Contract:
    """The contract, held until the end of the transaction."""
    rows = Contract.objects.select_for_update(of=("self",))
    return rows.select_related("segment__lot", "segment__tender__region", "contractor", "consortium").get(pk=pk)


def _require_side(
    contract: Contract,
    side: str,
    by: User,
    stored: StoredFile | None,
    document: ContractDocument | None,
    seen: int | None,
) -> None:
    official = works_for_region(by, contract.segment.tender, *OFFICIALS)
    own = signs_for_contractor(by, contract)
    if not official and (side != SigningSide.CONTRACTOR or not own):
        raise NotAllowed(_("Your role may not take this step."))
    if contract.status != ContractStatus.PREPARED:
        raise RuleViolation(_("This contract was signed already."))
    if contract.signatures.filter(side=side).exists():
        raise RuleViolation(_("This side signed already."), field="side")
    if side != SigningSide.CONTRACTOR:
        return
    if not own and stored is None:
        raise RuleViolation(_("Add the scan of the signed contract: the contractor signed on paper."), field="file")
    if own and (document is None or document.pk != seen):
        raise RuleViolation(_("The text of the contract was changed. Read the new text, and sign that."))


def _check(contract: Contract, says: Signed) -> None:
    if not says.name.strip():
        raise RuleViolation(_("Fill in who signed."), field="name")
    if not says.function.strip():
        raise RuleViolation(_("Fill in the function of who signed."), field="function")
    if says.signed_on > database_today():
        raise RuleViolation(_("This day is still to come. Give the day of the signature."), field="signed_on")
    final_at = contract.award.decision.final_at if contract.award else None
    if final_at is not None and says.signed_on < timezone.localdate(final_at):
        raise RuleViolation(
            _("Nothing is signed before the award is final (Aw 2.131). That was on %(day)s.")
            % {"day": format_day(timezone.localdate(final_at))},
            field="signed_on",
        )


def _put_in_force(contract: Contract, by: User) -> None:
    transition(contract, ContractStatus.ACTIVE, by=by, table=CONTRACT, signed_at=database_now())
    ask_letter(contract=contract, kind=ContractLetterKind.CONTRACT)
    with in_dutch():
        note = _("New contract %(number)s with %(party)s for %(segment)s.") % {
            "number": contract.number, "party": contract.party_name, "segment": contract.segment.name,
        }  # fmt: skip
    # The contractor does not publish: with its signature as the last, the list changes by itself.
    publisher = by if has_role(by, *PUBLISHERS) else None
    publish_version(note=note, by=publisher, on=max(database_today(), contract.start))


def require_unopposed(contract: Contract) -> None:
    """Held until the end of the transaction: nothing comes in meanwhile. The database refuses it as well."""
    decision = Decision.objects.select_for_update(of=("self",)).filter(awards__contract=contract).first()
    held = holding_up_now(decision) if decision else []
    if held:
        raise RuleViolation(
            _("This contract cannot be signed yet. What holds it up: %(cases)s.")
            % {"cases": ", ".join(f"{case.get_kind_display()} {case.number}" for case in held)}
        )


def require_open_text(contract: Contract, by: User) -> None:
    """Before anybody signed the lead and Team CLM work on what the contract says; what was laid out is then outdated.

    Within the transaction, on a locked contract. Raises `NotAllowed`, and `RuleViolation` where a side has signed.
    """
    require_role(by, contract.segment.tender, *OFFICIALS)
    if contract.status != ContractStatus.PREPARED or contract.signatures.exists():
        raise RuleViolation(_("Somebody has signed this text. From now on it changes by an amendment only."))
    contract.documents.filter(outdated_at__isnull=True).update(outdated_at=database_now())
