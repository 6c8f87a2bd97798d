"""The package of a submission: all that is handed in, as one document, and what a manifest says of it. Pure.

It is sealed whole to the round's content key. Prices lie in it sealed once more, to the price key of their segment,
so that whoever opens the package does not read them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from procurement.domain.drafts import padded
from procurement.domain.proof import canonical, commitment

PACKAGE_FORMAT = "submission-package/1"
MANIFEST_FORMAT = "submission-manifest/2"
# How finely the length of what is sealed can be told apart, in bytes.
PACKAGE_STEP, PRICES_STEP = 4096, 1024


@dataclass(frozen=True)
class PackedFile:
    """A file in a package: where it lies, its own private key, and what is known of it. `size` in bytes."""

    id: str
    key: str
    name: str
    sha256: str
    size: int
    pages: int | None

    def as_dict(self) -> dict[str, Any]:
        return {
            "id": self.id, "key": self.key, "name": self.name, "sha256": self.sha256, "size": self.size,
            "pages": self.pages,
        }  # fmt: skip


@dataclass(frozen=True)
class PackedAnswer:
    """One answer. `segment` is a slug, empty where the question is asked once; `value` is text, or there is a file."""

    segment: str
    question: str
    kind: str
    salt: str = ""
    value: str = ""
    file: PackedFile | None = None

    def as_dict(self) -> dict[str, Any]:
        head: dict[str, Any] = {"segment": self.segment, "question": self.question, "kind": self.kind}
        if self.file is not None:
            return {**head, "file": self.file.as_dict()}
        return {**head, "salt": self.salt, "value": self.value}


@dataclass(frozen=True)
class PackedConfirmation:
    """What is stated about one minimum requirement."""

    segment: str
    requirement: str
    salt: str
    meets: bool
    explanation: str

    def as_dict(self) -> dict[str, Any]:
        return {
            "segment": self.segment, "requirement": self.requirement, "salt": self.salt, "meets": self.meets,
            "explanation": self.explanation,
        }  # fmt: skip


@dataclass(frozen=True)
class Package:
    """What is handed in. `prices` are still sealed, by segment; opened they are answers like the others."""

    answers: list[PackedAnswer] = field(default_factory=list)
    requirements: list[PackedConfirmation] = field(default_factory=list)
    prices: dict[str, bytes] = field(default_factory=dict)

    def files(self) -> list[PackedFile]:
        return [answer.file for answer in self.answers if answer.file is not None]


def encode_package(package: Package) -> bytes:
    """The document that is sealed; bytes in it are in hexadecimal."""
    whole = canonical(
        {
            "format": PACKAGE_FORMAT,
            "answers": [answer.as_dict() for answer in package.answers],
            "requirements": [confirmation.as_dict() for confirmation in package.requirements],
            "prices": {segment: sealed.hex() for segment, sealed in package.prices.items()},
        }
    )
    return padded(whole, PACKAGE_STEP)


def decode_package(content: bytes) -> Package:
    """The package out of its document. Raises `ValueError` where it is none."""
    try:
        held = json.loads(content)
        if held["format"] != PACKAGE_FORMAT:
            raise ValueError("an unknown format of package")
        return Package(
            answers=[unpack_answer(line) for line in held["answers"]],
            requirements=[PackedConfirmation(**line) for line in held["requirements"]],
            prices={segment: bytes.fromhex(sealed) for segment, sealed in held.get("prices", {}).items()},
        )
    except (KeyError, TypeError, AttributeError, json.JSONDecodeError) as error:
        raise ValueError("this is not a package of a submission") from error


def unpack_answer(line: Mapping[str, Any]) -> PackedAnswer:
    """One line of a package's answers."""
    held = dict(line)
    kept = held.pop("file", None)
    return PackedAnswer(**held, file=PackedFile(**kept) if kept else None)


def encode_answers(answers: Iterable[PackedAnswer]) -> bytes:
    """Answers on their own: what is sealed to a price key."""
    return padded(canonical([answer.as_dict() for answer in answers]), PRICES_STEP)


def decode_answers(content: bytes) -> list[PackedAnswer]:
    return [unpack_answer(line) for line in json.loads(content)]


FileDigest = Callable[[PackedFile], str]


def known_digest(file: PackedFile) -> str:
    """The digest that was taken when the file came in."""
    return file.sha256


def answer_line(answer: PackedAnswer, file_digest: FileDigest = known_digest) -> dict[str, Any]:
    """What a manifest says of one answer: the digest of a file, or the commitment to a value."""
    line: dict[str, Any] = {"segment": answer.segment, "question": answer.question, "kind": answer.kind}
    if answer.file is None:
        return {**line, "sha256": commitment(answer.salt, answer.value)}
    line |= {"sha256": file_digest(answer.file), "file_size": answer.file.size}
    return line if answer.file.pages is None else {**line, "pages": answer.file.pages}


def requirement_line(confirmation: PackedConfirmation) -> dict[str, Any]:
    """What a manifest says of one confirmation."""
    value = canonical({"meets": confirmation.meets, "explanation": confirmation.explanation}).decode()
    return {
        "segment": confirmation.segment,
        "requirement": confirmation.requirement,
        "sha256": commitment(confirmation.salt, value),
    }


def manifest_lines(
    answers: Iterable[PackedAnswer],
    requirements: Iterable[PackedConfirmation],
    file_digest: FileDigest = known_digest,
) -> dict[str, Any]:
    """The part of a manifest that follows from what is handed in, in one fixed order."""
    return {
        "answers": sorted(
            (answer_line(answer, file_digest) for answer in answers), key=lambda a: (a["segment"], a["question"])
        ),
        "requirements": sorted(
            (requirement_line(line) for line in requirements), key=lambda r: (r["segment"], r["requirement"])
        ),
    }
