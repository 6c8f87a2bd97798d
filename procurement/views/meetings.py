"""The meeting's own page: what is still to do before the scores can be fixed, and the minutes."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from achterhoek.accounts.access import allow
from achterhoek.accounts.enums import Role
from achterhoek.accounts.requests import UserRequest
from achterhoek.errors import RuleViolation
from procurement.enums import SegmentRoundStatus
from procurement.forms.consensus import MinutesForm
from procurement.rules import is_lead
from procurement.selectors.meeting import MEETING, Attendance, attendance, meetings_of, reads_minutes
from procurement.selectors.missing import missing_for_fixing
from procurement.services.meetings import record_minutes


def found_meeting(request: UserRequest, pk: int) -> Attendance:
    """The meeting of this segment, for who is in it."""
    found = attendance(request.user, pk)
    if found is None:
        raise Http404
    return found


@allow(Role.LEAD, Role.EVALUATOR, read=(Role.AUDITOR,))
def meeting_list(request: UserRequest, pk: int) -> HttpResponse:
    """The meetings of a segment with their minutes; lead and chair record new ones."""
    found = found_meeting(request, pk)
    segment_round = found.segment_round
    writes = found.leads and segment_round.status in MEETING
    form = MinutesForm(request.POST or None, segment_round=segment_round) if writes else None
    if request.method == "POST":
        if form is None:
            raise PermissionDenied
        if form.is_valid() and _recorded(request, found, form):
            return redirect("procurement:meeting_list", pk=pk)
    reads = reads_minutes(request.user, found)
    overseer = segment_round.status == SegmentRoundStatus.CONSENSUS and found.oversees
    context = {
        "found": found,
        "segment_round": segment_round,
        "form": form,
        "reads": reads,
        "meetings": meetings_of(segment_round) if reads else [],
        "missing": missing_for_fixing(segment_round) if overseer else None,
        "oversees": found.oversees,
        "may_fix": is_lead(request.user, segment_round.round.tender),
    }
    status = form.http_status if form else 200
    return render(request, "procurement/consensus/meetings.html", context, status=status)


def _recorded(request: UserRequest, found: Attendance, form: MinutesForm) -> bool:
    data = form.cleaned_data
    try:
        record_minutes(
            segment_round=found.segment_round,
            held_on=data["held_on"],
            present=data["present"],
            minutes=data["minutes"],
            by=request.user,
        )
    except RuleViolation as error:
        form.refuse(error)
        return False
    messages.success(request, _("The minutes are recorded."))
    return True
