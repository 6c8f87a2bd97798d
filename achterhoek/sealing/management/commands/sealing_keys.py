"""Keys of the key service: a new one, or all that the database holds wrapped anew."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from achterhoek.sealing.age import new_identity
from achterhoek.sealing.keyring import KeyServiceDown
from achterhoek.sealing.services import rewrap_keys


class Command(BaseCommand):
    help = "`new` prints a key for SEALING_KEYS; `rewrap` wraps every key in the database with the first one there."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["new", "rewrap"])

    def handle(self, *args: Any, **options: Any) -> None:
        if options["what"] == "new":
            self.stdout.write(new_identity())
            return
        try:
            self.stdout.write(f"{rewrap_keys()} keys wrapped anew")
        except KeyServiceDown as error:
            raise CommandError(str(error)) from error
