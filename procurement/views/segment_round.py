"""The lead's page of a segment round: where its evaluation stands, what is to do, and all that hangs on it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from achterhoek.accounts.access import allow
from achterhoek.accounts.enums import Role
from achterhoek.accounts.requests import UserRequest
from achterhoek.accounts.roles import has_role
from achterhoek.errors import RuleViolation
from achterhoek.nlds.forms import NldsForm
from procurement.domain.visibility import ScoringRound, Viewer, ViewerRole, score_access
from procurement.enums import SegmentRoundStatus
from procurement.forms.evaluation import CloseScoringForm
from procurement.models import SegmentRound
from procurement.rules import is_lead
from procurement.selectors import overview
from procurement.selectors.evaluation import BEFORE_CONSENSUS, managed_segment_rounds
from procurement.services import evaluation as services
from procurement.views.overview_table import Line, counted_cells, lines, scored_cells, table_body
from procurement.views.saving import http_status
from procurement.views.segment_round_panels import panels

ORDER = [
    SegmentRoundStatus.SCORING,
    SegmentRoundStatus.CONSENSUS,
    SegmentRoundStatus.FIXED,
    SegmentRoundStatus.RANKED,
    SegmentRoundStatus.DECIDED,
]


@allow(Role.LEAD, read=(Role.AUDITOR,))
def segment_round(request: UserRequest, pk: int) -> HttpResponse:
    """Where the evaluation of this segment stands, and what is to do."""
    return _page(request, _segment_round(request, pk))


@allow(Role.LEAD)
@require_POST
def scoring_close(request: UserRequest, pk: int) -> HttpResponse:
    """End the individual scoring."""
    found = _segment_round(request, pk)
    form = CloseScoringForm(request.POST)
    if form.is_valid():
        try:
            services.close_scoring(segment_round=found, by=request.user, reason=form.cleaned_data["reason"])
        except RuleViolation as error:
            form.refuse(error)
        else:
            messages.success(request, _("The individual scoring is closed. The consensus can begin."))
            return redirect("procurement:segment_round", pk=pk)
    return _page(request, found, close_form=form)


@allow(Role.LEAD)
@require_POST
def scores_fix(request: UserRequest, pk: int) -> HttpResponse:
    """Fix the scores: nothing changes after this."""
    found = _segment_round(request, pk)
    try:
        services.fix_scores(segment_round=found, by=request.user)
    except RuleViolation as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("The scores are fixed. The ranking can be made."))
    return redirect("procurement:segment_round", pk=pk)


def _segment_round(request: UserRequest, pk: int) -> SegmentRound:
    return get_object_or_404(overview.with_facts(managed_segment_rounds(request.user)), pk=pk)


def _page(request: UserRequest, found: SegmentRound, **refused: NldsForm) -> HttpResponse:
    """The segment round's page; `refused` are forms that were sent in and not accepted."""
    seats = overview.seats(found)
    members = [seat for seat in seats if seat.scores]
    facts = overview.facts_of(found, seats)
    criteria = overview.criteria_of(found)
    revealed = _revealed(request, found, members)
    table = _table(request, found, members, facts, criteria, revealed=revealed)
    writes = is_lead(request.user, found.round.tender)
    handed_in = sum(1 for member in members if member.handed_in_at)
    context = {
        "segment_round": found,
        "steps": _steps(found),
        "members": overview.progress_of(
            members, table.pop("given"), table.pop("scorers"), criteria=sum(one.decided for one in criteria)
        ),
        "announced": found.round.tender.evaluators_announced,
        "revealed": revealed,
        "all_handed_in": bool(members) and handed_in == len(members),
        "criteria": criteria,
        "panels": panels(found, seats, facts, handed_in=handed_in),
        "facts": facts,
        "decision": {"pk": facts.decision_id} if facts.decision_id else None,
        "may_write": writes,
        "may_choose": writes and found.status in BEFORE_CONSENSUS,
        **table,
    }
    if writes and found.status == SegmentRoundStatus.SCORING:
        context["close_form"] = CloseScoringForm()
    return render(
        request, "procurement/segment_round/detail.html", {**context, **refused}, status=http_status(refused.values())
    )


def _revealed(request: UserRequest, found: SegmentRound, members: list[overview.Seat]) -> bool:
    """Whether the scores themselves may be shown; the rule is `domain/visibility`, on the seats read already."""
    state = ScoringRound(
        assigned=frozenset(seat.user_id for seat in members),
        handed_in=frozenset(seat.user_id for seat in members if seat.handed_in_at),
        closed=found.status not in BEFORE_CONSENSUS,
    )
    role = ViewerRole.LEAD if has_role(request.user, Role.LEAD) else ViewerRole.AUDITOR
    return score_access(Viewer(request.user.pk, role), state).see_others


def _table(
    request: UserRequest,
    found: SegmentRound,
    members: list[overview.Seat],
    facts: overview.Facts,
    criteria: list[overview.Asked],
    *,
    revealed: bool,
) -> dict[str, Any]:
    """The overview: sorted and filtered as asked for in the address."""
    by_name = request.GET.get("volgorde") == "organisatie"
    rows = overview.rows_of(request.user, found, by_name=by_name)
    stale: frozenset[overview.CellKey] = frozenset()
    scorers = overview.scorers_of_bids(found, members, divided=facts.divided)
    decided = {one.pk for one in criteria if one.decided}
    if revealed:
        consensus = overview.consensus_in_cells(found)
        if found.status == SegmentRoundStatus.CONSENSUS:
            stale = overview.stale_cells(found, consensus, decided)
        scores = overview.scores_in_cells(found)
        given = {key: who for key, (who, _what) in scores.items()}
        cell = scored_cells(scores, consensus, stale, members=members, scale_max=found.round.tender.scale_max)
    else:
        consensus = {}
        given = overview.given_in_cells(found, again=any(one.again for one in criteria))
        cell = counted_cells(given, {entry: one.asked for entry, one in scorers.items()}, len(members))
    keys = [one.pk for one in criteria]
    made = lines(found, rows, keys, cell, asked_checks=facts.requirements)
    admitted = [row for row in rows if row.admitted]
    in_play = {row.id for row in admitted}
    shown, tabs = _filtered(request, made, revealed=revealed)
    return {
        "any_rows": bool(rows),
        "given": [who for (entry, key), who in given.items() if entry in in_play and key in decided],
        "scorers": [one for entry, one in scorers.items() if entry in in_play],
        "body": table_body(shown),
        "any_shown": bool(shown),
        "tabs": tabs,
        "by_name": by_name,
        "sorts": {"number": _address(request, volgorde=""), "name": _address(request, volgorde="organisatie")},
        "member_names": [seat.name for seat in sorted(members, key=lambda seat: seat.user_id)],
        "missing": {
            "scores": sum(1 for row in admitted for key in keys if (row.id, key) not in consensus),
            "checks": sum(max(0, facts.requirements - row.checked) for row in admitted),
            "stale": sum(1 for entry, _criterion in stale if entry in in_play),
        },
    }


def _filtered(request: UserRequest, made: list[Line], *, revealed: bool) -> tuple[list[Line], list[dict[str, Any]]]:
    """The lines to show, and the choices above them, each with its number."""
    wanted = {"": made, "open": [line for line in made if line.open]}
    labels = {"": _("All"), "open": _("Open")}
    if revealed:
        wanted["verschil"] = [line for line in made if line.spread]
        labels["verschil"] = _("Scores differ")
    wanted["uitgevallen"] = [line for line in made if not line.row.admitted]
    labels["uitgevallen"] = _("Fallen out")
    asked = request.GET.get("toon", "")
    current = asked if asked in wanted else ""
    tabs = [
        {"label": label, "url": _address(request, toon=key), "current": key == current, "count": len(wanted[key])}
        for key, label in labels.items()
    ]
    return wanted[current], tabs


def _address(request: UserRequest, **changed: str) -> str:
    """This page, with one choice changed and the other kept."""
    kept = {key: value for key, value in request.GET.items() if key in ("toon", "volgorde")}
    return "?" + urlencode({key: value for key, value in (kept | changed).items() if value})


def _steps(found: SegmentRound) -> list[dict[str, Any]]:
    """The course of the evaluation; the state the round is in is the current step."""
    now = ORDER.index(SegmentRoundStatus(found.status)) if found.status in ORDER else -1
    return [
        {
            "label": status.label,
            "state": "done" if index < now else "current" if index == now else "todo",
        }
        for index, status in enumerate(ORDER)
    ]
