"""Questions of Team CLM to the contractor about a change, and the answers; and advice asked of municipalities."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from achterhoek.accounts.enums import Role
from achterhoek.accounts.models import User
from achterhoek.accounts.roles import has_role, municipality_ids_of
from achterhoek.audit.services import record
from achterhoek.clock import database_now, database_today
from achterhoek.errors import NotAllowed, RuleViolation
from achterhoek.region.models import Municipality
from achterhoek.transitions.services import transition
from contracts.domain.change_terms import moved_on
from contracts.domain.states import SUBCONTRACTOR_CHANGE
from contracts.enums import OPEN_CHANGES, AdviceOutcome, ChangeStatus, MessageSide
from contracts.models import ChangeAdvice, ChangeMessage, SubcontractorChange
from contracts.rules import require_contractor
from contracts.selectors.change_people import secretaries_of
from contracts.services.change_evidence import attach_evidence
from contracts.services.change_mail import tell_advice, tell_answer, tell_asked_advice, tell_question
from procurement.rules import require_role


@transaction.atomic
def ask_question(*, change: SubcontractorChange, text: str, by: User) -> ChangeMessage:
    """Team CLM asks the contractor; until the answer the term to decide stands still.

    Raises `NotAllowed`, `RuleViolation`.
    """
    require_role(by, change.contract.segment.tender, Role.CLM)
    if not text.strip():
        raise RuleViolation(_("Write your question."), "text")
    transition(change, ChangeStatus.QUESTIONED, by=by, table=SUBCONTRACTOR_CHANGE)
    message = _say(change, MessageSide.CLM, text, by)
    tell_question(message)
    return message


@transaction.atomic
def answer_question(*, change: SubcontractorChange, text: str, by: User) -> ChangeMessage:
    """The contractor answers, and what it uploaded with the answer goes along as evidence.

    The term to decide moves on by the days that the question was open. Raises `NotAllowed`, `RuleViolation`.
    """
    require_contractor(by, change.contract)
    if not text.strip():
        raise RuleViolation(_("Write your answer."), "text")
    change = SubcontractorChange.objects.select_for_update(of=("self",)).get(pk=change.pk)
    asked = change.messages.filter(side=MessageSide.CLM).order_by("at").last()
    due = change.decide_by
    if asked is not None:
        due = moved_on(due, timezone.localdate(asked.at), database_today())
    documents = attach_evidence(change, held_for=change, by=by)
    detail = {"evidence": documents, "decide_by": due.isoformat()}
    transition(change, ChangeStatus.REQUESTED, by=by, table=SUBCONTRACTOR_CHANGE, detail=detail, decide_by=due)
    message = _say(change, MessageSide.CONTRACTOR, text, by)
    if asked is not None:
        tell_answer(message, asked.author)
    return message


def _say(change: SubcontractorChange, side: MessageSide, text: str, by: User) -> ChangeMessage:
    return ChangeMessage.objects.create(change=change, side=side, text=text.strip(), author=by, at=database_now())


@transaction.atomic
def ask_advice(
    *,
    change: SubcontractorChange,
    municipalities: Collection[Municipality],
    question: str,
    due_on: date,
    by: User,
) -> list[ChangeAdvice]:
    """Team CLM asks municipalities of the region to advise, each once; their college secretaries get an e-mail.

    Raises `NotAllowed`, `RuleViolation`: also where nobody of a municipality could read the question.
    """
    require_role(by, change.contract.segment.tender, Role.CLM)
    change = SubcontractorChange.objects.select_for_update(of=("self",)).get(pk=change.pk)
    _check_advice(change, municipalities, due_on)
    people = secretaries_of(municipalities)
    unheard = sorted(place.name for place in municipalities if not people[place.pk])
    if unheard:
        raise RuleViolation(
            _("No college secretary of %(names)s has an account here. Ask this municipality in another way.")
            % {"names": ", ".join(unheard)},
            "municipalities",
        )
    made = []
    for place in municipalities:
        advice = ChangeAdvice.objects.create(
            change=change, municipality=place, question=question.strip(), asked_by=by, due_on=due_on
        )
        tell_asked_advice(advice, people[place.pk])
        detail = {"municipality": place.name, "due_on": due_on.isoformat()}
        record("contracts.changeadvice.ask", by=by, target=change, detail=detail)
        made.append(advice)
    return made


def _check_advice(change: SubcontractorChange, municipalities: Collection[Municipality], due_on: date) -> None:
    if change.status not in OPEN_CHANGES:
        raise RuleViolation(_("This request was decided or withdrawn already."))
    if not municipalities:
        raise RuleViolation(_("Choose at least one municipality."), "municipalities")
    if any(place.region_id != change.contract.segment.tender.region_id for place in municipalities):
        raise NotAllowed(_("Only municipalities of this region advise on this change."))
    if due_on < database_today():
        raise RuleViolation(_("This date has passed. Choose today or a later day."), "due_on")
    asked = change.advices.filter(municipality__in=municipalities).select_related("municipality")
    names = [advice.municipality.name for advice in asked]
    if names:
        raise RuleViolation(_("%(names)s was asked already.") % {"names": ", ".join(names)}, "municipalities")


@transaction.atomic
def give_advice(*, advice: ChangeAdvice, outcome: str, text: str, by: User) -> ChangeAdvice:
    """The college secretary of the municipality that was asked answers, once, before Team CLM decided.

    Raises `NotAllowed`, `RuleViolation`.
    """
    advice = ChangeAdvice.objects.select_for_update(of=("self",)).select_related("change").get(pk=advice.pk)
    if not has_role(by, Role.COLLEGE) or advice.municipality_id not in municipality_ids_of(by):
        raise NotAllowed(_("Only the municipality that was asked gives this advice."))
    if advice.outcome:
        raise RuleViolation(_("This advice was given already. Load the page again."))
    if advice.change.status not in OPEN_CHANGES:
        raise RuleViolation(_("This request was decided or withdrawn already, so advice is no longer needed."))
    if outcome not in AdviceOutcome.values:
        raise RuleViolation(_("Choose your advice."), "outcome")
    if outcome == AdviceOutcome.NEGATIVE and not text.strip():
        raise RuleViolation(_("Say why your municipality is against it."), "text")
    advice.outcome, advice.text, advice.given_by, advice.given_at = outcome, text.strip(), by, database_now()
    advice.save(update_fields=["outcome", "text", "given_by", "given_at"])
    tell_advice(advice)
    detail = {"municipality": advice.municipality.name, "outcome": outcome}
    record("contracts.changeadvice.give", by=by, target=advice.change, detail=detail)
    return advice
