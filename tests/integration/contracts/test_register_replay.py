"""The register on any day is what comes out when all that happened until then is told once more (issue's property).

Years of signing, extending, ending, contractors that are replaced, members of a consortium that join, leave and share
anew, and subcontractors who come, change and go are played through the real services, by the database's own clock.
Beside them a replay keeps nothing but what was decided, and says for any day who stands in the list. It knows no
tables.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from achterhoek.accounts.enums import Role
from achterhoek.clock import database_today
from achterhoek.errors import RuleViolation
from contracts.domain.terms import contract_terms
from contracts.enums import ChangeKind, ChangeStatus, MemberStep, TermStatus
from contracts.models import Contract, RegisterVersion
from contracts.rules import next_option
from contracts.selectors.agreements import standing_on
from contracts.selectors.register import register_on
from contracts.selectors.register_versions import register_of
from contracts.services.amendments import AmendmentSaid, draft_amendment, members_amendment, sign_amendment
from contracts.services.change_decisions import decide_change
from contracts.services.contracts import end_due_contracts, terminate_contract
from contracts.services.demo.clock import movable_clock
from contracts.services.members import MemberChange
from contracts.services.options import conclude_option, lapse_options, record_college_decisions
from contracts.services.register import keep_due_versions
from contracts.services.replacement import follow_contractors
from contracts.services.subcontractors import request_change
from providers.models import Organisation
from tests.factories import OrganisationFactory, RegionFactory, SegmentFactory, TenderFactory, member_of, user_with
from tests.factories.contracts import consortium_contract, contract_with_terms, said, sign_by_both, takes_part

pytestmark = pytest.mark.django_db
BEGIN, START, PATTERN = date(2022, 5, 1), date(2022, 7, 1), (3, 2, 2)
PLACES = ("aalten", "berkelland", "winterswijk")
WORK = ("Spel", "Taal")
DAY = timedelta(days=1)


@dataclass
class Told:
    """What was decided about one contract, in the order in which it was."""

    # From which day on: who leads it, and the share of each that is in it.
    parties: list[tuple[date, str, dict[str, Decimal | None]]]
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
        return self.parties_on(day), places, hired, self.until

    def parties_on(self, day: date) -> set[tuple[str, bool, date]]:
        """Who is in it, who leads it, and since when each is in it without a break."""
        told = [one for one in self.parties if one[0] <= day]
        found = set()
        for who in told[-1][2]:
            since = told[-1][0]
            for begun, _lead, shares in reversed(told):
                if who not in shares:
                    break
                since = begun
            found.add((who, who == told[-1][1], since))
        return found

    def shares_on(self, day: date) -> dict[str, Decimal | None]:
        return next((shares for begun, _lead, shares in reversed(self.parties) if begun <= day), {})

    def shared(self, since: date, shares: dict[str, Decimal | None], lead: str = "") -> None:
        self.parties.append((since, lead or self.parties[-1][1], shares))

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


def look(when: str) -> None:
    """Have the database look at what belongs together: after each statement, or when all is written."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET CONSTRAINTS ALL {when}")


class Play:
    """A contract of a consortium and one of a single contractor, who may be hired or join, and Team CLM."""

    def __init__(self, set_clock: Any) -> None:
        self.set_clock, self.today = set_clock, BEGIN
        look("DEFERRED")
        self.go_to(BEGIN)
        segment = SegmentFactory(tender=TenderFactory(region=RegionFactory(is_default=True)))
        takes_part(segment, *(name.title() for name in PLACES))
        kept = {"segment": segment, "unsigned": True, "years": PATTERN, "start": START}
        self.contracts = [consortium_contract(50, 30, 20, **kept), contract_with_terms(**kept)]
        self.clm = user_with(Role.CLM)
        self.pool = [OrganisationFactory() for _ in range(3)]
        # Who may join or take over: strangers, one that may be hired as well, and the members themselves.
        own = [row.organisation for contract in self.contracts for row in contract.parties.order_by("pk")]
        self.others = [OrganisationFactory(), OrganisationFactory(), self.pool[0], *own]
        self.people = {one.pk: member_of(one) for one in {*self.pool, *self.others}}
        self.told = [self._told(contract) for contract in self.contracts]
        self.known: dict[date, list[Any]] = {}

    @staticmethod
    def _told(contract: Contract) -> Told:
        shares = {row.organisation.kvk_number: row.share for row in contract.parties.all()}
        return Told([(START, contract.contractor.kvk_number, shares)])

    def go_to(self, day: date) -> None:
        self.today = day
        self.set_clock(timezone.make_aware(datetime.combine(day, time(12))))

    def night(self) -> None:
        """What the clock does by itself."""
        keep_due_versions()
        lapse_options()
        follow_contractors()
        end_due_contracts()

    def step(self, index: int, what: str, one: int, two: int) -> None:
        """Try it; what the rules refuse has not happened."""
        contract, told = self.contracts[index], self.told[index]
        contract.refresh_from_db()
        try:
            with transaction.atomic():
                getattr(self, what)(contract, told, index, one, two)
                # As at the end of a transaction of its own.
                look("IMMEDIATE")
                look("DEFERRED")
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
            reason="Nodig.", part_of_work=work, continuity="Anderen nemen het over.",
            by=self.people[contract.contractor_id],
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

    def _agreed(self, contract: Contract, says: AmendmentSaid) -> None:
        sign_amendment(amendment=draft_amendment(contract=contract, says=says, by=self.clm), by=self.clm)

    def _members(self, contract: Contract, on: date, *changes: MemberChange) -> None:
        moves = any(change.step != MemberStep.SHARE for change in changes)
        ground = "2.163f" if moves else "2.163g"
        says = members_amendment(ground=ground, reason="Zo.", effective_on=on, members=changes)
        self._agreed(contract, says)

    def replace(self, contract: Any, told: Told, index: int, one: int, two: int) -> None:
        successor, on = self.others[two % len(self.others)], self.today + timedelta(days=one)
        says = AmendmentSaid(
            kind="replacement", ground="2.163f", title="Overname", description="Zo.", reason="Zo.", effective_on=on,
            successor=successor,
        )  # fmt: skip
        self._agreed(contract, says)
        shares = dict(told.parties[-1][2])
        own = [shares.pop(told.parties[-1][1]), shares.pop(successor.kvk_number, None)]
        given = [share for share in own if share is not None]
        told.shared(on, shares | {successor.kvk_number: sum(given) if given else None}, successor.kvk_number)

    def join(self, contract: Any, told: Told, index: int, one: int, two: int) -> None:
        """With five percent of the lead, or with no share."""
        who, on = self.others[two % len(self.others)], self.today + timedelta(days=one)
        _begun, lead, shares = told.parties[-1]
        of_lead, five = shares[lead], Decimal(5)
        takes = one % 2 == 0 and of_lead is not None
        changes = [MemberChange(who, MemberStep.JOIN, five if takes else None)]
        if takes:
            changes.append(MemberChange(self._named(lead), MemberStep.SHARE, of_lead - five))
        self._members(contract, on, *changes)
        after = shares | {who.kvk_number: five if takes else None}
        told.shared(on, after | {lead: of_lead - five} if takes else after)

    def leave(self, contract: Any, told: Told, index: int, one: int, two: int) -> None:
        """Its share goes to the lead."""
        on, (_begun, lead, shares) = self.today + timedelta(days=one), told.parties[-1]
        who = sorted(shares)[two % len(shares)]
        changes = [MemberChange(self._named(who), MemberStep.LEAVE)]
        left = {key: share for key, share in shares.items() if key != who}
        if shares[who] is not None and who != lead:
            left[lead] = shares[who] + (shares[lead] or 0)
            changes.append(MemberChange(self._named(lead), MemberStep.SHARE, left[lead]))
        self._members(contract, on, *changes)
        told.shared(on, left)

    def share(self, contract: Any, told: Told, index: int, one: int, two: int) -> None:
        """Everybody the same; what is left over goes to the lead."""
        on, (_begun, lead, shares) = self.today + timedelta(days=one), told.parties[-1]
        part = Decimal(100 // len(shares))
        after = dict.fromkeys(shares, part) | {lead: 100 - part * (len(shares) - 1)}
        self._members(contract, on, *(MemberChange(self._named(k), MemberStep.SHARE, v) for k, v in after.items()))
        told.shared(on, after)

    def _named(self, kvk_number: str) -> Organisation:
        return Organisation.objects.get(kvk_number=kvk_number)

    def days(self) -> set[date]:
        """Every day on which something begins or ends, and the days around it."""
        marks = {START, self.today}
        for told in self.told:
            marks |= {told.until, *(d for d in (told.signed, told.ended) if d), *(d for d in told.places.values() if d)}
            marks |= {since for since, _lead, _shares in told.parties}
            marks |= {since for _w, _x, since, _u in told.hired} | {last for *_rest, last in told.hired if last}
        return {mark + n * DAY for mark in marks for n in (-1, 0, 1)}

    def replayed(self, day: date) -> dict[str, Any]:
        found = {contract.number: told.on(day) for contract, told in zip(self.contracts, self.told, strict=True)}
        return {number: line for number, line in found.items() if line is not None}


def listed(register: Any) -> dict[str, Any]:
    """The register in the replay's words."""
    return {
        line.number: (
            {(held.party.kvk_number, held.is_lead, held.since) for held in line.parties},
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


PARTIES = st.tuples(
    st.integers(0, 60),
    st.sampled_from([0, 0, 0, 1]),
    st.sampled_from(["join", "leave", "share", "replace", "add"]),
    st.integers(0, 40),
    st.integers(0, 9),
)


@given(steps=st.lists(PARTIES, min_size=4, max_size=10))
@settings(
    max_examples=12, deadline=None, database=None, suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)  # fmt: skip
@example(steps=[(0, 0, "leave", 0, 1), (1, 0, "join", 4, 0), (1, 0, "replace", 9, 0), (10, 0, "leave", 0, 0)])
@example(steps=[(60, 0, "join", 3, 1), (4, 0, "replace", 0, 1), (4, 0, "share", 0, 0), (1, 1, "replace", 2, 1)])
def test_who_is_in_a_contract_on_any_day_is_the_replay_of_what_was_agreed(settings_demo: None, steps: Any) -> None:
    with transaction.atomic():
        with movable_clock() as set_clock:
            play = Play(set_clock)
            play.step(1, "sign", 0, 0)
            _play(play, 0, steps)
            for contract, told in zip(play.contracts, play.told, strict=True):
                for day in play.days():
                    stood = {row.organisation.kvk_number: row.share for row in standing_on(contract, day).parties}
                    assert stood == told.shares_on(day), day
        transaction.set_rollback(True)


@pytest.fixture
def settings_demo(settings: Any) -> None:
    """The clock can be moved under demo settings only."""
    settings.DEMO = True
