"""The register as files: CSV for a spreadsheet, XLSX, and JSON for programs. Same filters as the page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from achterhoek import spreadsheets
from achterhoek.spreadsheets import Table, Value
from contracts.domain.register import ContractLine, Party, Register, SubcontractorLine

JSON_FORMAT = "1.0"
Row = list[Value]


def headings() -> list[str]:
    """The columns of the CSV and XLSX files."""
    return [
        _("Register on"), _("Version"), _("Region"), _("Lot"), _("Segment"), _("Subsegments"), _("Contract number"),
        _("Contract partner"), _("Role"), _("Name"), _("Legal form"), _("KvK number"), _("AGB code"), _("City"),
        _("Part of the work"), _("From"), _("Until and including"), _("Municipalities"),
    ]  # fmt: skip


def rows(register: Register) -> Iterator[Row]:
    """A row for each contractor, each member of a consortium, and each subcontractor."""
    for line in register.contracts:
        role = _("Lead of the consortium") if line.consortium else _("Main contractor")
        yield _row(register, line, role, line.contractor, "", line.since, line.until)
        for member in line.members:
            if member.kvk_number != line.contractor.kvk_number:
                yield _row(register, line, _("Member of the consortium"), member, "", line.since, line.until)
        for sub in line.subcontractors:
            yield _row(register, line, _("Subcontractor"), sub.party, sub.part_of_work, sub.since, sub.until)


def _row(
    register: Register, line: ContractLine, role: str, party: Party, work: str, since: date, until: date | None
) -> Row:
    return [
        register.on, register.version.date if register.version else None, line.segment.region, line.segment.lot,
        line.segment.name, ", ".join(line.subsegments), line.number, line.name, role, party.name, party.legal_form,
        party.kvk_number, party.agb_code, party.city, work, since, until,
        ", ".join(place.name for place in line.municipalities),
    ]  # fmt: skip


def _table(register: Register) -> Table:
    return Table(_("Register"), headings(), list(rows(register)))


def as_csv(register: Register) -> bytes:
    """For a Dutch spreadsheet."""
    return spreadsheets.as_csv(_table(register))


def as_xlsx(register: Register) -> bytes:
    """A workbook with one sheet."""
    return spreadsheets.as_xlsx([_table(register)])


def as_json(register: Register) -> dict[str, Any]:
    """The register as a program reads it; its fields are described on the register's own page.

    `format` changes when a field is renamed or goes away, not when one is added.
    """
    version = register.version
    return {
        "format": JSON_FORMAT,
        "on": register.on.isoformat(),
        "version": {"date": version.date.isoformat(), "note": version.note} if version else None,
        "contracts": [_contract(line) for line in register.contracts],
    }


def _contract(line: ContractLine) -> dict[str, Any]:
    return {
        "number": line.number,
        "partner": line.name,
        "consortium": line.consortium or None,
        "contractor": _party(line.contractor),
        "members": [_party(member) for member in line.members],
        "region": line.segment.region,
        "tender": line.segment.tender,
        "lot": line.segment.lot,
        "segment": {"slug": line.segment.slug, "name": line.segment.name},
        "subsegments": list(line.subsegments),
        "municipalities": [{"slug": place.slug, "name": place.name} for place in line.municipalities],
        "from": line.since.isoformat(),
        "until": line.until.isoformat(),
        "subcontractors": [_subcontractor(sub) for sub in line.subcontractors],
    }


def _subcontractor(sub: SubcontractorLine) -> dict[str, Any]:
    return {
        **_party(sub.party),
        "part_of_work": sub.part_of_work,
        "from": sub.since.isoformat(),
        "until": sub.until.isoformat() if sub.until else None,
    }


def _party(party: Party) -> dict[str, str]:
    return {
        "name": party.name,
        "legal_form": party.legal_form,
        "kvk_number": party.kvk_number,
        "agb_code": party.agb_code,
        "city": party.city,
        "website": party.website,
    }
