"""What the pages of contracts show, in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Min, Prefetch, Q, QuerySet
from django.utils import timezone

from achterhoek.accounts.enums import Role
from achterhoek.accounts.roles import has_role, in_regions_of
from achterhoek.nlds.formatting import format_day
from contracts.enums import ChangeStatus, ContractStatus, TermStatus
from contracts.models import Contract, ContractLetter, ContractTerm, Subcontractor, SubcontractorChange
from contracts.rules import last_day_of, next_option, option_deadline, terms_of
from contracts.selectors.changes import unmet_conditions
from contracts.selectors.letters import visible_letters
from procurement.enums import AwardStatus, DecisionStatus, Stage
from procurement.models import Award, Decision, Tender


@dataclass(frozen=True, slots=True)
class TermRow:
    """A term on the page; `latest` is the last day to decide on it, `lapsed` that this day has passed."""

    term: ContractTerm
    latest: date | None
    lapsed: bool
    is_next: bool


@dataclass(frozen=True, slots=True)
class Work:
    """What waits for Team CLM."""

    requests: int
    oldest_days: int | None
    overdue: int
    late_conditions: int
    options: int
    next_option_on: str
    unsigned: int
    failed_letters: int


def clm_work(user: Any, today: date) -> Work:
    """Requests to decide, options whose notice date comes within a year, and contracts without a signature."""
    changes = SubcontractorChange.objects.visible_to(user)
    waiting = changes.filter(status=ChangeStatus.REQUESTED).aggregate(
        count=Count("pk"), oldest=Min("requested_at"), overdue=Count("pk", filter=Q(decide_by__lt=today))
    )
    contracts = Contract.objects.visible_to(user)
    horizon = today + timedelta(days=365)
    due = []
    for contract in contracts.filter(status=ContractStatus.ACTIVE).prefetch_related("terms"):
        option = next_option(contract)
        if option is not None and today <= (latest := option_deadline(contract, option)) <= horizon:
            due.append(latest)
    oldest = waiting["oldest"]
    return Work(
        requests=waiting["count"],
        oldest_days=(today - timezone.localdate(oldest)).days if oldest else None,
        overdue=waiting["overdue"],
        late_conditions=changes.filter(pk__in=unmet_conditions(late_on=today)).count(),
        options=len(due),
        next_option_on=format_day(min(due)) if due else "",
        unsigned=contracts.filter(status=ContractStatus.PREPARED).count(),
        failed_letters=ContractLetter.objects.filter(contract__in=contracts, sent_at=None).exclude(error="").count(),
    )


def contract_detail(user: Any) -> QuerySet[Contract]:
    """Contracts this user may see, with all that the contract's page shows."""
    changes = SubcontractorChange.objects.select_related("organisation", "requested_by", "decided_by")
    return (
        Contract.objects.visible_to(user)
        .select_related("contractor", "consortium", "segment__lot", "segment__tender__region__authority")
        .prefetch_related(
            "terms",
            "subsegments",
            "obligations",
            "contractor__memberships",
            Prefetch("subcontractors", Subcontractor.objects.select_related("organisation")),
            Prefetch("letters", visible_letters(user).filter(sent_at__isnull=False).select_related("file")),
            Prefetch("subcontractor_changes", changes.order_by("-requested_at")),
        )
    )


def contract_list(user: Any) -> QuerySet[Contract]:
    """Contracts this user may see, for a list."""
    return (
        Contract.objects.visible_to(user)
        .select_related("contractor", "consortium", "segment__tender")
        .prefetch_related("terms")
        .order_by("-created_at", "-number")
    )


def contracts_of_member(user: Any) -> QuerySet[Contract]:
    """The contracts of the organisations this user works for."""
    return Contract.objects.filter(contractor__memberships__user=user).select_related(
        "contractor", "consortium", "segment__tender"
    )


def own_contracts(user: Any) -> list[Contract]:
    """The contracts of the organisations this user works for, newest first, with their open requests."""
    return list(
        contracts_of_member(user)
        .prefetch_related("terms")
        .annotate(
            asked=Count("subcontractor_changes", filter=Q(subcontractor_changes__status=ChangeStatus.REQUESTED)),
            questions=Count("subcontractor_changes", filter=Q(subcontractor_changes__status=ChangeStatus.QUESTIONED)),
        )
        .order_by("-start", "number")
    )


def term_rows(contract: Contract, today: date) -> list[TermRow]:
    """The terms with the day until which each option can be decided."""
    upcoming = next_option(contract)
    rows = []
    for term in terms_of(contract):
        latest = option_deadline(contract, term) if term.sequence > 1 else None
        lapsed = term.status == TermStatus.OPEN and latest is not None and latest < today
        rows.append(TermRow(term, latest, lapsed, upcoming is not None and upcoming.pk == term.pk and not lapsed))
    return rows


def decisions_to_contract(user: Any, tender: Tender | None = None) -> list[Decision]:
    """Final award decisions of this lead's regions (or of one tender) with an award that has no contract yet.

    Each has `waiting`: how many contracts are to be made.
    """
    if not has_role(user, Role.LEAD, Role.AUDITOR):
        return []
    region = in_regions_of(user, Role.LEAD, Role.AUDITOR, field="segment_round__segment__tender__region")
    if tender is not None:
        region &= Q(segment_round__segment__tender=tender)
    waiting = Q(awards__status=AwardStatus.ACTIVE, awards__contract__isnull=True)
    return list(
        Decision.objects.filter(region, status=DecisionStatus.FINAL, segment_round__round__stage=Stage.AWARD)
        .annotate(waiting=Count("awards", filter=waiting))
        .filter(waiting__gt=0)
        .select_related("segment_round__segment__tender")
        .order_by("final_at")
    )


def contracts_to_make(user: Any, tender: Tender) -> int:
    """How many final awards of a tender have no contract yet."""
    return sum(decision.waiting for decision in decisions_to_contract(user, tender))  # type: ignore[attr-defined]


def decisions_for(user: Any) -> QuerySet[Decision]:
    """The decisions of the regions in which this user is lead."""
    if not has_role(user, Role.LEAD):
        return Decision.objects.none()
    region = in_regions_of(user, Role.LEAD, field="segment_round__segment__tender__region")
    return Decision.objects.filter(region).select_related("segment_round__segment__tender")


def awards_to_contract(decision: Decision) -> list[Award]:
    """The final awards of a decision that have no contract yet, with who gets one."""
    waiting = decision.awards.filter(status=AwardStatus.ACTIVE, contract__isnull=True)
    return list(waiting.select_related("entry__submission__organisation").order_by("pk"))


def tender_counts(tender: Tender) -> dict[str, int]:
    """How many contracts a tender led to, and how many of them wait for a signature."""
    return Contract.objects.filter(segment__tender=tender).aggregate(
        total=Count("pk"), unsigned=Count("pk", filter=Q(status=ContractStatus.PREPARED))
    )


def elsewhere(change: SubcontractorChange) -> list[Subcontractor]:
    """Where else the organisation of this change works, or worked, as a subcontractor."""
    return list(
        Subcontractor.objects.filter(organisation=change.organisation_id)
        .exclude(contract=change.contract_id)
        .select_related("contract__contractor", "contract__consortium", "contract__segment")
        .order_by("-start")
    )


def own_elsewhere(change: SubcontractorChange) -> list[Contract]:
    """The contracts that the organisation of this change has as a contractor itself; none that is not signed yet."""
    return list(
        Contract.objects.filter(contractor=change.organisation_id)
        .exclude(status=ContractStatus.PREPARED)
        .select_related("segment", "contractor", "consortium")
        .order_by("-start")
    )


def runs_until(contract: Contract) -> date:
    """The last day of the contract as it stands."""
    return last_day_of(contract)


def subcontractors_of(contract: Contract, today: date) -> Sequence[tuple[Subcontractor, bool]]:
    """The subcontractors, with whether each can still be asked to stop (it works on, without an end)."""
    return [(s, s.end is None or s.end > today) for s in contract.subcontractors.all()]
