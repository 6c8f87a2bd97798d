"""Which tone a status has. The tone only supports: a badge always says the status in words too."""

from __future__ import annotations

TONES = ("neutral", "info", "ok", "warning", "error")

# Unlisted values are neutral; a page that knows better gives the tone itself.
STATUS_TONES: dict[str, str] = {
    "draft": "neutral",
    "planned": "neutral",
    "closed": "neutral",
    "ended": "neutral",
    "expired": "neutral",
    "withdrawn": "neutral",
    "not_selected": "neutral",
    "published": "info",
    "open": "info",
    "open_for_requests": "info",
    "open_for_bids": "info",
    "submitted": "info",
    "sealed": "info",
    "opened": "info",
    "scoring": "info",
    "evaluating": "info",
    "consensus": "info",
    "ranked": "info",
    "requested": "info",
    "running": "info",
    "pending": "warning",
    "pending_draw": "warning",
    "standstill": "warning",
    "conditional": "warning",
    "objection": "warning",
    "suspended": "warning",
    "overdue": "warning",
    "approved": "ok",
    "accepted": "ok",
    "adopted": "ok",
    "selected": "ok",
    "awarded": "ok",
    "won": "ok",
    "final": "ok",
    "active": "ok",
    "done": "ok",
    "complete": "ok",
    "valid": "ok",
    "sent": "ok",
    "extended": "ok",
    "rejected": "error",
    "refused": "error",
    "excluded": "error",
    "failed": "error",
    "invalid": "error",
    "below_minimum": "error",
    "annulled": "error",
    "terminated": "error",
}


def tone_of(status: str) -> str:
    return STATUS_TONES.get(str(status), "neutral")
