"""`./run manage load_demo`: the regions, Inkoop 2022 as history, and a practice tender for each stage."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from contracts.services.demo import DemoRefused, load_demo
from contracts.services.demo.files import read_file


class Command(BaseCommand):
    help = "Load the demo: regions, history, practice tenders and accounts. Loading it twice does nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--accounts", action="store_true", help="print who can log in, and the password")

    def handle(self, *args: Any, **options: Any) -> None:
        began = time.monotonic()
        try:
            loaded = load_demo(say=self.stdout.write)
        except DemoRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        if loaded:
            self.stdout.write(f"The demo is loaded, in {time.monotonic() - began:.1f} s.")
        elif options["verbosity"]:
            self.stdout.write("The demo is here already.")
        if options["accounts"]:
            self._print_accounts()

    def _print_accounts(self) -> None:
        said = read_file("accounts")
        rows = [(row["email"], row["role"], row["name"], row["function"]) for row in said["accounts"]]
        widths = [max(len(row[column]) for row in rows) for column in range(3)]
        for email, role, name, function in rows:
            self.stdout.write(f"  {email:{widths[0]}}  {role:{widths[1]}}  {name:{widths[2]}}  {function}")
        self.stdout.write(f"\n  Password of all: {said['password']}")
