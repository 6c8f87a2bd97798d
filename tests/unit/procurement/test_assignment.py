"""Dividing bids: replayable, as even as can be, never to somebody with an interest."""

from __future__ import annotations

from itertools import combinations, product

from hypothesis import given, settings
from hypothesis import strategies as st

from procurement.domain.assignment import divide, substitute


@st.composite
def cases(draw, *, bids=12, members=6, conflicts=True):
    names = [f"T-{n}" for n in range(draw(st.integers(0, bids)))]
    people = [f"m{n}@demo.example" for n in range(draw(st.integers(1, members)))]
    pairs = list(product(people, names))
    barred = draw(st.sets(st.sampled_from(pairs))) if pairs and conflicts else set()
    return {
        "bids": names,
        "members": people,
        "per_bid": draw(st.integers(1, len(people))),
        "seed": draw(st.text(max_size=8)),
        "conflicts": barred,
    }


@given(cases(), st.randoms())
def test_the_same_seed_gives_the_same_whatever_the_order_of_the_input(case, random):
    shuffled = {**case, "bids": list(case["bids"]), "members": list(case["members"])}
    random.shuffle(shuffled["bids"])
    random.shuffle(shuffled["members"])
    assert divide(**case) == divide(**shuffled)


@given(cases(conflicts=False))
def test_without_conflicts_each_bid_has_its_number_and_loads_differ_by_one_at_most(case):
    division = divide(**case)
    assert all(len(found) == case["per_bid"] for found in division.members_of.values())
    loads = [division.load()[member] for member in case["members"]]
    assert max(loads) - min(loads) <= 1
    assert division.short == ()


@given(cases())
def test_nobody_scores_a_bidder_in_which_they_have_an_interest(case):
    division = divide(**case)
    for bid, found in division.members_of.items():
        free = [member for member in case["members"] if (member, bid) not in case["conflicts"]]
        assert found <= set(free)
        assert len(found) == min(case["per_bid"], len(free))
        assert (bid in division.short) == (len(free) < case["per_bid"])


@settings(max_examples=60)
@given(cases(bids=4, members=3))
def test_with_conflicts_no_other_division_is_more_even(case):
    """Against every division there is: the sum of the squares of the loads is the least."""
    choices = []
    for bid in case["bids"]:
        free = [member for member in case["members"] if (member, bid) not in case["conflicts"]]
        choices.append(list(combinations(free, min(case["per_bid"], len(free)))))
    squares = (
        sum(sum(member in found for found in picked) ** 2 for member in case["members"]) for picked in product(*choices)
    )
    assert sum(load**2 for load in divide(**case).load().values()) == min(squares)


@given(cases(), st.data())
def test_what_was_given_by_hand_stays(case, data):
    pairs = [pair for pair in product(case["members"], case["bids"]) if pair not in case["conflicts"]]
    kept = data.draw(st.sets(st.sampled_from(pairs))) if pairs else set()
    division = divide(**case, kept=kept)
    assert all(member in division.members_of[bid] for member, bid in kept)


def test_three_hundred_bids_among_five_members_three_a_bid():
    division = divide(
        bids=[f"T-{n:06d}" for n in range(300)], members=[f"m{n}" for n in range(5)], per_bid=3, seed="zaad"
    )
    assert sorted(division.load().values()) == [180] * 5


def test_another_seed_gives_another_division():
    case = {"bids": [f"T-{n}" for n in range(30)], "members": ["a", "b", "c", "d"], "per_bid": 2}
    assert divide(**case, seed="een").members_of != divide(**case, seed="twee").members_of


def test_who_takes_over_is_who_has_the_fewest_and_may():
    load = {"a": 3, "b": 1, "c": 2}
    assert substitute(bid="T-1", members="abc", load=load, barred=(), seed="") == "b"
    assert substitute(bid="T-1", members="abc", load=load, barred={"b"}, seed="") == "c"
    assert substitute(bid="T-1", members="abc", load=load, barred=set("abc"), seed="") is None
