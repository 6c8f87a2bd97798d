"""What the program writes about itself: JSON, a line an event, and never what somebody filled in.

An error is told by where it happened and what kind it was. What it says of itself may quote an answer, a key or a
whole row of the database (`invalid literal: '...'`, `Failing row contains (...)`), so that is left out; only errors
of the machine say in words what is wrong.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, MutableMapping
from types import TracebackType
from typing import Any

import structlog

Event = MutableMapping[str, Any]
ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]

# Errors of the machine: no connection, no room, a setting that is missing.
SPEAKING = {
    "django.db.utils.OperationalError",
    "psycopg.OperationalError",
    "redis.exceptions.ConnectionError",
    "django.core.exceptions.ImproperlyConfigured",
}
# So many calls are told of each error, the last ones.
DEPTH = 60


def _kind(error: BaseException) -> str:
    return f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")


def _said(error: BaseException) -> str:
    """Its kind, and for an error of the machine its first line."""
    words = ""
    if isinstance(error, OSError):
        words = error.strerror or ""
    elif any(f"{base.__module__}.{base.__qualname__}" in SPEAKING for base in type(error).__mro__):
        words = str(error)
    first = words.splitlines()[:1]
    return ": ".join([_kind(error), *first])


def _lines(error: BaseException, told: set[int]) -> list[str]:
    told.add(id(error))
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    lines = []
    if before is not None and id(before) not in told:
        lines += [*_lines(before, told), "", "After that, or because of it:", ""]
    if error.__traceback__ is not None:
        calls = "".join(traceback.format_tb(error.__traceback__, limit=-DEPTH)).rstrip("\n")
        lines += ["Traceback (most recent call last):", calls]
    lines.append(_said(error))
    for inner in getattr(error, "exceptions", ()):
        if isinstance(inner, BaseException) and id(inner) not in told:
            lines += ["", "One of these was:", "", *_lines(inner, told)]
    return lines


def told_without_values(exc_info: ExcInfo) -> str:
    """The traceback of an error and of those that led to it: files, lines, code and kinds; no values."""
    return "\n".join(_lines(exc_info[1], set()))


def name_the_error(logger: Any, method: str, event: Event) -> Event:
    """`error` is the kind of error, by which lines are counted."""
    found = event.get("exc_info")
    if isinstance(found, tuple) and isinstance(found[1], BaseException):
        event.setdefault("error", _kind(found[1]))
    return event


def answers_are_no_errors(logger: Any, method: str, event: Event) -> Event:
    """Not found and not allowed are answers: a line each, without a traceback."""
    if event["_record"].levelno < logging.ERROR:
        event.pop("exc_info", None)
    return event


def without_what_it_says(logger: Any, method: str, event: Event) -> Event:
    """The queue puts an error's own words in its line on a task that failed; there they become its kind."""
    record: logging.LogRecord = event["_record"]
    data = getattr(record, "data", None)
    if record.name.startswith("celery.") and isinstance(data, dict) and "exc" in data:
        kind = event.get("error") or str(data["exc"]).partition("(")[0]
        event["event"] = str(record.msg) % {**data, "exc": kind}
    return event


_rendered = structlog.processors.ExceptionRenderer(told_without_values)
_ahead: list[Callable[[Any, str, Event], Any]] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso"),
]


def configure() -> None:
    """How our own loggers write."""
    structlog.configure(
        processors=[*_ahead, _rendered, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def logging_to_console(level: str) -> dict[str, Any]:
    """Everything that is logged, by us and by what we stand on, as JSON on one stream."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processor": structlog.processors.JSONRenderer(),
                "foreign_pre_chain": [*_ahead, answers_are_no_errors, name_the_error, without_what_it_says, _rendered],
            },
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            # Without handlers of their own: one line an event, and no mail with an error in it.
            "django": {"level": "INFO"},
            "gunicorn.error": {"level": "INFO", "propagate": True},
            # WeasyPrint and fontTools narrate every letter; only their warnings matter.
            "weasyprint": {"level": "ERROR"},
            "fontTools": {"level": "ERROR"},
            "pikepdf": {"level": "WARNING"},
        },
    }
