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
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from achterhoek.accounts.models import User
from achterhoek.audit.services import record
from achterhoek.clock import database_now
from achterhoek.documents.inspection import scratch
from achterhoek.documents.services import store_sealed
from achterhoek.jobs.models import Job
from achterhoek.jobs.services import reach
from achterhoek.sealing.services import make_key
from procurement.domain import dossier_file
from procurement.domain.dossier_file import INDEX, SUMS, TOOL, index_bytes, index_digest, sums_bytes
from procurement.models import Round, SegmentRound, Tender, TenderDossier
from procurement.selectors.records import DOSSIER_FILE
from procurement.services.dossier_evaluation import evaluation_parts
from procurement.services.dossier_log import log_parts
from procurement.services.dossier_outcomes import decision_parts, objection_parts, record_parts
from procurement.services.dossier_parts import Chapter, bid_parts, round_parts, tender_parts
from procurement.services.dossier_registry import chapters_from_above
from procurement.services.dossier_writer import DossierWriter, Part
from procurement.services.locks import locked_tender
from procurement.services.tender_papers import Kind, ask, make

ZIP = "application/zip"
READ = 1024 * 1024
DOSSIER = Kind(
    TenderDossier,
    key="tender_dossier",
    task="procurement.make_tender_dossier",
    label=_("Dossier of %(tender)s"),
    again=_("Something went wrong. Ask for the dossier again."),
)


@transaction.atomic
def request_dossier(*, tender: Tender, by: User) -> Job:
    """Ask a worker for the dossier. Asking twice before it is there gives the same job.

    Raises `NotAllowed`, `RuleViolation` (not published).
    """
    asked = ask(DOSSIER, tender=tender, by=by)
    record("procurement.dossier.requested", by=by, target=asked.tender, detail={"number": asked.number})
    return asked.job


def make_dossier(*, tender: Tender, by: User, job_id: str, number: int) -> TenderDossier | None:
    """Make the dossier of this number and keep it, and tell the job how far it is. Twice gives the same one.

    It holds what `by` may read at this moment. A worker that dies leaves nothing behind, and the next one begins anew.
    """
    chapters = list(_chapters(tender, by))

    def work() -> TenderDossier:
        with scratch() as target:
            written = _written(target, tender, chapters, job_id=job_id, number=number, by=by)
            return _keep(target, tender, written, number=number, by=by)

    return make(DOSSIER, tender=tender, by=by, job_id=job_id, number=number, pieces=len(chapters) + 1, work=work)


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
    yield partial(objection_parts, by, tender)
    yield partial(record_parts, by, tender)
    yield from chapters_from_above(by, tender)
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
    if (made := DOSSIER.of(current, number)) is not None:
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
