"""The order of events: all steps of all practice tenders, each at its moment, run as time went by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from achterhoek.clock import database_now
from contracts.services.demo.clock import SetClock

Step = Callable[[], Any]


@dataclass
class Plan:
    """Steps by their moment. `now` is the real present; nothing is planned after it."""

    now: datetime
    steps: list[tuple[datetime, Step]] = field(default_factory=list)

    @property
    def today(self) -> date:
        return timezone.localdate(self.now)

    def day(self, offset: float, hour: int = 10, minute: int = 0) -> datetime:
        """So many days from today, at this hour in Europe/Amsterdam."""
        day = self.today + timedelta(days=round(offset))
        return timezone.make_aware(datetime.combine(day, time(hour, minute)))

    def at(self, moment: datetime, step: Step) -> None:
        self.steps.append((min(moment, self.now), step))

    def run(self, set_clock: SetClock) -> None:
        """All steps in the order of their moments. The clock never goes back: a step that lasts delays the next."""
        for moment, step in sorted(self.steps, key=lambda found: found[0]):
            if moment > database_now():
                set_clock(moment)
            step()
