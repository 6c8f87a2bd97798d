"""Amounts of a contract in exact euros and cents: a part of a year, instalments, indexation. Pure."""

from __future__ import annotations

from calendar import isleap
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
# The smallest step of a tariff: a price of a minute has more decimals than two.
PRICE = Decimal("0.0001")
# In how many equal parts a year can be paid: monthly, quarterly, half-yearly, at once.
PARTS = (12, 4, 2, 1)
_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Part:
    """One instalment: the day on which it is due, and its amount in euros."""

    due_on: date
    amount: Decimal


def to_cents(amount: Decimal) -> Decimal:
    """Rounded to the cent, halves up: 0.005 becomes 0.01."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def days_in(year: int, first: date, last: date) -> int:
    """How many days of a year lie within a run, both ends included."""
    begin, end = max(first, date(year, 1, 1)), min(last, date(year, 12, 31))
    return max((end - begin).days + 1, 0)


def part_of_year(amount: Decimal, year: int, first: date, last: date) -> Decimal:
    """What is due of a year's amount for the days of the run in that year, by days, to the cent."""
    return to_cents(amount * days_in(year, first, last) / (366 if isleap(year) else 365))


def instalments(amount: Decimal, year: int, parts: int, first: date, last: date) -> list[Part]:
    """A year's amount in equal parts, each due on the first day of its period; the cents left over on the last part.

    Periods that lie outside the run are left out: a contract from 1 July, paid monthly, has six parts in that year.
    The parts are exactly the amount together. Raises `ValueError` for an amount below zero or with less than a cent,
    a number of parts that does not divide a year, or a year outside the run.
    """
    if amount < 0 or amount != to_cents(amount):
        raise ValueError("an amount is euros and whole cents, not below zero")
    if parts not in PARTS:
        raise ValueError(f"a year is paid in {PARTS} parts")
    months = _MONTHS // parts
    starts = [date(year, 1 + months * number, 1) for number in range(parts)]
    ends = [*starts[1:], date(year + 1, 1, 1)]
    due = [max(begin, first) for begin, end in zip(starts, ends, strict=True) if begin <= last and end > first]
    if not due:
        raise ValueError("the contract does not run in that year")
    each = (amount / len(due)).quantize(CENT, rounding="ROUND_DOWN")
    rest = amount - each * len(due)
    return [Part(day, each) for day in due[:-1]] + [Part(due[-1], each + rest)]


def indexed(amount: Decimal, percentage: Decimal) -> Decimal:
    """An amount raised (or lowered) by a percentage, to the cent. Raises `ValueError` where nothing would be left."""
    if percentage <= -100:
        raise ValueError("an indexation leaves something")
    return to_cents(amount * (100 + percentage) / 100)


def indexed_price(price: Decimal, percentage: Decimal) -> Decimal:
    """A tariff raised (or lowered) by a percentage: to the cent, or to four decimals where it had more than two.

    Raises `ValueError` where nothing would be left.
    """
    if percentage <= -100:
        raise ValueError("an indexation leaves something")
    steps = CENT if price == to_cents(price) else PRICE
    return (price * (100 + percentage) / 100).quantize(steps, rounding=ROUND_HALF_UP)


def total(amounts: Iterable[Decimal]) -> Decimal:
    """The sum, in cents."""
    return sum(amounts, Decimal(0)).quantize(CENT)
