"""What stands around every letter: who writes, to whom, under which numbers, on whose paper. Pure."""

from dataclasses import dataclass
from datetime import date
from typing import Final, Protocol

LEAST_CONTRAST: Final = 4.5
"""WCAG 2.2, 1.4.3: text on white needs at least this ratio."""


@dataclass(frozen=True, slots=True)
class Party:
    """Who writes, or who is written to."""

    name: str
    street: str
    postcode: str
    city: str
    email: str
    phone: str = ""

    @property
    def missing(self) -> tuple[str, ...]:
        """The parts of the address that are not filled in, by their field names."""
        return tuple(
            part for part in ("name", "street", "postcode", "city", "email") if not getattr(self, part).strip()
        )


@dataclass(frozen=True, slots=True)
class Head:
    """A region's paper. `logo` is the picture itself (a data address), `logo_text` what it says."""

    logo: str = ""
    logo_text: str = ""
    sender: str = ""
    return_address: str = ""
    footer: str = ""
    colour: str = ""
    signatory: str = ""
    function: str = ""


PLAIN: Final = Head()
"""The paper of a region that has none of its own."""


class Framed(Protocol):
    """What the frame of a letter reads; each sort of letter has more of its own."""

    @property
    def kind(self) -> str: ...
    @property
    def language(self) -> str: ...
    @property
    def head(self) -> Head: ...
    @property
    def sender(self) -> Party: ...
    @property
    def receiver(self) -> Party: ...
    @property
    def dated(self) -> date: ...
    @property
    def our_reference(self) -> str: ...
    @property
    def your_reference(self) -> str: ...
    @property
    def about(self) -> str: ...
    @property
    def signatory(self) -> str: ...
    @property
    def opening(self) -> tuple[str, ...]: ...
    @property
    def closing(self) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True)
class PlainLetter:
    """A letter that tells facts of one record: a question about a bid, a contract, an option, a subcontractor.

    `told` are these facts in words of the letter's language; a list is given as a tuple.
    """

    kind: str
    language: str
    sender: Party
    receiver: Party
    dated: date
    our_reference: str
    your_reference: str
    about: str
    signatory: str
    facts: tuple[tuple[str, str | tuple[str, ...]], ...]
    head: Head = PLAIN
    opening: tuple[str, ...] = ()
    closing: tuple[str, ...] = ()

    @property
    def told(self) -> dict[str, str | tuple[str, ...]]:
        return dict(self.facts)


def contrast_on_white(colour: str) -> float:
    """The contrast ratio of `#154273` and white, from 1 to 21 (WCAG 2.2, relative luminance)."""
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return 1.05 / (luminance + 0.05)
