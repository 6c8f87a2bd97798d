"""Writers of a region's paper: its letterhead, its logo, and its own words in letters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from achterhoek.accounts.enums import Role
from achterhoek.accounts.models import User
from achterhoek.accounts.roles import region_ids_of
from achterhoek.audit.services import record
from achterhoek.documents.services import discard, store_bytes
from achterhoek.errors import NotAllowed, RuleViolation
from achterhoek.region.models import Region
from procurement.domain.letter_frame import LEAST_CONTRAST, contrast_on_white
from procurement.domain.letter_texts import fault_in
from procurement.domain.logo import PNG_TYPE, logo_type
from procurement.enums import TextPlace
from procurement.models import Letterhead, LetterText
from procurement.selectors.letterhead import LOGO_FILE, told

TEXT_LIMIT = 2000


@dataclass(frozen=True)
class LetterheadData:
    """What stands on the paper, as it was typed."""

    sender: str
    return_address: str
    footer: str
    colour: str
    signatory: str
    function: str
    logo_text: str


@transaction.atomic
def save_letterhead(
    *, region: Region, data: LetterheadData, logo: bytes | None = None, drop_logo: bool = False, by: User
) -> Letterhead:
    """Make up the paper of a region. A new logo replaces the old one. Letters that were made stay as they are.

    Raises `NotAllowed`; `RuleViolation` for a colour that is too light on white (WCAG 2.2, 1.4.3), a file that is no
    logo, or a logo without words for who does not see it.
    """
    _require_lead(by, region)
    held = Letterhead.objects.select_for_update(of=("self",)).select_related("logo").filter(region=region).first()
    letterhead = held or Letterhead(region=region)
    _require_contrast(data.colour)
    old = letterhead.logo
    if logo is not None:
        letterhead.logo = _store_logo(logo, by)
    elif drop_logo:
        letterhead.logo = None
    if letterhead.logo and not data.logo_text.strip():
        raise RuleViolation(_("Say in words what the logo says, for who does not see it."), "logo_text")
    for name, value in asdict(data).items():
        setattr(letterhead, name, value.strip())
    if not letterhead.logo:
        letterhead.logo_text = ""
    letterhead.changed_by = by
    letterhead.save()
    if old is not None and old != letterhead.logo:
        discard(old)
    detail = {**asdict(data), "logo": letterhead.logo.sha256 if letterhead.logo else ""}
    record("procurement.letterhead.save", by=by, target=letterhead, detail=detail)
    return letterhead


def _require_lead(by: User, region: Region) -> None:
    regions = region_ids_of(by, Role.LEAD)
    if regions is not None and region.pk not in regions:
        raise NotAllowed(_("Only the procurement lead of this region may do this."))


def _require_contrast(colour: str) -> None:
    ratio = contrast_on_white(colour)
    if ratio < LEAST_CONTRAST:
        raise RuleViolation(
            _(
                "This colour is too light to read on white: its contrast is %(ratio)s, and 4.5 is needed."
                " Choose a darker one."
            )
            % {"ratio": f"{ratio:.1f}"},
            "colour",
        )


def _store_logo(content: bytes, by: User) -> Any:
    kind = logo_type(content)
    if kind is None:
        raise RuleViolation(
            _("This file cannot be the logo. Use a PNG or a plain SVG of at most 200 kB, without scripts or links."),
            "logo",
        )
    name = "logo.png" if kind == PNG_TYPE else "logo.svg"
    return store_bytes(content=content, name=name, content_type=kind, kind=LOGO_FILE, by=by)


@transaction.atomic
def save_texts(*, region: Region, kind: str, language: str, texts: Mapping[str, str], by: User) -> None:
    """Keep the own words of one kind of letter in one language, by place; an empty text removes what was there.

    Raises `NotAllowed`; `RuleViolation` beside the place for an unknown field or a brace without its partner.
    """
    _require_lead(by, region)
    for place in TextPlace.values:
        text = texts.get(place, "").strip()
        fault = fault_in(text)
        if fault is not None:
            raise RuleViolation(told(fault), place)
        if len(text) > TEXT_LIMIT:
            raise RuleViolation(_("Use at most %(limit)s characters.") % {"limit": TEXT_LIMIT}, place)
        _save_text(region, kind, language, place, text, by)


def _save_text(region: Region, kind: str, language: str, place: str, text: str, by: User) -> None:
    held = (
        LetterText.objects.select_for_update().filter(region=region, kind=kind, language=language, place=place).first()
    )
    if (held.text if held else "") == text:
        return
    detail = {"kind": kind, "language": language, "place": place, "text": text}
    if held is not None and not text:
        record("procurement.lettertext.remove", by=by, target=held, detail=detail)
        held.delete()
        return
    saved = held or LetterText(region=region, kind=kind, language=language, place=place)
    saved.text, saved.changed_by = text, by
    saved.save()
    record("procurement.lettertext.save", by=by, target=saved, detail=detail)
