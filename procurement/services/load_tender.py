"""Loading one tender out of its data file: what is bought, by whom, and the plan with all its changes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from achterhoek.clock import database_now
from achterhoek.errors import RuleViolation
from achterhoek.region.models import Municipality, Region
from procurement.enums import TenderStatus
from procurement.models import DecisionLogEntry, Lot, Participation, Phase, Replan, Segment, SubSegment, Tender
from procurement.services.load_rounds import load_rounds
from procurement.services.region_files import Document
from procurement.services.rows import Loaded, bring_in_line, differing

# A tender of the past is loaded as it was; any other begins in preparation.
HISTORY = "history"
# What the file may leave unknown (null), and what the portal then works with.
UNKNOWN: Mapping[str, Any] = {
    "notice_months": 6,
    "scale_max": "10",
    "openers_required": 2,
    "evaluators_announced": 5,
}
COLUMNS = frozenset(
    {"slug", "title", "summary", "status", "procedure", "strategy", "framework_motivation", "term_pattern"}
)
# What the published rules say once, and may not change after publication (Aw 2.100, 2.115, 2.163a).
RULES = ("scale_max", "term_pattern", "notice_months", "openers_required", "evaluators_announced", "procedure")


def load_tender(
    *, region: Region, towns: Mapping[str, Municipality], document: Document, source: str, loaded: Loaded
) -> Tender:
    """Bring one tender in line with its file: a draft, or history as it was. Called inside a transaction.

    Raises `RuleViolation` where the file changes what a published tender or an opened round holds fixed.
    """
    tender = _tender(region, document, source, loaded)
    lots = _lots(tender, document, loaded)
    segments = _segments(tender, lots, document, loaded)
    _participation(segments, towns, document, loaded)
    _phases(tender, document, loaded)
    _decision_log(tender, document, loaded)
    load_rounds(tender=tender, segments=segments, document=document, source=source, loaded=loaded)
    return tender


def _tender(region: Region, document: Document, source: str, loaded: Loaded) -> Tender:
    said = document["tender"]
    found = Tender.objects.select_for_update().filter(slug=said["slug"]).first()
    if found is None:
        made = Tender.objects.create(region=region, slug=said["slug"], **_birth(said), **_fields(document))
        loaded.count(loaded.made, Tender)
        return made
    if found.region_id != region.pk:
        raise RuleViolation(
            _("%(file)s: tender.slug: another region has a tender %(slug)s already.")
            % {"file": source, "slug": found.slug}
        )
    names = differing(found, _fields(document))
    fixed = [name for name in RULES if name in names]
    if fixed and found.status != TenderStatus.DRAFT and not found.is_history:
        raise RuleViolation(
            _("%(file)s: tender.%(key)s: this tender is published, so this cannot change any more.")
            % {"file": source, "key": fixed[0]}
        )
    if names:
        for name in names:
            setattr(found, name, _fields(document)[name])
        found.save(update_fields=names)
        loaded.count(loaded.changed, Tender)
    return found


def _birth(said: Document) -> Document:
    """How a tender enters: history is completed at once. Where the day of its publication is not known,
    the moment on which it came to this portal stands in its place, and the page does not show it."""
    if said["status"] != HISTORY:
        return {}
    day = _day(said["publication_date"])
    moment = timezone.make_aware(datetime.combine(day, time())) if day else database_now()
    return {"status": TenderStatus.COMPLETED, "is_history": True, "published_at": moment}


def _fields(document: Document) -> Document:
    said = document["tender"]
    known = {key: value if said[key] is None else said[key] for key, value in UNKNOWN.items()}
    return {
        "title": said["title"],
        "summary": said["summary"],
        "procedure": said["procedure"],
        "strategy": said["strategy"],
        "framework_motivation": said["framework_motivation"] or "",
        "term_pattern": said["term_pattern"] or [],
        "contract_start": _day(said["contract_start"]),
        **known,
        "scale_max": Decimal(known["scale_max"]),
        "content": _content(document),
    }


def _content(document: Document) -> Document:
    return {
        "facts": {key: value for key, value in document["tender"].items() if key not in COLUMNS},
        "related_tracks": document["related_tracks"],
        "dialogue_sessions": document["dialogue_sessions"],
        "participation_source": document["participation_source"],
        "segments": {
            row["slug"]: {
                "later_names": row.get("later_names", []),
                "changes": row["changes"],
                "start_note": row.get("start_note", ""),
            }
            for row in document["segments"]
        },
        "rounds": {stage: {"title": row["title"], "intro": row["intro"]} for stage, row in document["rounds"].items()},
    }


def _lots(tender: Tender, document: Document, loaded: Loaded) -> dict[str, Lot]:
    rows = [
        {
            "slug": lot["slug"],
            "name": lot["name"],
            "position": position,
            "valid_from": _day(lot["valid_from"]),
            "valid_until": _day(lot["valid_until"]),
            "note": lot["note"] or "",
        }
        for position, lot in enumerate(document["lots"])
    ]
    return bring_in_line(Lot, within={"tender_id": tender.pk}, key=("slug",), rows=rows, loaded=loaded)


def _segments(tender: Tender, lots: Mapping[str, Lot], document: Document, loaded: Loaded) -> dict[str, Segment]:
    rows = [
        {
            "slug": said["slug"],
            "lot_id": lots[said["lot"]].pk,
            "name": said["name"],
            "short_name": said["short_name"],
            "description": said["description"],
            "former_names": said["former_names"],
            "position": position,
            "own_track": said["track"] == "own",
            "crisis_care": said["crisis_care"],
            "start_date": _day(said["start_date"]),
            **_funding(said["funding"]),
        }
        for position, said in enumerate(document["segments"])
    ]
    segments = bring_in_line(Segment, within={"tender_id": tender.pk}, key=("slug",), rows=rows, loaded=loaded)
    for said in document["segments"]:
        parts = [
            {
                "slug": part["slug"],
                "name": f"{part['name']} ({part['explanation']})" if part.get("explanation") else part["name"],
                "position": position,
                **_funding(part["funding"]),
            }
            for position, part in enumerate(said["subsegments"])
        ]
        within = {"segment_id": segments[said["slug"]].pk}
        bring_in_line(SubSegment, within=within, key=("slug",), rows=parts, loaded=loaded)
    return segments


def _funding(said: Document) -> Document:
    return {
        "funding": said["model"],
        "funding_provisional": said["provisional"],
        "funding_note": said["note"] or "",
    }


def _participation(
    segments: Mapping[str, Segment], towns: Mapping[str, Municipality], document: Document, loaded: Loaded
) -> None:
    for slug, segment in segments.items():
        rows = [
            {
                "municipality_id": towns[town].pk,
                "participates": cell if isinstance(cell, bool) else cell["participates"],
                "reason": "" if isinstance(cell, bool) else cell["reason"],
            }
            for town, cell in document["participation"][slug].items()
        ]
        within = {"segment_id": segment.pk}
        bring_in_line(Participation, within=within, key=("municipality_id",), rows=rows, loaded=loaded)


def _phases(tender: Tender, document: Document, loaded: Loaded) -> None:
    """Phases and milestones as they are planned now; every replan stays, with its reason."""
    said: dict[str, Document] = {f"phase-{row['number']}": row for row in document["phases"]}
    said |= {row["code"]: row for row in document["milestones"]}
    rows = [_phase(code, row, position) for position, (code, row) in enumerate(said.items())]
    phases = bring_in_line(Phase, within={"tender_id": tender.pk}, key=("code",), rows=rows, loaded=loaded)
    for code, phase in phases.items():
        replans = [
            {
                "position": position,
                "field": row["field"],
                "from_value": row["from"],
                "to_value": row["to"],
                "decided_on": _day(row["decided_on"]),
                "precision": row.get("decided_on_precision", "day"),
                "is_scenario": row.get("scenario", False),
                "reason": row["reason"],
                "source": row["source"],
            }
            for position, row in enumerate(said[code]["replans"])
        ]
        bring_in_line(Replan, within={"phase_id": phase.pk}, key=("position",), rows=replans, loaded=loaded)


def _phase(code: str, said: Document, position: int) -> Document:
    milestone = "date" in said
    dates = {"planned_start": said["date"], "planned_end": None} if milestone else {
        "planned_start": said["planned_start"], "planned_end": said["planned_end"]
    }  # fmt: skip
    for replan in said["replans"]:
        if not replan.get("scenario", False):
            dates["planned_start" if replan["field"] == "date" else replan["field"]] = replan["to"]
    moved = any(not replan.get("scenario", False) for replan in said["replans"])
    return {
        "code": code,
        "title": said["title"],
        "content": said.get("content", ""),
        "is_milestone": milestone,
        "planned_start": _day(dates["planned_start"]),
        "planned_end": _day(dates["planned_end"]),
        "precision": "day" if moved and milestone else said.get("date_precision", "day"),
        "position": position,
        "source": said["source"],
    }


def _decision_log(tender: Tender, document: Document, loaded: Loaded) -> None:
    rows = [
        {
            "position": position,
            "date": _day(row["date"]),
            "precision": row["date_precision"],
            "body": row["body"],
            "subject": row["subject"],
            "decision": row["decision"],
            "reservation": row["reservation"] or "",
            "source": row["source"],
        }
        for position, row in enumerate(document["decision_log"])
    ]
    within = {"tender_id": tender.pk}
    bring_in_line(DecisionLogEntry, within=within, key=("position",), rows=rows, loaded=loaded)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
