"""The register as a program reads it, and back: what a published version is kept as. Pure.

The form is described in `register_schema.py`. `FORMAT` changes when a field is renamed or goes away, not when one is
added.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from contracts.domain.register import (
    ContractLine,
    Part,
    Party,
    PartyLine,
    Place,
    PlaceLine,
    Register,
    SegmentLine,
    SubcontractorLine,
    Version,
)

FORMAT = "2.0"
Json = dict[str, Any]


def as_json(register: Register) -> Json:
    """The whole register of a day."""
    version = register.version
    return {
        "format": FORMAT,
        "on": register.on.isoformat(),
        "version": {"date": version.date.isoformat(), "note": version.note} if version else None,
        "contracts": [contract_json(line) for line in register.contracts],
    }


def contract_json(line: ContractLine) -> Json:
    """One contract."""
    segment = line.segment
    return {
        "number": line.number,
        "partner": line.name,
        "consortium": line.consortium or None,
        "parties": [_party_line(held) for held in line.parties],
        "region": segment.region,
        "tender": {"slug": segment.tender_slug, "title": segment.tender},
        "lot": segment.lot,
        "segment": {"slug": segment.slug, "name": segment.name},
        "subsegments": [_part(part) for part in line.subsegments],
        "municipalities": [_place(held) for held in line.places],
        "from": line.since.isoformat(),
        "until": line.until.isoformat(),
        "subcontractors": [_subcontractor(sub) for sub in line.subcontractors],
    }


def party_json(party: Party) -> dict[str, str]:
    """An organisation."""
    return {
        "name": party.name,
        "legal_form": party.legal_form,
        "kvk_number": party.kvk_number,
        "agb_code": party.agb_code,
        "city": party.city,
        "website": party.website,
        "phone": party.phone,
    }


def _party_line(held: PartyLine) -> Json:
    return {**party_json(held.party), "lead": held.is_lead, **_days(held.since, held.until)}


def _place(held: PlaceLine) -> Json:
    return {
        "slug": held.place.slug, "name": held.place.name, "region": held.place.region, **_days(held.since, held.until)
    }  # fmt: skip


def _subcontractor(sub: SubcontractorLine) -> Json:
    return {
        **party_json(sub.party),
        "part_of_work": sub.part_of_work,
        "subsegments": [_part(part) for part in sub.subsegments],
        **_days(sub.since, sub.until),
    }


def _part(part: Part) -> dict[str, str]:
    return {"slug": part.slug, "name": part.name}


def _days(since: date, until: date | None) -> Json:
    return {"from": since.isoformat(), "until": until.isoformat() if until else None}


def from_json(content: Json) -> Register:
    """The register that was kept as this. Raises `ValueError` for a form that this program does not know."""
    if content.get("format") != FORMAT:
        raise ValueError(f"the register was kept in format {content.get('format')}, not {FORMAT}")
    version = content["version"]
    return Register(
        on=date.fromisoformat(content["on"]),
        version=Version(date.fromisoformat(version["date"]), version["note"]) if version else None,
        contracts=tuple(_contract(said) for said in content["contracts"]),
    )


def _contract(said: Json) -> ContractLine:
    segment, tender = said["segment"], said["tender"]
    return ContractLine(
        number=said["number"],
        segment=SegmentLine(
            slug=segment["slug"], name=segment["name"], lot=said["lot"], tender_slug=tender["slug"],
            tender=tender["title"], region=said["region"],
        ),
        consortium=said["consortium"] or "",
        parties=tuple(PartyLine(_party(one), one["lead"], *_from_until(one)) for one in said["parties"]),
        subsegments=_parts(said),
        places=tuple(
            PlaceLine(Place(one["region"], one["slug"], one["name"]), *_from_until(one))
            for one in said["municipalities"]
        ),
        since=date.fromisoformat(said["from"]),
        until=date.fromisoformat(said["until"]),
        subcontractors=tuple(
            SubcontractorLine(_party(one), one["part_of_work"], *_from_until(one), subsegments=_parts(one))
            for one in said["subcontractors"]
        ),
    )  # fmt: skip


def _parts(said: Json) -> tuple[Part, ...]:
    return tuple(Part(part["slug"], part["name"]) for part in said["subsegments"])


def _party(said: Json) -> Party:
    return Party(**{name: said[name] for name in Party.__dataclass_fields__})


def _from_until(said: Json) -> tuple[date, date | None]:
    return date.fromisoformat(said["from"]), date.fromisoformat(said["until"]) if said["until"] else None
