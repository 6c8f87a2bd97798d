"""The whole tender as one ZIP for archive or court: asked for, made by a worker, numbered, sealed, never changed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import IO, NamedTuple

from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from achterhoek.accounts.models import User
from achterhoek.audit.services import record
from achterhoek.clock import database_now
from achterhoek.documents.inspection import scratch
from achterhoek.documents.services import store_sealed
from achterhoek.errors import RuleViolation
from achterhoek.jobs.models import Job
from achterhoek.jobs.services import begin, fail, finish, reach, start_job
from achterhoek.queue import after_commit
from achterhoek.sealing.services import make_key
from procurement.domain import dossier_file
from procurement.domain.dossier_file import INDEX, SUMS, TOOL, index_bytes, index_digest, sums_bytes
from procurement.models import Round, SegmentRound, Tender, TenderDossier
from procurement.rules import OVERSEERS, require_role
from procurement.selectors.records import DOSSIER_FILE
from procurement.services.dossier_outcomes import (
    decision_parts,
    evaluation_parts,
    log_parts,
    objection_parts,
    record_parts,
)
from procurement.services.dossier_parts import Chapter, bid_parts, round_parts, tender_parts
from procurement.services.dossier_writer import DossierWriter, Part
from procurement.services.locks import locked_tender
from procurement.services.procedure_record import require_published

ZIP = "application/zip"
READ = 1024 * 1024


@transaction.atomic
def request_dossier(*, tender: Tender, by: User) -> Job:
    """Ask a worker for the dossier. Asking twice before it is there gives the same job.

    Raises `NotAllowed`, `RuleViolation` (not published).
    """
    current = locked_tender(tender.pk)
    require_role(by, current, *OVERSEERS)
    require_published(current)
    number = current.dossiers.count() + 1
    job = start_job(
        key=f"tender_dossier:{current.pk}:{number}",
        label=_("Dossier of %(tender)s") % {"tender": current},
        by=by,
        return_url=reverse("procurement:records", args=[current.slug]),
    )
    after_commit("procurement.make_tender_dossier", current.pk, by.pk, str(job.pk), number)
    record("procurement.dossier.requested", by=by, target=current, detail={"number": number})
    return job


def make_dossier(*, tender: Tender, by: User, job_id: str, number: int) -> TenderDossier | None:
    """Make the dossier of this number and keep it, and tell the job how far it is. Twice gives the same one.

    It holds what `by` may read at this moment. A worker that dies leaves nothing behind, and the next one begins anew.
    """
    chapters = list(_chapters(tender, by))
    begin(job_id, total=len(chapters) + 1)
    try:
        made = TenderDossier.objects.filter(tender=tender, sequence=number).first()
        if made is None:
            require_role(by, tender, *OVERSEERS)
            with scratch() as target:
                written = _written(target, tender, chapters, job_id=job_id, number=number, by=by)
                made = _keep(target, tender, written, number=number, by=by)
    except RuleViolation as error:
        fail(job_id, error.message)
        return None
    except Exception:
        fail(job_id, _("Something went wrong. Ask for the dossier again."))
        raise
    finish(job_id)
    return made


def _chapters(tender: Tender, by: User) -> Iterator[Chapter]:
    """The dossier in pieces, each read when its turn comes: what the progress bar counts."""
    yield partial(tender_parts, tender)
    for round in Round.objects.filter(tender=tender).order_by("pk"):
        yield partial(round_parts, by, round)
        yield partial(bid_parts, by, round)
    rules = SegmentRound.objects.filter(round__tender=tender).select_related("segment", "round__tender__region")
    for found in rules.order_by("round_id", "segment__position", "segment_id"):
        yield partial(evaluation_parts, by, found)
    yield partial(decision_parts, by, tender)
    yield partial(objection_parts, tender)
    yield partial(record_parts, by, tender)
    yield partial(log_parts, tender)


class _Written(NamedTuple):
    """A dossier that is whole: its index's digest and how many parts it has."""

    digest: str
    parts: int


def _written(
    target: IO[bytes], tender: Tender, chapters: list[Chapter], *, job_id: str, number: int, by: User
) -> _Written:
    """Write every part, and last the index over all of them. What is in it is Dutch, whoever asks for it."""
    with translation.override("nl"), closing(DossierWriter(target, by)) as writer:
        for done, chapter in enumerate(chapters, start=1):
            for part in chapter():
                writer.add(part)
            reach(job_id, done)
        at = database_now()
        writer.add(Part(TOOL, "Programma om het dossier te controleren", [Path(dossier_file.__file__).read_bytes()]))
        writer.add(Part("index.html", "De inhoud van het dossier, om te lezen", [_html(tender, writer, number, at)]))
        facts = {
            "tender": tender.slug,
            "title": tender.title,
            "authority": tender.region.authority.name,
            "number": number,
            "made_at": at.isoformat(),
            "made_by": str(by),
        }
        index = index_bytes(facts, writer.lines, writer.left_out)
        writer.plain(INDEX, index)
        writer.plain(SUMS, sums_bytes(index, writer.lines))
    return _Written(index_digest(index), len(writer.lines))


def _html(tender: Tender, writer: DossierWriter, number: int, at: datetime) -> bytes:
    lines = sorted(writer.lines, key=lambda line: line.path)
    context = {"tender": tender, "number": number, "made": at, "lines": lines, "left_out": writer.left_out}
    return render_to_string("letters/tender_dossier.html", context).encode()


@transaction.atomic
def _keep(target: IO[bytes], tender: Tender, written: _Written, *, number: int, by: User) -> TenderDossier:
    """Keep it, where nobody else did meanwhile: sealed to a key of its own, since it holds bids that lie sealed too."""
    current = locked_tender(tender.pk)
    made = TenderDossier.objects.filter(tender=current, sequence=number).first()
    if made is not None:
        return made
    stored = store_sealed(
        content=target,
        sha256=_sha256(target),
        name=f"dossier-{current.slug}-{number}.zip",
        content_type=ZIP,
        kind=DOSSIER_FILE,
        by=by,
        sealing_key=make_key(f"dossier {current.slug} {number}"),
    )
    made = TenderDossier.objects.create(
        tender=current, sequence=number, file=stored, digest=written.digest, parts=written.parts, made_by=by
    )
    detail = {"number": number, "index": written.digest, "sha256": stored.sha256, "parts": written.parts}
    record("procurement.dossier.made", by=by, target=current, detail=detail)
    return made


def _sha256(target: IO[bytes]) -> str:
    digest = hashlib.sha256()
    target.seek(0)
    while chunk := target.read(READ):
        digest.update(chunk)
    target.seek(0)
    return digest.hexdigest()
