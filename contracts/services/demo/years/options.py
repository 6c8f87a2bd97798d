"""What the colleges decided on the options: of those that are behind us, and of the one that comes up."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial

from achterhoek.accounts.models import User
from contracts.domain.options import remind_ahead, reminder_day
from contracts.enums import OptionOutcome, TermStatus
from contracts.models import Contract, ContractMunicipality, ContractTerm, OptionDecision, OptionReminder
from contracts.rules import next_option, option_deadline
from contracts.services.demo.files import Document
from contracts.services.demo.plan import Plan
from contracts.services.demo.years.base import Run, Years, at
from contracts.services.options import CollegeSays, record_college_decisions

_DAY = timedelta(days=1)


def decide_options(years: Years, segments: list[Document]) -> None:
    """Each college on each option, as it was concluded; some otherwise, so that the contract ended there alone."""
    decisions: list[OptionDecision] = []
    for row in segments:
        for said in row["extensions"]:
            if said["decided_on"] <= years.today:
                runs = [run for run in years.runs if run.segment == row["segment"]]
                decisions += [one for run in runs for one in _decisions(years, run, said)]
    OptionDecision.objects.bulk_create(decisions)
    for one in decisions:
        if one.outcome == OptionOutcome.DECLINE and one.term.status == TermStatus.EXERCISED:
            rows = ContractMunicipality.objects.filter(contract=one.term.contract_id, municipality=one.municipality)
            rows.filter(end=None).update(end=one.term.start - _DAY)
    OptionReminder.objects.bulk_create(_reminders(years))
    years.again()


def _decisions(years: Years, run: Run, said: Document) -> list[OptionDecision]:
    term = next(one for one in run.contract.terms.all() if one.sequence == said["option"] + 1)
    others = {row["municipality"]: row for row in said.get("colleges", [])}
    outcome = OptionOutcome.EXTEND if said["outcome"] == "exercised" else OptionOutcome.DECLINE
    found = []
    for place in run.places:
        own = others.get(place.municipality.slug, {})
        found.append(
            OptionDecision(
                term=term, municipality=place.municipality, outcome=own.get("outcome", outcome),
                condition=own.get("condition", ""), condition_met_on=own.get("condition_met_on"),
                reason=own.get("reason", said["reason"]), decided_on=_day(place.municipality.slug, said["decided_on"]),
                recorded_by=years.clm, recorded_at=at(said["decided_on"]),
            )
        )  # fmt: skip
    return found


def _day(slug: str, last: date) -> date:
    """Colleges meet on a Tuesday: each in one of the four weeks before the conclusion."""
    return last - timedelta(weeks=len(slug) % 4)


def _reminders(years: Years) -> list[OptionReminder]:
    found = []
    for run in years.runs:
        for term in run.contract.terms.all():
            if term.sequence == 1:
                continue
            for months in remind_ahead(run.contract.notice_months):
                day = reminder_day(term.start, months)
                if day <= years.today:
                    found.append(OptionReminder(term=term, months=months, sent_at=at(day, 7)))
    return found


def plan_option_talks(years: Years, plan: Plan) -> None:
    """The option that comes up now: some colleges have decided already."""
    for said in years.said["option_talks"]:
        plan.at(plan.day(said["days"], 15), partial(_talk, years, said))


def _talk(years: Years, said: Document) -> None:
    rows = Contract.objects.filter(segment__tender=years.tender, segment__slug=said["segment"])
    terms: list[ContractTerm] = []
    for contract in rows.prefetch_related("terms"):
        term = next_option(contract)
        if term is not None and years.today <= option_deadline(contract, term) < years.today + timedelta(days=330):
            terms.append(term)
    if not terms:
        return
    on = years.today + timedelta(days=said["days"] - 1)
    for slug in said["extend"]:
        says = CollegeSays(outcome=OptionOutcome.EXTEND, decided_on=on)
        record_college_decisions(terms=terms, municipality=years.towns[slug], says=says, by=_secretary(years, slug))
    if "conditional" in said:
        slug = said["conditional"]["municipality"]
        says = CollegeSays(outcome=OptionOutcome.CONDITIONAL, decided_on=on, condition=said["conditional"]["condition"])
        record_college_decisions(terms=terms, municipality=years.towns[slug], says=says, by=_secretary(years, slug))


def _secretary(years: Years, slug: str) -> User:
    return years.people[f"college.{slug}@demo.example"]
