"""What hangs on a segment round, each with its address and one line on where it stands."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from procurement.enums import SeatRole, SegmentRoundStatus
from procurement.models import SegmentRound
from procurement.selectors.overview import Facts, Seat


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of the evaluation with a page of its own."""

    title: str
    url: str
    state: str


def panels(found: SegmentRound, seats: list[Seat], facts: Facts, *, handed_in: int) -> list[Panel]:
    """In the order in which an evaluation meets them."""
    scored = found.status not in (SegmentRoundStatus.PENDING, SegmentRoundStatus.SCORING)
    ranked = facts.ranking_id is not None
    later = _("After the individual scoring")
    after_ranking = _("After the ranking")
    listed = [
        (_("Settings"), "evaluation_settings", found.get_scoring_order_display()),
        (_("Committee"), "committee_page", _committee(seats, facts, handed_in)),
        (
            _("Division of the bids"),
            "assignment",
            _("Divided") if facts.divided else _("Every member scores every bid"),
        ),
        (_("Consensus meeting"), "meeting_list", _meetings(facts) if scored else later),
        (_("Drawing of lots"), "draw", _("Only where bids end equal")),
        (_("Insight"), "insight", _("What the scores tell") if ranked else after_ranking),
        (_("Coverage"), "coverage", _("Who would deliver where") if ranked else after_ranking),
        (_("Exports"), "exports", _("Scores, report and dossier") if scored else later),
        (_("Scoring again"), "reevaluation", _("After an objection or a judgment") if ranked else after_ranking),
    ]
    return [Panel(title, url, str(state)) for title, name, state in listed if (url := _address(name, found.pk))]


def _address(name: str, pk: int) -> str:
    try:
        return reverse(f"procurement:{name}", args=[pk])
    except NoReverseMatch:
        return ""


def _committee(seats: list[Seat], facts: Facts, handed_in: int) -> str:
    members = sum(1 for seat in seats if seat.scores)
    parts = [
        ngettext("%(count)d evaluator", "%(count)d evaluators", members) % {"count": members},
        _("with a chair") if any(seat.role == SeatRole.CHAIR for seat in seats) else _("no chair yet"),
    ]
    if facts.undeclared:
        parts.append(
            ngettext("%(count)d has not declared", "%(count)d have not declared", facts.undeclared)
            % {"count": facts.undeclared}
        )
    if handed_in:
        parts.append(ngettext("%(count)d handed in", "%(count)d handed in", handed_in) % {"count": handed_in})
    return ", ".join(parts)


def _meetings(facts: Facts) -> str:
    return ngettext("%(count)d with minutes", "%(count)d with minutes", facts.meetings) % {"count": facts.meetings}
