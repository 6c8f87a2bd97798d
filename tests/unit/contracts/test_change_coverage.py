"""What is left of the care in each municipality when a subcontractor stops."""

from hypothesis import given
from hypothesis import strategies as st

from contracts.domain.change_coverage import Loss, Work, losses

PARTS, PLACES = ("behandeling", "ondersteuning"), ("Aalten", "Winterswijk")


def work(line, deliverer=None, parts=PARTS, places=PLACES):
    return Work(line, deliverer or line, frozenset(parts), frozenset(places))


works = st.lists(
    st.builds(
        work, st.sampled_from("abcd"), st.sampled_from(["x", "y", "z"]), st.sets(st.sampled_from(PARTS)),
        st.sets(st.sampled_from(PLACES)),
    ),
    max_size=8,
)  # fmt: skip


def test_who_stops_leaves_one_deliverer_without_a_choice_and_none_uncovered():
    now = [work("a"), work("b", parts=["behandeling"]), work("c", parts=["behandeling"], places=["Aalten"])]
    assert losses(now, line="a") == (
        Loss("ondersteuning", "Aalten", 1, 0),
        Loss("ondersteuning", "Winterswijk", 1, 0),
        Loss("behandeling", "Winterswijk", 2, 1),
    )


def test_who_goes_on_in_another_contract_is_not_lost():
    assert losses([work("a", "kikker"), work("b", "kikker")], line="a") == ()


def test_a_change_loses_what_it_no_longer_does():
    now = [work("a"), work("b", parts=["behandeling"])]
    assert losses(now, line="a", keeps=frozenset({"behandeling"})) == (
        Loss("ondersteuning", "Aalten", 1, 0),
        Loss("ondersteuning", "Winterswijk", 1, 0),
    )
    assert losses(now, line="a", keeps=frozenset(PARTS)) == ()


@given(works)
def test_what_is_told_is_exactly_where_choice_goes(now):
    def deliverers(works, part, place):
        return {w.deliverer for w in works if part in w.parts and place in w.municipalities}

    told = {(loss.part, loss.municipality): (loss.before, loss.after) for loss in losses(now, line="a")}
    rest = [w for w in now if w.line != "a"]
    for part in PARTS:
        for place in PLACES:
            before, after = len(deliverers(now, part, place)), len(deliverers(rest, part, place))
            expected = (before, after) if after < min(before, 2) else None
            assert told.get((part, place)) == expected


@given(works, st.sets(st.sampled_from(PARTS)))
def test_keeping_more_never_loses_more(now, keeps):
    some = {(loss.part, loss.municipality) for loss in losses(now, line="a", keeps=frozenset(keeps))}
    none = {(loss.part, loss.municipality) for loss in losses(now, line="a")}
    assert some <= none
    assert not {part for part, _place in some} & keeps
