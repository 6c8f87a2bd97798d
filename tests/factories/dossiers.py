"""A tender's dossier as a worker makes it, and what is in it."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from achterhoek.documents.sealed import chunks, key_of
from achterhoek.jobs.models import JobStatus
from procurement.models import Tender, TenderDossier
from procurement.services.tender_dossier import request_dossier
from procurement.tasks.records import make_tender_dossier


def made_dossier(tender: Tender, by: Any) -> TenderDossier:
    """Asked for by this person, and made."""
    job = request_dossier(tender=tender, by=by)
    number = TenderDossier.objects.filter(tender=tender).count() + 1
    make_tender_dossier(tender.pk, by.pk, str(job.pk), number)
    job.refresh_from_db()
    assert (job.status, job.done) == (JobStatus.DONE, job.total)
    return TenderDossier.objects.select_related("file__sealing_key").get(tender=tender, sequence=number)


def content_of(dossier: TenderDossier) -> bytes:
    return b"".join(chunks(dossier.file, key_of(dossier.file).secret))


def archive_of(dossier: TenderDossier) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(content_of(dossier)))
