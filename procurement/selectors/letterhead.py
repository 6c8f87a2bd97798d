"""A region's paper: how its letters look, and its own words in them."""

from __future__ import annotations

import base64
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from achterhoek.accounts.enums import Role
from achterhoek.accounts.roles import in_regions_of
from achterhoek.documents.gate import reads
from achterhoek.documents.models import StoredFile
from achterhoek.region.models import Region
from procurement.domain.letter_frame import PLAIN, Head
from procurement.domain.letter_texts import FIELDS, TextFault, fault_in, paragraphs
from procurement.enums import LetterKind, TextPlace
from procurement.models import Letterhead, LetterText
from providers.enums import LetterLanguage

LOGO_FILE = "letterhead_logo"


@dataclass(frozen=True)
class Paper:
    """The head of a region's letters, and its own words by kind, language and place."""

    head: Head
    texts: Mapping[tuple[str, str, str], str]

    def words(self, kind: str, language: str, place: str, values: Mapping[str, str]) -> tuple[str, ...]:
        """The own words at this place, with their fields filled in. Raises `TextFault`."""
        return paragraphs(self.texts.get((kind, language, place), ""), values)

    def faults(self, kinds: Collection[str]) -> list[str]:
        """What is wrong in the own words of these kinds of letters."""
        found = []
        for (kind, language, place), text in sorted(self.texts.items()):
            fault = fault_in(text) if kind in kinds else None
            if fault is not None:
                where = {
                    "kind": LetterKind(kind).label,
                    "language": LetterLanguage(language).label,
                    "place": TextPlace(place).label,
                    "fault": told(fault),
                }
                found.append(_("Own words in “%(kind)s” (%(language)s, %(place)s): %(fault)s") % where)
        return found


def told(fault: TextFault) -> str:
    """What is wrong in a text, and what may stand in it."""
    allowed = ", ".join(f"{{{name}}}" for name in FIELDS)
    if fault.unknown:
        text = _("The field {%(field)s} on line %(line)s does not exist. These fields do: %(allowed)s.")
    else:
        text = _(
            "A brace on line %(line)s has no partner. A field looks like {segment}; write two braces to print one."
            " These fields exist: %(allowed)s."
        )
    return text % {"field": fault.unknown, "line": fault.line, "allowed": allowed}


def paper_of(region: Region) -> Paper:
    """Two queries, and the logo out of the store."""
    found = Letterhead.objects.select_related("logo").filter(region=region).first()
    texts = {
        (kind, language, place): text
        for kind, language, place, text in LetterText.objects.filter(region=region).values_list(
            "kind", "language", "place", "text"
        )
    }
    return Paper(head_of(found) if found else PLAIN, texts)


def head_of(letterhead: Letterhead) -> Head:
    """As it stands on the letters; the logo goes into the letter itself."""
    return Head(
        logo=data_address(letterhead.logo) if letterhead.logo else "",
        logo_text=letterhead.logo_text,
        sender=letterhead.sender,
        return_address=letterhead.return_address,
        footer=letterhead.footer,
        colour=letterhead.colour,
        signatory=letterhead.signatory,
        function=letterhead.function,
    )


def data_address(stored: StoredFile) -> str:
    with stored.file.open("rb") as opened:
        content = opened.read()
    return f"data:{stored.content_type};base64,{base64.b64encode(content).decode()}"


def letterhead_regions(user: Any) -> QuerySet[Region]:
    """The regions whose paper this user makes up, or looks at."""
    return (
        Region.objects.filter(in_regions_of(user, Role.LEAD, Role.AUDITOR, field="pk"))
        .select_related("authority")
        .order_by("-is_default", "name")
    )


def letterhead_of(region: Region) -> Letterhead | None:
    return Letterhead.objects.select_related("logo", "changed_by").filter(region=region).first()


def texts_of(region: Region) -> list[LetterText]:
    return list(LetterText.objects.filter(region=region).select_related("changed_by"))


def text_of(region: Region, kind: str, language: str, place: str) -> LetterText | None:
    return LetterText.objects.filter(region=region, kind=kind, language=language, place=place).first()


@dataclass(frozen=True)
class Change:
    """One earlier state of an own text."""

    kind: str
    language: str
    place: str
    what: str
    text: str
    at: Any
    by: str


def history_of(region: Region, limit: int = 50) -> list[Change]:
    """How the own texts of a region came to be, newest first. One query."""
    events = LetterText.pgh_event_model.objects.filter(region=region).select_related("changed_by")  # type: ignore[attr-defined]
    words = {"insert": _("Written"), "update": _("Changed"), "delete": _("Removed")}
    return [
        Change(
            kind=str(LetterKind(event.kind).label),
            language=str(LetterLanguage(event.language).label),
            place=str(TextPlace(event.place).label),
            what=words.get(event.pgh_label, event.pgh_label),
            text=event.text,
            at=event.pgh_created_at,
            by=event.changed_by.name,
        )
        for event in events.order_by("-pgh_id")[:limit]
    ]


@reads(LOGO_FILE)
def reads_logo(user: Any, stored: StoredFile) -> bool:
    """A logo is seen by who makes up the paper; on a letter it stands in the letter itself."""
    regions = Region.objects.filter(in_regions_of(user, Role.LEAD, Role.AUDITOR, field="pk"))
    return Letterhead.objects.filter(logo=stored, region__in=regions).exists()
