"""Holding a data file against its JSON schema (`procurement/data/schema/`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong at `key` (as `segments[2].name`): the `rule` that is broken, and what it wants."""

    key: str
    rule: str
    wanted: str = ""


def faults(document: object, schema: Mapping[str, Any]) -> list[Fault]:
    """Everything in the document (as JSON would give it) that the schema does not allow, in its order."""
    validator = Draft202012Validator(schema, format_checker=FormatChecker())
    found = sorted(validator.iter_errors(document), key=lambda error: list(map(str, error.absolute_path)))
    return [fault for error in found for fault in _told(error)]


def _told(error: ValidationError) -> Iterator[Fault]:
    """One fault an error; a missing or unknown key is named itself, and of a choice what fits best."""
    key, rule, wanted = _key(error), str(error.validator), error.validator_value
    if rule == "required":
        yield from (Fault(_join(key, name), rule) for name in wanted if name not in error.instance)
    elif rule == "additionalProperties":
        known = error.schema.get("properties", {})
        yield from (Fault(_join(key, str(name)), rule) for name in error.instance if name not in known)
    elif rule == "anyOf" and error.context and _key(nearest := max(error.context, key=_depth)) != key:
        yield from _told(nearest)
    else:
        yield Fault(key, rule, ", ".join(map(str, wanted)) if isinstance(wanted, list) else str(wanted))


def _depth(error: ValidationError) -> int:
    """The choice that was followed furthest is the one that was meant."""
    return len(error.absolute_path)


def _key(error: ValidationError) -> str:
    key = ""
    for part in error.absolute_path:
        key = f"{key}[{part}]" if isinstance(part, int) else _join(key, str(part))
    return key


def _join(key: str, name: str) -> str:
    return f"{key}.{name}" if key else name
