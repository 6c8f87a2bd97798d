"""The interim evaluation: all of them, and the page on which both sides answer and Team CLM concludes."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from achterhoek.accounts.access import allow
from achterhoek.accounts.enums import Role
from achterhoek.accounts.requests import UserRequest
from achterhoek.accounts.roles import has_role
from achterhoek.clock import database_today
from achterhoek.errors import RuleViolation
from achterhoek.nlds.forms import NldsForm
from contracts.domain.evaluations import CLM
from contracts.enums import EvaluationStatus
from contracts.forms.evaluations import AnswersForm, ConcludeEvaluationForm, FinishForm, OpenForm
from contracts.selectors.evaluations import (
    EvaluationPage,
    evaluation_groups,
    evaluation_page,
    open_agreements,
    questionnaire_years,
    tenders_to_evaluate,
)
from contracts.services.evaluations import (
    conclude_evaluation,
    finish_agreement,
    hand_in_answers,
    open_evaluations,
    save_answers,
)

READERS = (Role.LEAD, Role.AUDITOR, Role.ADMIN, Role.COLLEGE)


@allow(Role.CLM, read=READERS)
def evaluations(request: UserRequest) -> HttpResponse:
    """All evaluations that this user may see, how far each is, and what was agreed in them."""
    tenders = tenders_to_evaluate(request.user)
    years = questionnaire_years(tenders)
    form = OpenForm(request.POST or None, tenders=tenders, years=years) if years else None
    if request.method == "POST" and form is not None and form.is_valid() and _opened(request, form):
        return redirect("contracts:evaluations")
    context = {
        "groups": evaluation_groups(request.user),
        "agreements": open_agreements(request.user),
        "today": database_today(),
        "form": form,
        "may_open": has_role(request.user, Role.CLM),
    }
    status = form.http_status if form is not None else 200
    return render(request, "contracts/evaluation/list.html", context, status=status)


def _opened(request: UserRequest, form: OpenForm) -> bool:
    data = form.cleaned_data
    try:
        made = open_evaluations(tender=data["tender"], year=data["year"], due_on=data["due_on"], by=request.user)
    except RuleViolation as violation:
        form.refuse(violation)
        return False
    text = ngettext(
        "The evaluation of %(count)d contract is open.", "The evaluation of %(count)d contracts is open.", len(made)
    )
    messages.success(request, text % {"count": len(made)})
    return True


def _page_of(request: UserRequest, pk: int, year: int) -> EvaluationPage:
    page = evaluation_page(request.user, pk, year)
    if page is None:
        raise Http404
    return page


@allow(Role.PROVIDER, Role.CLM, read=READERS)
def evaluation(request: UserRequest, pk: int, year: int) -> HttpResponse:
    """One evaluation: this side answers, and when both have, both read all and Team CLM concludes."""
    page = _page_of(request, pk, year)
    form: NldsForm | None = None
    if page.may_answer:
        form = AnswersForm(request.POST or None, page=page)
        if request.method == "POST" and _answered(request, page, form):
            return redirect("contracts:evaluation", pk, year)
    elif page.side == CLM and page.sees_both and page.evaluation.status == EvaluationStatus.OPEN:
        form = ConcludeEvaluationForm(request.POST or None)
        if request.method == "POST" and form.is_valid() and _concluded(request, page, form):
            return redirect("contracts:evaluation", pk, year)
    elif request.method == "POST":
        messages.info(request, _("These answers were handed in. They can no longer be changed."))
        return redirect("contracts:evaluation", pk, year)
    return _render(request, page, form)


def _answered(request: UserRequest, page: EvaluationPage, form: AnswersForm) -> bool:
    """Keep what was answered, or hand it in; with an error the page comes back as it was typed."""
    form.is_valid()
    try:
        if "save" in request.POST:
            save_answers(evaluation=page.evaluation, side=page.side or "", answers=form.answers, by=request.user)
            if form.errors:
                return False
            messages.success(request, _("Your answers are saved. They are not handed in yet."))
            return True
        if not form.require_marks():
            return False
        hand_in_answers(evaluation=page.evaluation, side=page.side or "", answers=form.answers, by=request.user)
    except RuleViolation as violation:
        form.refuse(violation)
        return False
    messages.success(request, _("Your answers are handed in."))
    return True


def _concluded(request: UserRequest, page: EvaluationPage, form: ConcludeEvaluationForm) -> bool:
    data = form.cleaned_data
    try:
        conclude_evaluation(
            evaluation=page.evaluation, met_on=data["met_on"], conclusion=data["conclusion"], advice=data["advice"],
            agreed=form.agreed, by=request.user,
        )  # fmt: skip
    except RuleViolation as violation:
        form.refuse(violation)
        return False
    messages.success(request, _("The evaluation is concluded."))
    return True


def _render(request: UserRequest, page: EvaluationPage, form: NldsForm | None) -> HttpResponse:
    context = {
        "page": page,
        "evaluation": page.evaluation,
        "contract": page.evaluation.contract,
        "form": form,
        "answering": page.may_answer,
        "may_finish": page.side == CLM,
        "today": database_today(),
    }
    return render(
        request, "contracts/evaluation/detail.html", context, status=form.http_status if form is not None else 200
    )


@allow(Role.CLM)
def agreement_done(request: UserRequest, pk: int, year: int, sequence: int) -> HttpResponse:
    """That an agreed adjustment was done."""
    page = _page_of(request, pk, year)
    agreement = get_object_or_404(page.evaluation.agreements.filter(done_on__isnull=True), sequence=sequence)
    form = FinishForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            finish_agreement(agreement=agreement, on=data["on"], remark=data["remark"], by=request.user)
        except RuleViolation as violation:
            form.refuse(violation)
        else:
            messages.success(request, _("It is recorded that this was done."))
            return redirect("contracts:evaluation", pk, year)
    context = {
        "evaluation": page.evaluation,
        "contract": page.evaluation.contract,
        "agreement": agreement,
        "form": form,
    }
    return render(request, "contracts/evaluation/agreement.html", context, status=form.http_status)
