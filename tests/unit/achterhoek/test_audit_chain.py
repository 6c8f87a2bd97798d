"""The chain of the log without a database: any change of any row is found, and named."""

from __future__ import annotations

import hmac
import json
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from achterhoek.audit.domain.canonical import (
    GENESIS,
    Event,
    anchor_content,
    canonical_json,
    link_hash,
    netstrings,
    signed_content_of,
)
from achterhoek.audit.domain.chain import Anchor, Link, Row, Walk

words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)
numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | numbers | words,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=4),
    max_leaves=12,
)


def sign(content: bytes) -> bytes:
    return hmac.digest(b"key of the portal", content, "sha256")


def is_ours(content: bytes, mac: bytes) -> bool:
    return sign(content) == mac


def signed(event: Event) -> Event:
    return replace(event, mac=sign(signed_content_of(event)))


def exactly(text: str) -> Any:
    return json.loads(text, parse_int=Decimal, parse_float=Decimal)


def chain(count: int = 5) -> list[Row]:
    rows, head = [], GENESIS
    for number in range(1, count + 1):
        event = signed(
            Event(
                id=number * 10,
                uuid=UUID(int=number),
                at=str(1_800_000_000_000_000 + number),
                actor=number if number % 2 else None,
                action="region.changed",
                target_type="region.region",
                target_id=str(number),
                target_label=f"Regio {number}",
                detail=json.dumps({"number": number}),
                mac=b"",
            )
        )
        head = link_hash(head, event)
        rows.append(Row(Link(number, event.id, head), event))
    return rows


def found(rows: list[Row], kept: dict[int, bytes] | None = None) -> list[str]:
    return [str(finding) for finding in Walk(is_ours, kept or {}).findings(rows)]


def test_a_log_that_nobody_touched_has_no_findings() -> None:
    rows = chain()
    walk = Walk(is_ours)
    assert list(walk.findings(rows)) == []
    assert (walk.events, walk.end) == (5, f"5:{rows[-1].link.hash.hex()}")


def test_an_empty_log_is_whole() -> None:
    assert found([]) == []


@given(values)
def test_the_same_value_is_written_the_same_however_it_came(value: Any) -> None:
    """PostgreSQL orders keys, and writes numbers out, in its own way."""
    once = canonical_json(json.dumps(value))
    assert canonical_json(json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False)) == once
    assert canonical_json(once) == once
    assert exactly(once) == exactly(json.dumps(value))


@pytest.mark.parametrize(
    ("one", "other"),
    [("1e16", "10000000000000000"), ("1.50", "1.5"), ("1e-7", "0.0000001"), ("-0.0", "0"), ("1.0", "1")],
)
def test_the_same_number_is_written_the_same(one: str, other: str) -> None:
    assert canonical_json(one) == canonical_json(other)


@pytest.mark.parametrize(
    ("one", "other"), [('"1"', "1"), ("true", '"true"'), ("[1,2]", "[12]"), ("10", "1"), ("null", '""')]
)
def test_another_value_is_written_otherwise(one: str, other: str) -> None:
    assert canonical_json(one) != canonical_json(other)


@given(st.lists(words), st.lists(words))
def test_no_two_lists_of_parts_give_the_same_bytes(one: list[str], other: list[str]) -> None:
    assert (netstrings(one) == netstrings(other)) == (one == other)


@given(
    st.integers(0, 4),
    st.sampled_from(
        ["id", "uuid", "at", "actor", "action", "target_type", "target_id", "target_label", "detail", "mac"]
    ),
)
def test_any_changed_field_of_any_event_is_found_and_named(index: int, field: str) -> None:
    rows = chain()
    event = rows[index].event
    changed: Any = {"id": event.id + 1, "uuid": UUID(int=99), "actor": 99, "detail": '{"number": 99}', "mac": bytes(32)}
    forged = replace(event, **{field: changed.get(field, "99")})
    rows[index] = replace(rows[index], event=forged)
    said = found(rows)
    assert said
    assert all(line.startswith(f"event {forged.id}") for line in said)


@given(st.integers(0, 3))
def test_a_removed_row_is_found(index: int) -> None:
    rows = chain()
    del rows[index]
    assert found(rows) == [f"position {index + 1}: is missing from the chain: an event and its link were removed"]


def test_an_event_that_is_gone_from_under_its_link_is_found() -> None:
    rows = chain()
    rows[2] = replace(rows[2], event=None)
    assert found(rows) == ["event 30, position 3: the event is gone, its link is still there"]


def test_an_event_outside_the_chain_is_found() -> None:
    rows = chain()
    rows.append(Row(event=signed(replace(rows[0].event, id=77, uuid=UUID(int=77)))))
    assert found(rows) == ["event 77: is not in the chain: it was put in past the portal, or its link is gone"]


@given(st.permutations(range(5)))
def test_another_order_is_found(order: list[int]) -> None:
    rows = chain()
    moved = [
        Row(Link(place + 1, rows[old].link.event, rows[old].link.hash), rows[old].event)
        for place, old in enumerate(order)
    ]
    assert bool(found(moved)) == (order != sorted(order))


def test_a_chain_that_was_written_anew_is_found_by_an_anchor() -> None:
    old, new = chain(), []
    head = GENESIS
    for place, row in enumerate([*old[:1], *old[2:]], start=1):
        head = link_hash(head, row.event)
        new.append(Row(Link(place, row.event.id, head), row.event))
    assert found(new) == []
    end = old[3].link
    anchored = [*new[:3], replace(new[3], anchor=Anchor(4, end.hash, sign(anchor_content(4, end.hash))))]
    assert "rewritten" in found(anchored)[0]
    assert "rewritten" in found(new, {4: end.hash})[0]
    assert found(old, {4: end.hash}) == []


def test_an_end_that_was_cut_off_is_found_by_an_anchor() -> None:
    rows = chain()
    end = rows.pop().link
    loose = Row(anchor=Anchor(5, end.hash, sign(anchor_content(5, end.hash))))
    assert found(rows) == []
    assert found([*rows, loose]) == ["position 5: there is an anchor, but the chain ends at 4: the end was cut off"]
    assert found(rows, {5: end.hash}) == [
        "position 5: the anchor you gave lies beyond the end of the chain (4): the end was cut off"
    ]
    assert found([], {5: end.hash}) != []


def test_an_anchor_that_the_portal_did_not_make_is_found() -> None:
    rows = chain()
    rows[4] = replace(rows[4], anchor=Anchor(5, rows[4].link.hash, bytes(32)))
    assert "not made by the portal" in found(rows)[0]


def test_details_nested_deeper_than_anything_of_ours_do_not_break_the_check() -> None:
    rows = chain()
    rows[0] = replace(rows[0], event=replace(rows[0].event, detail="[" * 100_000 + "]" * 100_000))
    assert found(rows)
