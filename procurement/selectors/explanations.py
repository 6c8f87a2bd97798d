"""The facts about a bid's place, in plain words: short sentences that the lead can read out to a bidder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from achterhoek.nlds.formatting import format_euro, format_number, to_decimal
from procurement.domain.explanation import Cut, Explanation, Tie
from procurement.enums import Outcome

# So many equal bids are named; of more we say how many.
NAMED_TIES = 3


def short(value: Fraction) -> str:
    """A figure with two decimals, or none where it is whole."""
    rounded = to_decimal(value, 2)
    return format_number(rounded, 0 if rounded == rounded.to_integral_value() else 2)


def sentences(
    facts: Explanation, *, names: Mapping[str, str], on_value: bool, minimum_total: Fraction | None, reason: str = ""
) -> list[str]:
    """Why this bid stands where it stands. `names` says what each bid is called on the page."""
    money: Callable[[Fraction], str] = format_euro if on_value else _in_points
    told = [*_out(facts, reason), *_knocked_out(facts), *_below_total(facts, minimum_total)]
    told += _points(facts, on_value)
    if facts.cut is not None:
        told.append(_cut(facts.cut, facts.outcome, names, money, on_value=on_value))
    if facts.outcome == Outcome.PENDING_DRAW:
        told.append(_("It is equal to other bids across the cut. Lots have to be drawn before anybody is chosen."))
    return told + _ties(facts, names, money)


def _in_points(value: Fraction) -> str:
    return _("%(figure)s points") % {"figure": short(value)} if value != 1 else _("1 point")


def _out(facts: Explanation, reason: str) -> list[str]:
    texts = {
        Outcome.EXCLUDED: _("This bid was excluded before the ranking, so it takes no place."),
        Outcome.WITHDRAWN: _("The bidder withdrew this bid, so it takes no place."),
        Outcome.DROPPED: _("This bid fell out after a ranking had been made, so it takes no place."),
    }
    if facts.outcome not in texts:
        return []
    told = [texts[Outcome(facts.outcome)]]
    return [*told, _("Reason: %(reason)s") % {"reason": reason}] if reason else told


def _knocked_out(facts: Explanation) -> list[str]:
    if facts.outcome != Outcome.KNOCKED_OUT:
        return []
    return [
        _("On %(criterion)s the score is %(score)s; at least %(minimum)s was asked. That is a knock-out.")
        % {"criterion": one.criterion, "score": short(one.score), "minimum": short(one.minimum)}
        for one in facts.below_minimum
    ]


def _below_total(facts: Explanation, minimum_total: Fraction | None) -> list[str]:
    if facts.outcome != Outcome.BELOW_MINIMUM or facts.short_of is None or minimum_total is None:
        return []
    return [
        _("The total is %(apart)s short of the minimum of %(minimum)s.")
        % {"apart": _in_points(facts.short_of), "minimum": _in_points(minimum_total)}
    ]


def _points(facts: Explanation, on_value: bool) -> list[str]:
    known = [one for one in facts.points if one.points is not None]
    if facts.total is None or not known:
        return []
    shown = format_euro if on_value else short
    parts = [
        _("%(criterion)s %(points)s of %(most)s")
        % {"criterion": one.criterion, "points": shown(one.points or Fraction(0)), "most": shown(one.most)}
        for one in known
    ]
    if on_value:
        text = _("The quality is worth %(parts)s. Taken off the price that makes a fictive price of %(total)s.")
        return [text % {"parts": "; ".join(parts), "total": format_euro(facts.total)}]
    return [_("The total is %(total)s: %(parts)s.") % {"total": _in_points(facts.total), "parts": "; ".join(parts)}]


def _cut(cut: Cut, outcome: str, names: Mapping[str, str], money: Callable[[Fraction], str], *, on_value: bool) -> str:
    above = outcome == Outcome.SELECTED
    values = {"bid": names.get(cut.bid, cut.bid), "apart": money(cut.apart)}
    if cut.apart == 0:
        text = (
            _("Its total is the same as that of %(bid)s, the first bid that is not chosen.")
            if above
            else _("Its total is the same as that of %(bid)s, the last bid that is chosen.")
        )
    elif on_value:
        text = (
            _("It is %(apart)s cheaper than %(bid)s, the first bid that is not chosen.")
            if above
            else _("It is %(apart)s dearer than %(bid)s, the last bid that is chosen.")
        )
    else:
        text = (
            _("It stands %(apart)s above %(bid)s, the first bid that is not chosen.")
            if above
            else _("It stands %(apart)s below %(bid)s, the last bid that is chosen.")
        )
    return text % values


def _ties(facts: Explanation, names: Mapping[str, str], money: Callable[[Fraction], str]) -> list[str]:
    told = [_tie(one, names, money) for one in facts.ties[:NAMED_TIES]]
    more = len(facts.ties) - NAMED_TIES
    if more > 0:
        text = ngettext("%(count)s more bid has the same total.", "%(count)s more bids have the same total.", more)
        told.append(text % {"count": more})
    return told


def _tie(tie: Tie, names: Mapping[str, str], money: Callable[[Fraction], str]) -> str:
    values = {"bid": names.get(tie.bid, tie.bid), "criterion": tie.decided_by or ""}
    if tie.decided_by is not None and tie.own is not None and tie.theirs is not None:
        values |= {"own": money(tie.own), "theirs": money(tie.theirs)}
        text = (
            _("Equal to %(bid)s. This one goes first by %(criterion)s: %(own)s against %(theirs)s.")
            if tie.ahead
            else _("Equal to %(bid)s. That one goes first by %(criterion)s: %(theirs)s against %(own)s.")
        )
    elif tie.drawn:
        text = (
            _("Equal to %(bid)s on everything. The draw put this one first.")
            if tie.ahead
            else _("Equal to %(bid)s on everything. The draw put that one first.")
        )
    else:
        text = _("Equal to %(bid)s on everything; they share this rank.")
    return text % values
