"""Proof of what was submitted: manifests, digests, and the tree over all receipts of a round.

Only the standard library, and nothing of the portal: whoever doubts it can read this file and run it alone
(`python3 proof.py receipt.json FOLDER`). What it then prints is Dutch, as those who receive it are.

A manifest is canonical JSON (keys sorted, no spaces, UTF-8); its sha256 is the digest on the receipt. Files stand in
it with their sha256. Other answers stand in it with a commitment: the sha256 of a random salt and the answer, so that
nobody can find a price by trying; the salts are in the bidder's own package.

When the deadline has passed one number is published over all receipts together: the root of a Merkle tree as in
RFC 6962. Its leaves are the digests in sorted order, so that their order tells nothing of who came first.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PREFIX = "sha256:"
MANIFEST_FORMATS = ("submission-manifest/2",)
EXPORT_FORMATS = ("submission-export/1", "submission-package/1")  # today's name, and the one before
PROOF_FORMAT = "receipt-inclusion/1"
PACKAGE_NAME = "answers.json"
README_NAME = "LEESMIJ.txt"
CHUNK = 1024 * 1024

OK, MISSING, DIFFERENT, EXTRA, UNCHECKED = "ok", "missing", "different", "extra", "unchecked"
FILE, ANSWER, REQUIREMENT = "file", "answer", "requirement"
_HEX = re.compile(r"[0-9a-f]{64}")


def canonical(content: Any) -> bytes:
    """The one spelling that a digest is over."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest_of(manifest: Any) -> str:
    """The digest that a receipt shows: sha256 of the canonical manifest."""
    return PREFIX + hashlib.sha256(canonical(manifest)).hexdigest()


def commitment(salt: str, value: str) -> str:
    """What a manifest says of an answer that is not a file: sha256 of `salt:value`, in hexadecimal.

    The answer is as text: a number in plain digits, `true` or `false`, and for a minimum requirement the canonical
    JSON of `{"explanation": ..., "meets": ...}`.
    """
    return hashlib.sha256(f"{salt}:{value}".encode()).hexdigest()


# The tree over all receipts (RFC 6962, section 2.1). A leaf and a node begin with another byte, so that a node can
# never be passed off as a receipt.


def raw(digest: str) -> bytes:
    """The 32 bytes of a digest as it is written. Raises `ValueError` for anything else."""
    if not isinstance(digest, str) or not digest.startswith(PREFIX) or not _HEX.fullmatch(digest[len(PREFIX) :]):
        raise ValueError("not a sha256 digest")
    return bytes.fromhex(digest[len(PREFIX) :])


def _leaf(content: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + content).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def _leaves(digests: Iterable[str]) -> list[bytes]:
    return [_leaf(content) for content in sorted({raw(digest) for digest in digests})]


def _tree(leaves: list[bytes]) -> bytes:
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    half = _half(leaves)
    return _node(_tree(leaves[:half]), _tree(leaves[half:]))


def _half(leaves: list[bytes]) -> int:
    """The largest power of two that is smaller than how many there are."""
    return 1 << ((len(leaves) - 1).bit_length() - 1)


def _path(leaves: list[bytes], index: int) -> list[bytes]:
    if len(leaves) == 1:
        return []
    half = _half(leaves)
    if index < half:
        return [*_path(leaves[:half], index), _tree(leaves[half:])]
    return [*_path(leaves[half:], index - half), _tree(leaves[:half])]


def merkle_root(digests: Iterable[str]) -> str:
    """One number over all these digests; that of none at all is the sha256 of nothing."""
    return PREFIX + _tree(_leaves(digests)).hex()


def inclusion_proof(digests: Iterable[str], digest: str) -> dict[str, Any]:
    """The neighbours with which anybody computes the root from this digest. Raises `ValueError` if it is not there."""
    leaves = _leaves(digests)
    index = leaves.index(_leaf(raw(digest)))
    return {
        "format": PROOF_FORMAT,
        "digest": digest,
        "root": PREFIX + _tree(leaves).hex(),
        "index": index,
        "size": len(leaves),
        "path": [found.hex() for found in _path(leaves, index)],
    }


def verify_inclusion(digest: str, proof: Any, root: str) -> bool:
    """Whether this proof leads from this digest to this root (RFC 9162, 2.1.3.2). The root that the proof itself
    names counts for nothing: take the one that was published."""
    try:
        index, last = proof["index"], proof["size"] - 1
        path = [bytes.fromhex(found) for found in proof["path"] if _HEX.fullmatch(found)]
        wanted, found = raw(root), _leaf(raw(digest))
        if proof["format"] != PROOF_FORMAT or len(path) != len(proof["path"]) or not 0 <= index <= last < 2**64:
            return False
        for sibling in path:
            if last == 0:
                return False
            if index & 1 or index == last:
                found = _node(sibling, found)
                while index and not index & 1:
                    index, last = index >> 1, last >> 1
            else:
                found = _node(found, sibling)
            index, last = index >> 1, last >> 1
    except (KeyError, TypeError, ValueError):
        return False
    return bool(last == 0 and found == wanted)


# Checking a receipt, and the files and answers that belong to it.
class Unreadable(ValueError):
    """This is not what it should be: no receipt, no package, no proof."""


@dataclass(frozen=True)
class Receipt:
    """A receipt as it was read, whatever its spaces and the order of its names."""

    manifest: dict[str, Any]
    digest: str


@dataclass(frozen=True)
class Found:
    """A file that somebody has: what it is called and what is in it."""

    name: str
    sha256: str
    size: int


@dataclass(frozen=True)
class Line:
    """What is said of one line of a manifest, or of one file that is not in it (`extra`)."""

    status: str
    kind: str
    segment: str = ""
    code: str = ""
    name: str = ""

    @property
    def wrong(self) -> bool:
        """A file too many is no fault: a folder may hold more than was submitted."""
        return self.status in (MISSING, DIFFERENT) or (self.status == EXTRA and self.kind != FILE)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands in it twice")
    return found


def _read(content: bytes, formats: tuple[str, ...]) -> dict[str, Any]:
    """JSON in which nothing can be read in two ways: no name twice, and no numbers but whole ones."""
    try:
        text = content.decode("utf-8-sig")
        held = json.loads(text, object_pairs_hook=_once, parse_float=int, parse_constant=int)
        canonical(held)
    except (ValueError, RecursionError) as error:
        raise Unreadable(str(error)) from error
    if not isinstance(held, dict) or held.get("format") not in formats:
        raise Unreadable("another format")
    return held


def _lines(held: Mapping[str, Any], name: str, texts: Iterable[str]) -> list[dict[str, Any]]:
    lines = held.get(name, [])
    if not isinstance(lines, list):
        raise Unreadable(name)
    for line in lines:
        sound = isinstance(line, dict) and all(isinstance(line.get(text), str) for text in texts)
        if not sound or not isinstance(line.get("file_size", 0), int):
            raise Unreadable(name)
    return lines


def check_receipt(content: bytes) -> Receipt:
    """Read a receipt and compute its digest. Raises `Unreadable`."""
    manifest = _read(content, MANIFEST_FORMATS)
    _lines(manifest, "answers", ("segment", "question", "sha256"))
    _lines(manifest, "requirements", ("segment", "requirement", "sha256"))
    if not isinstance(manifest.get("receipt"), str):
        raise Unreadable("receipt")
    return Receipt(manifest, digest_of(manifest))


def check_files(
    manifest: Mapping[str, Any], found: Iterable[Found], names: Mapping[tuple[str, str], str] | None = None
) -> list[Line]:
    """Each file line of the manifest against these files; then the files that stand on no line.

    The manifest holds no file names: a file is found by its content. `names` are those of the bidder's own package.
    """
    files = sorted(found, key=lambda file: file.name)
    by_content = {(file.sha256, file.size): file for file in reversed(files)}
    wanted = [line for line in manifest.get("answers", []) if "file_size" in line]
    known = {(line["sha256"], line["file_size"]) for line in wanted}
    strangers = [file for file in files if (file.sha256, file.size) not in known]
    lines = []
    for line in wanted:
        place = (line["segment"], line["question"])
        status, match = OK, by_content.get((line["sha256"], line["file_size"]))
        if match is None:
            # The same name in the package, or exactly the same length: then it is this file, but altered.
            name = (names or {}).get(place) or "/"
            alike = [f for f in strangers if f.name.endswith(name) or f.size == line["file_size"]]
            match = min(alike, key=lambda f: not f.name.endswith(name), default=None)
            strangers = [file for file in strangers if file is not match]
            status = DIFFERENT if match else MISSING
        lines.append(Line(status, FILE, *place, match.name if match else ""))
    return [*lines, *(Line(EXTRA, FILE, name=file.name) for file in strangers)]


def read_package(content: bytes) -> dict[str, Any]:
    """The bidder's own package with the salts. Raises `Unreadable`."""
    package = _read(content, EXPORT_FORMATS)
    for line in _lines(package, "answers", ("segment", "question")):
        file = line.get("file")
        texts = (line.get("salt"), line.get("value")) if file is None else (file,)
        if not all(isinstance(part, str if file is None else dict) for part in texts):
            raise Unreadable("answers")
    _lines(package, "requirements", ("segment", "requirement", "salt", "explanation"))
    return package


def check_package(manifest: Mapping[str, Any], package: Mapping[str, Any] | None) -> list[Line]:
    """Each answer that is no file, and each requirement, against the package; without one they are not checked."""
    given: dict[tuple[str, str, str], str] = {}
    held = package or {}
    for line in held.get("answers", []):
        if "file" not in line:
            given[ANSWER, line["segment"], line["question"]] = commitment(line["salt"], line["value"])
    for line in held.get("requirements", []):
        value = canonical({"explanation": line["explanation"], "meets": line.get("meets")}).decode()
        given[REQUIREMENT, line["segment"], line["requirement"]] = commitment(line["salt"], value)
    lines = []
    answers = [line for line in manifest.get("answers", []) if "file_size" not in line]
    for kind, code, asked in ((ANSWER, "question", answers), (REQUIREMENT, "requirement", None)):
        for line in manifest.get("requirements", []) if asked is None else asked:
            place = (kind, line["segment"], line[code])
            value = given.pop(place, "")
            status = MISSING if not value else OK if value == line["sha256"] else DIFFERENT
            lines.append(Line(status if package is not None else UNCHECKED, *place))
    return [*lines, *(Line(EXTRA, *place) for place in given)]


def hash_file(path: Path) -> Found:
    sha256, size = hashlib.sha256(), 0
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            sha256.update(chunk)
            size += len(chunk)
    return Found(str(path), sha256.hexdigest(), size)


def check_folder(manifest: Mapping[str, Any], folder: Path, besides: Iterable[Path] = ()) -> list[Line]:
    """All that the manifest names against a folder; `besides` are files there that belong to the checking itself."""
    own = folder / PACKAGE_NAME
    package = read_package(own.read_bytes()) if own.is_file() else None
    receipt = folder / f"{manifest['receipt']}.json"  # in the bidder's own package, like the letter beside it
    apart = {path.resolve() for path in (own, receipt, folder / README_NAME, *besides)}
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.resolve() not in apart]
    answers = (package or {}).get("answers", [])
    names = {(a["segment"], a["question"]): str(a["file"].get("name")) for a in answers if "file" in a}
    return [*check_files(manifest, map(hash_file, paths), names), *check_package(manifest, package)]


# On its own, at a command line. Exit status: 0 all is right, 1 something is not, 2 it could not be checked.

USAGE = "proof.py ontvangstbewijs.json [MAP] [--digest sha256:...] [--root sha256:... --proof bewijs.json]"
WORDS = {OK: "goed", MISSING: "ONTBREEKT", DIFFERENT: "ANDERS", EXTRA: "staat niet op het ontvangstbewijs"}
KINDS = {FILE: "bestand", ANSWER: "antwoord", REQUIREMENT: "eis"}
HEAD = {"kind": "Soort", "tender": "Aanbesteding", "stage": "Fase", "organisation": "Organisatie", "received_at": "Op"}
TERMS = {"submission": "indiening", "withdrawal": "intrekking", "selection": "selectie", "award": "gunning"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The same ones for this file alone and for the portal's own command."""
    parser.add_argument("receipt", help="het ontvangstbewijs (JSON)")
    parser.add_argument("folder", nargs="?", metavar="MAP", help="de map met uw bestanden, en met answers.json")
    parser.add_argument("--digest", help="het controlegetal dat op uw ontvangstbewijs staat")
    parser.add_argument("--root", help="het gepubliceerde gezamenlijke controlegetal")
    parser.add_argument("--proof", help="het bewijs (JSON) dat uw ontvangstbewijs daarin zit")


def run(args: argparse.Namespace, write: Callable[[str], Any]) -> int:
    """Check what was asked and say it in Dutch."""
    if bool(args.root) != bool(args.proof):
        write("Geef --root en --proof samen. Neem het getal van de website, niet uit het bewijs zelf.\n")
        return 2
    try:
        return _check(args, write)
    except Unreadable:
        write("Dit is geen ontvangstbewijs, antwoordenbestand of bewijs van het portaal. Of het is beschadigd.\n")
    except OSError as error:
        write(f"Kan niet lezen: {_plain(error.filename)}: {error.strerror}.\n")
    return 2


def _check(args: argparse.Namespace, write: Callable[[str], Any]) -> int:
    path = Path(args.receipt)
    receipt = check_receipt(path.read_bytes())
    wrong = 0
    write(f"Ontvangstbewijs {_plain(receipt.manifest['receipt'])}\n")
    for key, label in HEAD.items():
        value = str(receipt.manifest.get(key, ""))
        write(f"  {label}: {_plain(TERMS.get(value, value))}\n")
    write(f"  Controlegetal: {receipt.digest}\n")
    if args.digest:
        same = args.digest.strip().lower() in (receipt.digest, receipt.digest[len(PREFIX) :])
        write(f"  {'goed: dit is' if same else 'ANDERS: dit is niet'} het controlegetal dat u gaf\n")
        wrong += not same
    if args.proof:
        proof = _read(Path(args.proof).read_bytes(), (PROOF_FORMAT,))
        inside = verify_inclusion(receipt.digest, proof, args.root.strip().lower())
        write(f"  {'goed: zit' if inside else 'FOUT: zit niet'} in het gezamenlijke controlegetal\n")
        wrong += not inside
    if args.folder:
        folder = Path(args.folder)
        if not folder.is_dir():
            write(f"Dit is geen map: {_plain(folder)}\n")
            return 2
        besides = [path, Path(__file__), *([Path(args.proof)] if args.proof else [])]
        wrong += _tell(check_folder(receipt.manifest, folder, besides), write)
    if not args.digest and not args.proof:
        write("  Vergelijk dit controlegetal zelf met dat op uw ontvangstbewijs of in onze mail.\n")
    if args.folder or args.digest or args.proof:
        write("Er klopt iets niet.\n" if wrong else "Alles wat is nagekeken klopt.\n")
    return 1 if wrong else 0


def _tell(lines: list[Line], write: Callable[[str], Any]) -> int:
    for line in lines:
        if line.status != UNCHECKED:
            parts = (KINDS[line.kind], line.code, line.segment and f"({line.segment})", line.name)
            write(f"  {WORDS[line.status]}: {_plain(' '.join(part for part in parts if part))}\n")
    left = sum(line.status == UNCHECKED for line in lines)
    if left:
        write(f"  Niet nagekeken: {left} antwoorden en eisen. Daarvoor is {PACKAGE_NAME} nodig, in dezelfde map.\n")
    return sum(line.wrong for line in lines)


def _plain(text: object) -> str:
    """Text from a file may hold anything; on a screen only what can be printed."""
    return "".join(sign if sign.isprintable() else "?" for sign in str(text))


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> Any:
        self.exit(2, f"Zo gebruikt u dit programma:\n  {USAGE}\n")


def main(argv: list[str] | None = None) -> int:
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    parser = _Parser(usage=USAGE, description="Controleer een ontvangstbewijs, zonder internet.")
    add_arguments(parser)
    return run(parser.parse_args(argv), sys.stdout.write)


if __name__ == "__main__":
    sys.exit(main())
