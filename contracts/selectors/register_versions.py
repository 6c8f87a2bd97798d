"""The published versions of the register, as they were kept; and what differs between two of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from django.db.models import QuerySet

from contracts.domain.register import Register
from contracts.domain.register_difference import Difference, difference
from contracts.domain.register_json import Json, from_json
from contracts.models import RegisterFile, RegisterVersion
from contracts.selectors.register import register_on

ENDINGS = ("json", "csv", "xlsx")


@dataclass(frozen=True, slots=True)
class Listed:
    """A version in the list of versions, with the one before it, from which it differs."""

    version: RegisterVersion
    before: date | None


def versions_until(day: date) -> QuerySet[RegisterVersion]:
    """The versions that were published up to this day, newest first, without their content."""
    return RegisterVersion.objects.filter(date__lte=day).order_by("-date").defer("content")


def listed_versions(day: date) -> list[Listed]:
    """The same, each with the date of the one before it; one query."""
    found: list[RegisterVersion | None] = [*versions_until(day), None]
    return [Listed(version, before.date if before else None) for version, before in pairwise(found) if version]


def version_at(day: date, today: date) -> RegisterVersion | None:
    """The version of exactly this day, where its day has come; without its content."""
    return versions_until(today).filter(date=day).first()


def kept_content(version: RegisterVersion) -> Json:
    """What was kept of a version, as JSON."""
    content: Json | None = RegisterVersion.objects.values_list("content", flat=True).get(pk=version.pk)
    if content is None:
        raise ValueError(f"the version of {version} is not kept yet")
    return content


def register_of(version: RegisterVersion) -> Register:
    """The list of a version: as it was kept, or while its day lasts as it is now."""
    return from_json(kept_content(version)) if version.is_kept else register_on(version.date)


def file_of(version: RegisterVersion, ending: str) -> RegisterFile | None:
    """A kept file; None as long as its day lasts."""
    return RegisterFile.objects.filter(version=version, ending=ending).first()


def difference_between(before: RegisterVersion, after: RegisterVersion) -> Difference:
    """What the second list says that the first did not, and the other way round."""
    return difference(register_of(before), register_of(after))
