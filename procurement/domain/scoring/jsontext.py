"""Strict JSON: what a dossier's text says, its canonical form and its digest.

Python's own reader is lenient where a dossier may not be: it keeps the last of two equal keys, and takes
`NaN` and halves of surrogate pairs. It also turns `1.10` into `1.1`, while the digest is over numbers as
given.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from procurement.domain.scoring.exact import parse_whole

# A fixed bound, so that what is refused never depends on how deep the caller's own stack is.
MAX_DEPTH: Final = 256
_SAFE_INT_DIGITS: Final = 18
_BOM: Final = "\ufeff"


class NotJsonError(ValueError):
    """The text is not JSON that can be read in one way only."""


class RepeatedKeys(dict[str, Any]):
    """An object in which a key stands twice; it holds the last value of each, and remembers which."""

    repeated: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RawNumber:
    """A number kept as its text, because Python would write it differently."""

    text: str

    def whole(self) -> int | None:
        return parse_whole(self.text) if self.text.lstrip("-").isdigit() else None


@dataclass(slots=True)
class Document:
    """A text that was read: its value, its canonical bytes, and whether a key stands twice anywhere."""

    value: Any
    canonical: bytes
    has_repeated_keys: bool

    @property
    def digest(self) -> str:
        return "sha256:" + hashlib.sha256(self.canonical).hexdigest()


def read_document(source: str | bytes) -> Document:
    """Read one JSON text. Raises `NotJsonError`, with a message that says where it goes wrong."""
    text = _decoded(source)
    reader = _Reader()
    try:
        value = reader.read(text)
    except json.JSONDecodeError as error:
        raise NotJsonError(f"This is not valid JSON (line {error.lineno}, column {error.colno}).") from None
    except RecursionError:
        raise _too_deep() from None
    if _deeper_than(value, MAX_DEPTH):
        raise _too_deep()
    try:
        canonical = _canonical(value, plain=not reader.raw_numbers).encode()
    except UnicodeEncodeError:
        raise NotJsonError("A text holds half a surrogate pair, which is not Unicode.") from None
    return Document(value, canonical, reader.repeated_keys)


def repeated_keys(value: Any) -> Iterator[str]:
    """Each key that stands twice in an object, in this value or anywhere inside it, in document order."""
    if isinstance(value, RepeatedKeys):
        yield from value.repeated
    if isinstance(value, dict):
        for inner in value.values():
            yield from repeated_keys(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from repeated_keys(inner)


def compact(value: Any) -> str:
    """JSON without white space, keys as they come, characters as they are."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


class _Reader:
    def __init__(self) -> None:
        self.raw_numbers = False
        self.repeated_keys = False

    def read(self, text: str) -> Any:
        return json.loads(
            text,
            object_pairs_hook=self._object,
            parse_int=self._whole,
            parse_float=self._raw,
            parse_constant=self._constant,
        )

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        plain = dict(pairs)
        if len(plain) == len(pairs):
            return plain
        self.repeated_keys = True
        times = Counter(key for key, _ in pairs)
        result = RepeatedKeys(plain)
        result.repeated = tuple(key for key in plain if times[key] > 1)
        return result

    def _whole(self, text: str) -> int | RawNumber:
        return self._raw(text) if len(text) > _SAFE_INT_DIGITS or text == "-0" else int(text)

    def _raw(self, text: str) -> RawNumber:
        self.raw_numbers = True
        return RawNumber(text)

    @staticmethod
    def _constant(name: str) -> Any:
        raise NotJsonError(f"{name} is not JSON.")


def _decoded(source: str | bytes) -> str:
    if isinstance(source, bytes):
        try:
            source = source.decode()
        except UnicodeDecodeError as error:
            raise NotJsonError(f"This is not UTF-8 text (byte {error.start + 1}).") from None
    return source.removeprefix(_BOM)


def _too_deep() -> NotJsonError:
    return NotJsonError(f"Objects and lists are nested more than {MAX_DEPTH} deep.")


def _deeper_than(value: Any, limit: int) -> bool:
    containers = [value] if isinstance(value, (dict, list)) else []
    depth = 0
    while containers:
        depth += 1
        if depth > limit:
            return True
        containers = [
            inner
            for outer in containers
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, (dict, list))
        ]
    return False


def _canonical(value: Any, *, plain: bool) -> str:
    """Keys sorted by code point, no white space, numbers as given. `plain`: no number needs its own text."""
    if plain:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    if isinstance(value, RawNumber):
        return value.text
    if isinstance(value, dict):
        members = (f"{compact(key)}:{_canonical(value[key], plain=False)}" for key in sorted(value))
        return "{" + ",".join(members) + "}"
    if isinstance(value, list):
        return "[" + ",".join(_canonical(inner, plain=False) for inner in value) + "]"
    return compact(value)
