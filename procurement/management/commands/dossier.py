"""`manage.py dossier verify`: check the dossier of a tender. Needs no database but to ask whether it was made here."""

import hashlib
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from procurement.domain.dossier_file import CHUNK, Checked, Unreadable, check, told
from procurement.selectors.records import recorded_dossier

WRONG, UNCHECKED = 1, 2


class Command(BaseCommand):
    help = (
        "Check the dossier of a tender, as a ZIP or unpacked: each digest, what lacks and what was added. "
        "With --recorded also whether it is the very file that this portal made. "
        "Exit status 0: all is right; 1: something is not; 2: it could not be checked."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["verify"])
        parser.add_argument("file", type=Path, help="the ZIP, or the folder into which it was unpacked")
        parser.add_argument("--recorded", action="store_true", help="ask the database whether it was made here")

    def handle(self, *args: Any, **options: Any) -> None:
        place: Path = options["file"]
        try:
            checked = check(place)
            recorded = self._recorded(place, checked) if options["recorded"] else True
        except (Unreadable, OSError) as error:
            self.stderr.write(f"Niet te controleren: {error}")
            sys.exit(UNCHECKED)
        self.stdout.write(told(checked), ending="")
        if options["recorded"]:
            self.stdout.write(
                "Dit is het dossier dat in het portaal is vastgelegd."
                if recorded
                else "NIET vastgelegd: het portaal heeft dit bestand niet gemaakt."
            )
        if not (checked.right and recorded):
            sys.exit(WRONG)

    def _recorded(self, place: Path, checked: Checked) -> bool:
        """A folder cannot be compared byte for byte; its index can."""
        if place.is_dir():
            return recorded_dossier(checked.digest) is not None
        digest = hashlib.sha256()
        with place.open("rb") as content:
            while chunk := content.read(CHUNK):
                digest.update(chunk)
        return recorded_dossier(checked.digest, digest.hexdigest()) is not None
