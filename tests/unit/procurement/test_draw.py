"""Lots: a promise that anybody can check, and an order drawn by hand that settles the equal bids and nothing else."""

from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from procurement.domain.draw import Place, commitment, equal_bids, keeps_promise, lots, settles, with_drawn_order

EQUAL = [
    Place("a", 1, "selected"),
    Place("b", 2, "pending_draw"),
    Place("c", 2, "pending_draw"),
    Place("d", 2, "pending_draw"),
    Place("e", 5, "reserve"),
    Place("f", None, "excluded"),
]


def test_the_promise_is_the_sha256_of_the_seed():
    assert commitment("geheim") == "sha256:" + hashlib.sha256(b"geheim").hexdigest()
    assert keeps_promise("geheim", commitment("geheim"))
    assert not keeps_promise("geheim2", commitment("geheim"))


def test_the_lowest_lot_comes_first():
    drawn = lots("geheim", ["A", "B", "C"])
    assert dict(drawn) == {bid: hashlib.sha256(f"geheim:{bid}".encode()).hexdigest() for bid in "ABC"}
    assert [lot for _bid, lot in drawn] == sorted(lot for _bid, lot in drawn)


def test_an_order_by_hand_gives_each_equal_bid_a_rank_of_its_own():
    assert equal_bids(EQUAL) == ["b", "c", "d"]
    settled = with_drawn_order(EQUAL, {"d": 1, "b": 2, "c": 3}, 3)
    assert settled == [
        EQUAL[0],
        Place("d", 2, "selected"),
        Place("b", 3, "selected"),
        Place("c", 4, "reserve"),
        *EQUAL[4:],
    ]


def test_an_order_that_lacks_a_bid_settles_nothing():
    assert not settles({"b": 1, "c": 2}, EQUAL)
    assert with_drawn_order(EQUAL, {"b": 1, "c": 2}, 3) == EQUAL
    assert not settles({"b": 1}, [Place("b", 1, "selected")])


def test_an_earlier_order_still_holds_for_those_of_it_that_are_left():
    left = [place for place in EQUAL if place.bid != "d"]
    settled = with_drawn_order(left, {"d": 1, "b": 3, "c": 2}, 2)
    assert [(place.bid, place.outcome) for place in settled[:3]] == [
        ("a", "selected"), ("c", "selected"), ("b", "reserve"),
    ]  # fmt: skip


@given(st.integers(0, 4), st.integers(2, 6), st.data())
def test_the_places_are_filled_and_no_others_move(before, equal, data):
    cut = data.draw(st.integers(before + 1, before + equal - 1))
    names = [f"x{n}" for n in range(equal)]
    places = [Place(f"s{n}", n + 1, "selected") for n in range(before)]
    places += [Place(name, before + 1, "pending_draw") for name in names]
    order = data.draw(st.permutations(range(1, equal + 1)))
    settled = with_drawn_order(places, dict(zip(names, order, strict=True)), cut)
    assert settled[:before] == places[:before]
    assert [place.outcome for place in settled].count("selected") == cut
    assert [place.rank for place in settled] == list(range(1, before + equal + 1))
