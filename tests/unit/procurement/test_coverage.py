"""A landscape of care that covers each segment in each municipality that buys it, with a choice."""

from procurement.domain.coverage import Cell, Delivery, coverage

MATRIX = [
    Cell("wonen", "aalten"),
    Cell("wonen", "oost-gelre"),
    Cell("ambulant", "aalten"),
]


def delivery(name: str, segment: str, *municipalities: str) -> Delivery:
    return Delivery(name, segment, frozenset(municipalities))


def test_counts_deliverers_in_each_cell() -> None:
    found = coverage(
        MATRIX,
        [
            delivery("Zorg B", "wonen", "aalten", "oost-gelre"),
            delivery("Zorg A", "wonen", "aalten"),
            delivery("Zorg A", "wonen", "aalten"),
        ],
    )
    assert [(each.cell, each.deliverers) for each in found.cells] == [
        (MATRIX[0], ("Zorg A", "Zorg B")),
        (MATRIX[1], ("Zorg B",)),
        (MATRIX[2], ()),
    ]
    assert (found.below_one, found.below_two, found.complete) == (1, 2, False)
    assert [each.without_choice for each in found.cells] == [False, True, True]


def test_a_municipality_that_does_not_take_part_needs_and_counts_nothing() -> None:
    elsewhere = delivery("Zorg A", "ambulant", "oost-gelre")
    found = coverage(MATRIX[2:], [elsewhere, delivery("Zorg B", "ambulant", "aalten", "oost-gelre")])
    assert found.outside == (elsewhere,)
    assert found.complete
    assert found.below_two == 1


def test_an_empty_matrix_is_covered() -> None:
    assert coverage([], []).complete
