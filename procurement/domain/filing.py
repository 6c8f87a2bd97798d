"""What a file that is coming in is for: a question of a draft. Pure; the words stand in `Upload.purpose`."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class Filing:
    """Where a file goes. `version` is that of the answer when the file began to come in.

    `only_empty`: it came out of an earlier submission or a package, and never takes the place of anything.
    """

    submission: UUID
    question: int
    version: int = 0
    only_empty: bool = False

    def __str__(self) -> str:
        return f"{prefix(self.submission)}{self.question}:{self.version}:{'empty' if self.only_empty else 'any'}"


def prefix(submission: UUID) -> str:
    """How the purpose of every file for this submission begins."""
    return f"{submission}:"


def filing_of(purpose: str) -> Filing:
    """The filing out of its words. Raises `ValueError` for other words."""
    submission, question, version, rule = purpose.split(":")
    return Filing(UUID(submission), int(question), int(version), rule == "empty")
