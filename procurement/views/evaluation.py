"""The evaluator's lists: my segments, the bids of one, one criterion over all bids, and handing in."""

from __future__ import annotations

from dataclasses import replace

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from achterhoek.accounts.access import allow
from achterhoek.accounts.enums import Role
from achterhoek.accounts.requests import UserRequest
from achterhoek.errors import NotAllowed, RuleViolation
from procurement.enums import ScoringOrder, SeatRole, SegmentRoundStatus
from procurement.models import CommitteeMember, Criterion
from procurement.selectors.evaluation import SegmentProgress, evaluator_overview, missing_scores, seats_of
from procurement.selectors.naming import named, names_hidden
from procurement.selectors.reevaluation import criteria_to_score
from procurement.selectors.scoring import BidRow, bid_rows, criterion_progress, may_score
from procurement.services import evaluation as services


@allow(Role.EVALUATOR)
def evaluator_home(request: UserRequest) -> HttpResponse:
    """My segments, how far I am, and what is next: to score, or as chair to hold the meeting."""
    overview = evaluator_overview(request.user)
    to_do = [item for item in overview if not item.closed or _meets_now(item)]
    closed = [item for item in overview if item not in to_do]
    return render(request, "procurement/evaluation/home.html", {"overview": overview, "to_do": to_do, "closed": closed})


def _meets_now(item: SegmentProgress) -> bool:
    """Whether this is the chair of a meeting that has yet to set its scores."""
    return item.seat.role == SeatRole.CHAIR and item.seat.segment_round.status == SegmentRoundStatus.CONSENSUS


@allow(Role.EVALUATOR)
def evaluate(request: UserRequest, pk: int) -> HttpResponse:
    """The bids of a segment, open or done, with all criteria."""
    seat = _seat(request, pk)
    return _list(request, seat, list(criteria_to_score(seat.segment_round)), None)


@allow(Role.EVALUATOR)
def score_by_criterion(request: UserRequest, pk: int, criterion_id: int) -> HttpResponse:
    """One criterion over all bids: the same list, and what follows goes on with that criterion."""
    seat = _seat(request, pk)
    if seat.segment_round.scoring_order == ScoringOrder.PER_BID:
        return redirect("procurement:evaluate", pk=pk)
    criteria = list(criteria_to_score(seat.segment_round))
    chosen = next((criterion for criterion in criteria if criterion.pk == criterion_id), None)
    if chosen is None:
        raise Http404
    return _list(request, seat, criteria, chosen)


def _list(
    request: UserRequest, seat: CommitteeMember, criteria: list[Criterion], chosen: Criterion | None
) -> HttpResponse:
    segment_round = seat.segment_round
    hidden = names_hidden(request.user, segment_round.round.tender)
    counted = [chosen.pk] if chosen else [criterion.pk for criterion in criteria]
    rows = bid_rows(seat.pk, seat.user_id, counted, segment_round, hidden=hidden)
    to_do = [row for row in rows if row.admitted and not row.done]
    done = [row for row in rows if row.admitted and row.done]
    flagged = [row for row in rows if row.flagged]
    shown = request.GET.get("toon", "")
    scores = seat.role == SeatRole.MEMBER
    kinds = [("", _("All"), rows)]
    kinds += [("te-doen", _("To do"), to_do), ("klaar", _("Done"), done)] if scores else []
    kinds.append(("gemarkeerd", _("Flagged"), flagged))
    chosen_rows = next((found for key, _label, found in kinds if key == shown), rows)
    free = scores and segment_round.scoring_order != ScoringOrder.PER_BID and len(criteria) > 1
    context = {
        "seat": seat,
        "segment_round": segment_round,
        "criterion": chosen,
        "criteria": criteria if free and chosen else [],
        "progress": criterion_progress(seat.user_id, criteria, rows) if free and not chosen else [],
        "per_criterion": segment_round.scoring_order == ScoringOrder.PER_CRITERION,
        "base": reverse("procurement:evaluate", args=[segment_round.pk]),
        "query": f"?criterium={chosen.pk}" if chosen else "",
        "rows": chosen_rows,
        "lines": _lines(chosen_rows, reverse("procurement:evaluate", args=[segment_round.pk]), chosen, scores=scores),
        "tabs": [
            {
                "label": label,
                "url": f"?toon={key}" if key else "?",
                "current": found is chosen_rows,
                "count": len(found),
            }
            for key, label, found in kinds
        ],
        "done": len(done),
        "total": len(done) + len(to_do),
        "next_entry": to_do[0] if to_do else None,
        "writable": may_score(seat),
    }
    return render(request, "procurement/evaluation/list.html", context)


def _lines(rows: list[BidRow], base: str, chosen: Criterion | None, *, scores: bool) -> SafeString:
    """The lines of the table, made here: a template takes six times as long over three hundred of them.

    Who does not score, the chair or an observer, reads of no bid that it is still to be scored.
    """
    query = f"?criterium={chosen.pk}" if chosen else ""
    words = {"out": _("No longer admitted"), "done": _("Scored"), "todo": _("Not yet begun"), "of": _("of")}
    draft, flagged = format_html(" ({})", _("Draft")), format_html(" <strong>{}</strong>", _("Flagged"))
    line = (
        '<tr><th scope="row"><a class="nl-link" href="{}{}/{}">{}</a> <span class="nlds-code-of">{}</span></th>'
        '<td class="nlds-state nlds-state--{}">{}{}{}</td></tr>'
    )
    return format_html_join(
        "",
        line,
        (
            (
                base, str(row.id), query, row.organisation, "" if row.organisation == row.number else row.number,
                *_state(row, words, scores=scores), draft if row.typed else "", flagged if row.flagged else "",
            )
            for row in rows
        ),
    )  # fmt: skip


def _state(row: BidRow, words: dict[str, str], *, scores: bool) -> tuple[str, str]:
    """How far a bid is: the kind of mark before it, and in words."""
    if not row.admitted:
        return "out", words["out"]
    if not scores:
        return "none", ""
    if row.done:
        return "done", words["done"]
    if row.given:
        return "begun", f"{row.given} {words['of']} {row.asked}"
    return "begun" if row.typed else "open", words["todo"]


@allow(Role.EVALUATOR)
def hand_in(request: UserRequest, pk: int) -> HttpResponse:
    """End my scoring: first what is missing, then the question whether I am sure."""
    if request.method == "POST":
        try:
            services.hand_in(segment_round=pk, by=request.user)
        except NotAllowed:
            raise Http404 from None
        except RuleViolation as error:
            messages.error(request, error.message)
            return redirect("procurement:hand_in", pk=pk)
        messages.success(request, _("Your scores are handed in. Thank you."))
        return redirect("procurement:evaluator_home")
    seat = _seat(request, pk)
    hidden = names_hidden(request.user, seat.segment_round.round.tender)
    missing = missing_scores(seat)
    context = {
        "seat": seat,
        "segment_round": seat.segment_round,
        "missing": [replace(row, organisation=named(hidden, row.number, row.organisation)) for row in missing],
        "writable": may_score(seat),
    }
    return render(request, "procurement/evaluation/hand_in.html", context)


def _seat(request: UserRequest, pk: int) -> CommitteeMember:
    return get_object_or_404(seats_of(request.user), segment_round=pk)
