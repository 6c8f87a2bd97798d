"""`manage.py verify`: check a receipt, its files and its place among all receipts. Needs no database."""

import argparse
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from procurement.domain import proof


class Command(BaseCommand):
    help = (
        "Check a receipt, and a folder of files, as the file procurement/domain/proof.py does by itself. "
        "Exit status 0: all is right; 1: something is not; 2: it could not be checked."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        proof.add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        asked = argparse.Namespace(**options)
        code = proof.run(asked, lambda text: self.stdout.write(text, ending=""))
        if code:
            sys.exit(code)
