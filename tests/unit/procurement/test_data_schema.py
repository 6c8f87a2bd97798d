"""A fault in a data file is told with its key."""

from __future__ import annotations

import pytest

from procurement.services.data_schema import Fault, faults

SCHEMA = {
    "type": "object",
    "required": ["name"],
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string", "minLength": 1},
        "start": {"type": ["string", "null"], "format": "date"},
        "parts": {"type": "array", "items": {"anyOf": [{"type": "string"}, {"$ref": "#/$defs/part"}]}},
    },
    "$defs": {"part": {"type": "object", "properties": {"size": {"type": "integer", "minimum": 1}}}},
}


@pytest.mark.parametrize(
    ("document", "found"),
    [
        ({"name": "Wmo", "start": "2022-07-01", "parts": ["a", {"size": 1}]}, []),
        ({}, [Fault("name", "required")]),
        ({"name": "Wmo", "naam": "x"}, [Fault("naam", "additionalProperties")]),
        ({"name": ""}, [Fault("name", "minLength", "1")]),
        ({"name": "Wmo", "start": "2022-07-32"}, [Fault("start", "format", "date")]),
        ({"name": 1}, [Fault("name", "type", "string")]),
        ({"name": "Wmo", "parts": ["a", {"size": 0}]}, [Fault("parts[1].size", "minimum", "1")]),
    ],
)
def test_each_fault_has_its_key_its_rule_and_what_is_wanted(document: object, found: list[Fault]) -> None:
    assert faults(document, SCHEMA) == found
