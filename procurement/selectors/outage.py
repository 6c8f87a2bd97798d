"""What the pages about an outage ask, and the record of attempts that came too late."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import CharField, Q, QuerySet
from django.db.models.functions import Cast
from django.utils.dateparse import parse_datetime

from achterhoek.audit.models import AuditEvent
from achterhoek.prepared import Prepared
from procurement.enums import RoundStatus, Stage, TenderStatus
from procurement.models import DeadlineExtension, Round, Submission, Tender
from procurement.selectors.submissions import invited_organisations
from providers.models import Organisation

LATE = "procurement.submission.late"
EXTENDABLE = (RoundStatus.OPEN, RoundStatus.CLOSED)


@dataclass(frozen=True, slots=True)
class LateAttempt:
    """Somebody tried to hand in after the deadline, and was refused. `what` is empty for a submission."""

    at: datetime
    organisation: str
    person: str
    what: str


def extendable_rounds(tender: Tender) -> QuerySet[Round]:
    """Rounds of which nothing was opened yet, also not by openers who have confirmed (Aw 2.109)."""
    return tender.rounds.filter(
        status__in=EXTENDABLE, opening=None, deadline__isnull=False, tender__status=TenderStatus.PUBLISHED
    ).order_by("pk")


def extendable_round(user: Any, slug: str, stage: str) -> Round | None:
    """A round of a tender of this user, as far as it can be extended; None otherwise."""
    tender = Tender.objects.managed_by(user).filter(slug=slug, is_history=False).first()
    if tender is None:
        return None
    return extendable_rounds(tender).filter(stage=stage).select_related("tender__region").first()


def extensions_of(tender: Tender) -> list[DeadlineExtension]:
    """How the deadlines of a tender were extended after an outage, the last one first: public."""
    found = DeadlineExtension.objects.filter(round__tender=tender)
    return list(found.select_related("round").order_by("-pk"))


_extensions = Prepared(
    lambda round: DeadlineExtension.objects.filter(round=round).select_related("round").order_by("-pk"), int
)


def extensions_of_round(round: Round) -> list[DeadlineExtension]:
    """The same for one round."""
    return _extensions(round.pk)


def organisations_to_tell(round: Round) -> QuerySet[Organisation]:
    """Everybody with an interest in this deadline: who began or made a submission, and who was invited to."""
    begun = Submission.objects.filter(round=round).values("organisation")
    wanted = Q(pk__in=begun)
    if round.stage == Stage.AWARD:
        wanted |= Q(pk__in=invited_organisations(round.tender).values("pk"))
    return Organisation.objects.filter(wanted).order_by("pk")


def late_attempts(round: Round) -> list[LateAttempt]:
    """Attempts after the deadline, the first one first. For a round from `opened_round`: not before the opening.

    The audit log is the record; nothing else keeps them. Two queries, however many there are.
    """
    mine = Submission.objects.filter(round=round)
    names = {str(pk): name for pk, name in mine.values_list("pk", "organisation__name")}
    keys = mine.annotate(key=Cast("pk", CharField())).values("key")
    events = AuditEvent.objects.filter(action=LATE, target_type=Submission._meta.label_lower, target_id__in=keys)
    return [_attempt(event, names) for event in events.select_related("actor").order_by("pk")]


def late_count(tender: Tender) -> int:
    """How many attempts came after a deadline, in rounds whose vault is open. One query."""
    mine = Submission.objects.filter(round__tender=tender, round__status=RoundStatus.OPENED)
    keys = mine.annotate(key=Cast("pk", CharField())).values("key")
    return AuditEvent.objects.filter(action=LATE, target_type=Submission._meta.label_lower, target_id__in=keys).count()


def _attempt(event: AuditEvent, names: dict[str, str]) -> LateAttempt:
    said = parse_datetime(str(event.detail.get("at", "")))
    return LateAttempt(
        at=said or event.at,
        organisation=names.get(str(uuid.UUID(event.target_id)), ""),
        person=event.actor.name if event.actor else "",
        what=str(event.detail.get("what", "")),
    )
