"""The facts behind the checks of a change of subcontractor, in a fixed number of queries."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from django.db.models import Count, Prefetch, Q

from achterhoek.clock import database_today
from contracts.domain.change_checks import ADD, STOPS, Document, Facts, Finding, check
from contracts.domain.change_coverage import Loss, Work, losses
from contracts.enums import ChangeStatus, ContractStatus
from contracts.models import Contract, ContractMunicipality, Obligation, Subcontractor, SubcontractorChange
from contracts.rules import last_day_of
from procurement.enums import Outcome, RequirementKind
from procurement.models import RankingRow
from procurement.models.round import Requirement
from providers.domain.identity import is_kvk_number

_DAY = timedelta(days=1)


def findings_of(change: SubcontractorChange, *, on: date | None = None) -> tuple[Finding, ...]:
    """What the checks say of this change, on the day that is decided or else on the one that was asked."""
    return check(facts_of(change, on=on))


def facts_of(change: SubcontractorChange, *, on: date | None = None) -> Facts:
    """What is known. Only what belongs to the kind of change is looked up."""
    contract, day, today = change.contract, on or change.effective_on, database_today()
    known = Facts(
        kind=change.kind, on=day, today=today, last_day=last_day_of(contract),
        valid_number=is_kvk_number(change.organisation.kvk_number),
        requirements=0 if change.kind == STOPS else len(requirements_of(contract)), clients=change.clients,
    )  # fmt: skip
    if change.kind == ADD:
        return _of_newcomer(change, known)
    promises, late = _promises(contract, day)
    lost = losses_of(change, on=max(day, today))
    return replace(known, promises=promises, late_promises=late, losses=lost)


def _of_newcomer(change: SubcontractorChange, known: Facts) -> Facts:
    organisation = change.organisation
    before = organisation.created_at < change.requested_at
    contracts = Contract.objects.filter(status=ContractStatus.TERMINATED)
    return replace(
        known,
        known_before=before or organisation.memberships.exists(),
        excluded=_exclusions(change),
        refused=_refusals(change),
        terminated=contracts.filter(Q(contractor=organisation) | Q(parties__organisation=organisation))
        .distinct()
        .count(),
        documents=tuple(Document(row.kind, row.issued_on) for row in change.evidence.all()),
    )


def _exclusions(change: SubcontractorChange) -> int:
    """Rankings of this region in which the organisation was excluded, and whose decision was sent: what was not
    told to the bidder itself nobody else may know."""
    rows = RankingRow.objects.filter(
        outcome=Outcome.EXCLUDED,
        entry__submission__organisation=change.organisation_id,
        entry__segment__tender__region=change.contract.segment.tender.region_id,
        ranking__decisions__sent_at__isnull=False,
    )
    return rows.values("entry").distinct().count()


def _refusals(change: SubcontractorChange) -> int:
    earlier = SubcontractorChange.objects.filter(
        organisation=change.organisation_id, status=ChangeStatus.REFUSED,
        contract__segment__tender__region=change.contract.segment.tender.region_id,
    )  # fmt: skip
    return earlier.filter(kind=ADD).exclude(pk=change.pk).count()


def _promises(contract: Contract, day: date) -> tuple[int, int]:
    """How many promises of the bid are still to be met, and how many of them late on this day."""
    found = Obligation.objects.filter(contract=contract, met_on=None).aggregate(
        every=Count("pk"), late=Count("pk", filter=Q(due_on__lt=day))
    )
    return found["every"], found["late"]


def requirements_of(contract: Contract) -> list[Requirement]:
    """The minimum requirements of the tender that hold for this contract's segment, and so for its subcontractors."""
    own = Requirement.objects.filter(
        round__tender=contract.segment.tender_id, kind=RequirementKind.MINIMUM
    ).filter(Q(segment=None) | Q(segment=contract.segment_id))  # fmt: skip
    return list(own.order_by("round__stage", "position", "id"))


def open_promises(contract: Contract) -> list[Obligation]:
    """The promises of the bid that are still to be met."""
    return list(Obligation.objects.filter(contract=contract, met_on=None).order_by("sequence"))


def losses_of(change: SubcontractorChange, *, on: date) -> tuple[Loss, ...]:
    """What this stop or change leaves uncovered from the day on which it holds."""
    day = on + _DAY if change.kind == STOPS else on
    contracts = _delivering(change.contract, day)
    line = next((_line(sub) for sub in _running(contracts, day) if _is_meant(sub, change)), None)
    if line is None:
        return ()
    keeps: frozenset[str] = frozenset()
    if change.kind != STOPS:
        asked = [part.name for part in change.subsegments.all()]
        keeps = frozenset(asked) or _parts(change.contract)
    return losses(_works(contracts, day), line=line, keeps=keeps)


def _delivering(contract: Contract, day: date) -> list[Contract]:
    """The contracts of the segment that run on this day, with all that says who delivers what where."""
    signed = (ContractStatus.ACTIVE, ContractStatus.TERMINATED)
    found = (
        Contract.objects.filter(segment=contract.segment_id, status__in=signed, start__lte=day)
        .select_related("contractor", "segment")
        .prefetch_related(
            "terms",
            "subsegments",
            Prefetch("subcontractors", Subcontractor.objects.select_related("organisation")),
            "subcontractors__subsegments",
            Prefetch("contract_municipalities", ContractMunicipality.objects.select_related("municipality")),
        )
    )
    return [each for each in found if day <= last_day_of(each)]


def _works(contracts: list[Contract], day: date) -> list[Work]:
    works = []
    for contract in contracts:
        places = frozenset(
            row.municipality.name for row in contract.contract_municipalities.all() if _holds(row.start, row.end, day)
        )
        own = _parts(contract)
        works.append(Work(f"contract {contract.pk}", contract.contractor.kvk_number, own, places))
        for sub in _running([contract], day):
            parts = frozenset(part.name for part in sub.subsegments.all()) or own
            works.append(Work(_line(sub), sub.organisation.kvk_number, parts, places))
    return works


def _running(contracts: list[Contract], day: date) -> list[Subcontractor]:
    return [sub for each in contracts for sub in each.subcontractors.all() if _holds(sub.start, sub.end, day)]


def _is_meant(sub: Subcontractor, change: SubcontractorChange) -> bool:
    return (sub.contract_id, sub.organisation_id) == (change.contract_id, change.organisation_id)


def _parts(contract: Contract) -> frozenset[str]:
    """The kinds of help: the subsegments of the contract, or the segment where it has none."""
    return frozenset(part.name for part in contract.subsegments.all()) or frozenset({contract.segment.name})


def _holds(start: date, end: date | None, day: date) -> bool:
    return start <= day and (end is None or day <= end)


def _line(sub: Subcontractor) -> str:
    return f"subcontractor {sub.pk}"


def losses_here(change: SubcontractorChange, municipality: str) -> tuple[Loss, ...]:
    """The same for one municipality; nobody is lost where somebody is added."""
    if change.kind == ADD:
        return ()
    lost = losses_of(change, on=max(change.effective_on, database_today()))
    return tuple(loss for loss in lost if loss.municipality == municipality)
