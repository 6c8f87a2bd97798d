"""What differs between two days of the register: the one list and the difference make the other."""

from __future__ import annotations

import json
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.domain.register import (
    ContractLine,
    Part,
    Party,
    PartyLine,
    Place,
    PlaceLine,
    Register,
    SegmentLine,
    SubcontractorLine,
    Version,
)
from contracts.domain.register_difference import difference, difference_json, facts_of
from contracts.domain.register_help import helpers
from contracts.domain.register_json import as_json, from_json
from contracts.domain.register_providers import providers

DAYS = st.dates(date(2020, 1, 1), date(2030, 12, 31))
NAMES = st.sampled_from(["Zorg Een", "Coöperatie Beek", "De Spoorzoeker", "Stichting Wonen", "Eén"])
WORK = st.sampled_from(["Spel", "Taal"])
PLACES = [Place("Achterhoek", slug, slug.title()) for slug in ("aalten", "berkelland", "winterswijk")]
PARTS = [Part(slug, slug.title()) for slug in ("behandeling", "ondersteuning")]
SEGMENTS = [SegmentLine(slug, slug.title(), "Jeugd", "inkoop", "Inkoop", "Achterhoek") for slug in ("jeugd", "wonen")]


@st.composite
def parties(draw):
    number = draw(st.integers(1, 6))
    return Party(draw(NAMES), "Stichting", f"9000000{number}", f"2200000{number}", "Aalten")


@st.composite
def contracts(draw):
    held = draw(st.lists(parties(), min_size=1, max_size=3, unique_by=lambda p: p.kvk_number))
    places = draw(st.lists(st.sampled_from(PLACES), max_size=3, unique=True))
    working = draw(st.lists(parties(), max_size=3, unique_by=lambda p: p.kvk_number))
    parts = st.lists(st.sampled_from(PARTS), max_size=2, unique=True).map(tuple)
    return ContractLine(
        number=f"ACH-{draw(st.integers(1, 5))}",
        segment=draw(st.sampled_from(SEGMENTS)),
        consortium="Combinatie" if len(held) > 1 else "",
        parties=tuple(PartyLine(p, n == 0, draw(DAYS), draw(st.none() | DAYS)) for n, p in enumerate(held)),
        subsegments=draw(parts),
        places=tuple(PlaceLine(place, draw(DAYS), draw(st.none() | DAYS)) for place in places),
        since=draw(DAYS),
        until=draw(DAYS),
        subcontractors=tuple(
            SubcontractorLine(
                p, draw(st.sampled_from(["Spel", "Taal"])), draw(DAYS), draw(st.none() | DAYS), draw(parts)
            )
            for p in working
        ),
    )


@st.composite
def registers(draw):
    day = draw(DAYS)
    lines = draw(st.lists(contracts(), max_size=4, unique_by=lambda c: c.number))
    return Register(day, draw(st.none() | st.just(Version(day, "Iets"))), tuple(lines))


def identities(register):
    return {fact.identity for fact in facts_of(register)}


def told(found, side):
    kinds = (found.contractors, found.subcontractors, found.municipalities)
    return {fact.identity for kind in kinds for fact in getattr(kind, side)}


@settings(max_examples=40)
@given(registers(), registers())
def test_the_first_list_and_what_differs_make_the_second(before, after):
    found = difference(before, after)
    assert (identities(before) - told(found, "ended")) | told(found, "added") == identities(after)
    assert not told(found, "added") & identities(before)
    assert told(found, "ended") <= identities(before)


@settings(max_examples=40)
@given(registers(), registers())
def test_backwards_it_is_its_mirror(before, after):
    there, back = difference(before, after), difference(after, before)
    assert told(there, "added") == told(back, "ended")
    assert told(there, "ended") == told(back, "added")
    assert {(r.contract, r.before, r.after) for r in there.runs} == {(r.contract, r.after, r.before) for r in back.runs}


@settings(max_examples=40)
@given(registers())
def test_nothing_differs_from_itself(register):
    assert difference(register, register).is_empty


@settings(max_examples=40)
@given(registers(), registers())
def test_another_last_day_is_told_of_contracts_in_both_lists_alone(before, after):
    old = {line.number: line.until for line in before.contracts}
    expected = {line.number for line in after.contracts if line.number in old and old[line.number] != line.until}
    assert {run.contract for run in difference(before, after).runs} == expected


@settings(max_examples=40)
@given(registers())
def test_a_list_comes_back_out_of_its_json(register):
    assert from_json(json.loads(json.dumps(as_json(register)))) == register


@settings(max_examples=40)
@given(registers(), registers())
def test_what_differs_can_be_written_as_json(before, after):
    said = json.loads(json.dumps(difference_json(difference(before, after))))
    assert (said["from"], said["to"]) == (before.on.isoformat(), after.on.isoformat())


@settings(max_examples=40)
@given(registers())
def test_every_organisation_is_found_once_and_with_all_it_does(register):
    found = providers(register)
    assert len({one.party.kvk_number for one in found}) == len(found)
    works = sum(len(line.parties) + len(line.subcontractors) for line in register.contracts)
    assert sum(len(one.works) for one in found) == works


@settings(max_examples=40)
@given(registers())
def test_who_may_help_is_named_once_and_a_contractor_never_as_subcontractor(register):
    found = helpers(register)
    assert len({one.party.kvk_number for one in found}) == len(found)
    own = {held.party.kvk_number for line in register.contracts for held in line.parties}
    assert {one.party.kvk_number for one in found if not one.is_subcontractor_only} == own


def small(name, work):
    start = date(2022, 7, 1)
    who, other = (Party(n, "bv", f"9000000{k}", f"2200000{k}", "Aalten") for n, k in ((name, 1), ("Spoor", 2)))
    hired = SubcontractorLine(other, work, start, None)
    line = ContractLine(
        "ACH-1", SEGMENTS[0], "", (PartyLine(who, True, start),), (), (), start, date(2025, 6, 30), (hired,)
    )
    return Register(start, None, (line,))


def test_a_new_name_is_no_difference_and_other_work_is():
    found = difference(small("Oud", "Spel"), small("Nieuw", "Taal"))
    assert not found.contractors
    assert [fact.detail for fact in found.subcontractors.added] == ["Taal"]
    assert [fact.detail for fact in found.subcontractors.ended] == ["Spel"]


@settings(max_examples=40)
@given(registers(), registers())
def test_the_page_names_municipalities_of_contracts_in_both_lists_alone(before, after):
    found = difference(before, after)
    both = {line.number for line in before.contracts} & {line.number for line in after.contracts}
    for side in ("added", "ended"):
        named = getattr(found.moved, side)
        assert named == tuple(fact for fact in getattr(found.municipalities, side) if fact.contract in both)
