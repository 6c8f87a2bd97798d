"""Small checks on values of a dossier, which note a fault and go on."""

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from procurement.domain.scoring import faults as f
from procurement.domain.scoring.exact import parse_decimal


class Checks:
    """The faults found so far, and the checks that add to them."""

    def __init__(self, *, look_for_repeated_keys: bool) -> None:
        self.faults: list[f.Fault] = []
        self.look_for_repeated_keys = look_for_repeated_keys

    def fault(self, code: str, message: str, *, bid: str | None = None, criterion: str | None = None) -> None:
        self.faults.append(f.Fault(code, message, bid, criterion))

    def repeated(self, keys: Iterable[str], *, bid: str | None = None, criterion: str | None = None) -> None:
        for key in keys:
            self.fault(f.BAD_FORMAT, f'The key "{key}" stands twice.', bid=bid, criterion=criterion)

    def choice(
        self,
        value: Any,
        allowed: tuple[str, ...],
        name: str,
        *,
        bid: str | None = None,
        criterion: str | None = None,
    ) -> str | None:
        found = self.known_choice(value, allowed)
        if found is None:
            wanted = " or ".join(f'"{word}"' for word in allowed)
            self.fault(f.BAD_FORMAT, f'"{name}" has to be {wanted}.', bid=bid, criterion=criterion)
        return found

    @staticmethod
    def known_choice(value: Any, allowed: tuple[str, ...]) -> str | None:
        return value if isinstance(value, str) and value in allowed else None

    def decimal(
        self, value: Any, name: str, *, bid: str | None = None, criterion: str | None = None
    ) -> Fraction | None:
        number = self.decimal_or_none(value)
        if number is None:
            message = f'"{name}" has to be a decimal number in a text, such as "7.5".'
            self.fault(f.BAD_FORMAT, message, bid=bid, criterion=criterion)
        return number

    @staticmethod
    def decimal_or_none(value: Any) -> Fraction | None:
        return parse_decimal(value) if isinstance(value, str) else None
