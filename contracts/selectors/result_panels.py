"""What results and evaluations show on pages of others: the contract's, the contractor's home, the college's."""

from __future__ import annotations

from datetime import date
from typing import Any

from achterhoek.accounts.roles import municipality_ids_of
from contracts.models import Contract, ResultReport
from contracts.models.contract import OFFICIALS
from contracts.models.results import followed_by
from contracts.rules import is_contractor
from contracts.selectors.evaluations import last_concluded
from contracts.selectors.result_boards import attention_of, sign_words, with_unit
from contracts.selectors.result_series import History
from contracts.selectors.results import is_late, own_open_reports, quarter_name, quarter_of_report
from procurement.rules import works_for_region


def results_of(user: Any, contract: Contract, today: date) -> dict[str, Any] | None:
    """On the contract's page: what asks for attention, and the way to the results and the evaluations."""
    if not works_for_region(user, contract.segment.tender, *OFFICIALS) and not is_contractor(user, contract):
        return None
    history = attention_of(contract, today)
    return {
        "contract": contract,
        "evaluations": list(contract.evaluations.order_by("-year")),
        "asked": bool(history.series),
        **_attention(history),
    }


def _attention(history: History) -> dict[str, Any]:
    """What asks for attention, as the page shows it."""
    return {
        "missing": [quarter_name(quarter) for quarter in history.missing],
        "signals": [
            (series.asked.indicator, sign_words(sign), with_unit(series.asked.indicator, series.last.value))
            for series, sign in history.found
            if series.last
        ],
    }


def beside_option(contract: Contract, today: date) -> dict[str, Any]:
    """What a college reads beside an option: the last evaluation that was concluded, and what asks for attention."""
    history = attention_of(contract, today)
    return {
        "evaluation": last_concluded(contract),
        "asked": bool(history.series),
        **_attention(history),
    }


def reports_to_hand_in(user: Any, today: date) -> list[tuple[ResultReport, str, bool]]:
    """On the contractor's home: the reports that wait, their quarters, and whether each is missing."""
    return [(row, quarter_name(quarter_of_report(row)), is_late(row, today)) for row in own_open_reports(user)]


def follows_as_college(user: Any) -> bool:
    """On the page of a college secretary: whether there are results to look at."""
    return bool(municipality_ids_of(user)) and followed_by(user).exists()
