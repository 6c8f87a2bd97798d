"""Tenders as the data files make them: the shortest way to one that has all it takes to be published."""

from __future__ import annotations

import shutil
from pathlib import Path

from procurement.models import Tender
from procurement.services.load_region import load_region
from procurement.services.region_files import DATA


def draft_tender(folder: Path) -> Tender:
    """The main tender of the Achterhoek, loaded as one that is still in preparation."""
    copy = folder / "achterhoek"
    shutil.copytree(DATA / "regions" / "achterhoek", copy)
    path = copy / "tenders" / "inkoop-2022.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("status: history", "status: draft"), encoding="utf-8")
    load_region(folder=copy)
    return Tender.objects.get(slug="inkoop-2022")
