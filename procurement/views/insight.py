"""Insight, read-only: the ranking in bars, where evaluators differ, who scores milder, and what a weight decides."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from achterhoek.accounts.access import allow
from achterhoek.accounts.enums import Role
from achterhoek.accounts.requests import UserRequest
from achterhoek.nlds import charts
from achterhoek.nlds.formatting import format_euro
from procurement.domain.insight import ENOUGH, Leniency, Steadiness
from procurement.domain.sensitivity import Sensitivity, Turn
from procurement.enums import CriterionKind, Method, Outcome
from procurement.models import Criterion, Ranking, SegmentRound
from procurement.selectors.evaluation import managed_segment_rounds
from procurement.selectors.explanations import sentences, short
from procurement.selectors.insight import (
    EvaluatorLine,
    RankedBid,
    SpreadRow,
    criteria_of,
    evaluator_lines,
    may_see,
    number_of,
    ranked_bids,
    ranking_shown,
    sensitivities,
    spread_rows,
)

PER_PAGE = 40
RANKING, SPREAD, EVALUATORS, WEIGHTS = "ranglijst", "verschillen", "beoordelaars", "gewichten"


@allow(Role.LEAD, read=(Role.AUDITOR,))
def insight(request: UserRequest, pk: int) -> HttpResponse:
    """One part at a time, `?deel=`; nothing while members still score alone."""
    found = get_object_or_404(managed_segment_rounds(request.user), pk=pk)
    if not may_see(request.user, found):
        return render(request, "procurement/insight/page.html", {"segment_round": found, "revealed": False})
    ranking, published = ranking_shown(found)
    part = request.GET.get("deel", "")
    if part not in (RANKING, SPREAD, EVALUATORS, WEIGHTS):
        part = RANKING if ranking else SPREAD
    context = {
        "segment_round": found,
        "revealed": True,
        "ranking": ranking,
        "published": published,
        "part": part,
        "tabs": _tabs(part),
        **_part(request, found, ranking, part, published=published),
    }
    return render(request, "procurement/insight/page.html", context)


def _tabs(part: str) -> list[dict[str, Any]]:
    labels = {
        RANKING: _("Ranking"),
        SPREAD: _("Differences"),
        EVALUATORS: _("Evaluators"),
        WEIGHTS: _("Weights"),
    }
    return [{"label": label, "url": f"?deel={key}", "current": key == part} for key, label in labels.items()]


def _part(
    request: UserRequest, segment_round: SegmentRound, ranking: Ranking | None, part: str, *, published: bool
) -> dict[str, Any]:
    criteria = criteria_of(segment_round)
    if part == SPREAD:
        graded = [criterion for criterion in criteria if criterion.kind == CriterionKind.GRADED]
        return _spread(request, segment_round, graded)
    if part == EVALUATORS:
        return _evaluators(segment_round, evaluator_lines(segment_round))
    if ranking is None:
        return {}
    if part == WEIGHTS:
        return _weights(segment_round, ranking, criteria) if published else {}
    return _ranking(request, segment_round, ranking, criteria)


# Ranking ------------------------------------------------------------------------------------------------


def _ranking(
    request: UserRequest, segment_round: SegmentRound, ranking: Ranking, criteria: list[Criterion]
) -> dict[str, Any]:
    bids = ranked_bids(ranking, segment_round.round.stage)
    page = Paginator(bids, PER_PAGE).get_page(request.GET.get("page"))
    shown = list(page.object_list)
    on_value = segment_round.method == Method.AWARD_ON_VALUE
    names = {bid.explanation.bid: _called(bid) for bid in bids if bid.explanation}
    minimum = segment_round.minimum_total
    return {
        "page_obj": page,
        "on_value": on_value,
        "criteria": criteria,
        "chart": charts.stacked_bars(
            [_bar(bid, criteria, on_value=on_value) for bid in shown],
            sum((_most(criterion) for criterion in criteria), Fraction(0)),
            [f"{criterion.code} {criterion.title}" for criterion in criteria],
            _cut_after(bids, shown),
        ),
        "lines": [
            {
                "bid": bid,
                "points": [(criterion.code, bid.points.get(criterion.code)) for criterion in criteria],
                "why": bid.explanation
                and sentences(
                    bid.explanation,
                    names=names,
                    on_value=on_value,
                    minimum_total=None if minimum is None else Fraction(minimum),
                    reason=bid.reason,
                ),
            }
            for bid in shown
        ],
    }


def _called(bid: RankedBid) -> str:
    return f"{bid.name} ({bid.number})"


def _most(criterion: Criterion) -> Fraction:
    return Fraction(criterion.weight or criterion.max_value or 0)


def _bar(bid: RankedBid, criteria: Sequence[Criterion], *, on_value: bool) -> charts.StackRow:
    parts: list[tuple[Fraction, str] | None] = []
    for criterion in criteria:
        value = bid.points.get(criterion.code)
        exact = None if value is None else Fraction(value)
        parts.append(None if exact is None else (exact, f"{criterion.code} {'' if on_value else short(exact)}".strip()))
    total = ""
    if bid.total is not None:
        total = format_euro(bid.total) if on_value else short(Fraction(bid.total))
    label = f"{bid.rank}. {bid.name}" if bid.rank else f"– {bid.name}"
    return charts.StackRow(label, parts, f"{total} · {bid.outcome_label}" if total else bid.outcome_label)


def _cut_after(bids: Sequence[RankedBid], shown: Sequence[RankedBid]) -> int | None:
    """After how many bars on this page the cut lies; None where it lies elsewhere, waits for a draw, or is missing."""
    if any(bid.outcome == Outcome.PENDING_DRAW for bid in bids):
        return None
    first = next((bid.entry_id for bid in bids if bid.outcome == Outcome.RESERVE), None)
    return next((number for number, bid in enumerate(shown) if bid.entry_id == first), None) or None


# Differences --------------------------------------------------------------------------------------------


def _spread(request: UserRequest, segment_round: SegmentRound, criteria: list[Criterion]) -> dict[str, Any]:
    page = Paginator(spread_rows(segment_round, criteria), PER_PAGE).get_page(request.GET.get("page"))
    rows = list(page.object_list)
    lines = [(row, list(zip((c.code for c in criteria), _cells(row), row.tones, strict=True))) for row in rows]
    drawn = [(f"{row.number} {row.name}", list(zip(_cells(row), row.tones, strict=True))) for row in rows]
    return {
        "page_obj": page,
        "criteria": criteria,
        "lines": lines,
        "chart": charts.heat_map([criterion.code for criterion in criteria], drawn),
        "tone_labels": {"large": _("large difference"), "difference": _("difference")},
    }


def _cells(row: SpreadRow) -> list[str]:
    """Lowest to highest; one figure where all gave the same."""
    texts = []
    for cell in row.cells:
        if cell is None:
            texts.append("–")
        elif cell.apart == 0:
            texts.append(short(cell.lowest))
        else:
            texts.append(f"{short(cell.lowest)} – {short(cell.highest)}")
    return texts


# Evaluators ---------------------------------------------------------------------------------------------


def _evaluators(segment_round: SegmentRound, lines: list[EvaluatorLine]) -> dict[str, Any]:
    scale_max = Fraction(segment_round.round.tender.scale_max)
    rows = [(line.name, line.figures.leniency if line.figures.enough else None, _leniency_text(line)) for line in lines]
    most = max((abs(value) for _name, value, _text in rows if value is not None), default=Fraction(0))
    return {
        "scale_max": scale_max,
        "enough": ENOUGH,
        "chart": charts.deviations(rows, max(most, scale_max / 5)),
        "lines": [
            {
                "name": line.name,
                "figures": line.figures,
                "leniency": _leniency_text(line),
                "unsteadiness": short(line.figures.unsteadiness or Fraction(0)) if line.figures.enough else "",
                "words": _in_words(line, scale_max),
            }
            for line in lines
        ],
    }


def _leniency_text(line: EvaluatorLine) -> str:
    value = line.figures.leniency
    if value is None or not line.figures.enough:
        return _("too few scores")
    return f"+{short(value)}" if short(value) != "0" and value > 0 else short(value).replace("-", "−")


def _in_words(line: EvaluatorLine, scale_max: Fraction) -> str:
    """What the figures mean, for who reads no figures."""
    leniency, steadiness = line.figures.in_words(scale_max), line.figures.steadiness(scale_max)
    if leniency is None or steadiness is None:
        return _("There are too few scores beside those of others to say anything.")
    first = {
        Leniency.MILDER: _("Gives higher scores than the others on the same bids."),
        Leniency.STRICTER: _("Gives lower scores than the others on the same bids."),
        Leniency.ALIKE: _("Scores about as high as the others."),
    }
    second = {
        Steadiness.STEADY: _("The distance to the others is about the same each time."),
        Steadiness.VARIES: _("The distance to the others differs somewhat from score to score."),
        Steadiness.UNSTEADY: _("Sometimes much higher, sometimes much lower than the others."),
    }
    return f"{first[leniency]} {second[steadiness]}"


# Weights ------------------------------------------------------------------------------------------------


def _weights(segment_round: SegmentRound, ranking: Ranking, criteria: list[Criterion]) -> dict[str, Any]:
    on_value = segment_round.method == Method.AWARD_ON_VALUE
    found = sensitivities(ranking)
    titles = {criterion.code: f"{criterion.code} {criterion.title}" for criterion in criteria}
    names = {bid.number: bid.name for bid in ranked_bids(ranking, segment_round.round.stage)}
    figure = format_euro if on_value else short
    limits = [turn.weight for one in found for turn in (one.below, one.above) if turn]
    most = max([*(one.weight for one in found), *limits], default=Fraction(1))
    rows = [
        (
            titles.get(one.criterion, one.criterion),
            one.below.weight if one.below else None,
            one.weight,
            one.above.weight if one.above else None,
            _range_text(one, figure),
        )
        for one in found
    ]
    return {
        "on_value": on_value,
        "chart": charts.spans(rows, most * Fraction(11, 10)),
        "lines": [
            {
                "title": titles.get(one.criterion, one.criterion),
                "now": figure(one.weight),
                "below": _turn_text(one.below, figure, names, _("Below %(weight)s:"))
                or _("However low: nothing changes."),
                "above": _turn_text(one.above, figure, names, _("Above %(weight)s:"))
                or _("However high: nothing changes."),
            }
            for one in found
        ],
    }


def _range_text(one: Sensitivity, figure: Any) -> str:
    low = figure(one.below.weight) if one.below else "0"
    high = figure(one.above.weight) if one.above else "∞"
    return f"{low} ‹ {figure(one.weight)} › {high}"


def _turn_text(turn: Turn | None, figure: Any, names: dict[str, str], past: str) -> str:
    if turn is None:
        return ""

    def listed(bids: Sequence[str]) -> str:
        return ", ".join(names.get(number_of(bid), bid) for bid in bids)

    text = _("At %(weight)s:") if turn.at else past
    parts = [text % {"weight": figure(turn.weight)}]
    if turn.enters:
        parts.append(_("%(bids)s would be chosen.") % {"bids": listed(turn.enters)})
    if turn.leaves:
        parts.append(_("%(bids)s would not be chosen any more.") % {"bids": listed(turn.leaves)})
    if turn.draws:
        parts.append(_("lots would have to be drawn between %(bids)s.") % {"bids": listed(turn.draws)})
    return " ".join(parts)
