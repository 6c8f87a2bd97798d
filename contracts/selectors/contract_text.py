"""What stands in the text of a contract: with whom, for what and where, how long, how it is paid, what was promised."""

from __future__ import annotations

from datetime import date
from typing import Any

from contracts.domain.terms import is_long
from contracts.models import Contract
from contracts.rules import option_deadline, terms_of
from procurement.domain.letter_frame import Party
from procurement.selectors.letters import party


def contract_text(contract: Contract, *, made: date) -> dict[str, Any]:
    """The facts of the text as it is signed, as bare values; the run and the parties are those of the first day."""
    segment = contract.segment
    region = segment.tender.region
    return {
        "number": contract.number,
        "made": made,
        "region": {"name": region.name, "authority": {"name": region.authority.name}},
        "tender": {"title": segment.tender.title},
        "lot": segment.lot.name,
        "segment": segment.name,
        "authority": _organisation(party(region.authority), region.authority.kvk_number),
        "consortium": contract.consortium.name if contract.consortium else "",
        "parties": [
            {**_organisation(party(row.organisation), row.organisation.kvk_number), "lead": row.is_lead,
             "share": row.share}
            for row in contract.parties.select_related("organisation").order_by("-is_lead", "organisation__name")
        ],
        "subsegments": [part.name for part in contract.subsegments.all()],
        "municipalities": list(
            contract.contract_municipalities.order_by("municipality__name").values_list("municipality__name", flat=True)
        ),
        "fundings": [
            {"part": row.subsegment.name if row.subsegment else segment.name, "model": str(row.get_model_display()),
             "provisional": row.provisional, "note": row.note}
            for row in contract.fundings.select_related("subsegment")
        ],
        "value": contract.initial_value,
        "terms": [
            {"number": term.sequence, "start": term.start, "end": term.end,
             "latest": option_deadline(contract, term) if term.sequence > 1 else None}
            for term in terms_of(contract)
        ],
        "notice_months": contract.notice_months,
        "long_term_reason": contract.long_term_reason,
        "obligations": [
            {"number": row.sequence, "promise": row.promise, "source": row.source,
             "indicator": row.indicator.name if row.indicator else "", "target": row.target, "due_on": row.due_on}
            for row in contract.obligations.select_related("indicator")
        ],
        "contractor": contract.party_name,
    }  # fmt: skip


def runs_long(contract: Contract) -> bool:
    """Whether the terms, options too, are longer than four years together."""
    return is_long(round((term.end - term.start).days / 365.25) for term in terms_of(contract))


def _organisation(found: Party, kvk_number: str) -> dict[str, Any]:
    address = f"{found.street}, {found.postcode} {found.city}"
    return {"name": found.name, "address": address.strip(" ,"), "kvk": kvk_number}
