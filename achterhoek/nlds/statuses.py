"""Which tone a status has. The tone only supports: a badge always says the status in words too."""

from __future__ import annotations

TONES = ("neutral", "info", "ok", "warning", "error")

# The statuses of the apps. What is not listed is neutral; a page that knows better gives the tone itself.
_BY_TONE: dict[str, str] = {
    "neutral": "draft planned queued prepared proposed committed completed closed ended declined withdrawn dropped "
    "cancelled",
    "info": "published open submitted opened scoring consensus ranked requested running rendered admitted fixed "
    "received in_review asked",
    "warning": "pending pending_draw reserve reserved standstill conditional overdue questioned returned decline",
    "ok": "accepted concluded approved adopted decided selected active exercised final sent done upheld extend signed",
    "error": "rejected refused excluded knocked_out below_minimum failed terminated",
}
STATUS_TONES = {status: tone for tone, statuses in _BY_TONE.items() for status in statuses.split()}


def tone_of(status: str) -> str:
    return STATUS_TONES.get(str(status), "neutral")
