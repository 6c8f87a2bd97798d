"""Holding a data file against its schema: the part of JSON Schema (2020-12) that `data/schema/` uses. Pure.

A schema with a keyword that is not known here is an error of ours, so that no rule is passed over in silence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

_SILENT = frozenset({"$schema", "$id", "$defs", "title", "description", "default", "then", "else"})


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong at `key` (as `segments[2].name`): the `rule` that is broken, and what it wants."""

    key: str
    rule: str
    wanted: str = ""


def faults(document: object, schema: Mapping[str, Any]) -> list[Fault]:
    """Everything in the document (as JSON would give it) that the schema does not allow, in its order."""
    return list(_check(document, schema, "", schema.get("$defs", {})))


def _check(value: object, schema: Mapping[str, Any], key: str, defs: Mapping[str, Any]) -> Iterator[Fault]:
    for rule, wanted in schema.items():
        if rule in _SILENT:
            continue
        if rule == "$ref":
            yield from _check(value, defs[str(wanted).rpartition("/")[2]], key, defs)
        elif rule in _NESTED:
            yield from _NESTED[rule](value, schema, key, defs)
        elif not _RULES[rule](value, wanted):
            yield Fault(key, rule, _text(wanted))


def _text(wanted: object) -> str:
    return ", ".join(str(item) for item in wanted) if isinstance(wanted, list) else str(wanted)


def _is_type(value: object, wanted: object) -> bool:
    names = wanted if isinstance(wanted, list) else [wanted]
    return any(_TYPES[str(name)](value) for name in names)


_TYPES: Mapping[str, Any] = {
    "object": lambda v: isinstance(v, Mapping),
    "array": lambda v: isinstance(v, list),
    "string": lambda v: isinstance(v, str),
    "integer": lambda v: isinstance(v, int) and not isinstance(v, bool),
    "boolean": lambda v: isinstance(v, bool),
    "null": lambda v: v is None,
}


def _is_date(value: object, wanted: object) -> bool:
    if wanted != "date" or not isinstance(value, str):
        return True
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


# Each rule says nothing of values of another kind, as JSON Schema has it.
_RULES: Mapping[str, Any] = {
    "type": _is_type,
    "enum": lambda v, wanted: v in wanted,
    "const": lambda v, wanted: v == wanted,
    "pattern": lambda v, wanted: not isinstance(v, str) or re.search(wanted, v) is not None,
    "format": _is_date,
    "minLength": lambda v, wanted: not isinstance(v, str) or len(v) >= wanted,
    "minItems": lambda v, wanted: not isinstance(v, list) or len(v) >= wanted,
    "maxItems": lambda v, wanted: not isinstance(v, list) or len(v) <= wanted,
    "minimum": lambda v, wanted: not isinstance(v, int) or v >= wanted,
}


def _required(value: object, schema: Mapping[str, Any], key: str, _defs: Mapping[str, Any]) -> Iterator[Fault]:
    if isinstance(value, Mapping):
        yield from (Fault(_join(key, name), "required") for name in schema["required"] if name not in value)


def _properties(value: object, schema: Mapping[str, Any], key: str, defs: Mapping[str, Any]) -> Iterator[Fault]:
    if isinstance(value, Mapping):
        for name, inner in schema["properties"].items():
            if name in value:
                yield from _check(value[name], inner, _join(key, name), defs)


def _additional(value: object, schema: Mapping[str, Any], key: str, defs: Mapping[str, Any]) -> Iterator[Fault]:
    if not isinstance(value, Mapping):
        return
    inner = schema["additionalProperties"]
    for name in value:
        if name in schema.get("properties", {}):
            continue
        if inner is False:
            yield Fault(_join(key, str(name)), "additionalProperties")
        elif isinstance(inner, Mapping):
            yield from _check(value[name], inner, _join(key, str(name)), defs)


def _names(value: object, schema: Mapping[str, Any], key: str, defs: Mapping[str, Any]) -> Iterator[Fault]:
    if isinstance(value, Mapping):
        for name in value:
            yield from _check(name, schema["propertyNames"], _join(key, str(name)), defs)


def _items(value: object, schema: Mapping[str, Any], key: str, defs: Mapping[str, Any]) -> Iterator[Fault]:
    if isinstance(value, list):
        for number, item in enumerate(value):
            yield from _check(item, schema["items"], f"{key}[{number}]", defs)


def _all_of(value: object, schema: Mapping[str, Any], key: str, defs: Mapping[str, Any]) -> Iterator[Fault]:
    for inner in schema["allOf"]:
        yield from _check(value, inner, key, defs)


def _any_of(value: object, schema: Mapping[str, Any], key: str, defs: Mapping[str, Any]) -> Iterator[Fault]:
    """What the choice lacks that fits best: the one whose own kind the value is, else all are named."""
    tried: Sequence[list[Fault]] = [list(_check(value, inner, key, defs)) for inner in schema["anyOf"]]
    if all(tried):
        deep = [found for found in tried if not any(f.key == key and f.rule in ("type", "const") for f in found)]
        yield from deep[0] if deep else [Fault(key, "anyOf")]


def _if(value: object, schema: Mapping[str, Any], key: str, defs: Mapping[str, Any]) -> Iterator[Fault]:
    branch = "else" if list(_check(value, schema["if"], key, defs)) else "then"
    yield from _check(value, schema.get(branch, {}), key, defs)


_NESTED: Mapping[str, Any] = {
    "required": _required,
    "properties": _properties,
    "additionalProperties": _additional,
    "propertyNames": _names,
    "items": _items,
    "allOf": _all_of,
    "anyOf": _any_of,
    "if": _if,
}


def _join(key: str, name: str) -> str:
    return f"{key}.{name}" if key else name
