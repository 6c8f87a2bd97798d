"""`./run bench`: every figure beside its floor, as a table and as JSON under var/bench/."""

from __future__ import annotations

import json
import os
import platform
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from contracts.bench import BENCHMARKS, Row, Sizes
from contracts.bench.registry import QUICK


class Command(BaseCommand):
    help = "Measure, each figure beside its floor in the same run. Touches none of the portal's own data."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("names", nargs="*", choices=[[], *BENCHMARKS], help="which ones; all where none is named")
        parser.add_argument("--quick", action="store_true", help="small sizes, for a first look")
        parser.add_argument(
            "--full",
            action="store_true",
            help="rush: a whole tender, its deadline, and parts killed; letters: batches, and parts killed",
        )
        parser.add_argument("--folder", type=Path, default=settings.VAR_DIR / "bench", help="where the JSON goes")

    def handle(self, *args: Any, **options: Any) -> None:
        sizes = replace(QUICK if options["quick"] else Sizes(), full=options["full"])
        began = datetime.now(UTC)
        found: dict[str, list[Row]] = {}
        self.stdout.write(f"{'':44} {'figure':>10} {'floor':>10}  {'unit':9} {'ratio':>6}  floor is")
        for name in options["names"] or BENCHMARKS:
            found[name] = list(BENCHMARKS[name](sizes))
            for row in found[name]:
                self.stdout.write(
                    f"{row.name:44} {row.figure:10.4g} {row.floor:10.4g}  {row.unit:9} {row.ratio:6.2f}  {row.floor_is}"
                )
        self.stdout.write(f"\n{self._keep(found, sizes, began, options['folder'])}")

    def _keep(self, found: dict[str, list[Row]], sizes: Sizes, began: datetime, folder: Path) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{began:%Y%m%dT%H%M%SZ}.json"
        said = {
            "at": began.isoformat(timespec="seconds"),
            "machine": {
                "cpus": os.cpu_count(),
                "system": platform.platform(),
                "python": platform.python_version(),
            },
            "sizes": asdict(sizes),
            "results": {
                name: [{**asdict(row), "ratio": round(row.ratio, 4)} for row in rows] for name, rows in found.items()
            },
        }
        path.write_text(json.dumps(said, indent=2) + "\n", encoding="utf-8")
        return path
