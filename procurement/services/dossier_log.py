"""The events of a tender's log in its dossier, with their places in the chain."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import CharField, Model, Q, QuerySet
from django.db.models.functions import Cast

from achterhoek.audit.models import AuditEvent
from achterhoek.audit.selectors import unsealed
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
    Objection,
    Ranking,
    Reevaluation,
    Round,
    SegmentRound,
    Submission,
    Tender,
)
from procurement.services.dossier_parts import Found
from procurement.services.dossier_writer import lines_part


def log_parts(tender: Tender) -> Found:
    """The events of the tender, one a line, each with its place and hash in the chain of the whole log."""
    about = "Logboek van de aanbesteding: een gebeurtenis per regel, met de plaats in de keten"
    yield lines_part("logboek.jsonl", about, event_lines(_about(tender)))


def event_lines(about: Q) -> Iterator[dict[str, Any]]:
    """These events in their order, each with its place and hash in the chain of the whole log."""
    events = unsealed(AuditEvent.objects.filter(about).select_related("actor", "link")).order_by("pk")
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
    return about_any(of_tender)


def about_any(found: Iterable[QuerySet[Any]]) -> Q:
    """Events about any of these rows."""
    about = Q()
    for rows in found:
        about |= _target(rows.model, rows)
    return about


def _target(model: type[Model], rows: QuerySet[Any]) -> Q:
    keys = rows.order_by().annotate(as_text=Cast("pk", CharField())).values("as_text")
    return Q(target_type=model._meta.label_lower, target_id__in=keys)
