"""The register on any day is what comes out when all that happened until then is told once more (issue's property).

Years of signing, extending, ending, and subcontractors who come, change and go are played through the real services, by
the database's own clock. Beside them a replay keeps nothing but what was decided, and says for any day who stands in
the list. It knows no tables.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from achterhoek.accounts.enums import Role
from achterhoek.clock import database_today
from achterhoek.errors import RuleViolation
from contracts.domain.terms import contract_terms
from contracts.enums import ChangeKind, ChangeStatus, TermStatus
from contracts.models import RegisterVersion
from contracts.rules import next_option
from contracts.selectors.register import register_on
from contracts.selectors.register_versions import register_of
from contracts.services.change_decisions import decide_change
from contracts.services.contracts import end_due_contracts, terminate_contract
from contracts.services.demo.clock import movable_clock
from contracts.services.options import conclude_option, lapse_options, record_college_decisions
from contracts.services.register import keep_due_versions
from contracts.services.subcontractors import request_change
from tests.factories import OrganisationFactory, RegionFactory, SegmentFactory, TenderFactory, member_of, user_with
from tests.factories.contracts import contract_with_terms, said, sign_by_both, takes_part

pytestmark = pytest.mark.django_db
BEGIN, START, PATTERN = date(2022, 5, 1), date(2022, 7, 1), (3, 2, 2)
PLACES = ("aalten", "berkelland", "winterswijk")
WORK = ("Spel", "Taal")
DAY = timedelta(days=1)


@dataclass
class Told:
    """What was decided about one contract, in the order in which it was."""

    who: str
    signed: date | None = None
    terms: list[Any] = field(default_factory=lambda: [contract_terms(START, PATTERN)[0]])
    places: dict[str, date | None] = field(default_factory=lambda: dict.fromkeys(PLACES))
    # Who, what, from, until.
    hired: list[tuple[str, str, date, date | None]] = field(default_factory=list)
    ended: date | None = None

    @property
    def until(self) -> date:
        last = self.terms[-1].end
        return min(last, self.ended) if self.ended else last

    def on(self, day: date) -> Any:
        """What the list says of it on a day; nothing where it is not in it."""
        if self.signed is None or day < max(self.signed, START) or day > self.until:
            return None
        places = {place for place, last in self.places.items() if last is None or day <= last}
        hired = {(who, what) for who, what, since, last in self.hired if since <= day and (last is None or day <= last)}
        return self.who, places, hired, self.until

    def add(self, who: str, what: str, since: date) -> None:
        self.hired.append((who, what, since, None))

    def stop(self, who: str, last: date) -> None:
        def ended(line: tuple[str, str, date, date | None]) -> tuple[str, str, date, date | None]:
            one, what, since, until = line
            return (one, what, since, last) if one == who and since <= last and (not until or until > last) else line

        self.hired = [ended(line) for line in self.hired]

    def change(self, who: str, what: str, since: date) -> None:
        kept = []
        for w, old, begun, until in self.hired:
            if w != who or begun > since or (until is not None and until < since):
                kept.append((w, old, begun, until))
                continue
            if begun < since:
                kept.append((w, old, begun, since - DAY))
            kept.append((w, what, since, until))
        self.hired = kept


class Play:
    """Two contracts, three who may be hired, and Team CLM."""

    def __init__(self, set_clock: Any) -> None:
        self.set_clock, self.today = set_clock, BEGIN
        self.go_to(BEGIN)
        segment = SegmentFactory(tender=TenderFactory(region=RegionFactory(is_default=True)))
        takes_part(segment, *(name.title() for name in PLACES))
        self.contracts = [contract_with_terms(segment=segment, unsigned=True, years=PATTERN) for _ in range(2)]
        self.clm = user_with(Role.CLM)
        self.members = [member_of(contract.contractor) for contract in self.contracts]
        self.pool = [OrganisationFactory() for _ in range(3)]
        self.told = [Told(contract.contractor.kvk_number) for contract in self.contracts]
        self.known: dict[date, list[Any]] = {}

    def go_to(self, day: date) -> None:
        self.today = day
        self.set_clock(timezone.make_aware(datetime.combine(day, time(12))))

    def night(self) -> None:
        """What the clock does by itself."""
        keep_due_versions()
        lapse_options()
        end_due_contracts()

    def step(self, index: int, what: str, one: int, two: int) -> None:
        """Try it; what the rules refuse has not happened."""
        contract, told = self.contracts[index], self.told[index]
        contract.refresh_from_db()
        try:
            with transaction.atomic():
                getattr(self, what)(contract, told, index, one, two)
        except RuleViolation:
            # The clock goes back with the rest.
            self.go_to(self.today)

    def sign(self, contract: Any, told: Told, index: int, one: int, two: int) -> None:
        sign_by_both(contract, self.clm)
        told.signed = self.today

    def end(self, contract: Any, told: Told, index: int, one: int, two: int) -> None:
        last = self.today + timedelta(days=one)
        terminate_contract(contract=contract, on=last, reason="Gestopt.", by=self.clm)
        told.ended = last

    def option(self, contract: Any, told: Told, index: int, one: int, two: int) -> None:
        """Colleges decide by the bits of a number: extend, or do not."""
        term = next_option(contract)
        if term is None:
            return
        running = [row for row in contract.contract_municipalities.order_by("municipality__slug") if row.end is None]
        leaving = [row.municipality for n, row in enumerate(running) if (one >> n) & 1]
        for row in running:
            outcome = "decline" if row.municipality in leaving else "extend"
            says = said(outcome, reason="Besloten.", decided_on=self.today)
            record_college_decisions(terms=[term], municipality=row.municipality, says=says, by=self.clm)
        taken = conclude_option(term=term, reason="Zo besloten zij.", by=self.clm).status == TermStatus.EXERCISED
        assert taken == (len(leaving) < len(running))
        if taken:
            told.terms.append(contract_terms(START, PATTERN)[len(told.terms)])
            for place in leaving:
                told.places[place.slug] = told.terms[-1].start - DAY

    def _decided(self, contract: Any, index: int, kind: str, who: Any, after: int, work: str, wait: int) -> date:
        """Asked for one day and decided some days later, so that it never works backwards."""
        change = request_change(
            contract=contract, kind=kind, organisation=who, effective_on=self.today + timedelta(days=after),
            reason="Nodig.", part_of_work=work, continuity="Anderen nemen het over.", by=self.members[index],
        )  # fmt: skip
        asked = self.today + timedelta(days=after)
        self.go_to(self.today + timedelta(days=wait))
        refused = wait % 5 == 4
        outcome = ChangeStatus.REFUSED if refused else ChangeStatus.APPROVED
        decide_change(change=change, outcome=outcome, reason="Akkoord, of niet.", by=self.clm)
        return date.max if refused else max(asked, self.today)

    def add(self, contract: Any, told: Told, index: int, one: int, two: int) -> None:
        who, work = self.pool[two % 3], WORK[two % 2]
        on = self._decided(contract, index, ChangeKind.ADD, who, one, work, two)
        if on != date.max:
            told.add(who.kvk_number, work, on)

    def stop(self, contract: Any, told: Told, index: int, one: int, two: int) -> None:
        who = self.pool[two % 3]
        on = self._decided(contract, index, ChangeKind.STOP, who, one, "", two)
        if on != date.max:
            told.stop(who.kvk_number, on)

    def change(self, contract: Any, told: Told, index: int, one: int, two: int) -> None:
        who, work = self.pool[two % 3], WORK[one % 2]
        on = self._decided(contract, index, ChangeKind.CHANGE, who, one, work, two)
        if on != date.max:
            told.change(who.kvk_number, work, on)

    def days(self) -> set[date]:
        """Every day on which something begins or ends, and the days around it."""
        marks = {START, self.today}
        for told in self.told:
            marks |= {told.until, *(d for d in (told.signed, told.ended) if d), *(d for d in told.places.values() if d)}
            marks |= {since for _w, _x, since, _u in told.hired} | {last for *_rest, last in told.hired if last}
        return {mark + n * DAY for mark in marks for n in (-1, 0, 1)}

    def replayed(self, day: date) -> dict[str, Any]:
        found = {contract.number: told.on(day) for contract, told in zip(self.contracts, self.told, strict=True)}
        return {number: line for number, line in found.items() if line is not None}


def listed(register: Any) -> dict[str, Any]:
    """The register in the replay's words."""
    return {
        line.number: (
            line.contractor.kvk_number,
            {place.slug for place in line.municipalities},
            {(sub.party.kvk_number, sub.part_of_work) for sub in line.subcontractors},
            line.until,
        )
        for line in register.contracts
    }


STEP = st.tuples(
    st.integers(0, 200),
    st.integers(0, 1),
    st.sampled_from(["sign", "add", "add", "stop", "change", "option", "end"]),
    st.integers(0, 40),
    st.integers(0, 9),
)


@given(late=st.integers(0, 90), steps=st.lists(STEP, min_size=3, max_size=12))
@settings(
    max_examples=12, deadline=None, database=None, suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)  # fmt: skip
def test_the_register_on_any_day_is_the_replay_of_what_happened(settings_demo: None, late: int, steps: Any) -> None:
    with transaction.atomic():
        with movable_clock() as set_clock:
            _play(Play(set_clock), late, steps)
        transaction.set_rollback(True)


def _play(play: Play, late: int, steps: Any) -> None:
    # The first is signed before it begins or after; the second whenever a step says so.
    play.go_to(BEGIN + timedelta(days=late))
    play.step(0, "sign", 0, 0)
    for wait, index, what, one, two in steps:
        play.go_to(play.today + timedelta(days=wait))
        play.night()
        play.step(index, what, one, two)
    for day in play.days():
        assert listed(register_on(day)) == play.replayed(day), day
    # A version that was kept says the same of who is in it; until when is what was known on that day.
    play.go_to(play.today + DAY)
    play.night()
    assert play.today == database_today()
    for version in RegisterVersion.objects.exclude(digest="").defer("content"):
        kept, now = listed(register_of(version)), play.replayed(version.date)
        assert {n: line[:3] for n, line in kept.items()} == {n: line[:3] for n, line in now.items()}


@pytest.fixture
def settings_demo(settings: Any) -> None:
    """The clock can be moved under demo settings only."""
    settings.DEMO = True
