"""The decision on an option: extend, or not (which is an outcome of its own)."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from achterhoek.accounts.enums import Role
from achterhoek.accounts.models import User
from achterhoek.clock import database_now, database_today
from achterhoek.errors import RuleViolation
from achterhoek.nlds.formatting import format_day
from achterhoek.transitions.services import transition
from contracts.domain.states import TERM
from contracts.enums import ContractLetterKind, ContractStatus, TermStatus
from contracts.models import Contract, ContractTerm
from contracts.rules import next_option, option_deadline
from contracts.services.letters import ask_letter
from contracts.services.register import publish_version
from contracts.services.texts import in_dutch
from procurement.rules import require_role


@transaction.atomic
def decide_option(*, term: ContractTerm, exercise: bool, reason: str, by: User) -> ContractTerm:
    """Take an option or let it go, in the order of the terms, and on its notice date at the latest.

    The notice date is the day before (the option's start minus the notice months): for 1-7-2025 with
    six months it is 31-12-2024; it does not roll. With an option that is not taken all later ones
    lapse. Raises `NotAllowed`, `RuleViolation`.
    """
    contract = Contract.objects.select_for_update(of=("self",)).get(pk=term.contract_id)
    require_role(by, contract.segment.tender, Role.CLM)
    term = contract.terms.get(pk=term.pk)
    _check_turn(contract, term)
    latest = option_deadline(contract, term)
    if database_today() > latest:
        raise RuleViolation(
            _(
                "This option had to be decided on %(day)s at the latest: the day before its start minus"
                " %(months)s months of notice. It can no longer be decided."
            )
            % {"day": format_day(latest), "months": contract.notice_months}
        )
    if not reason.strip():
        raise RuleViolation(_("Give the reason of the decision."), field="reason")
    target = TermStatus.EXERCISED if exercise else TermStatus.DECLINED
    _decide(term, target, reason.strip(), by)
    if not exercise:
        for later in contract.terms.filter(sequence__gt=term.sequence, status=TermStatus.OPEN):
            _decide(later, TermStatus.DECLINED, reason.strip(), by)
    kind = ContractLetterKind.EXTENSION if exercise else ContractLetterKind.NON_EXTENSION
    ask_letter(contract=contract, kind=kind, subject=term.pk)
    _publish(contract, term, exercise, by)
    return term


def _check_turn(contract: Contract, term: ContractTerm) -> None:
    if contract.status != ContractStatus.ACTIVE:
        raise RuleViolation(_("Only the options of a contract in force can be decided."))
    if term.status != TermStatus.OPEN:
        raise RuleViolation(_("This option was decided already."))
    turn = next_option(contract)
    if turn is None or turn.pk != term.pk:
        raise RuleViolation(_("Options are decided in their order: first the one before this."))


def _decide(term: ContractTerm, target: str, reason: str, by: User) -> None:
    transition(term, target, by=by, table=TERM, reason=reason, decided_at=database_now())
    # `reason` is the audit's own word in `transition`, so the column is written in a step of its own.
    ContractTerm.objects.filter(pk=term.pk).update(reason=reason)
    term.refresh_from_db()


def _publish(contract: Contract, term: ContractTerm, exercise: bool, by: User) -> None:
    """The register shows until when a contract runs, so each decision dates it anew."""
    with in_dutch():
        words = {"number": contract.number, "party": contract.party_name, "day": format_day(term.end)}
        extended = _("Contract %(number)s with %(party)s was extended until %(day)s.")
        declined = _("The option on contract %(number)s with %(party)s is not taken.")
        note = (extended if exercise else declined) % words
    publish_version(note=note, by=by)
