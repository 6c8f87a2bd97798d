"""Options of contracts: all that come up, what each college decided, and the conclusion."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from achterhoek.accounts.access import allow
from achterhoek.accounts.enums import Role
from achterhoek.accounts.requests import UserRequest
from achterhoek.accounts.roles import has_role
from achterhoek.clock import database_today
from achterhoek.errors import RuleViolation
from achterhoek.nlds.forms import NldsForm
from contracts.enums import TermStatus
from contracts.forms.options import CollegeOptionForm, ConcludeForm, ConditionForm
from contracts.selectors.options import OptionRow, open_options, option_groups, option_row, speaks_for
from contracts.selectors.result_panels import beside_option
from contracts.services.options import CollegeSays, conclude_option, meet_condition, record_college_decisions


@allow(Role.CLM, Role.COLLEGE, read=(Role.LEAD, Role.AUDITOR))
def options(request: UserRequest) -> HttpResponse:
    """All options that come up; a college records one decision on as many of them as it chose."""
    rows = open_options(request.user, today=database_today())
    segment = request.GET.get("segment", "")
    speaks = speaks_for(request.user, rows)
    every = request.method == "GET" and request.GET.get("kies") == "alle"
    asked_for = {str(row.term.pk) for row in rows if segment in ("", row.contract.segment.slug)}
    chosen = asked_for if every else set(request.POST.getlist("optie"))
    form = CollegeOptionForm(request.POST if request.method == "POST" else None, municipalities=speaks)
    if request.method == "POST":
        picked = [row for row in rows if str(row.term.pk) in chosen]
        if not picked:
            form.add_error(None, _("Choose one contract or more in the list, with the boxes in front of them."))
        if form.is_valid() and _recorded(request, form, picked):
            # Where they were chosen by the address, they are not chosen again.
            return redirect(f"{request.path}?{urlencode({'segment': segment})}" if segment else request.path)
    context = {
        "groups": option_groups(rows, chosen, segment, speaks[0] if len(speaks) == 1 else None),
        "form": form if speaks else None,
        "own": speaks[0] if len(speaks) == 1 else None,
        "today": database_today(),
    }
    return render(request, "contracts/option/list.html", context, status=form.http_status)


def _recorded(request: UserRequest, form: CollegeOptionForm, picked: list[OptionRow]) -> bool:
    data = form.cleaned_data
    says = CollegeSays(data["outcome"], data["decided_on"], data["reason"], data["condition"])
    try:
        made = record_college_decisions(
            terms=[row.term for row in picked], municipality=data["municipality"], says=says, by=request.user
        )
    except RuleViolation as violation:
        form.refuse(violation)
        return False
    text = ngettext(
        "The decision on %(count)d contract is recorded.",
        "The decision on %(count)d contracts is recorded.",
        len(made),
    )
    messages.success(request, text % {"count": len(made)})
    return True


def _row(request: UserRequest, term_id: int) -> OptionRow:
    row = option_row(request.user, term_id)
    if row is None:
        raise Http404
    return row


@allow(Role.CLM, Role.COLLEGE, read=(Role.LEAD, Role.AUDITOR))
def option(request: UserRequest, term_id: int) -> HttpResponse:
    """One option: what each college decided, and the conclusion of Team CLM."""
    row = _row(request, term_id)
    may_conclude = has_role(request.user, Role.CLM)
    form = ConcludeForm(request.POST or None) if may_conclude else None
    if request.method == "POST" and form is not None and form.is_valid():
        try:
            term = conclude_option(term=row.term, reason=form.cleaned_data["reason"], by=request.user)
        except RuleViolation as violation:
            form.refuse(violation)
        else:
            extended = _("The contract is extended. The letter is on its way.")
            ended = _("The contract is not extended. The letter is on its way.")
            messages.success(request, extended if term.status == TermStatus.EXERCISED else ended)
            return redirect("contracts:options")
    return _page(request, row, conclude=form)


@allow(Role.CLM, Role.COLLEGE)
def option_condition(request: UserRequest, term_id: int, municipality_id: int) -> HttpResponse:
    """That the condition of one college is met."""
    row = _row(request, term_id)
    decision = row.decisions.get(municipality_id)
    own = {one.pk for one in speaks_for(request.user, [row])}
    if decision is None or municipality_id not in own:
        raise Http404
    form = ConditionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            meet_condition(decision=decision, on=form.cleaned_data["on"], by=request.user)
        except RuleViolation as violation:
            form.refuse(violation)
        else:
            messages.success(request, _("It is recorded that the condition is met."))
            return redirect("contracts:option", term_id)
    return _page(request, row, condition=form, about=decision)


def _page(request: UserRequest, row: OptionRow, **extra: Any) -> HttpResponse:
    forms = [form for form in extra.values() if isinstance(form, NldsForm)]
    context = {
        "row": row,
        "contract": row.contract,
        "speaks": {one.pk for one in speaks_for(request.user, [row])},
        "today": database_today(),
        "beside": beside_option(row.contract, database_today()),
        **extra,
    }
    status = max((form.http_status for form in forms), default=200)
    return render(request, "contracts/option/detail.html", context, status=status)
