"""Writers of contracts: made from a final award, ended."""

from __future__ import annotations

from datetime import date, timedelta

import structlog
from django.db import connection, transaction
from django.db.models import IntegerField, Max
from django.db.models.functions import Cast, Substr
from django.utils import timezone
from django.utils.translation import gettext as _

from achterhoek.accounts.enums import Role
from achterhoek.accounts.models import User
from achterhoek.audit.services import record
from achterhoek.clock import database_today
from achterhoek.errors import RuleViolation
from achterhoek.nlds.formatting import format_day
from achterhoek.transitions.services import transition
from contracts.domain.starting import first_day, number_prefix
from contracts.domain.states import CONTRACT
from contracts.domain.terms import contract_terms, is_long
from contracts.enums import ContractLetterKind, ContractStatus, TermStatus
from contracts.models import Contract, ContractTerm
from contracts.rules import last_day_of
from contracts.services.letters import ask_letter
from contracts.services.parties import open_contract
from contracts.services.register import publish_version
from contracts.services.texts import in_dutch
from procurement.enums import AwardStatus, DecisionStatus, Stage
from procurement.models import Award, Decision, Tender
from procurement.rules import require_role

logger = structlog.get_logger(__name__)
_DAY = timedelta(days=1)


@transaction.atomic
def make_contracts(*, decision: Decision, by: User, long_term_reason: str | None = None) -> list[Contract]:
    """One contract for each final award of this decision; those that exist already are left as they are.

    Longer than four years only with a motivation, which every contract keeps and prints: a framework agreement that
    runs longer says why (Aw 2.140(3)). Where none is given here, that of the tender holds.

    The first day is the segment's own start or else the tender's, and never before the award was final
    (`contracts.domain.starting.first_day`). All subsegments of the segment go with it. A consortium is
    not yet known in a bid, so that the contractor is the organisation that submitted it.
    Raises `NotAllowed`, and `RuleViolation` where the decision is not a final award decision (Aw 2.131), or where
    the motivation is missing.
    """
    locked = (
        Decision.objects.select_for_update(of=("self",))
        .select_related("segment_round__round", "segment_round__segment__tender__region")
        .get(pk=decision.pk)
    )
    require_role(by, locked.segment_round.segment.tender, Role.LEAD)
    if locked.segment_round.round.stage != Stage.AWARD or locked.status != DecisionStatus.FINAL:
        raise RuleViolation(
            _("Contracts are made from a final award only: the standstill has to be over, and the award made final.")
        )
    awards = list(
        locked.awards.filter(status=AwardStatus.ACTIVE, contract__isnull=True).select_related(
            "entry__submission__organisation"
        )
    )
    if not awards and not locked.awards.filter(contract__isnull=False).exists():
        raise RuleViolation(_("This decision has no final awards, so there is no contract to make."))
    reason = _long_term_reason(locked.segment_round.segment.tender, long_term_reason)
    return [_make_contract(award, locked, reason, by) for award in awards]


def _long_term_reason(tender: Tender, given: str | None) -> str:
    """Why it runs longer than four years; nothing where it does not."""
    if not is_long(tender.term_pattern):
        return ""
    reason = (tender.framework_motivation if given is None else given).strip()
    if not reason:
        raise RuleViolation(
            _("Give the reason why these contracts run longer than four years (Aw 2.140, paragraph 3)."),
            field="long_term_reason",
        )
    return reason


def _make_contract(award: Award, decision: Decision, reason: str, by: User) -> Contract:
    segment = decision.segment_round.segment
    tender = segment.tender
    assert decision.final_at is not None
    start = first_day(segment.start_date or tender.contract_start, timezone.localdate(decision.final_at))
    contract = Contract.objects.create(
        number=next_number(tender.region.slug),
        segment=segment,
        award=award,
        contractor=award.entry.submission.organisation,
        start=start,
        notice_months=tender.notice_months,
        long_term_reason=reason,
    )
    contract.subsegments.set(segment.subsegments.all())
    open_contract(contract)
    terms = contract_terms(start, tender.term_pattern)
    ContractTerm.objects.bulk_create(
        ContractTerm(
            contract=contract,
            sequence=number,
            start=term.start,
            end=term.end,
            status=TermStatus.COMMITTED if number == 1 else TermStatus.OPEN,
        )
        for number, term in enumerate(terms, start=1)
    )
    detail = {"start": start.isoformat(), "ends": [term.end.isoformat() for term in terms], "award": award.pk}
    record("contracts.contract.make", by=by, target=contract, detail=detail)
    return contract


def next_number(region_slug: str) -> str:
    """`ACH-2026-0001`: the next of this year. Whoever asks holds the numbers of that year until its commit."""
    prefix = number_prefix(region_slug, database_today().year)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"contract-number:{prefix}"])
    last = (
        Contract.objects.filter(number__regex=rf"^{prefix}\d+$")
        .annotate(serial=Cast(Substr("number", len(prefix) + 1), IntegerField()))
        .aggregate(last=Max("serial"))["last"]
    )
    return f"{prefix}{(last or 0) + 1:04d}"


@transaction.atomic
def terminate_contract(*, contract: Contract, on: date, reason: str, by: User) -> Contract:
    """End a contract early; `on` is its last day, from today on and within its run, with the reason.

    Raises `NotAllowed`, `RuleViolation`.
    """
    contract = Contract.objects.select_for_update(of=("self",)).get(pk=contract.pk)
    require_role(by, contract.segment.tender, Role.CLM)
    first, last = max(database_today(), contract.start), last_day_of(contract)
    if not first <= on <= last:
        raise RuleViolation(
            _("Choose a last day from %(first)s to %(last)s, within the run of the contract.")
            % {"first": format_day(first), "last": format_day(last)},
            field="on",
        )
    if not reason.strip():
        raise RuleViolation(_("Give the reason of the early end."), field="reason")
    transition(
        contract, ContractStatus.TERMINATED, by=by, table=CONTRACT, reason=reason.strip(),
        terminated_on=on, termination_reason=reason.strip(),
    )  # fmt: skip
    ask_letter(contract=contract, kind=ContractLetterKind.TERMINATION)
    _publish_end(contract, on, by)
    return contract


def end_due_contracts() -> int:
    """End each contract whose last agreed term is over; how many were ended. May run twice without harm.

    Not extending is an outcome of its own: an option that was declined, or not taken before its notice
    date, makes the term before it the last one.
    """
    today = database_today()
    due = [
        contract.pk
        for contract in Contract.objects.filter(status=ContractStatus.ACTIVE).prefetch_related("terms")
        if last_day_of(contract) < today
    ]
    return sum(_end_contract(pk, today) for pk in due)


@transaction.atomic
def _end_contract(pk: int, today: date) -> bool:
    contract = Contract.objects.select_for_update(of=("self",)).get(pk=pk)
    last = last_day_of(contract)
    if contract.status != ContractStatus.ACTIVE or last >= today:
        return False
    transition(contract, ContractStatus.ENDED, by=None, table=CONTRACT, detail={"last_day": last.isoformat()})
    _publish_end(contract, last, None)
    logger.info("contract ended", contract=contract.number, last_day=last.isoformat())
    return True


def _publish_end(contract: Contract, last: date, by: User | None) -> None:
    with in_dutch():
        note = _("Contract %(number)s with %(party)s for %(segment)s ends on %(day)s.") % {
            "number": contract.number, "party": contract.party_name, "segment": contract.segment.name,
            "day": format_day(last),
        }  # fmt: skip
    publish_version(note=note, by=by, on=last + _DAY)
