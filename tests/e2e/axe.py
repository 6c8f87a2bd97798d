"""axe in the browser: what an automatic check can find against WCAG 2.2 AA."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

AXE = Path(__file__).resolve().parent.parent.parent / "node_modules" / "axe-core" / "axe.min.js"
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@contextmanager
def browser() -> Iterator[Browser]:
    """Debian's Chromium, or the one the environment names."""
    executable = os.environ.get("PLAYWRIGHT_BROWSER_EXECUTABLE_PATH", "/usr/bin/chromium")
    # Chromium refuses its sandbox to root; the pages it opens here are only our own.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=executable, args=arguments)
        try:
            yield found
        finally:
            found.close()


def run_axe(page: Page, exclude: list[str] | None = None) -> list[dict[str, Any]]:
    """The violations on the page as it stands, each with its rule, its help, and where it is."""
    # Evaluated by the browser's own tools, so that the page's strict policy stays as it is; once for each document.
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    options = {"runOnly": {"type": "tag", "values": STANDARDS}, "resultTypes": ["violations"]}
    target = {"exclude": [[selector] for selector in exclude or []]}
    result = page.evaluate("([target, options]) => axe.run(target, options)", [target, options])
    return [
        {
            "rule": violation["id"],
            "help": violation["help"],
            "where": [" ".join(node["target"]) for node in violation["nodes"]],
        }
        for violation in result["violations"]
    ]
