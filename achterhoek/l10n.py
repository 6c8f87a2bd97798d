"""The translations' files: compile them without the gettext programs, and see whether they are complete.

`python -m achterhoek.l10n compile` makes each `django.mo`; `python -m achterhoek.l10n check` fails where a
text lacks a translation in one of the languages, or is in the code and not in the catalogues.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import polib  # type: ignore[import-untyped]

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ("achterhoek", "contracts", "procurement", "providers", "templates")
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|(?<!\{)\{\w*\}")


def catalogues() -> list[Path]:
    return sorted((ROOT / "locale").glob("*/LC_MESSAGES/*.po"))


def compile_all() -> None:
    """Write the `.mo` beside each `.po`, whole or not at all."""
    for path in catalogues():
        target = path.with_suffix(".mo")
        fresh = target.with_suffix(".mo.new")
        polib.pofile(str(path)).save_as_mofile(str(fresh))
        fresh.replace(target)


def incomplete(path: Path) -> list[str]:
    """What a catalogue lacks: translations, a second look, or a placeholder of the original."""
    faults = []
    for entry in polib.pofile(str(path)):
        if entry.obsolete:
            continue
        if entry.fuzzy:
            faults.append(f"unsure: {entry.msgid!r}")
        elif not entry.translated():
            faults.append(f"not translated: {entry.msgid!r}")
        elif not entry.msgid_plural and placeholders(entry.msgid) != placeholders(entry.msgstr):
            faults.append(f"other placeholders: {entry.msgid!r}")
    return faults


def placeholders(text: str) -> set[str]:
    return set(PLACEHOLDER.findall(text))


def extracted() -> set[str]:
    """Every text that the code marks for translation, found in a copy so that no file here changes."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for name in SOURCES:
            shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__", "node_modules"))
        (copy / "locale").mkdir()
        command = [sys.executable, "-m", "django", "makemessages", "-l", "xx", "--no-location", "--no-wrap"]
        done = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)
        found = copy / "locale" / "xx" / "LC_MESSAGES" / "django.po"
        if done.returncode or not found.exists():
            sys.exit(f"the texts could not be collected:\n{done.stderr.strip()}")
        return {entry.msgid_with_context for entry in polib.pofile(str(found))}


def check() -> int:
    """Print what is missing; 1 where something is."""
    faults: list[str] = []
    marked = extracted() if shutil.which("xgettext") else None
    if marked is None:
        print("gettext is not installed: not looked for texts that no catalogue has")
    for path in catalogues():
        name = path.relative_to(ROOT)
        faults += [f"{name}: {fault}" for fault in incomplete(path)]
        known = {entry.msgid_with_context for entry in polib.pofile(str(path)) if not entry.obsolete}
        faults += [f"{name}: missing: {text!r}" for text in sorted((marked or set()) - known)]
    if not catalogues():
        faults.append("there are no catalogues under locale/")
    print("\n".join(faults) or "every text is translated")
    return 1 if faults else 0


if __name__ == "__main__":
    if sys.argv[1:] == ["compile"]:
        compile_all()
    elif sys.argv[1:] == ["check"]:
        sys.exit(check())
    else:
        sys.exit(__doc__)
