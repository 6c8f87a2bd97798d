"""The numbers by which a provider is known."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.domain.identity import clean_number, is_agb_code, is_kvk_number


@pytest.mark.parametrize("value", ["12345678", "00000001", "90000000"])
def test_eight_digits_are_a_kvk_number(value: str) -> None:
    assert is_kvk_number(value)


@pytest.mark.parametrize("value", ["", "1234567", "123456789", "00000000", "1234567a", "١٢٣٤٥٦٧٨", "12 34567"])
def test_what_is_no_kvk_number(value: str) -> None:
    assert not is_kvk_number(value)


@pytest.mark.parametrize(
    ("value", "right"), [("22012345", True), ("00012345", False), ("22000000", False), ("2201234", False)]
)
def test_an_agb_code_has_a_kind_of_care_and_a_number(value: str, right: bool) -> None:
    assert is_agb_code(value) is right


@given(st.from_regex(r"[0-9]{8}", fullmatch=True), st.lists(st.integers(0, 7), max_size=4))
def test_the_way_a_number_is_written_makes_no_difference(number: str, gaps: list[int]) -> None:
    written = "".join(("." if i in gaps else "") + c for i, c in enumerate(number))
    assert clean_number(f" {written} ") == number
