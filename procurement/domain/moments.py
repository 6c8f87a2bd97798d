"""Moments as a document states them: to the second, in Dutch time, with the time zone in words. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

DUTCH = ZoneInfo("Europe/Amsterdam")
MONTHS = (
    "januari", "februari", "maart", "april", "mei", "juni",
    "juli", "augustus", "september", "oktober", "november", "december",
)  # fmt: skip


def in_words(moment: datetime) -> str:
    """`22 november 2026 om 21:07:23 uur (Nederlandse wintertijd, UTC+1)`. Seconds are never rounded up."""
    local = moment.astimezone(DUTCH)
    zone = "zomertijd, UTC+2" if local.utcoffset() == timedelta(hours=2) else "wintertijd, UTC+1"
    return f"{local.day} {MONTHS[local.month - 1]} {local.year} om {local:%H:%M:%S} uur (Nederlandse {zone})"


def exact(moment: datetime) -> str:
    """The same moment for machines: ISO 8601 in UTC, to the microsecond, as it stands in a manifest."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
