"""`manage.py audit verify`: is the log whole? Finds every row that was altered, removed or put in, also by SQL."""

from __future__ import annotations

import re
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from achterhoek.audit.domain.chain import Finding
from achterhoek.audit.services import verify

_ANCHOR = re.compile(r"([1-9][0-9]{0,17}):([0-9a-f]{64})")


class Command(BaseCommand):
    help = "Check the audit log. Exit status 0: nothing was altered, removed or put in; 1: something was."

    def add_arguments(self, parser: CommandParser) -> None:
        commands = parser.add_subparsers(dest="command", required=True)
        check = commands.add_parser("verify", help="check every event, its place in the chain, and the anchors")
        check.add_argument(
            "--anchor",
            action="append",
            default=[],
            metavar="POSITION:HASH",
            help="an anchor that you kept elsewhere, from this command or the program's log; may be repeated",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        walk, check = verify(report=self._report, kept=_kept(options["anchor"]))
        self.stdout.write(f"Events: {walk.events}")
        self.stdout.write(f"Anchors: {walk.anchors}")
        self.stdout.write(f"End of the chain: {walk.end}")
        if not check.ok:
            raise CommandError(f"The log is not whole. Differences found: {check.findings}.")
        self.stdout.write("The log is whole: nothing was altered, removed or put in.")

    def _report(self, finding: Finding) -> None:
        self.stdout.write(str(finding))


def _kept(given: list[str]) -> dict[int, bytes]:
    kept = {}
    for text in given:
        match = _ANCHOR.fullmatch(text.strip().lower())
        if match is None:
            raise CommandError(f"{text} is no anchor: write its position, a colon and 64 hexadecimal digits.")
        kept[int(match[1])] = bytes.fromhex(match[2])
    return kept
