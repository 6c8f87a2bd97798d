"""`manage.py load_region <slug or folder>`: load a region and its tenders out of their data files."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from achterhoek.errors import RuleViolation
from procurement.services.load_region import load_region
from procurement.services.region_files import folder_of


class Command(BaseCommand):
    help = "Load a region and its tenders out of their data files; loading again changes only what differs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("region", nargs="+", help="the region's short name, or a folder with a region.yaml")

    def handle(self, *args: Any, **options: Any) -> None:
        for place in options["region"]:
            try:
                loaded = load_region(folder=folder_of(place))
            except RuleViolation as broken:
                raise CommandError(broken.message) from broken
            if loaded.nothing:
                self.stdout.write(_("%(region)s: nothing changed.") % {"region": place})
            for text, counts in ((_("made"), loaded.made), (_("changed"), loaded.changed)):
                for label, number in sorted(counts.items()):
                    self.stdout.write(f"{place}: {text}: {number} {label}")
            for name in loaded.left:
                self.stdout.write(
                    _("%(region)s: no longer in the files, and kept: %(name)s.") % {"region": place, "name": name}
                )
