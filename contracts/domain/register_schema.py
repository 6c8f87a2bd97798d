"""The JSON Schema (2020-12) of the register's files, served at a permanent address. Pure."""

from __future__ import annotations

from typing import Any

from contracts.domain.register_json import FORMAT

Json = dict[str, Any]


def _object(about: str, properties: Json) -> Json:
    return {
        "type": "object", "description": about, "properties": properties, "required": list(properties),
        "additionalProperties": True,
    }  # fmt: skip


def _text(about: str, **more: Any) -> Json:
    return {"type": "string", "description": about, **more}


def _ref(name: str) -> Json:
    return {"$ref": f"#/$defs/{name}"}


def _list(name: str, about: str) -> Json:
    return {"type": "array", "description": about, "items": _ref(name)}


_DAY = {"type": "string", "format": "date"}
_DAYS = {
    "from": {**_DAY, "description": "The first day."},
    "until": {
        "type": ["string", "null"], "format": "date",
        "description": "The last day, which still counts; null: as long as the contract.",
    },
}  # fmt: skip
_PARTY = {
    "name": _text("The name of the organisation."),
    "legal_form": _text("Its legal form, in Dutch."),
    "kvk_number": _text("Its number at the Chamber of Commerce.", pattern="^[0-9]{8}$"),
    "agb_code": _text("Its code in Dutch care.", pattern="^[0-9]{8}$"),
    "city": _text("Where it has its seat."),
    "website": _text("Its site; empty where it gave none."),
    "phone": _text("Its telephone number; empty where it gave none."),
}


def schema(identifier: str) -> Json:
    """The schema under its own address."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": identifier,
        "title": "Register of contracted providers",
        **_object(
            "Who has a contract on one day, for which care, in which municipalities, and with which subcontractors.",
            {
                "format": {
                    "const": FORMAT,
                    "description": "Changes when a field is renamed or goes away, not when one is added.",
                },
                "on": {**_DAY, "description": "The day of the list."},
                "version": {
                    "description": "The version in force on that day; null before the first one.",
                    "anyOf": [_ref("version"), {"type": "null"}],
                },
                "contracts": _list("contract", "The contracts in force on that day."),
            },
        ),
        "$defs": {
            "version": _object(
                "A version of the list.",
                {"date": {**_DAY, "description": "Its day."}, "note": _text("What changed in it, in Dutch.")},
            ),
            "named": _object(
                "Something with a short name for addresses.", {"slug": _text("Short name."), "name": _text("Name.")}
            ),
            "party": _object(
                "Somebody the contract is with: the contractor, or a member of the consortium.",
                {**_PARTY, "lead": {"type": "boolean", "description": "Whether it speaks for the others."}, **_DAYS},
            ),
            "municipality": _object(
                "A municipality for which the contract holds.",
                {"slug": _text("Short name."), "name": _text("Name."), "region": _text("Its region."), **_DAYS},
            ),
            "subcontractor": _object(
                "A subcontractor that works in the contract.",
                {
                    **_PARTY,
                    "part_of_work": _text("What it does."),
                    "subsegments": _list("named", "The parts of the contract in which it works; empty: not said."),
                    **_DAYS,
                },
            ),
            "contract": contract_schema(),
        },
    }


def contract_schema() -> Json:
    """One contract; its parts are named under `$defs`."""
    return _object(
        "One contract as it stood on the day of the list.",
        {
            "number": _text("The number of the contract."),
            "partner": _text("The contract partner: the consortium, or else the contractor."),
            "consortium": {"type": ["string", "null"], "description": "The name of the consortium, or null."},
            "parties": {**_list("party", "The contractor, or the members of the consortium."), "minItems": 1},
            "region": _text("The region that bought it."),
            "tender": _object("The tender.", {"slug": _text("Short name."), "title": _text("Title.")}),
            "lot": _text("The lot."),
            "segment": _ref("named"),
            "subsegments": _list("named", "The kinds of help within the segment."),
            "municipalities": _list("municipality", "Where the contract holds."),
            "from": {**_DAY, "description": "The first day of the contract."},
            "until": {**_DAY, "description": "Its last day as it was known, options that were taken included."},
            "subcontractors": _list("subcontractor", "The subcontractors on that day."),
        },
    )
