"""What results and evaluations show on pages of others: the contract's, the contractor's home, the college's."""

from __future__ import annotations

from datetime import date
from typing import Any

from achterhoek.accounts.roles import municipality_ids_of
from contracts.models import Contract, ResultReport
from contracts.models.results import followed_by
from contracts.selectors.evaluations import evaluations_of, last_concluded
from contracts.selectors.result_boards import attention_of, sign_words, with_unit
from contracts.selectors.result_series import History
from contracts.selectors.results import is_late, own_open_reports, quarter_name, quarter_of_report


def results_of(user: Any, contract: Contract, today: date) -> dict[str, Any] | None:
    """On the contract's page: what asks for attention, and the way to the results and the evaluations."""
    if not followed_by(user).filter(pk=contract.pk).exists():
        return None
    history = attention_of(contract, today)
    return {
        "contract": contract,
        "evaluations": list(evaluations_of(user).filter(contract=contract).order_by("-year")),
        "asked": bool(history and history.series),
        **_attention(history),
    }


def _attention(history: History | None) -> dict[str, Any]:
    """What asks for attention, as the page shows it."""
    return {
        "missing": [quarter_name(quarter) for quarter in history.missing] if history else [],
        "signals": [
            (series.asked.indicator, sign_words(sign), with_unit(series.asked.indicator, series.last.value))
            for series, sign in (history.found if history else [])
            if series.last
        ],
    }


def beside_option(contract: Contract, today: date) -> dict[str, Any]:
    """What a college reads beside an option: the last evaluation that was concluded, and what asks for attention."""
    history = attention_of(contract, today)
    return {
        "evaluation": last_concluded(contract),
        "asked": bool(history and history.series),
        **_attention(history),
    }


def reports_to_hand_in(user: Any, today: date) -> list[tuple[ResultReport, str, bool]]:
    """On the contractor's home: the reports that wait, their quarters, and whether each is missing."""
    return [(row, quarter_name(quarter_of_report(row)), is_late(row, today)) for row in own_open_reports(user)]


def follows_as_college(user: Any) -> bool:
    """On the page of a college secretary: whether there are results to look at."""
    return bool(municipality_ids_of(user)) and followed_by(user).exists()
