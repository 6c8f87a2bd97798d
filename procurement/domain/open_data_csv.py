"""A release as a flat table: a line for each segment, award and supplier, so that a spreadsheet can read it. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from procurement.domain.open_data import Json

# Each column, and where its value stands in the release.
COLUMNS: Final = (
    ("ocid", "ocid"),
    ("title", "tender/title"),
    ("status", "tender/status"),
    ("buyer", "buyer/name"),
    ("procurement_method", "tender/procurementMethod"),
    ("tender_start", "tender/tenderPeriod/startDate"),
    ("tender_end", "tender/tenderPeriod/endDate"),
    ("lot_id", "tender/lots/id"),
    ("lot_title", "tender/lots/title"),
    ("requests", "bids/statistics (requests)"),
    ("bids", "bids/statistics (bids)"),
    ("award_id", "awards/id"),
    ("award_status", "awards/status"),
    ("award_date", "awards/date"),
    ("supplier_id", "awards/suppliers/id"),
    ("supplier_name", "awards/suppliers/name"),
    ("subcontractors", "awards/subcontracting/subcontracts/subcontractor/name"),
    ("contract_id", "contracts/id"),
    ("contract_status", "contracts/status"),
    ("contract_start", "contracts/period/startDate"),
    ("contract_end", "contracts/period/endDate"),
    ("contract_latest_end", "contracts/period/maxExtentDate"),
    ("contract_signed", "contracts/dateSigned"),
)
HEADINGS: Final = tuple(name for name, _path in COLUMNS)


def rows(release: Json) -> Iterator[list[str]]:
    """The lines of one release; what is not known is empty."""
    contracts = {contract["awardID"]: contract for contract in release.get("contracts", [])}
    for lot in release["tender"].get("lots", []):
        awards = [award for award in release.get("awards", []) if lot["id"] in award["relatedLots"]]
        for award in awards or [{}]:
            for supplier in award.get("suppliers") or [{}]:
                yield _row(release, lot, award, supplier, contracts.get(award.get("id"), {}))


def _row(release: Json, lot: Json, award: Json, supplier: Json, contract: Json) -> list[str]:
    tender, period = release["tender"], release["tender"].get("tenderPeriod", {})
    parts = award.get("subcontracting", {}).get("subcontracts", [])
    term = contract.get("period", {})
    values: list[Any] = [
        release["ocid"], tender.get("title"), tender.get("status"), release["buyer"]["name"],
        tender.get("procurementMethod"), period.get("startDate"), period.get("endDate"), lot["id"], lot.get("title"),
        _counted(release, lot, "requests"), _counted(release, lot, "bids"),
        award.get("id"), award.get("status"), award.get("date"), supplier.get("id"), supplier.get("name"),
        ", ".join(part["subcontractor"]["name"] for part in parts),
        contract.get("id"), contract.get("status"), term.get("startDate"), term.get("endDate"),
        term.get("maxExtentDate"), contract.get("dateSigned"),
    ]  # fmt: skip
    return ["" if value is None else str(value) for value in values]


def _counted(release: Json, lot: Json, measure: str) -> int | None:
    found = release.get("bids", {}).get("statistics", [])
    return next((one["value"] for one in found if (one["measure"], one["relatedLot"]) == (measure, lot["id"])), None)
