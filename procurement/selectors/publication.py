"""Whether a tender is ready to be published, and what it still lacks: all of it at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Prefetch
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from achterhoek.nlds.formatting import format_day, format_number
from procurement.calendar_data import legal_calendar
from procurement.domain.periods import participation_deadline, tender_deadline
from procurement.enums import CriterionKind, Formula, Method, Procedure, QuestionKind, RoundStatus, Stage
from procurement.models import Criterion, Round, Segment, SegmentRound, Tender
from procurement.selectors.custody import custody_problem

# Aw 2.140(3): a framework agreement of more than four years asks for a stated reason.
FRAMEWORK_YEARS = 4
FULL_WEIGHT = Decimal(100)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that stands in the way, beside the field of the form where there is one."""

    message: str
    field: str | None = None


def earliest_deadline(stage: str, today: date) -> date:
    """The first day allowed as deadline: 30 days for requests (Aw 2.71(2)); for tenders 40, five fewer because
    they are submitted electronically (Aw 2.71(4), 2.74b). A term that ends on a free day rolls on.
    """
    if stage == Stage.AWARD:
        return tender_deadline(today, calendar=legal_calendar(), electronic=True)
    return participation_deadline(today, calendar=legal_calendar())


def deadline_problem(stage: str, deadline: datetime | None, today: date) -> Problem | None:
    """What is wrong with this deadline, if it is published today."""
    earliest = earliest_deadline(stage, today)
    if deadline is None:
        text = _("Choose a deadline. It may be %(earliest)s at the earliest.")
    elif timezone.localdate(deadline) < earliest:
        text = _("This deadline is too early. By law it may be %(earliest)s at the earliest.")
    else:
        return None
    return Problem(text % {"earliest": format_day(earliest)}, field="deadline")


def publication_problems(tender: Tender) -> list[Problem]:
    """Everything but the deadline that a tender lacks to be published, in a fixed number of queries."""
    segments = list(Segment.objects.filter(tender=tender, own_track=False).prefetch_related("participations"))
    rounds = {found.stage: found for found in rules_of(tender)}
    problems = []
    if tender.procedure != Procedure.RESTRICTED:
        problems.append(Problem(_("Only a restricted procedure with preselection can be run in this portal.")))
    if not segments:
        problems.append(Problem(_("Add at least one segment: without one there is nothing to bid for.")))
    years = sum(tender.term_pattern)
    if not years:
        problems.append(Problem(_("State how long the contracts run.")))
    if years > FRAMEWORK_YEARS and not tender.framework_motivation.strip():
        text = _("The contracts can run %(years)d years. Give the reason why they run longer than four years.")
        problems.append(Problem(text % {"years": years}))
    for segment in segments:
        if not any(p.participates for p in segment.participations.all()):
            problems.append(Problem(_("No municipality takes part in %(segment)s.") % {"segment": segment}))
    for stage in Stage:
        found = rounds.get(stage)
        if found is None:
            problems.append(Problem(_("%(stage)s: there are no rules for this stage.") % {"stage": stage.label}))
        else:
            problems += [Problem(f"{stage.label}: {text}") for text in _round_problems(found, segments)]
    problems += [Problem(text) for text in _place_problems(rounds, segments)]
    keyless = custody_problem(tender, Stage.SELECTION)
    if keyless:
        problems.append(Problem(f"{Stage.SELECTION.label}: {keyless}"))
    return problems


def rules_of(tender: Tender) -> list[Round]:
    """The rounds of a tender, each with the rules of its segments and its questions."""
    rules = SegmentRound.objects.select_related("segment").prefetch_related(
        Prefetch("criteria", Criterion.objects.order_by("position", "id"))
    )
    return list(
        Round.objects.filter(tender=tender).prefetch_related(
            Prefetch("segment_rounds", rules.order_by("segment__position")),
            "questions",
        )
    )


def relative_price_warning(tender: Tender) -> str:
    """Relative price scoring can turn a ranking around when a third bid falls out (domain rule): say so in time."""
    relative = Criterion.objects.filter(
        segment_round__round__tender=tender, kind=CriterionKind.PRICE, formula=Formula.RELATIVE_LOWEST
    )
    if not relative.exists():
        return ""
    return _(
        "A price criterion of this tender depends on the lowest price. The ranking can then turn around when "
        "another bid falls out. An absolute formula does not have this."
    )


def _round_problems(round: Round, segments: list[Segment]) -> Iterator[str]:
    if round.status != RoundStatus.PLANNED:
        yield _("this stage has been opened already.")
    if not round.questions.all():
        yield _("add at least one question.")
    rules = {found.segment_id: found for found in round.segment_rounds.all()}
    same: dict[str, list[str]] = {}
    for segment in segments:
        found = rules.get(segment.pk)
        texts = [_("set the number of places.")] if found is None else _with_rules(round, found)
        for text in texts:
            same.setdefault(text, []).append(str(segment))
    yield from (f"{', '.join(names)}: {text}" for text, names in same.items())


def _with_rules(round: Round, rules: SegmentRound) -> list[str]:
    asks_a_price = any(
        question.kind == QuestionKind.PRICE and question.segment_id in (None, rules.segment_id)
        for question in round.questions.all()
    )
    return list(_rule_problems(rules, asks_a_price))


def _rule_problems(rules: SegmentRound, asks_a_price: bool) -> Iterator[str]:
    criteria = list(rules.criteria.all())
    codes = {criterion.code for criterion in criteria}
    if not criteria:
        yield _("add at least one criterion.")
        return
    if rules.method == Method.WEIGHTED_POINTS:
        total = sum((criterion.weight or Decimal(0) for criterion in criteria), Decimal(0))
        if total != FULL_WEIGHT:
            yield _("the weights add up to %(total)s. They must add up to 100.") % {
                "total": format_number(total, 0 if total == total.to_integral_value() else 2)
            }
    else:
        # The price is no criterion here: the value of the quality is taken off it (gunnen op waarde).
        if any(criterion.kind == CriterionKind.PRICE for criterion in criteria):
            yield _("award on value has no price criterion: the price is asked in a question.")
        if not asks_a_price:
            yield _("award on value needs a question that asks for the price.")
        if not any(criterion.max_value for criterion in criteria if criterion.kind == CriterionKind.GRADED):
            yield _("award on value needs a criterion with a value in euro.")
    stray = [code for code in rules.tie_break if code not in codes]
    if stray:
        yield _("the order in a tie names criteria that do not exist: %(codes)s.") % {"codes": ", ".join(stray)}


def _place_problems(rounds: dict[str, Round], segments: list[Segment]) -> Iterator[str]:
    """No more contracts than candidates that go on (Aw 2.99: the number stands in the notice)."""
    if len(rounds) < len(Stage):
        return
    places = {
        stage: {rules.segment_id: rules.places for rules in found.segment_rounds.all()}
        for stage, found in rounds.items()
    }
    for segment in segments:
        contracts, going_on = places[Stage.AWARD].get(segment.pk), places[Stage.SELECTION].get(segment.pk)
        if contracts and going_on and contracts > going_on:
            yield ngettext(
                "%(segment)s: there are %(contracts)d contracts, but only %(number)d candidate goes on.",
                "%(segment)s: there are %(contracts)d contracts, but only %(number)d candidates go on.",
                going_on,
            ) % {"segment": segment, "contracts": contracts, "number": going_on}
