"""The loader's own reading of the schemas finds a fault wherever the reference validator does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

from procurement.domain.data_schema import faults

DATA = Path(__file__).resolve().parents[3] / "procurement" / "data"
SCHEMAS = {name: json.loads((DATA / "schema" / f"{name}.schema.json").read_text()) for name in ("region", "tender")}
FILES = sorted(DATA.glob("regions/*/region.yaml")) + sorted(DATA.glob("regions/*/tenders/*.yaml"))


def load(path: Path) -> Any:
    return json.loads(json.dumps(yaml.safe_load(path.read_text()), default=lambda value: value.isoformat()))


DOCUMENTS = [(SCHEMAS["region" if path.name == "region.yaml" else "tender"], load(path)) for path in FILES]


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every key and item of a document."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for key, item in inside for found in [(*path, key), *places(item, (*path, key))]]


@pytest.mark.parametrize(("schema", "document"), DOCUMENTS, ids=[path.stem + path.parent.name for path in FILES])
def test_the_files_themselves_have_no_fault(schema: Any, document: Any) -> None:
    assert faults(document, schema) == []


@given(st.data())
def test_any_change_is_refused_exactly_where_the_reference_refuses_it(data: st.DataObject) -> None:
    schema, original = data.draw(st.sampled_from(DOCUMENTS))
    document = json.loads(json.dumps(original))
    *path, last = data.draw(st.sampled_from(places(document)))
    parent = document
    for key in path:
        parent = parent[key]
    what = data.draw(st.sampled_from(["remove", "null", "text", "number", "list", "object", "true", "extra"]))
    if what == "remove":
        del parent[last]
    elif what == "extra" and isinstance(parent, dict):
        parent["nooit-gehoord"] = 1
    else:
        values = {"null": None, "text": "Iets", "number": 7, "list": [], "object": {}, "true": True, "extra": ""}
        parent[last] = values[what]
    reference = Draft202012Validator(schema, format_checker=FormatChecker())
    assert bool(faults(document, schema)) == (not reference.is_valid(document))


def test_a_fault_names_its_key() -> None:
    schema, document = DOCUMENTS[0]
    changed = {**document, "municipalities": [{**document["municipalities"][0], "slug": "Met Hoofdletters"}]}
    assert [fault.key for fault in faults(changed, schema)] == ["municipalities[0].slug"]


def test_a_rule_that_is_not_known_is_an_error_of_ours() -> None:
    with pytest.raises(KeyError):
        faults("x", {"maxLength": 3})
