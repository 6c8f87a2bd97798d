"""The dossier of a whole tender as a file: how its index is written, and how anybody checks it without the portal.

Only the standard library, and nothing of the portal: this very file lies in each dossier (`controleer.py`), and runs
alone: `python3 controleer.py DOSSIER.zip`, or a folder into which the dossier was unpacked. What it prints is Dutch,
as those who receive it are.

`index.json` names every part with its size and sha256; the sha256 of the index itself stands in the portal, in its
log. So whoever trusts that one number can trust every part. `SHA256SUMS` says the same for other tools.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

FORMAT = "tender-dossier/1"
INDEX, SUMS, TOOL = "index.json", "SHA256SUMS", "controleer.py"
PREFIX = "sha256:"
CHUNK = 1024 * 1024
MISSING, DIFFERENT, EXTRA, TWICE = "missing", "different", "extra", "twice"
SAID = {
    MISSING: "ontbreekt",
    DIFFERENT: "is niet meer hetzelfde",
    EXTRA: "hoort niet in het dossier",
    TWICE: "zit er twee keer in",
}
_HEX = re.compile(r"[0-9a-f]{64}")
_SAFE = re.compile(r"(?!/)(?!.*(^|/)\.\.?(/|$))[^\\\x00-\x1f]+")


class Unreadable(ValueError):
    """This is no dossier, or it cannot be read."""


@dataclass(frozen=True)
class Line:
    """One part as the index names it."""

    path: str
    size: int
    sha256: str
    about: str = ""


@dataclass(frozen=True)
class Finding:
    """One part that is not as it should be."""

    path: str
    kind: str

    def __str__(self) -> str:
        return f"{self.path}: {SAID[self.kind]}"


@dataclass(frozen=True)
class Checked:
    """What came out of a check. `digest` is that of the index as it lies there."""

    digest: str
    facts: dict[str, Any]
    parts: int
    findings: tuple[Finding, ...]

    @property
    def right(self) -> bool:
        return not self.findings


def index_bytes(facts: dict[str, Any], lines: Iterable[Line], left_out: Iterable[dict[str, str]]) -> bytes:
    """The index: facts of the tender, each part in the order of its path, and what could not be put in, and why."""
    parts = [
        {"path": line.path, "size": line.size, "sha256": line.sha256, "about": line.about}
        for line in sorted(lines, key=lambda line: line.path)
    ]
    held = {"format": FORMAT, **facts, "parts": parts, "left_out": list(left_out)}
    return json.dumps(held, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n"


def sums_bytes(index: bytes, lines: Iterable[Line]) -> bytes:
    """The same digests for `sha256sum -c`, with that of the index."""
    named = {line.path: line.sha256 for line in lines} | {INDEX: hashlib.sha256(index).hexdigest()}
    return "".join(f"{digest}  {path}\n" for path, digest in sorted(named.items())).encode()


def index_digest(index: bytes) -> str:
    """The one number that stands for the whole dossier."""
    return PREFIX + hashlib.sha256(index).hexdigest()


def read_index(content: bytes) -> tuple[dict[str, Any], list[Line]]:
    """The facts and the parts of an index. Raises `Unreadable`."""
    try:
        held = json.loads(content)
        lines = [_line(part) for part in held["parts"]]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Unreadable("index.json kan niet worden gelezen") from error
    if held.get("format") != FORMAT:
        raise Unreadable("dit is een ander soort bestand")
    if len({line.path for line in lines}) != len(lines):
        raise Unreadable("index.json noemt een onderdeel twee keer")
    return {name: value for name, value in held.items() if name != "parts"}, lines


def _line(part: dict[str, Any]) -> Line:
    path, size, sha256 = part["path"], part["size"], part["sha256"]
    if not isinstance(path, str) or not _SAFE.fullmatch(path) or path in (INDEX, SUMS):
        raise ValueError("not a path inside the dossier")
    if not isinstance(size, int) or not isinstance(sha256, str) or not _HEX.fullmatch(sha256):
        raise ValueError("not a size, or not a digest")
    return Line(path, size, sha256, str(part.get("about", "")))


Opener = Callable[[str], IO[bytes]]


def check(place: Path) -> Checked:
    """Check a dossier, as ZIP or unpacked: every digest, what lacks, and what was put in. Raises `Unreadable`."""
    if place.is_dir():
        return _check_folder(place)
    try:
        with zipfile.ZipFile(place) as archive:
            names = [found.filename for found in archive.infolist() if not found.is_dir()]
            return _check(names, archive.open)
    except (OSError, zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
        raise Unreadable(f"{place.name} is geen ZIP-bestand dat gelezen kan worden") from error


def _check_folder(place: Path) -> Checked:
    names = [path.relative_to(place).as_posix() for path in sorted(place.rglob("*")) if not path.is_dir()]

    def opened(name: str) -> IO[bytes]:
        return (place / name).open("rb")

    return _check(names, opened)


def _check(names: list[str], opened: Opener) -> Checked:
    if INDEX not in names:
        raise Unreadable("index.json ontbreekt: dit is geen dossier van een aanbesteding, of het is niet heel")
    index = _content(opened, INDEX)
    if index is None:
        raise Unreadable("index.json is beschadigd")
    facts, lines = read_index(index)
    found = [Finding(name, TWICE) for name in sorted({name for name in names if names.count(name) > 1})]
    there = set(names)
    known = {line.path for line in lines} | {INDEX, SUMS}
    found += [Finding(name, EXTRA) for name in sorted(there - known)]
    for line in lines:
        if line.path not in there:
            found.append(Finding(line.path, MISSING))
        elif not _same(opened, line):
            found.append(Finding(line.path, DIFFERENT))
    if SUMS not in there:
        found.append(Finding(SUMS, MISSING))
    elif _content(opened, SUMS) != sums_bytes(index, lines):
        found.append(Finding(SUMS, DIFFERENT))
    return Checked(index_digest(index), facts, len(lines), tuple(found))


def _content(opened: Opener, name: str) -> bytes | None:
    """What is in it; None where its bytes are damaged so that they cannot be read at all."""
    try:
        with opened(name) as content:
            return content.read()
    except (OSError, zipfile.BadZipFile, EOFError, RuntimeError):
        return None


def _same(opened: Opener, line: Line) -> bool:
    digest, size = hashlib.sha256(), 0
    try:
        with opened(line.path) as content:
            for chunk in _chunks(content):
                digest.update(chunk)
                size += len(chunk)
    except (OSError, zipfile.BadZipFile, EOFError, RuntimeError):
        return False
    return size == line.size and digest.hexdigest() == line.sha256


def _chunks(content: IO[bytes]) -> Iterator[bytes]:
    while chunk := content.read(CHUNK):
        yield chunk


def told(checked: Checked) -> str:
    """What a person is told of it."""
    lines = [
        f"Aanbesteding: {checked.facts.get('title', '')}",
        f"Dossier {checked.facts.get('number', '')}, gemaakt {checked.facts.get('made_at', '')}",
        f"Onderdelen: {checked.parts}",
        f"Controlegetal van de index: {checked.digest}",
    ]
    if checked.right:
        lines.append("In orde: alle onderdelen zijn er, er is niets bij, en elk is nog hetzelfde.")
    else:
        lines += [str(found) for found in checked.findings]
        lines.append(f"NIET in orde: {len(checked.findings)}")
    return "\n".join(lines) + "\n"


def main(arguments: list[str]) -> int:
    """Exit status 0: all is right; 1: something is not; 2: it could not be checked."""
    if len(arguments) != 1:
        sys.stderr.write("Gebruik: python3 controleer.py DOSSIER.zip (of een map)" + "\n")
        return 2
    try:
        checked = check(Path(arguments[0]))
    except Unreadable as error:
        sys.stderr.write(f"Niet te controleren: {error}" + "\n")
        return 2
    sys.stdout.write(told(checked))
    return 0 if checked.right else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
