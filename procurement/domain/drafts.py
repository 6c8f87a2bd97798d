"""What stands in one field of a submission, as a value that can be sealed, compared and proven. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from procurement.domain.proof import canonical

# How finely the length of what is sealed can be told apart, in bytes.
VALUE_STEP = 256


def plain_number(value: Decimal) -> str:
    """A number as digits, the same however many zeros a column keeps behind the point."""
    text = format(value, "f")
    return (text.rstrip("0").rstrip(".") or "0") if "." in text else text


@dataclass(frozen=True)
class Value:
    """One answer (`text`, `number` or `boolean`; a file lies elsewhere, its name is `text`) or one confirmation
    (`meets` and `explanation`).

    `salt` is random and new with every change. It goes into the digest that a receipt shows of the value, so that
    nobody finds a price by trying all of them.
    """

    text: str = ""
    number: Decimal | None = None
    boolean: bool | None = None
    meets: bool | None = None
    explanation: str = ""
    salt: str = ""

    @property
    def is_confirmation(self) -> bool:
        return self.meets is not None or bool(self.explanation)

    @property
    def plain(self) -> str:
        """The value as the text that its digest is over; see `procurement.domain.proof.commitment`."""
        if self.is_confirmation:
            return canonical({"meets": self.meets, "explanation": self.explanation}).decode()
        if self.boolean is not None:
            return str(self.boolean).lower()
        if self.number is not None:
            return plain_number(self.number)
        return self.text

    def same_as(self, other: Value) -> bool:
        """Whether both say the same, whatever their salts."""
        mine = (self.text, self.number, self.boolean, self.meets, self.explanation)
        return mine == (other.text, other.number, other.boolean, other.meets, other.explanation)


def padded(content: bytes, step: int) -> bytes:
    """The same document, made a whole number of steps long with spaces behind it.

    What is sealed is as long as what is in it: without this a dump would tell yes from no, a price of six digits from
    one of seven, and who has changed an answer to a longer one.
    """
    return content + b" " * (-len(content) % step)


def encode(value: Value) -> bytes:
    """The bytes that are sealed."""
    held: dict[str, Any] = {"salt": value.salt}
    if value.text:
        held["text"] = value.text
    if value.number is not None:
        held["number"] = plain_number(value.number)
    if value.boolean is not None:
        held["boolean"] = value.boolean
    if value.meets is not None:
        held["meets"] = value.meets
    if value.explanation:
        held["explanation"] = value.explanation
    return padded(canonical(held), VALUE_STEP)


def decode(content: bytes) -> Value:
    """The value out of the bytes that were sealed."""
    held = json.loads(content)
    number = held.get("number")
    return Value(
        text=held.get("text", ""),
        number=None if number is None else Decimal(number),
        boolean=held.get("boolean"),
        meets=held.get("meets"),
        explanation=held.get("explanation", ""),
        salt=held["salt"],
    )


def parse(kind: str, text: str) -> dict[str, Any]:
    """The field of an answer of this kind of question, out of the text that a package holds (`Value.plain`)."""
    if kind == "boolean":
        return {"boolean": {"true": True, "false": False}.get(text)}
    if kind in ("number", "price"):
        return {"number": Decimal(text)}
    return {"text": text}
