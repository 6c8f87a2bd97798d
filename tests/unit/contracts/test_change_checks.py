"""What the checks of a change say, and on which day they say something else."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.domain.change_checks import ADD, CHANGES, STOPS, Document, Facts, Mark, check, newest, worst
from contracts.domain.change_coverage import Loss
from contracts.domain.change_terms import HOLDS_MONTHS, add_months, decide_by, holds_until, moved_on

TODAY = date(2026, 3, 2)
COMPLETE = (
    Document("self_declaration", None), Document("kvk_extract", date(2026, 2, 1)), Document("tax", date(2026, 2, 1)),
    Document("conduct", date(2025, 2, 1)),
)  # fmt: skip
ADDED = Facts(kind=ADD, on=date(2026, 4, 1), today=TODAY, last_day=date(2027, 6, 30), documents=COMPLETE)
STOPPED = replace(ADDED, kind=STOPS, documents=(), clients=0)
days = st.dates(date(2020, 1, 1), date(2035, 12, 31))


def marks(facts):
    return {finding.code: finding.mark for finding in check(facts)}


def one(facts, code):
    return next(finding for finding in check(facts) if finding.code == code)


def test_a_newcomer_with_everything_in_order_raises_nothing():
    assert worst(check(ADDED)) == Mark.OK


@pytest.mark.parametrize(
    ("changed", "code", "mark"),
    [
        ({"valid_number": False}, "kvk_number", Mark.STOP),
        ({"known_before": False}, "known", Mark.ATTENTION),
        ({"excluded": 1}, "excluded", Mark.STOP),
        ({"refused": 2}, "refused", Mark.ATTENTION),
        ({"terminated": 1}, "terminated", Mark.ATTENTION),
        ({"documents": COMPLETE[1:]}, "declaration", Mark.STOP),
        ({"documents": COMPLETE[:1]}, "kvk_extract", Mark.ATTENTION),
        ({"on": date(2027, 7, 1)}, "day", Mark.STOP),
        ({"on": TODAY - timedelta(days=1)}, "day", Mark.ATTENTION),
        ({"requirements": 3, "documents": ()}, "requirements", Mark.ATTENTION),
    ],
)
def test_each_thing_that_is_wrong_with_a_newcomer_is_seen(changed, code, mark):
    assert marks(replace(ADDED, **changed))[code] == mark


@pytest.mark.parametrize(
    ("changed", "code", "mark", "case"),
    [
        ({}, "coverage", Mark.OK, "ok"),
        ({"losses": (Loss("behandeling", "Aalten", 2, 1),)}, "coverage", Mark.ATTENTION, "found"),
        ({"losses": (Loss("behandeling", "Aalten", 1, 0),)}, "coverage", Mark.STOP, "nobody"),
        ({"promises": 4}, "promises", Mark.ATTENTION, "found"),
        ({"promises": 4, "late_promises": 1}, "promises", Mark.ATTENTION, "late"),
        ({"clients": 12}, "clients", Mark.ATTENTION, "found"),
        ({"clients": None}, "clients", Mark.ATTENTION, "unknown"),
    ],
)
def test_a_stop_is_judged_by_what_it_leaves_behind(changed, code, mark, case):
    found = one(replace(STOPPED, **changed), code)
    assert (found.mark, found.case) == (mark, case)


def test_a_stop_asks_no_evidence_of_who_leaves():
    assert not {"declaration", "kvk_extract", "requirements"} & marks(STOPPED).keys()
    assert {"requirements", "coverage"} <= marks(replace(STOPPED, kind=CHANGES)).keys()


@pytest.mark.parametrize(
    ("kind", "issued", "last"),
    [
        ("kvk_extract", date(2025, 10, 1), date(2026, 4, 1)),
        ("tax", date(2025, 8, 31), date(2026, 2, 28)),
        ("conduct", date(2024, 2, 29), date(2026, 2, 28)),
    ],
)
def test_how_long_evidence_holds(kind, issued, last):
    """Aw 2.89: an extract and a tax statement six months, a GVA two years."""
    assert holds_until(kind, issued) == last


def test_a_certificate_has_no_age():
    assert holds_until("quality", TODAY) is None


@pytest.mark.parametrize("kind", HOLDS_MONTHS)
def test_evidence_counts_on_its_last_day_and_not_on_the_next(kind):
    issued = date(2025, 11, 15)
    last = holds_until(kind, issued)
    facts = replace(ADDED, documents=(Document(kind, issued),), last_day=date(2040, 1, 1))
    assert one(replace(facts, on=last), kind).mark == Mark.OK
    assert one(replace(facts, on=last + timedelta(days=1)), kind).mark == Mark.STOP


def test_evidence_that_ran_out_while_the_request_waited_is_out():
    waited = replace(ADDED, on=date(2026, 4, 1), today=date(2026, 12, 1))
    assert one(waited, "kvk_extract").case == "expired"


def test_evidence_of_tomorrow_does_not_exist_and_of_no_day_cannot_be_judged():
    tomorrow = replace(ADDED, documents=(Document("tax", TODAY + timedelta(days=1)),))
    assert (one(tomorrow, "tax").mark, one(tomorrow, "tax").case) == (Mark.STOP, "in_the_future")
    assert one(replace(ADDED, documents=(Document("tax", None),)), "tax").case == "undated"


@given(st.lists(st.tuples(st.sampled_from(sorted(HOLDS_MONTHS)), st.none() | days), max_size=8))
def test_of_several_documents_the_newest_counts(rows):
    documents = [Document(*row) for row in rows]
    for kind in HOLDS_MONTHS:
        dated = [d.issued_on for d in documents if d.kind == kind and d.issued_on]
        found = newest(documents, kind)
        assert (found.issued_on if found else None) == (max(dated) if dated else None)


@given(days, days, days)
def test_a_later_day_never_makes_evidence_better(issued, first, second):
    early, late = sorted((first, second))
    facts = replace(ADDED, documents=(Document("kvk_extract", issued),), today=issued)
    assert one(replace(facts, on=early), "kvk_extract").mark <= one(replace(facts, on=late), "kvk_extract").mark


@given(days, st.integers(0, 60))
def test_months_are_added_without_ever_leaving_the_month(day, months):
    on = add_months(day, months)
    assert (on.year * 12 + on.month) - (day.year * 12 + day.month) == months
    assert on.day == day.day or (on + timedelta(days=1)).day == 1


@given(days, days, days)
def test_a_question_moves_the_term_by_the_days_it_was_open_and_never_back(asked, first, second):
    due = decide_by(asked)
    opened, answered = sorted((first, second))
    assert moved_on(due, opened, answered) - due == answered - opened
    assert moved_on(due, answered, opened) >= due


@given(st.sampled_from([ADD, STOPS, CHANGES]), days, days, st.integers(0, 5), st.integers(0, 5))
def test_each_check_is_told_once_and_the_worst_is_one_of_them(kind, on, last_day, promises, requirements):
    found = check(
        replace(ADDED, kind=kind, on=on, last_day=last_day, promises=promises, requirements=requirements, clients=None)
    )
    codes = [finding.code for finding in found]
    assert len(codes) == len(set(codes))
    assert worst(found) in {finding.mark for finding in found}
