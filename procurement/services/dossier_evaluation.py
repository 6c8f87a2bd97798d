"""How the bids of a segment were judged, in a tender's dossier: committee, scores, meetings, rankings and draws."""

from __future__ import annotations

from django.db.models import QuerySet

from achterhoek.accounts.models import User
from achterhoek.spreadsheets import as_csv
from procurement.enums import BatchPurpose, LetterStatus
from procurement.models import Letter, LetterBatch, SegmentRound
from procurement.selectors.decisions import visible_letters
from procurement.selectors.draw import visible_draws
from procurement.selectors.exports import score_tables
from procurement.selectors.meeting import attendance, meetings_of, reads_minutes
from procurement.selectors.ranking import visible_rankings
from procurement.selectors.reevaluation import reevaluations_of
from procurement.selectors.report import reports_of
from procurement.services.dossier_parts import Found, folder_of
from procurement.services.dossier_writer import FilePart, Part, json_part
from procurement.services.dossier_zip import dossier_zip


def evaluation_parts(user: User, segment_round: SegmentRound) -> Found:
    """The committee, the scores that are open now, the reports, and each ranking with all to compute it again."""
    where = f"{folder_of(segment_round.round)}/beoordeling/{segment_round.segment.slug}"
    seats = segment_round.committee.order_by("pk").values(
        "user__name", "role", "since", "handed_in_at", "ended_at", "end_reason"
    )
    again = [
        {
            "cause": found.cause,
            "reason": found.reason,
            "started_at": found.started_at,
            "finished_at": found.finished_at,
            "explanation": found.explanation,
        }
        for found in reversed(reevaluations_of(segment_round))
    ]
    held = {"status": segment_round.status, "committee": list(seats), "reevaluations": again}
    yield json_part(f"{where}/commissie.json", "De commissie, en wat opnieuw is beoordeeld", held)
    for what, table in score_tables(user, segment_round).items():
        yield Part(f"{where}/scores-{what}.csv", f"Scores: {table.name}", [as_csv(table)])
    for report in sorted(reports_of(user, segment_round), key=lambda report: report.sequence):
        yield FilePart(f"{where}/verslag-{report.sequence}.pdf", "Beoordelingsverslag", report.file)
    for ranking in visible_rankings(user).filter(segment_round=segment_round).order_by("sequence"):
        about = f"Ranglijst {ranking.sequence}, om zelf na te rekenen ({ranking.digest})"
        yield Part(f"{where}/ranglijst-{ranking.sequence}.zip", about, [dossier_zip(ranking)])
    yield from _minutes(user, segment_round, where)
    yield from _draws(user, segment_round, where)
    yield from _draw_letters(user, segment_round, where)


def _minutes(user: User, segment_round: SegmentRound, where: str) -> Found:
    """What was said in the meetings, for who reads it on the page too."""
    found = attendance(user, segment_round.pk)
    if found is None or not reads_minutes(user, found):
        return
    for number, meeting in enumerate(meetings_of(segment_round), start=1):
        said = {
            "held_on": meeting.held_on,
            "present": [str(seat.user) for seat in meeting.present.all()],
            "minutes": meeting.minutes,
            "recorded_by": str(meeting.recorded_by),
            "recorded_at": meeting.at,
        }
        yield json_part(f"{where}/overleg-{number}.json", "Verslag van een overleg van de commissie", said)
        if meeting.record is not None:
            yield FilePart(f"{where}/overleg-{number}.pdf", "Verslag van een overleg van de commissie", meeting.record)


def _draws(user: User, segment_round: SegmentRound, where: str) -> Found:
    """The draws that were held. A seed that is promised and not yet shown stays out."""
    held = visible_draws(user).filter(segment_round=segment_round, held_at__isnull=False)
    for number, draw in enumerate(held.select_related("record", "held_by").order_by("pk"), start=1):
        said = {
            "kind": draw.kind,
            "commitment": draw.commitment,
            "committed_at": draw.committed_at,
            "seed": draw.seed,
            "held_at": draw.held_at,
            "held_by": str(draw.held_by or ""),
            "account": draw.account,
            "instead_reason": draw.instead_reason,
            "order": list(draw.places.values("entry__submission__number", "place")),
        }
        yield json_part(f"{where}/loting-{number}.json", "Een loting, met hoe zij is gehouden", said)
        if draw.record is not None:
            yield FilePart(f"{where}/loting-{number}.pdf", "Verslag van een loting", draw.record)


def _draw_letters(user: User, segment_round: SegmentRound, where: str) -> Found:
    """The letters that announced a draw: they come before any decision."""
    announced = LetterBatch.objects.filter(
        purpose=BatchPurpose.DRAW, decision__isnull=True, ranking__segment_round=segment_round
    )
    for batch in announced.select_related("ranking").order_by("pk"):
        here = f"{where}/aankondiging-loting-{batch.pk}"
        said = {
            "ranking": batch.ranking.sequence,
            "ranking_digest": batch.ranking.digest,
            "status": batch.status,
            "asked_at": batch.asked_at,
            "sent_at": batch.sent_at,
            "told": batch.facts,
        }
        yield json_part(f"{here}/aankondiging.json", "Wanneer, waar en hoe wordt geloot", said)
        yield from letter_parts(visible_letters(user).filter(batch=batch), here)


def letter_parts(letters: QuerySet[Letter], where: str) -> Found:
    """Which letter went to whom, and each that was made."""
    found = letters.select_related("file", "entry__submission").order_by("batch_id", "entry_id")
    rows = found.values(
        "batch__purpose", "kind", "language", "status", "sent_at", "first_read_at", "entry__submission__number",
        "file__sha256",
    )  # fmt: skip
    yield json_part(f"{where}/brieven.json", "Welke brief aan wie, wanneer verzonden en geopend", list(rows))
    for letter in found:
        if letter.file is not None:
            # Of letters that were stopped, others of the same kind may have gone later.
            stopped = f"gestopt-{letter.batch_id}/" if letter.status == LetterStatus.STOPPED else ""
            path = f"{where}/brieven/{stopped}{letter.kind}-{letter.entry.submission.number}.pdf"
            yield FilePart(path, letter.get_kind_display(), letter.file)
