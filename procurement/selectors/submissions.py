"""What a provider's pages ask: where one may take part, and what a draft still lacks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.db.models.functions import Now

from achterhoek.prepared import Prepared
from procurement.enums import (
    DecisionStatus,
    EntryStatus,
    LetterStatus,
    Outcome,
    RoundStatus,
    Stage,
    SubmissionStatus,
    TenderStatus,
)
from procurement.models import (
    Decision,
    Entry,
    Letter,
    RankingRow,
    Receipt,
    Round,
    Segment,
    SegmentRound,
    Submission,
    Tender,
)
from providers.models import Organisation
from providers.selectors.organisations import organisations_of

TOLD = (DecisionStatus.SENT, DecisionStatus.FINAL)


def open_rounds() -> QuerySet[Round]:
    """Rounds in which one may submit at this moment, by the database's clock."""
    return Round.objects.filter(
        status=RoundStatus.OPEN, deadline__gt=Now(), tender__status=TenderStatus.PUBLISHED
    ).select_related("tender")


def open_round_of(slug: str) -> Round | None:
    """The round of this tender that is open now, if any (the award stage goes before the selection stage)."""
    return open_rounds().filter(tender__slug=slug).order_by("stage").first()


def _selected_rows(tender: Tender) -> QuerySet[RankingRow]:
    """Lines of candidates that a sent selection decision names as selected, and that are still in."""
    return RankingRow.objects.filter(
        outcome=Outcome.SELECTED,
        entry__status=EntryStatus.ADMITTED,
        ranking__decisions__status__in=TOLD,
        ranking__segment_round__round__tender=tender,
        ranking__segment_round__round__stage=Stage.SELECTION,
    )


def available_segments(*, round: Round, organisation: Organisation) -> QuerySet[Segment]:
    """Segments that this organisation may submit for in this round.

    In the selection stage all that are asked in this round, but not those bought in a track of their
    own; in the award stage only those for which it was selected (Aw 2.99).
    """
    return _segments_for(round, [organisation])


def _segments_for(round: Round, organisations: Sequence[Organisation]) -> QuerySet[Segment]:
    """Segments that at least one of these organisations may submit for."""
    found = Segment.objects.filter(segment_rounds__round=round, own_track=False).select_related("lot")
    if not organisations:
        return found.none()
    if round.stage == Stage.AWARD:
        rows = _selected_rows(round.tender).filter(entry__submission__organisation__in=organisations)
        found = found.filter(pk__in=rows.values("entry__segment"))
    return found.order_by("lot__position", "position", "id")


def invited_organisations(tender: Tender) -> QuerySet[Organisation]:
    """Everybody who was selected for at least one segment."""
    rows = _selected_rows(tender)
    return Organisation.objects.filter(pk__in=rows.values("entry__submission__organisation")).order_by("name")


def undecided_segments(tender: Tender) -> list[Segment]:
    """Segments of the selection stage with candidates who have not been told the outcome yet."""
    told = Decision.objects.filter(segment_round=OuterRef("pk"), status__in=TOLD)
    candidates = Entry.objects.filter(
        submission__round=OuterRef("round"),
        submission__status=SubmissionStatus.SUBMITTED,
        segment=OuterRef("segment"),
    )
    waiting = SegmentRound.objects.filter(
        Exists(candidates), ~Exists(told), round__tender=tender, round__stage=Stage.SELECTION
    )
    return [found.segment for found in waiting.select_related("segment")]


_receipts = Prepared(lambda submission: Receipt.objects.filter(submission=submission).order_by("-pk"), UUID)


def receipts_of(submission: Submission) -> list[Receipt]:
    """All receipts of a submission, the latest first."""
    return _receipts(submission.pk)


def submissions_of_user(user: Any) -> list[Submission]:
    """All submissions of this user's organisations, the nearest deadline first; in a fixed number of queries.

    Each entry carries the letters that were sent about it (`sent_letters`): they tell its outcome.
    """
    sent = Letter.objects.filter(status=LetterStatus.SENT).select_related("decision").order_by("sent_at")
    entries = Entry.objects.select_related("segment").prefetch_related(
        Prefetch("letters", sent, to_attr="sent_letters")
    )
    found = (
        Submission.objects.visible_to(user)
        .select_related("round__tender", "organisation")
        .prefetch_related(Prefetch("entries", entries.order_by("segment__position")))
        .order_by("-round__deadline", "organisation__name")
    )
    return list(found)


def open_rounds_for(user: Any) -> list[Round]:
    """Open rounds in which an organisation of this user may still begin a submission."""
    mine = list(organisations_of(user).values_list("pk", flat=True))
    if not mine:
        return []
    begun = Submission.objects.filter(round=OuterRef("pk"), organisation__in=mine)
    selected = RankingRow.objects.filter(
        outcome=Outcome.SELECTED,
        entry__status=EntryStatus.ADMITTED,
        entry__submission__organisation__in=mine,
        ranking__decisions__status__in=TOLD,
        ranking__segment_round__round__tender=OuterRef("tender"),
        ranking__segment_round__round__stage=Stage.SELECTION,
    )
    invited = Q(stage=Stage.SELECTION) | Exists(selected)
    return list(open_rounds().filter(invited, ~Exists(begun)).order_by("deadline", "pk"))


@dataclass(frozen=True)
class Startable:
    """For whom and for what this user may begin a submission in a round."""

    organisations: QuerySet[Organisation]
    segments: QuerySet[Segment]
    begun: list[Submission]


def startable(*, user: Any, round: Round, chosen: str | None = None) -> Startable:
    """Organisations of the user that have no submission in this round yet, and the segments open to them.

    With several organisations in the award stage the segments of all are offered until one is
    `chosen`; the service checks the pair.
    """
    mine = organisations_of(user)
    begun = list(Submission.objects.visible_to(user).filter(round=round).select_related("organisation"))
    free = mine.exclude(pk__in=[submission.organisation_id for submission in begun])
    offered = [organisation for organisation in free if chosen in (None, "", str(organisation.pk))]
    segments = _segments_for(round, offered)
    return Startable(organisations=free, segments=segments, begun=begun)
