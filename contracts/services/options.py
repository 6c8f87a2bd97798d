"""Writers of options: what each college decides, the conclusion, and the option that nobody decided in time.

Every college that takes part decides for its own municipality: extend, extend on a condition, or not extend
(domain.md, sections 1 and 5). The contract goes on in the municipalities that extend; where none does, it ends.
A college that does not decide in time has not taken the option for its own municipality, and for no other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import structlog
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from achterhoek.accounts.enums import Role
from achterhoek.accounts.models import User
from achterhoek.accounts.roles import municipality_ids_of
from achterhoek.audit.services import record
from achterhoek.clock import database_now, database_today
from achterhoek.errors import NotAllowed, RuleViolation
from achterhoek.nlds.formatting import format_day
from achterhoek.region.models import Municipality
from achterhoek.transitions.services import transition
from contracts.domain.states import TERM
from contracts.enums import ContractLetterKind, ContractStatus, OptionOutcome, TermStatus
from contracts.models import Contract, ContractMunicipality, ContractTerm, OptionDecision
from contracts.rules import next_option, option_deadline
from contracts.selectors.options import standing_of, taking_part
from contracts.services.letters import ask_letter
from contracts.services.register import publish_version
from contracts.services.texts import in_dutch
from procurement.rules import require_role, works_for_region

logger = structlog.get_logger(__name__)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class CollegeSays:
    """What a college decided on an option, and when."""

    outcome: str
    decided_on: date
    reason: str = ""
    condition: str = ""


@transaction.atomic
def record_college_decisions(
    *, terms: Sequence[ContractTerm], municipality: Municipality, says: CollegeSays, by: User
) -> list[OptionDecision]:
    """Write down what one college decided on these options, all of them or none.

    By the secretary of that college, or by Team CLM. Until the conclusion a college may decide anew; the log keeps
    what it said before. Raises `NotAllowed`; `RuleViolation` where a decision has no reason or condition, was taken
    after the notice date, before the contract began or on a day to come, or where the contract does not run in that
    municipality.
    """
    _check(says)
    return [_record(term.pk, municipality, says, by) for term in sorted(terms, key=lambda one: one.contract_id)]


def _check(says: CollegeSays) -> None:
    if says.outcome not in OptionOutcome.values:
        raise RuleViolation(_("Choose a decision."), field="outcome")
    if says.outcome == OptionOutcome.DECLINE and not says.reason.strip():
        raise RuleViolation(_("Give the reason why the college does not extend. The contractor reads it."), "reason")
    if says.outcome == OptionOutcome.CONDITIONAL and not says.condition.strip():
        raise RuleViolation(_("Write down the condition."), field="condition")
    if says.decided_on > database_today():
        raise RuleViolation(_("This day is still to come. Give the day on which the college decided."), "decided_on")


def _record(term_id: int, municipality: Municipality, says: CollegeSays, by: User) -> OptionDecision:
    contract, term = _locked(term_id)
    _require_speaker(by, contract, municipality)
    _require_turn(contract, term)
    if municipality.pk not in taking_part(term):
        raise RuleViolation(
            _("Contract %(number)s does not run in %(municipality)s, so that its college does not decide on it.")
            % {"number": contract.number, "municipality": municipality.name}
        )
    latest = option_deadline(contract, term)
    if says.decided_on > latest:
        raise _too_late(contract, latest, "decided_on")
    if says.decided_on < contract.start:
        raise RuleViolation(
            _("Contract %(number)s began on %(day)s. No college decided on its option before that day.")
            % {"number": contract.number, "day": format_day(contract.start)},
            "decided_on",
        )
    decision, _made = OptionDecision.objects.update_or_create(
        term=term, municipality=municipality,
        defaults={
            "outcome": says.outcome, "decided_on": says.decided_on, "reason": says.reason.strip(),
            "condition": says.condition.strip() if says.outcome == OptionOutcome.CONDITIONAL else "",
            "condition_met_on": None, "recorded_by": by, "recorded_at": database_now(),
        },
    )  # fmt: skip
    detail = {
        "contract": contract.number, "municipality": municipality.slug, "outcome": says.outcome,
        "decided_on": says.decided_on.isoformat(), "reason": decision.reason, "condition": decision.condition,
    }  # fmt: skip
    record("contracts.optiondecision.record", by=by, target=decision, detail=detail)
    return decision


@transaction.atomic
def meet_condition(*, decision: OptionDecision, on: date, by: User) -> OptionDecision:
    """The condition of a college is met, on this day: from now on it extends. Raises `NotAllowed`, `RuleViolation`."""
    contract, term = _locked(decision.term_id)
    decision = OptionDecision.objects.select_for_update(of=("self",)).get(pk=decision.pk)
    _require_speaker(by, contract, decision.municipality)
    _require_turn(contract, term)
    if decision.outcome != OptionOutcome.CONDITIONAL or decision.condition_met_on is not None:
        raise RuleViolation(_("This college has no condition that is still to be met."))
    if not decision.decided_on <= on <= database_today():
        raise RuleViolation(_("Choose a day from the decision up to today."), field="on")
    decision.condition_met_on = on
    decision.save(update_fields=["condition_met_on"])
    detail = {"contract": contract.number, "municipality": decision.municipality.slug, "on": on.isoformat()}
    record("contracts.optiondecision.condition_met", by=by, target=decision, detail=detail)
    return decision


@transaction.atomic
def conclude_option(*, term: ContractTerm, reason: str, by: User) -> ContractTerm:
    """Draw the conclusion once every college has decided: the contract is extended where they do, or it ends.

    On the notice date at the latest: for an option from 1-7-2025 with six months that is 31-12-2024, and it does not
    roll. The municipalities that do not extend leave with the last day of the term before. The contractor gets its
    letter, the register a version; with an option that is not taken all later ones lapse.
    Raises `NotAllowed`; `RuleViolation` that names who has not decided, or whose condition is not met.
    """
    contract, term = _locked(term.pk)
    require_role(by, contract.segment.tender, Role.CLM)
    _require_turn(contract, term)
    latest = option_deadline(contract, term)
    if database_today() > latest:
        raise _too_late(contract, latest)
    found = standing_of(term)
    if not found.is_complete:
        raise RuleViolation(_unfinished(contract, found.waiting, found.conditional))
    if not reason.strip():
        raise RuleViolation(_("Give the reason of the decision. The contractor reads it."), field="reason")
    if found.is_extended:
        return _extend(contract, term, found.decline, reason.strip(), by)
    return _let_go(contract, term, reason.strip(), by)


def _unfinished(contract: Contract, waiting: frozenset[int], conditional: frozenset[int]) -> str:
    parts = [_("Not every college has decided on contract %(number)s.") % {"number": contract.number}]
    if waiting:
        parts.append(_("Still to decide: %(names)s.") % {"names": _names(waiting)})
    if conditional:
        parts.append(_("With a condition that is not met yet: %(names)s.") % {"names": _names(conditional)})
    return " ".join(parts)


def _names(keys: frozenset[int]) -> str:
    return ", ".join(Municipality.objects.filter(pk__in=keys).order_by("name").values_list("name", flat=True))


def _extend(
    contract: Contract, term: ContractTerm, leaving: frozenset[int], reason: str, by: User | None
) -> ContractTerm:
    term = _close(term, TermStatus.EXERCISED, reason, by)
    last = term.start - _DAY
    gone = ContractMunicipality.objects.filter(contract=contract, municipality__in=leaving)
    gone = gone.filter(Q(end__isnull=True) | Q(end__gt=last))
    names = ", ".join(gone.values_list("municipality__name", flat=True))
    gone.update(end=last)
    ask_letter(contract=contract, kind=ContractLetterKind.EXTENSION, subject=term.pk)
    with in_dutch():
        words = {"number": contract.number, "party": contract.party_name, "day": format_day(term.end)}
        _publish(_("Contract %(number)s with %(party)s was extended until %(day)s.") % words, by)
        if names:
            words = {"number": contract.number, "names": names, "day": format_day(last)}
            _publish(_("Contract %(number)s ends in %(names)s on %(day)s.") % words, by, term.start)
    return term


def _let_go(contract: Contract, term: ContractTerm, reason: str, by: User | None) -> ContractTerm:
    term = _close(term, TermStatus.DECLINED, reason, by)
    for later in contract.terms.filter(sequence__gt=term.sequence, status=TermStatus.OPEN):
        _close(later, TermStatus.DECLINED, reason, by)
    ask_letter(contract=contract, kind=ContractLetterKind.NON_EXTENSION, subject=term.pk)
    with in_dutch():
        words = {"number": contract.number, "party": contract.party_name}
        _publish(_("The option on contract %(number)s with %(party)s is not taken.") % words, by)
    return term


def lapse_options() -> int:
    """Close each option whose notice date passed without a conclusion. How many; safe to repeat.

    Nobody extends by staying silent: where a college did not decide in time, or its condition was not met, the option
    is not taken. What other colleges decided in time stands: in their municipalities the contract goes on.
    """
    today = database_today()
    running = Contract.objects.filter(status=ContractStatus.ACTIVE).prefetch_related("terms")
    due = [
        term.pk
        for contract in running
        if (term := next_option(contract)) is not None and option_deadline(contract, term) < today
    ]
    return sum(_lapse(pk, today) for pk in due)


@transaction.atomic
def _lapse(term_id: int, today: date) -> bool:
    contract, term = _locked(term_id)
    turn = next_option(contract)
    latest = option_deadline(contract, term)
    if turn is None or turn.pk != term.pk or latest >= today:
        return False
    found = standing_of(term)
    with in_dutch():
        if found.extend:
            reason = _("Decided to extend in time, on %(day)s at the latest: %(names)s.")
        else:
            reason = _("No decision to extend was taken before the notice date, %(day)s.")
        reason %= {"day": format_day(latest), "names": _names(found.extend)}
    if found.extend:
        _extend(contract, term, found.decline | found.waiting | found.conditional, reason, None)
    else:
        _let_go(contract, term, reason, None)
    logger.warning(
        "option closed by the clock", contract=contract.number, term=term.sequence, latest=latest.isoformat(),
        extended=bool(found.extend),
    )  # fmt: skip
    return True


def _locked(term_id: int) -> tuple[Contract, ContractTerm]:
    """The contract of an option, held until the end of the transaction, and the option as it is now."""
    contract = Contract.objects.select_for_update(of=("self",)).get(terms=term_id)
    return contract, contract.terms.get(pk=term_id)


def _require_speaker(by: User, contract: Contract, municipality: Municipality) -> None:
    own = municipality.pk in municipality_ids_of(by)
    if not own and not works_for_region(by, contract.segment.tender, Role.CLM):
        raise NotAllowed(_("Only the secretary of this college and Team CLM record what it decided."))


def _require_turn(contract: Contract, term: ContractTerm) -> None:
    if contract.status != ContractStatus.ACTIVE:
        raise RuleViolation(_("Only the options of a contract in force can be decided."))
    if term.status != TermStatus.OPEN:
        raise RuleViolation(_("This option was decided already."))
    turn = next_option(contract)
    if turn is None or turn.pk != term.pk:
        raise RuleViolation(_("Options are decided in their order: first the one before this."))


def _too_late(contract: Contract, latest: date, field: str | None = None) -> RuleViolation:
    message = _(
        "This option had to be decided on %(day)s at the latest: the day before its start minus"
        " %(months)s months of notice. It can no longer be decided."
    )
    return RuleViolation(message % {"day": format_day(latest), "months": contract.notice_months}, field)


def _close(term: ContractTerm, target: str, reason: str, by: User | None) -> ContractTerm:
    transition(term, target, by=by, table=TERM, reason=reason, decided_at=database_now())
    # `reason` is the audit's own word in `transition`, so the column is written in a step of its own.
    ContractTerm.objects.filter(pk=term.pk).update(reason=reason)
    term.refresh_from_db()
    return term


def _publish(note: str, by: User | None, on: date | None = None) -> None:
    publish_version(note=note, by=by, on=on)
