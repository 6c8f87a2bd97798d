"""All of the years after Inkoop 2022, each part on what the part before it wrote."""

from __future__ import annotations

from contracts.services.demo.files import Document
from contracts.services.demo.plan import Plan
from contracts.services.demo.years.agreed import change_parties, give_reasons, set_shares, take_over_promises
from contracts.services.demo.years.amendments import amend
from contracts.services.demo.years.base import Years
from contracts.services.demo.years.changes import plan_changes
from contracts.services.demo.years.evaluations import evaluate
from contracts.services.demo.years.money import pay, plan_payments
from contracts.services.demo.years.options import decide_options, plan_option_talks
from contracts.services.demo.years.results import ask_indicators, report
from contracts.services.demo.years.transitions import hand_over


def load_years(years: Years, segments: list[Document]) -> None:
    """What is long ago, in bulk: it is from before this portal. `segments` is the file of the contracts."""
    give_reasons(years)
    set_shares(years)
    decide_options(years, segments)
    pay(years)
    amend(years)
    change_parties(years)
    ask_indicators(years)
    take_over_promises(years)
    report(years)
    evaluate(years)
    hand_over(years)


def plan_years(years: Years, plan: Plan, *, with_letters: bool) -> None:
    """What happened in the last half year, each step on its day, by the services."""
    plan_payments(years, plan)
    plan_option_talks(years, plan)
    plan_changes(years, plan, with_letters=with_letters)
