"""`manage.py rank`: recompute a ranking from its scoring dossier. Needs no database."""

import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandError, CommandParser

from procurement.domain.scoring import rank_json

STANDARD_INPUT = "-"
REFUSED = 2
_BLANK = b" \t\r\n"
_BOM = b"\xef\xbb\xbf"


class Command(BaseCommand):
    help = (
        "Rank the bids of a scoring dossier and print the result as JSON. "
        "Exit status 0: every dossier was ranked; 2: one was refused, or could not be read."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "dossier",
            help='a file with one dossier, or "-" for JSON Lines on standard input: one dossier a line',
        )

    def handle(self, *args: Any, **options: Any) -> None:
        name: str = options["dossier"]
        sources = _lines(_standard_input()) if name == STANDARD_INPUT else [_file(name)]
        try:
            refused = self._rank_all(sources)
        except BrokenPipeError:
            # Whoever read our output stopped; nothing is left to flush to at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise CommandError("The output was cut off.") from None
        if refused:
            noun = "dossier was" if refused == 1 else "dossiers were"
            raise CommandError(f"{refused} {noun} refused; the result says why.", returncode=REFUSED)

    def _rank_all(self, sources: Iterable[bytes]) -> int:
        """Write one result a source, each before the next is read; how many were refused."""
        refused = 0
        for source in sources:
            outcome = rank_json(source)
            refused += not outcome.ok
            self._write(outcome.text)
        return refused

    def _write(self, text: str) -> None:
        """UTF-8 with a line feed whatever the terminal's settings, so that the bytes are always the same."""
        raw: BinaryIO | None = getattr(self.stdout, "buffer", None)
        if raw is None:
            self.stdout.write(text)
            return
        self.stdout.flush()
        raw.write(text.encode() + b"\n")
        raw.flush()


def _file(name: str) -> bytes:
    try:
        return Path(name).read_bytes()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise CommandError(f"Cannot read {name}: {reason}.", returncode=REFUSED) from None


def _standard_input() -> BinaryIO:
    if sys.stdin is None:
        raise CommandError("There is no standard input to read.", returncode=REFUSED)
    return sys.stdin.buffer


def _lines(stream: BinaryIO) -> Iterator[bytes]:
    """The lines that are not blank, one at a time; a byte order mark may stand before the first."""
    for number, line in enumerate(stream):
        content = line.removeprefix(_BOM) if number == 0 else line
        content = content.strip(_BLANK)
        if content:
            yield content
