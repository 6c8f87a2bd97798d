"""The second half of a tender's dossier: how it was judged, what was decided and told, what was brought against it,
its records, and the events of the log with their places in the chain."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import CharField, Model, Q, QuerySet
from django.db.models.functions import Cast

from achterhoek.accounts.models import User
from achterhoek.audit.models import AuditEvent
from achterhoek.audit.selectors import unsealed
from achterhoek.spreadsheets import as_csv
from procurement.models import (
    Award,
    AwardNotice,
    CollegeDecision,
    CommitteeMember,
    Decision,
    Draw,
    Entry,
    Letter,
    LetterBatch,
    Motivation,
    Objection,
    Ranking,
    Reevaluation,
    Round,
    SegmentRound,
    Submission,
    Tender,
)
from procurement.selectors.decisions import visible_decisions, visible_letters
from procurement.selectors.exports import score_tables
from procurement.selectors.letters import decision_number
from procurement.selectors.procedure_record import records_of
from procurement.selectors.ranking import visible_rankings
from procurement.selectors.record_outcomes import told_decisions
from procurement.selectors.reevaluation import reevaluations_of
from procurement.selectors.report import reports_of
from procurement.services.dossier_parts import Found, folder_of
from procurement.services.dossier_writer import FilePart, Part, json_part, lines_part
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


def decision_parts(user: User, tender: Tender) -> Found:
    """Each decision with its colleges, reservations, signature and awards, and the letters that were made of it."""
    found = visible_decisions(user).filter(segment_round__round__tender=tender).select_related("signed_by")
    for decision in found.order_by("pk"):
        where = f"besluiten/{decision_number(decision)}"
        yield json_part(f"{where}/besluit.json", f"Besluit over {decision.segment_round}", _decision(decision))
        letters = visible_letters(user).filter(decision=decision).select_related("file", "entry__submission")
        rows = letters.order_by("batch_id", "entry_id").values(
            "kind", "language", "status", "sent_at", "first_read_at", "entry__submission__number", "file__sha256"
        )
        yield json_part(f"{where}/brieven.json", "Welke brief aan wie, wanneer verzonden en geopend", list(rows))
        for letter in letters.order_by("batch_id", "entry_id"):
            if letter.file is not None:
                path = f"{where}/brieven/{letter.kind}-{letter.entry.submission.number}.pdf"
                yield FilePart(path, letter.get_kind_display(), letter.file)


def _decision(decision: Decision) -> dict[str, Any]:
    names = (
        "status", "note", "proposed_at", "approved_at", "adopted_at", "mandate", "sent_at", "standstill_until",
        "objection_cutoff", "final_at", "withdrawn_at", "withdrawal_reason",
    )  # fmt: skip
    colleges = decision.college_decisions.order_by("municipality__name").values(
        "municipality__name", "status", "reservation", "decided_at", "decided_by__name"
    )
    reasons = Motivation.objects.filter(decision=decision).order_by("entry_id", "criterion__position", "kind", "pk")
    return {name: getattr(decision, name) for name in names} | {
        "number": decision_number(decision),
        "stage": decision.segment_round.round.stage,
        "segment": decision.segment_round.segment.slug,
        "ranking": decision.ranking.sequence,
        "ranking_digest": decision.ranking.digest,
        "proposed_by": str(decision.proposed_by),
        "signed_by": str(decision.signed_by or ""),
        "colleges": list(colleges),
        "awards": list(decision.awards.order_by("pk").values("entry__submission__number", "status")),
        "notice": list(AwardNotice.objects.filter(decision=decision).values("due_on", "published_at", "reference")),
        "motivations": list(
            reasons.values("entry__submission__number", "criterion__code", "kind", "text", "edited_at")
        ),
    }


def objection_parts(tender: Tender) -> Found:
    """What was brought against the decisions that were told, with its papers and what came of it."""
    found = Objection.objects.filter(decision__in=told_decisions(tender).values("pk")).order_by("registered_at", "pk")
    for one in found.select_related("organisation", "file", "decision"):
        names = (
            "number", "kind", "status", "grounds", "suspends", "court", "case_number", "hearing_on", "received_at",
            "registered_at", "answer", "consequence", "ended_at",
        )  # fmt: skip
        said = {name: getattr(one, name) for name in names}
        said |= {"decision": decision_number(one.decision), "organisation": one.organisation.name}
        yield json_part(f"bezwaren/{one.number}.json", f"{one.get_kind_display()} van {one.organisation}", said)
        if one.file is not None:
            yield FilePart(f"bezwaren/{one.number}.pdf", "Stuk bij het bezwaar", one.file)


def record_parts(user: User, tender: Tender) -> Found:
    """The records of the procedure that were made, each as it was made."""
    for made in sorted(records_of(user, tender), key=lambda made: made.sequence):
        about = f"Proces-verbaal van de procedure, nummer {made.sequence} (feiten: {made.digest})"
        yield FilePart(f"proces-verbaal/proces-verbaal-{made.sequence}.pdf", about, made.file)


def log_parts(tender: Tender) -> Found:
    """The events of the tender, one a line, each with its place and hash in the chain of the whole log."""
    about = "Logboek van de aanbesteding: een gebeurtenis per regel, met de plaats in de keten"
    yield lines_part("logboek.jsonl", about, _events(tender))


def _events(tender: Tender) -> Iterator[dict[str, Any]]:
    events = unsealed(AuditEvent.objects.filter(_about(tender)).select_related("actor", "link")).order_by("pk")
    for event in events.iterator(chunk_size=500):
        link = getattr(event, "link", None)
        yield {
            "position": link.position if link else None,
            "hash": bytes(link.hash).hex() if link else None,
            "event": event.pk,
            "uuid": event.uuid,
            "at": event.at,
            "who": str(event.actor or ""),
            "action": event.action,
            "target_type": event.target_type,
            "target_id": event.target_id,
            "target": event.target_label,
            "detail": event.detail,
        }


def _about(tender: Tender) -> Q:
    """Events about the tender, or about anything that belongs to it."""
    rounds, rules = Round.objects.filter(tender=tender), SegmentRound.objects.filter(round__tender=tender)
    decisions = Decision.objects.filter(segment_round__in=rules)
    of_tender: list[QuerySet[Any]] = [
        Tender.objects.filter(pk=tender.pk),
        rounds,
        rules,
        decisions,
        Submission.objects.filter(round__in=rounds),
        Entry.objects.filter(submission__round__in=rounds),
        CommitteeMember.objects.filter(segment_round__in=rules),
        Ranking.objects.filter(segment_round__in=rules),
        Draw.objects.filter(segment_round__in=rules),
        Reevaluation.objects.filter(segment_round__in=rules),
        CollegeDecision.objects.filter(decision__in=decisions),
        Award.objects.filter(decision__in=decisions),
        AwardNotice.objects.filter(decision__in=decisions),
        LetterBatch.objects.filter(ranking__segment_round__in=rules),
        Letter.objects.filter(batch__ranking__segment_round__in=rules),
        Objection.objects.filter(decision__in=decisions),
    ]
    about = Q()
    for rows in of_tender:
        about |= _target(rows.model, rows)
    return about


def _target(model: type[Model], rows: QuerySet[Any]) -> Q:
    keys = rows.order_by().annotate(as_text=Cast("pk", CharField())).values("as_text")
    return Q(target_type=model._meta.label_lower, target_id__in=keys)
