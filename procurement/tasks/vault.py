"""The worker's part of an opening: comparing a large vault, and making the records."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import structlog
from celery import shared_task

from procurement.selectors.opening_record import openings_without_record, prices_without_record
from procurement.selectors.vault import unfinished_openings
from procurement.services import opening_record
from procurement.services.vault import finish_for_job

logger = structlog.get_logger(__name__)


@shared_task(name="procurement.finish_opening")
def finish_opening(round_id: int) -> bool:
    """Compare and lay open what its openers confirmed. May run twice, or die half-way, without harm."""
    done = finish_for_job(round_id=round_id)
    logger.info("vault opened", round=round_id, here=done)
    return done


@shared_task(name="procurement.make_opening_record")
def make_opening_record(round_id: int) -> None:
    """Make the proces-verbaal of an opening, once. May run twice, or die half-way, without harm."""
    opening_record.make_opening_record(round_id=round_id)


@shared_task(name="procurement.make_price_record")
def make_price_record(opening_id: int) -> None:
    """Make the proces-verbaal of an opening of prices, once. May run twice, or die half-way, without harm."""
    opening_record.make_price_record(opening_id=opening_id)


@shared_task(name="procurement.finish_openings")
def finish_openings() -> int:
    """Go on with every opening, and every record, that a worker did not finish. One failure stops no other."""
    return (
        _each(unfinished_openings(), finish_opening)
        + _each(openings_without_record(), make_opening_record)
        + _each(prices_without_record(), make_price_record)
    )


def _each(waiting: Iterable[int], work: Callable[[int], object]) -> int:
    done = 0
    for key in waiting:
        try:
            work(key)
            done += 1
        except Exception as error:
            logger.error("opening not finished", key=key, error=type(error).__name__, exc_info=True)
    return done
