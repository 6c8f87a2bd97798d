"""Loading the two rounds of a tender: how each segment is judged, and what is asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from procurement.enums import RoundStatus
from procurement.models import Criterion, Question, Requirement, Round, Segment, SegmentRound, Tender
from procurement.services.region_files import Document
from procurement.services.rows import Loaded, bring_in_line


def load_rounds(
    *, tender: Tender, segments: Mapping[str, Segment], document: Document, source: str, loaded: Loaded
) -> None:
    """Bring the rounds in line with the file. Raises `RuleViolation` where a round that was opened would change.

    The dates in the file are days, and an opened round needs a moment: rounds are made as planned, and
    the procurement lead sets the deadline on publishing.
    """
    rows = [{"stage": stage} for stage in document["rounds"]]
    rounds = bring_in_line(Round, within={"tender_id": tender.pk}, key=("stage",), rows=rows, loaded=loaded)
    for stage, round in rounds.items():
        said = document["rounds"][stage]
        opened = round.status != RoundStatus.PLANNED
        frozen = f"{source}: rounds.{stage}" if opened else ""
        places = {
            row["slug"]: row[f"places_{stage}"]
            for row in document["segments"]
            if row["track"] == "joint" and row[f"places_{stage}"] is not None
        }
        asked = {slug: segments[slug] for slug in places}
        _segment_rounds(round, asked, places, said, loaded, frozen)
        _questions(round, asked, said, loaded, frozen)
        _requirements(round, asked, said, loaded, frozen)


def _segment_rounds(
    round: Round, asked: Mapping[str, Segment], places: Mapping[str, int], said: Document, loaded: Loaded, frozen: str
) -> None:
    rows = [
        {
            "segment_id": segment.pk,
            "places": places[slug],
            "method": said["method"],
            "minimum_total": _number(said["minimum_total"]),
            "tie_break": said["tie_break"],
            "on_exclusion": said["on_exclusion"],
        }
        for slug, segment in asked.items()
    ]
    within = {"round_id": round.pk}
    made = bring_in_line(SegmentRound, within=within, key=("segment_id",), rows=rows, loaded=loaded, frozen=frozen)
    for segment_round in made.values():
        criteria = [_criterion(row, position) for position, row in enumerate(said["criteria"])]
        inside = {"segment_round_id": segment_round.pk}
        bring_in_line(Criterion, within=inside, key=("code",), rows=criteria, loaded=loaded, frozen=frozen)


def _criterion(said: Document, position: int) -> Document:
    return {
        "code": said["code"],
        "title": said["title"],
        "description": said["description"],
        "rubric": said.get("rubric", []),
        "position": position,
        "kind": said["kind"],
        "weight": _number(said.get("weight")),
        "max_value": _number(said.get("max_value")),
        "minimum": _number(said["minimum"]),
        "formula": said.get("formula", ""),
        "low": _number(said.get("low")),
        "high": _number(said.get("high")),
    }


def _questions(round: Round, asked: Mapping[str, Segment], said: Document, loaded: Loaded, frozen: str) -> None:
    """One row a segment for what is asked anew for each; `once` has no segment."""
    rows = [
        {
            "segment_id": segment_id,
            "code": row["code"],
            "title": row["title"],
            "help": row["help"],
            "kind": row["kind"],
            "required": row["required"],
            "max_chars": row["max_chars"],
            "max_pages": row["max_pages"],
            "criterion_code": row["criterion"] or "",
            "position": position,
        }
        for position, row in enumerate(said["questions"])
        for segment_id in _segment_ids(row["segment"], asked)
    ]
    within = {"round_id": round.pk}
    bring_in_line(Question, within=within, key=("segment_id", "code"), rows=rows, loaded=loaded, frozen=frozen)


def _segment_ids(which: str, asked: Mapping[str, Segment]) -> Iterator[int | None]:
    if which == "once":
        yield None
    elif which == "all":
        yield from (segment.pk for segment in asked.values())
    elif which in asked:
        yield asked[which].pk


def _requirements(round: Round, asked: Mapping[str, Segment], said: Document, loaded: Loaded, frozen: str) -> None:
    rows = [
        {
            "segment_id": None if row["general"] else asked[row["segment"]].pk,
            "code": row["code"],
            "title": row["title"],
            "text": row["text"],
            "position": position,
        }
        for position, row in enumerate(said["requirements"])
        if row["general"] or row["segment"] in asked
    ]
    within = {"round_id": round.pk}
    bring_in_line(Requirement, within=within, key=("segment_id", "code"), rows=rows, loaded=loaded, frozen=frozen)


def _number(text: Any) -> Decimal | None:
    return None if text is None else Decimal(str(text))
