"""Loading a region out of its data files (procurement/data/README.md). Nothing of a region stands in code."""

from __future__ import annotations

from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from achterhoek.accounts.enums import Role
from achterhoek.accounts.models import User
from achterhoek.accounts.roles import has_role
from achterhoek.audit.services import record
from achterhoek.errors import NotAllowed
from achterhoek.region.models import ContractingAuthority, Municipality, Region
from procurement.services.load_tender import load_tender
from procurement.services.region_files import Document, read_region
from procurement.services.rows import Loaded, bring_in_line

# What the public pages and letters show of a region, and is nowhere asked for in a query.
CONTENT = ("principles", "goals", "starting_points", "theme_page", "news", "facts")


@transaction.atomic
def load_region(*, folder: Path, by: User | None = None) -> Loaded:
    """Load a region and its tenders; what is already so stays untouched, so that loading twice does nothing.

    `by=None` is the command line. The first region loaded is shown on the front page. Raises
    `RuleViolation` with the file and the key of all that is wrong, and changes nothing then.
    """
    if by is not None and not has_role(by, Role.ADMIN):
        raise NotAllowed(_("Only the functional administrator loads a region."))
    documents = read_region(folder)
    loaded = Loaded()
    region = _region(documents.region, loaded)
    towns = _municipalities(region, documents.region, loaded)
    for name, document in documents.tenders.items():
        load_tender(region=region, towns=towns, document=document, source=name, loaded=loaded)
    if not loaded.nothing:
        record("region.load", by=by, target=region, detail=loaded.detail())
    return loaded


def _region(document: Document, loaded: Loaded) -> Region:
    said = document["region"]
    row = {
        "name": said["name"],
        "authority_id": _authority(said["authority"], loaded).pk,
        "content": _content(document),
    }
    found = Region.objects.select_for_update().filter(slug=said["slug"]).first()
    if found is None:
        row["is_default"] = not Region.objects.filter(is_default=True).exists()
    rows = [{"slug": said["slug"], **row}]
    return bring_in_line(Region, within={}, key=("slug",), rows=rows, loaded=_quiet(loaded))[said["slug"]]


def _quiet(loaded: Loaded) -> Loaded:
    """The same counts, without calling other regions and authorities left out: they have files of their own."""
    return Loaded(loaded.made, loaded.changed, [])


def _authority(said: Document, loaded: Loaded) -> ContractingAuthority:
    row = {
        "name": said["name"],
        "kvk_number": said["kvk"],
        "street": said["street"],
        "postcode": said["postcode"],
        "city": said["city"],
        "email": said["email"],
        "phone": said["phone"] or "",
    }
    found = bring_in_line(ContractingAuthority, within={}, key=("name",), rows=[row], loaded=_quiet(loaded))
    return found[said["name"]]


def _content(document: Document) -> Document:
    said = document["region"]
    return {
        "description": said["description"],
        "letterhead": said["letterhead"],
        "legal_name": said["authority"]["legal_name"],
        **{key: document[key] for key in CONTENT},
    }


def _municipalities(region: Region, document: Document, loaded: Loaded) -> dict[str, Municipality]:
    rows = [
        {"slug": town["slug"], "name": town["name"], "tile_x": town["tile"][0], "tile_y": town["tile"][1]}
        for town in document["municipalities"]
    ]
    return bring_in_line(Municipality, within={"region_id": region.pk}, key=("slug",), rows=rows, loaded=loaded)
