"""The page of a tender's records and dossiers, and who reads a dossier's file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from achterhoek.documents.gate import reads
from achterhoek.documents.models import StoredFile
from procurement.models import ProcedureRecord, Tender, TenderDossier
from procurement.rules import overseen
from procurement.selectors.procedure_record import facts_digest, record_facts, records_of

DOSSIER_FILE = "tender_dossier"


@dataclass(frozen=True)
class RecordPage:
    """What the page shows. `stale`: the newest record does not say what there is to say today."""

    tender: Tender
    records: list[ProcedureRecord]
    dossiers: list[TenderDossier]
    stale: bool

    @property
    def newest(self) -> ProcedureRecord | None:
        return self.records[0] if self.records else None


def find_tender(pk: int) -> Tender:
    """The tender for which a worker works."""
    return Tender.objects.select_related("region__authority").get(pk=pk)


def recorded_tenders(user: Any) -> QuerySet[Tender]:
    """Published tenders of the regions that this lead or auditor oversees."""
    return Tender.objects.filter(overseen(user, region="region"), published_at__isnull=False).select_related("region")


def visible_dossiers(user: Any) -> QuerySet[TenderDossier]:
    """For the lead and the auditor of the region."""
    found = TenderDossier.objects.filter(overseen(user, region="tender__region"))
    return found.select_related("file", "made_by", "tender")


@reads(DOSSIER_FILE)
def may_read_dossier(user: Any, stored: StoredFile) -> bool:
    """The gate's rule for the files of dossiers."""
    return bool(user.is_authenticated) and visible_dossiers(user).filter(file=stored).exists()


def record_page(user: Any, tender: Tender) -> RecordPage:
    """The records and dossiers of a tender, the newest first, and whether something changed since."""
    records = records_of(user, tender)
    stale = bool(records) and facts_digest(record_facts(tender.pk)) != records[0].digest
    return RecordPage(tender, records, list(visible_dossiers(user).filter(tender=tender).order_by("-sequence")), stale)


def recorded_dossier(digest: str, sha256: str | None = None) -> TenderDossier | None:
    """The dossier that was recorded with this index, and as this very file where its sha256 is given."""
    found = TenderDossier.objects.filter(digest=digest)
    return (found.filter(file__sha256=sha256) if sha256 else found).select_related("tender", "file").first()
