"""The lead's pages of the completeness check; the auditor may look."""

from __future__ import annotations

import uuid
from collections import Counter

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from achterhoek.accounts.access import allow
from achterhoek.accounts.enums import Role
from achterhoek.accounts.requests import UserRequest
from achterhoek.clock import database_now
from achterhoek.errors import RuleViolation
from procurement.enums import Completeness
from procurement.forms.completeness import JudgeForm
from procurement.models import Round
from procurement.rules import is_lead
from procurement.selectors.completeness import (
    CheckRow,
    check_rows,
    judgment_hindrance,
    parts_of,
    points_in_use,
    points_to_ask,
    requests_of,
)
from procurement.selectors.vault import opened_round
from procurement.services.completeness import judge_completeness


@allow(Role.LEAD, read=(Role.AUDITOR,))
def completeness(request: UserRequest, pk: int) -> HttpResponse:
    """All submissions of an opened round: which are complete, what has to be clarified, and what was asked."""
    found = round_or_404(request, pk)
    rows = check_rows(request.user, found)
    counted = Counter(row.outcome for row in rows)
    context = {
        "round": found,
        "tender": found.tender,
        "rows": rows,
        "counts": {"unchecked": counted[""], **{outcome.value: counted[outcome.value] for outcome in Completeness}},
        "mismatches": [row.submission.number for row in rows if not row.matches],
        "to_ask": points_to_ask(rows),
        "requests": list(requests_of(found)),
        "now": database_now(),
        "may_act": is_lead(request.user, found.tender),
    }
    return render(request, "procurement/completeness/round.html", context)


@allow(Role.LEAD, read=(Role.AUDITOR,))
def completeness_judge(request: UserRequest, pk: int, submission_pk: uuid.UUID) -> HttpResponse:
    """One submission: what it answered, what was clarified, and the judgment."""
    found = round_or_404(request, pk)
    rows = check_rows(request.user, found)
    row = next((row for row in rows if row.submission.pk == submission_pk), None)
    if row is None:
        raise Http404
    posted = request.POST if request.method == "POST" else None
    form = JudgeForm(posted, points=points_in_use(found), check=row.check)
    if posted is not None and form.is_valid():
        data = form.cleaned_data
        try:
            judge_completeness(
                submission=row.submission, outcome=data["outcome"], reason=data["reason"], point=data["point"],
                by=request.user,
            )  # fmt: skip
        except RuleViolation as violation:
            form.refuse(violation)
        else:
            messages.success(request, _("Your judgment of %(number)s is saved.") % {"number": row.submission.number})
            return _after_judging(request, rows, row)
    hindrance = judgment_hindrance(row.submission)
    may_act = is_lead(request.user, found.tender)
    context = {
        "round": found,
        "tender": found.tender,
        "row": row,
        "submission": row.submission,
        "parts": parts_of(request.user, row.submission),
        "form": form if may_act and (not hindrance or form.is_bound) else None,
        "hindrance": hindrance,
        "may_act": may_act,
        "now": database_now(),
    }
    return render(request, "procurement/completeness/judge.html", context, status=form.http_status)


def round_or_404(request: UserRequest, pk: int) -> Round:
    """An opened round of the user's region; for others it does not exist."""
    found = opened_round(request.user, pk)
    if found is None:
        raise Http404
    return found


def _after_judging(request: UserRequest, rows: list[CheckRow], row: CheckRow) -> HttpResponse:
    """Back to the list, or on to the next submission that nobody has judged, from here on round."""
    place = rows.index(row)
    waiting = [other for other in rows[place + 1 :] + rows[:place] if other.check is None]
    pk = row.submission.round_id
    if "next" in request.POST and waiting:
        return redirect("procurement:completeness_judge", pk=pk, submission_pk=waiting[0].submission.pk)
    return redirect("procurement:completeness", pk=pk)
