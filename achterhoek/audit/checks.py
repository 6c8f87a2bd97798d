"""Checks that other rooms add to the check of the log: whether rows still are what their events say they were."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from achterhoek.audit.domain.chain import Finding

Check = Callable[[], Iterator[Finding]]
_checks: list[Check] = []


def checks(check: Check) -> Check:
    """Declare a check. It reads, and gives a finding for each row that does not fit."""
    if check not in _checks:
        _checks.append(check)
    return check


def findings_elsewhere() -> Iterator[Finding]:
    """What all of these checks find."""
    for check in _checks:
        yield from check()
