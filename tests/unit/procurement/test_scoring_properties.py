"""What must hold for every dossier there can be."""

import json
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from procurement.domain.scoring import rank, rank_json
from tests.unit.procurement.dossiers import bid, dossier, graded, linear
from tests.unit.procurement.naive_scoring import naive_ranking

few = settings(max_examples=150, deadline=None)
scores = st.integers(0, 20).map(lambda half: str(Decimal(half) / 2))
weights = st.sampled_from(["1", "10", "33.3", "40", "0.07", "150000"])
prices = st.decimals("0.01", "300", places=2).map(str)
names = st.text(st.characters(codec="utf-8"), min_size=1, max_size=4)
statuses = st.sampled_from(["admitted", "admitted", "admitted", "excluded", "withdrawn", "dropped"])


@st.composite
def criteria_lists(draw: st.DrawFn, *, on_value: bool, absolute: bool) -> list[dict[str, Any]]:
    worth = "max_value" if on_value else "weight"
    minimums = st.none() | scores
    found: list[dict[str, Any]] = [
        {"id": f"G{n}", "kind": "graded", worth: draw(weights), "minimum": draw(minimums)}
        for n in range(draw(st.integers(1, 3)))
    ]
    if not on_value and draw(st.booleans()):
        found.append(linear("50.5", "199", draw(weights), "L"))
    if not on_value and not absolute and draw(st.booleans()):
        found.insert(0, {"id": "R", "kind": "price", "weight": draw(weights), "formula": "relative_lowest"})
    return found


@st.composite
def dossiers(draw: st.DrawFn, *, absolute: bool = False) -> dict[str, Any]:
    """Dossiers without faults, with ties, gaps and bids in every state. `absolute`: no relative prices."""
    on_value = draw(st.booleans())
    criteria = draw(criteria_lists(on_value=on_value, absolute=absolute))
    graded_ids = [criterion["id"] for criterion in criteria if criterion["kind"] == "graded"]
    bids = []
    for name in draw(st.lists(names, max_size=7, unique=True)):
        status = draw(statuses)
        admitted = status == "admitted"
        given_scores = {key: draw(scores) for key in graded_ids if admitted or draw(st.booleans())}
        price = draw(prices) if admitted or draw(st.booleans()) else None
        bids.append(bid(name, given_scores, price, status))
    return dossier(
        criteria,
        bids,
        method="award_on_value" if on_value else "weighted_points",
        scale_max=draw(st.sampled_from(["10", "10.50", "12"])),
        places=draw(st.integers(1, 5)),
        minimum_total=None if on_value else draw(st.none() | st.sampled_from(["0", "20", "55.5"])),
        tie_break=draw(st.lists(st.sampled_from([criterion["id"] for criterion in criteria]), max_size=2)),
        draw_seed=draw(st.none() | st.just("seed")),
        on_exclusion=draw(st.sampled_from(["keep_ranking", "rescore"])),
    )


def as_shown(value: Fraction | None) -> str | None:
    if value is None:
        return None
    with localcontext() as context:
        context.prec = 60
        exact = Decimal(value.numerator) / Decimal(value.denominator)
        rounded = exact.quantize(Decimal("0.0001"), ROUND_HALF_UP)
    text = f"{rounded:f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


@few
@given(dossiers())
def test_same_as_the_naive_computation(source: dict[str, Any]) -> None:
    found = [(r.bid, r.rank, r.outcome, r.total, dict(r.points)) for r in rank(source).ranking]
    expected = [
        (name, place, outcome, as_shown(total), {key: as_shown(value) for key, value in points.items()})
        for name, place, outcome, total, points in naive_ranking(source)
    ]
    assert found == expected


@few
@given(dossiers(), st.randoms(use_true_random=False))
def test_the_order_of_bids_and_keys_does_not_matter(source: dict[str, Any], random: Any) -> None:
    bids = list(source["bids"])
    random.shuffle(bids)
    shuffled = dict(reversed((source | {"bids": bids}).items()))
    assert rank(shuffled).ranking == rank(source).ranking


@few
@given(dossiers())
def test_the_same_dossier_gives_the_same_bytes(source: dict[str, Any]) -> None:
    turned = dict(reversed(source.items()))
    spaced = json.dumps(turned, indent=2, ensure_ascii=True)
    assert rank_json(spaced).text == rank_json(json.dumps(source).encode()).text == rank(source).to_json()


@few
@given(dossiers())
def test_selected_bids_never_outnumber_the_places(source: dict[str, Any]) -> None:
    ranking = rank(source).ranking
    outcomes = [row.outcome for row in ranking]
    eligible = [row for row in ranking if row.rank is not None]
    places = source["places"]
    waiting = outcomes.count("pending_draw")
    assert outcomes.count("selected") <= places
    assert outcomes.count("selected") + waiting >= min(places, len(eligible))
    assert waiting != 1
    if source["draw_seed"] is not None:
        assert waiting == 0
        assert outcomes.count("selected") == min(places, len(eligible))


@few
@given(dossiers(), st.data())
def test_a_better_score_never_ranks_lower(source: dict[str, Any], data: st.DataObject) -> None:
    admitted = [each for each in source["bids"] if each["status"] == "admitted"]
    if not admitted:
        return
    mine = data.draw(st.sampled_from(admitted))
    criterion = data.draw(st.sampled_from(sorted(mine["scores"])))
    before = {row.bid: row.rank for row in rank(source).ranking}
    old = Decimal(mine["scores"][criterion]["consensus"])
    better = data.draw(st.decimals(old, 10, places=2))
    mine["scores"][criterion]["consensus"] = str(better)
    after = {row.bid: row.rank for row in rank(source).ranking}
    old_rank, new_rank = before[mine["id"]], after[mine["id"]]
    if old_rank is not None:
        assert new_rank is not None
        assert new_rank <= old_rank


@few
@given(dossiers(), st.data())
def test_a_lower_price_never_ranks_lower(source: dict[str, Any], data: st.DataObject) -> None:
    """Also with relative prices, where it takes points from the others."""
    admitted = [each for each in source["bids"] if each["status"] == "admitted"]
    if not admitted:
        return
    mine = data.draw(st.sampled_from(admitted))
    before = {row.bid: row.rank for row in rank(source).ranking}
    mine["price"] = str(data.draw(st.decimals("0.01", Decimal(mine["price"]), places=2)))
    after = {row.bid: row.rank for row in rank(source).ranking}
    old_rank, new_rank = before[mine["id"]], after[mine["id"]]
    if old_rank is not None:
        assert new_rank is not None
        assert new_rank <= old_rank


@few
@given(dossiers(), st.data())
def test_under_keep_ranking_nobody_moves_past_another_when_a_bid_drops_out(
    source: dict[str, Any], data: st.DataObject
) -> None:
    source["on_exclusion"] = "keep_ranking"
    before = rank(source).ranking
    ranked = [row.bid for row in before if row.rank is not None]
    if not ranked:
        return
    gone = data.draw(st.sampled_from(ranked))
    next(each for each in source["bids"] if each["id"] == gone)["status"] = "dropped"
    after = rank(source).ranking
    assert [row.bid for row in after if row.rank is not None] == [name for name in ranked if name != gone]
    assert {row.bid: row.points for row in after} == {row.bid: row.points for row in before}


@few
@given(dossiers(absolute=True), st.data())
def test_adding_a_losing_bid_changes_nothing_with_absolute_formulas(
    source: dict[str, Any], data: st.DataObject
) -> None:
    before = rank(source).ranking
    ranked = [row for row in before if row.rank is not None]
    graded_ids = [criterion["id"] for criterion in source["criteria"] if criterion["kind"] == "graded"]
    loser = bid("the loser", {key: data.draw(scores) for key in graded_ids}, "9999999")
    after = rank(source | {"bids": [*source["bids"], loser]}).ranking
    lost = next(row for row in after if row.bid == "the loser")
    others = tuple(row for row in after if row.bid != "the loser")
    assert [(row.bid, row.total, row.points) for row in others] == [(row.bid, row.total, row.points) for row in before]
    if lost.rank is None or lost.rank > max((row.rank or 0 for row in ranked), default=0):
        assert [(row.bid, row.rank) for row in others] == [(row.bid, row.rank) for row in before]
        if len(ranked) > source["places"] or lost.rank is None:
            assert others == before


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["1", "-1", "Q", "A", "admitted", "graded", "price"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "Q", "A", "scores", "consensus", "individual", "kind"]), inner)
    ),
    max_leaves=8,
)


def _paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for key, each in inner for found in _paths(each, (*path, key)))]


@settings(max_examples=400, deadline=None)
@given(st.data(), json_values)
def test_whatever_stands_anywhere_gives_a_result_or_faults(data: st.DataObject, value: Any) -> None:
    source = dossier(
        [graded("Q", minimum="4"), linear("1", "2")],
        [bid("A", {"Q": "8"}, "1"), bid("B", {"Q": "7"}, "2", "dropped")],
        tie_break=["Q"],
    )
    path = data.draw(st.sampled_from(_paths(source)))
    if path:
        target: Any = source
        for key in path[:-1]:
            target = target[key]
        target[path[-1]] = value
    outcome = rank_json(json.dumps(source if path else value))
    parsed = json.loads(outcome.text.encode())
    assert ("ranking" in parsed) == outcome.ok
    assert ("errors" in parsed) == bool(outcome.faults)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=60) | st.text(max_size=60) | st.text('[]{}":,0-\\u\ud8001 ', max_size=40))
def test_no_input_at_all_raises(source: str | bytes) -> None:
    assert not rank_json(source).ok
