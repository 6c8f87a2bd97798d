"""Who may do what with a contract: tiny questions, asked by services and pages alike."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from achterhoek.accounts.enums import Role
from achterhoek.accounts.roles import has_role
from achterhoek.errors import NotAllowed
from contracts.domain.starting import option_latest
from contracts.enums import ContractStatus, TermStatus
from contracts.models import Contract, ContractTerm


def is_contractor(user: Any, contract: Contract) -> bool:
    """Whether the user works for the contractor (with a consortium: for its lead); of what a page read already."""
    if not has_role(user, Role.PROVIDER):
        return False
    return any(member.user_id == user.pk for member in contract.contractor.memberships.all())


def signs_for_contractor(user: Any, contract: Contract) -> bool:
    """Whether the user may sign in the name of the contractor (with a consortium: of its lead)."""
    return (
        has_role(user, Role.PROVIDER) and contract.contractor.memberships.filter(user=user, is_signatory=True).exists()
    )


def require_contractor(user: Any, contract: Contract) -> None:
    """Raises `NotAllowed` where the user does not work for the contractor."""
    if not is_contractor(user, contract):
        raise NotAllowed(_("Only the contractor itself may ask for this change."))


def terms_of(contract: Contract) -> list[ContractTerm]:
    """The terms in their order; from the prefetched ones where a page has them already."""
    return sorted(contract.terms.all(), key=lambda t: t.sequence)


def last_day_of(contract: Contract) -> date:
    """The last day of the run as it stands: of the agreed terms, or earlier where it was ended early."""
    agreed = (TermStatus.COMMITTED, TermStatus.EXERCISED)
    end = max(term.end for term in terms_of(contract) if term.status in agreed)
    return min(end, contract.terminated_on) if contract.terminated_on else end


def is_running(contract: Contract, today: date) -> bool:
    """Whether it is in force and goes on: one that ends early does so until its last day."""
    if contract.status == ContractStatus.TERMINATED:
        return contract.terminated_on is not None and contract.terminated_on >= today
    return contract.status == ContractStatus.ACTIVE


def begins_on(contract: Contract, today: date) -> date | None:
    """The day from which a contract runs that is signed and has still to begin; none where it runs, or is over."""
    return contract.start if contract.status == ContractStatus.ACTIVE and today < contract.start else None


def option_deadline(contract: Contract, term: ContractTerm) -> date:
    """The last day on which this option may be decided: the day before (its start minus the notice months)."""
    return option_latest(term.start, contract.notice_months)


def next_option(contract: Contract) -> ContractTerm | None:
    """The option that comes up: the first open one, where every term before it was agreed or taken."""
    if contract.status != ContractStatus.ACTIVE:
        return None
    for term in terms_of(contract):
        if term.status == TermStatus.OPEN:
            return term
        if term.status == TermStatus.DECLINED:
            return None
    return None


def ends_on(contract: Contract) -> date | None:
    """The last day of a contract that is known to end; None while an option can still prolong it, or unsigned."""
    if contract.status == ContractStatus.PREPARED or next_option(contract) is not None:
        return None
    return last_day_of(contract)
