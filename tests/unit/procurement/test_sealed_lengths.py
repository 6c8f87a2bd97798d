"""The length of what is sealed tells nothing of an answer."""

from decimal import Decimal

import pytest

from procurement.domain.drafts import Value, decode, encode
from procurement.domain.package import (
    Package,
    PackedAnswer,
    PackedConfirmation,
    decode_answers,
    decode_package,
    encode_answers,
    encode_package,
)

SALT = "0" * 32


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Value(boolean=True, salt=SALT), Value(boolean=False, salt=SALT)),
        (Value(meets=True, salt=SALT), Value(meets=False, salt=SALT)),
        (Value(number=Decimal(9), salt=SALT), Value(number=Decimal("123456789012.1234"), salt=SALT)),
        (Value(text="Ja.", salt=SALT), Value(text="Nee, want dat doen wij anders.", salt=SALT)),
    ],
)
def test_two_answers_that_differ_are_as_long(one: Value, other: Value) -> None:
    assert len(encode(one)) == len(encode(other))
    assert decode(encode(one)).same_as(one)


def test_so_are_packages_and_prices() -> None:
    def package(value: str, meets: bool) -> Package:
        return Package(
            answers=[PackedAnswer("", "V1", "text", SALT, value)],
            requirements=[PackedConfirmation("", "E1", SALT, meets, "")],
        )

    assert len(encode_package(package("kort", True))) == len(encode_package(package("een langer antwoord", False)))
    assert decode_package(encode_package(package("kort", True))) == package("kort", True)
    dear, cheap = ([PackedAnswer("", "P", "price", SALT, value)] for value in ("9", "123456789012.1234"))
    assert len(encode_answers(dear)) == len(encode_answers(cheap))
    assert decode_answers(encode_answers(dear)) == dear
