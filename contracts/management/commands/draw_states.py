"""`./run manage draw_states`: draw docs/states.md from the declared tables; `--check` only compares."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from achterhoek.transitions.domain import TransitionTable
from contracts.domain.states import ALL as CONTRACT_TABLES
from procurement.domain.states import ALL as PROCUREMENT_TABLES

HEADER = """# States

Every status field has one writer, `achterhoek.transitions.services.transition`, and one declared table of steps. A
trigger in the database holds the same table. These diagrams are drawn from the tables by `./run manage draw_states`;
a test fails where they differ. In brackets: the role that may take the step; `system` is the clock or a worker.
"""


def _title(table: TransitionTable) -> str:
    return table.name.replace("_", " ").capitalize()


def draw() -> str:
    """The whole page, as Markdown with Mermaid diagrams."""
    parts = [HEADER]
    for heading, tables in (("Procurement", PROCUREMENT_TABLES), ("Contracts", CONTRACT_TABLES)):
        parts.append(f"\n## {heading}\n")
        parts += [f"\n### {_title(table)}\n\n```mermaid\n{table.mermaid()}\n```\n" for table in tables]
    return "".join(parts)


class Command(BaseCommand):
    help = "Draw docs/states.md from the declared transition tables."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="only say whether the page is up to date")

    def handle(self, *args: Any, **options: Any) -> None:
        page = Path(settings.BASE_DIR) / "docs" / "states.md"
        text = draw()
        if not options["check"]:
            page.write_text(text)
        elif not page.exists() or page.read_text() != text:
            raise CommandError("docs/states.md is out of date: run ./run manage draw_states")
