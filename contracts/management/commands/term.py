"""`manage.py term`: work out a date of the law or of a contract. Needs no database."""

import argparse
import re
from collections.abc import Callable
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from contracts.domain.terms import contract_terms, notice_latest
from procurement.calendar_data import legal_calendar
from procurement.domain.periods import nota_latest, participation_deadline, standstill_end, tender_deadline

WRONG_INPUT = 2
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NUMBER = re.compile(r"[0-9]{1,4}")


def _date(text: str) -> date:
    if not _DATE.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a date: write it as 2021-04-01")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is not on the calendar: there is no such day") from None


def _number(text: str) -> int:
    if not _NUMBER.fullmatch(text) or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} has to be a whole number, 1 or more")
    return int(text)


def _standstill(options: dict[str, Any]) -> list[date]:
    return [standstill_end(options["date"], calendar=legal_calendar())]


def _participation(options: dict[str, Any]) -> list[date]:
    return [participation_deadline(options["date"], calendar=legal_calendar())]


def _tender(options: dict[str, Any]) -> list[date]:
    return [tender_deadline(options["date"], calendar=legal_calendar(), electronic=options["electronic"])]


def _nota(options: dict[str, Any]) -> list[date]:
    return [nota_latest(options["date"])]


def _contract(options: dict[str, Any]) -> list[date]:
    return [term.end for term in contract_terms(options["date"], options["years"])]


def _notice(options: dict[str, Any]) -> list[date]:
    return [notice_latest(options["date"], options["months"])]


KINDS: dict[str, tuple[Callable[[dict[str, Any]], list[date]], str]] = {
    "standstill": (_standstill, "last day of the standstill, from the day the award notice is sent"),
    "participation": (_participation, "last day for requests to participate, from publication"),
    "tender": (_tender, "last day for tenders, from the invitation"),
    "nota": (_nota, "last day to send a nota van inlichtingen, before the deadline"),
    "contract": (_contract, "last day of each term of a contract, from its start"),
    "notice": (_notice, "last day to give notice, before the start of the next term"),
}


class Command(BaseCommand):
    help = "Work out a legal period or a contract term; one ISO date a line. Exit status 2: wrong input."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        kinds = parser.add_subparsers(dest="kind", required=True, metavar="kind")
        for name, (_, explanation) in KINDS.items():
            kind = kinds.add_parser(name, help=explanation, description=explanation)
            kind.add_argument("date", type=_date, help="a date such as 2021-04-01")
            if name == "tender":
                kind.add_argument("--electronic", action="store_true", help="electronic submission: 5 days fewer")
            elif name == "contract":
                kind.add_argument("years", type=_number, nargs="+", help="years of each term, such as 3 2 2")
            elif name == "notice":
                kind.add_argument("months", type=_number, help="months of notice")

    def handle(self, *args: Any, **options: Any) -> None:
        work_out, _ = KINDS[options["kind"]]
        try:
            dates = work_out(options)
        except (OverflowError, ValueError):
            raise CommandError("That date falls outside the calendar.", returncode=WRONG_INPUT) from None
        for day in dates:
            self.stdout.write(day.isoformat())
