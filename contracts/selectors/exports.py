"""The register as tables: CSV and XLSX. Same filters as the page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.utils.translation import gettext as _

from achterhoek import spreadsheets
from achterhoek.spreadsheets import Table, Value
from contracts.domain.register import ContractLine, Part, Party, PartyLine, Register, SubcontractorLine

Row = list[Value]


def headings() -> list[str]:
    """The columns of the CSV and XLSX files."""
    return [
        _("Register on"), _("Version"), _("Region"), _("Lot"), _("Segment"), _("Subsegments"), _("Contract number"),
        _("Contract partner"), _("Role"), _("Name"), _("Legal form"), _("KvK number"), _("AGB code"), _("City"),
        _("Telephone"), _("Website"), _("Part of the work"), _("From"), _("Until and including"), _("Municipalities"),
    ]  # fmt: skip


def rows(register: Register) -> Iterator[Row]:
    """A row for each contractor, each member of a consortium, and each subcontractor."""
    for line in register.contracts:
        places = ", ".join(place.name for place in line.municipalities)
        for held in line.parties:
            yield _row(register, line, places, _role(line, held), held.party, "", _names(line.subsegments), held)
        for sub in line.subcontractors:
            parts = _names(sub.subsegments or line.subsegments)
            yield _row(register, line, places, _("Subcontractor"), sub.party, sub.part_of_work, parts, sub)


def _role(line: ContractLine, held: PartyLine) -> str:
    if not line.consortium:
        return _("Main contractor")
    return _("Lead of the consortium") if held.is_lead else _("Member of the consortium")


def _names(parts: tuple[Part, ...]) -> str:
    return ", ".join(part.name for part in parts)


def _row(
    register: Register,
    line: ContractLine,
    places: str,
    role: str,
    party: Party,
    work: str,
    parts: str,
    days: PartyLine | SubcontractorLine,
) -> Row:
    return [
        register.on, register.version.date if register.version else None, line.segment.region, line.segment.lot,
        line.segment.name, parts, line.number, line.name, role, party.name, party.legal_form,
        party.kvk_number, party.agb_code, party.city, party.phone, party.website, work, days.since,
        _last(line, days), places,
    ]  # fmt: skip


def _last(line: ContractLine, days: PartyLine | SubcontractorLine) -> date | None:
    """A main contractor without a last day of its own has that of the contract."""
    return line.until if days.until is None and isinstance(days, PartyLine) else days.until


def _table(register: Register) -> Table:
    return Table(_("Register"), headings(), list(rows(register)))


def as_csv(register: Register) -> bytes:
    """For a Dutch spreadsheet."""
    return spreadsheets.as_csv(_table(register))


def as_xlsx(register: Register) -> bytes:
    """A workbook with one sheet."""
    return spreadsheets.as_xlsx([_table(register)])
