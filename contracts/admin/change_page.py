"""One change of subcontractor on one page: all that matters, and what Team CLM does with it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext

from achterhoek.accounts.enums import Role
from achterhoek.clock import database_today
from achterhoek.errors import RuleViolation
from achterhoek.nlds.forms import NldsForm
from contracts.admin.base import RecordAdmin
from contracts.domain.change_checks import ADD, check, worst
from contracts.enums import OPEN_CHANGES, ChangeStatus
from contracts.forms.change_desk import AdviceForm, ConditionForm, DecisionForm, QuestionForm
from contracts.models import SubcontractorChange
from contracts.rules import last_day_of
from contracts.selectors import changes as selectors
from contracts.selectors import contracts as contract_selectors
from contracts.selectors.change_checks import facts_of, open_promises, requirements_of
from contracts.selectors.change_evidence import evidence_of
from contracts.selectors.change_history import history_of
from contracts.selectors.change_words import MARKS, check_rows
from contracts.services.change_decisions import decide_change, meet_condition
from contracts.services.change_talk import ask_advice, ask_question
from procurement.rules import works_for_region

PAGE = "admin/contracts/subcontractorchange/decide.html"


class ChangePage(RecordAdmin):
    """The page and its steps. Each step that is refused shows the whole page again, with what was typed."""

    def get_urls(self) -> list[URLPattern]:
        name = "contracts_subcontractorchange"
        own = [
            path("<uuid:pk>/vraag/", self.guarded(self.question_view), name=f"{name}_question"),
            path("<uuid:pk>/advies/", self.guarded(self.advice_view), name=f"{name}_advice"),
            path("<uuid:pk>/voorwaarde/<int:number>/", self.guarded(self.condition_view), name=f"{name}_condition"),
        ]
        return [*own, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """All that matters on one page, and the decision."""
        change = self._change(request, _key(object_id))
        if request.method != "POST":
            return self._page(request, change)
        if not self._may_decide(request, change):
            return self._too_late(request, change)
        form = DecisionForm(request.POST, change=change)
        if form.is_valid() and self._done(form, lambda: decide_change(
            change=change, by=request.user, **form.cleaned_data,  # type: ignore[arg-type]
        )):  # fmt: skip
            messages.success(request, gettext("The decision is recorded, and mailed to the contractor."))
            return redirect("admin:contracts_subcontractorchange_changelist")
        return self._page(request, change, decision=form)

    def question_view(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Ask the contractor."""
        change = self._change(request, pk)
        if request.method != "POST":
            return self._back(change)
        if not (self._may_decide(request, change) and change.status == ChangeStatus.REQUESTED):
            return self._too_late(request, change)
        form = QuestionForm(request.POST, prefix="vraag")
        if form.is_valid() and self._done(form, lambda: ask_question(
            change=change, text=form.cleaned_data["text"], by=request.user,  # type: ignore[arg-type]
        )):  # fmt: skip
            messages.success(request, gettext("Your question is mailed to the contractor."))
            return self._back(change)
        return self._page(request, change, question=form)

    def advice_view(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Ask municipalities for advice."""
        change = self._change(request, pk)
        if request.method != "POST":
            return self._back(change)
        if not self._may_decide(request, change):
            return self._too_late(request, change)
        form = self._advice_form(change, request.POST)
        if form.is_valid() and self._done(form, lambda: ask_advice(
            change=change, by=request.user, **form.cleaned_data,  # type: ignore[arg-type]
        )):  # fmt: skip
            messages.success(request, gettext("The municipalities are asked by e-mail."))
            return self._back(change)
        return self._page(request, change, advice=form)

    def condition_view(self, request: HttpRequest, pk: UUID, number: int) -> HttpResponse:
        """Note that a condition was met."""
        change = self._change(request, pk)
        condition = get_object_or_404(change.followed.all(), sequence=number)
        if request.method != "POST":
            return self._back(change)
        form = ConditionForm(request.POST, prefix=f"voorwaarde-{number}")
        if form.is_valid() and self._done(form, lambda: meet_condition(
            condition=condition, by=request.user, **form.cleaned_data,  # type: ignore[arg-type]
        )):  # fmt: skip
            messages.success(request, gettext("It is noted that this condition was met."))
            return self._back(change)
        return self._page(request, change, met={number: form})

    def _change(self, request: HttpRequest, key: UUID) -> SubcontractorChange:
        return get_object_or_404(selectors.changes_for(request.user), pk=key)

    def _works_here(self, request: HttpRequest, change: SubcontractorChange) -> bool:
        return works_for_region(request.user, change.contract.segment.tender, Role.CLM)

    def _may_decide(self, request: HttpRequest, change: SubcontractorChange) -> bool:
        return change.status in OPEN_CHANGES and self._works_here(request, change)

    def _too_late(self, request: HttpRequest, change: SubcontractorChange) -> HttpResponse:
        messages.error(request, gettext("This request was decided or withdrawn already, or is not yours to decide."))
        return self._back(change)

    def _back(self, change: SubcontractorChange) -> HttpResponse:
        return redirect("admin:contracts_subcontractorchange_change", change.pk)

    def _done(self, form: NldsForm, step: Any) -> bool:
        try:
            step()
        except RuleViolation as error:
            form.refuse(error)
            return False
        return True

    def _advice_form(self, change: SubcontractorChange, data: Any = None) -> AdviceForm:
        return AdviceForm(data, municipalities=selectors.may_advise(change), prefix="advies")

    def _page(
        self,
        request: HttpRequest,
        change: SubcontractorChange,
        *,
        decision: DecisionForm | None = None,
        question: QuestionForm | None = None,
        advice: AdviceForm | None = None,
        met: dict[int, ConditionForm] | None = None,
    ) -> HttpResponse:
        given = [form for form in (decision, question, advice, *(met or {}).values()) if form is not None]
        if self._may_decide(request, change):
            decision = decision or DecisionForm(change=change)
            if change.status == ChangeStatus.REQUESTED:
                question = question or QuestionForm(prefix="vraag")
            if selectors.may_advise(change).exists():
                advice = advice or self._advice_form(change)
        context = self.page_context(
            request, title=str(change), change_request=change, decision_form=decision, question_form=question,
            advice_form=advice, faulty=next((form for form in given if form.errors), None),
            conditions=self._conditions(request, change, met or {}),
            **self._about(request, change), **self._checked(change),
        )  # fmt: skip
        return TemplateResponse(request, PAGE, context, status=422 if context["faulty"] else 200)

    def _conditions(
        self, request: HttpRequest, change: SubcontractorChange, met: dict[int, ConditionForm]
    ) -> list[tuple[Any, ConditionForm | None]]:
        follows = self._works_here(request, change)
        return [
            (row, None if row.met_on or not follows else met.get(row.sequence) or _condition_form(row.sequence))
            for row in selectors.conditions_of(change)
        ]

    def _about(self, request: HttpRequest, change: SubcontractorChange) -> dict[str, Any]:
        """What is known of the newcomer, of the contract, and of the course of the request."""
        contract = contract_selectors.contract_detail(request.user).get(pk=change.contract_id)
        today = database_today()
        return {
            "contract": contract,
            "last_day": last_day_of(contract),
            "terms": contract_selectors.term_rows(contract, today),
            "subcontractors": contract_selectors.subcontractors_of(contract, today),
            "elsewhere": contract_selectors.elsewhere(change),
            "own_contracts": contract_selectors.own_elsewhere(change),
            "other_changes": selectors.other_changes(change, request.user),
            "evidence": evidence_of(change),
            "advices": selectors.advices_of(change),
            "events": history_of(change, internal=True),
            "letter": selectors.letter_of(change, request.user),
            "overdue": change.status == ChangeStatus.REQUESTED and change.decide_by < today,
        }

    def _checked(self, change: SubcontractorChange) -> dict[str, Any]:
        """The checks, as long as there is something to decide: afterwards the log says what they found."""
        if change.status not in OPEN_CHANGES:
            return {"found_then": selectors.found_at_decision(change)}
        facts = facts_of(change)
        findings = check(facts)
        tone, label = MARKS[worst(findings)]
        return {
            "checks": check_rows(findings), "losses": facts.losses, "worst": (tone, label),
            "requirements": requirements_of(change.contract) if change.kind == ADD else [],
            "promises": open_promises(change.contract) if change.kind != ADD else [],
        }  # fmt: skip


def _condition_form(number: int) -> ConditionForm:
    return ConditionForm(initial={"met_on": database_today()}, prefix=f"voorwaarde-{number}")


def _key(object_id: str) -> UUID:
    """The key in the address; one that no request has, where it is none."""
    try:
        return UUID(object_id)
    except ValueError:
        return UUID(int=0)
