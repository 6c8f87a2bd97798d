"""The safety net of Aw 2.109a: which fingerprints still count, and until when their package may come.

What counts is a team's last word before the deadline. So a fingerprint counts as long as no receipt of the same
submission came after it: who submits or withdraws after registering one has said something later. When the package
itself comes in, its own receipt ends the matter in the same way.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from achterhoek.prepared import Prepared
from procurement.calendar_data import legal_calendar
from procurement.domain.outage import AMSTERDAM
from procurement.domain.periods import safety_net_end
from procurement.enums import RoundStatus, SubmissionStatus
from procurement.models import Fingerprint, Receipt, Round, Submission
from procurement.selectors.content import is_being_filled_in

COUNTS, USED, OVERTAKEN = "counts", "used", "overtaken"


@dataclass(frozen=True, slots=True)
class Registered:
    """A fingerprint, and whether it still counts."""

    fingerprint: Fingerprint
    state: str


@dataclass(frozen=True, slots=True)
class SafetyNet:
    """How the safety net stands for one submission. `ends_at`: before this moment the package has to be in."""

    ends_at: datetime | None = None
    before: bool = False
    running: bool = False
    registered: list[Registered] = field(default_factory=list)

    @property
    def counting(self) -> list[Fingerprint]:
        return [found.fingerprint for found in self.registered if found.state == COUNTS]

    @property
    def last_day(self) -> date | None:
        """The last day on which the package may come, all of it."""
        return (self.ends_at - timedelta(minutes=1)).astimezone(AMSTERDAM).date() if self.ends_at else None

    @property
    def may_send(self) -> bool:
        """Whether a package may come in now."""
        return self.running and bool(self.counting)


def net_ends_at(deadline: datetime) -> datetime:
    """The end of the first working day after the deadline's own day: midnight in the Netherlands (Aw 2.109a)."""
    last = safety_net_end(deadline.astimezone(AMSTERDAM).date(), calendar=legal_calendar())
    return timezone.make_aware(datetime.combine(last + timedelta(days=1), time.min), AMSTERDAM)


def counting(found: QuerySet[Fingerprint]) -> QuerySet[Fingerprint]:
    """Those that still vouch for a package: in a draft, with no receipt after them."""
    later = Receipt.objects.filter(submission=OuterRef("submission"), at__gte=OuterRef("at"))
    draft = Q(submission__status=SubmissionStatus.DRAFT) | Q(submission__replacing_since__isnull=False)
    return found.filter(draft, ~Exists(later), received_at=None)


def safety_net(submission: Submission, now: datetime) -> SafetyNet:
    """How it stands for this submission at this moment by the database's clock; two queries at most."""
    found = submission.round
    if found.deadline is None or found.status not in (RoundStatus.OPEN, RoundStatus.CLOSED):
        return SafetyNet(registered=_registered(submission))
    ends_at, before = net_ends_at(found.deadline), now < found.deadline
    return SafetyNet(
        ends_at=ends_at,
        before=before and found.status == RoundStatus.OPEN,
        running=not before and now < ends_at,
        registered=_registered(submission),
    )


def may_still_send(submissions: Iterable[Submission], now: datetime) -> set[UUID]:
    """Of which of these the package of a fingerprint may come in now; one query, or none where no net runs."""
    running = [
        found.pk
        for found in submissions
        if found.round.status in (RoundStatus.OPEN, RoundStatus.CLOSED)
        and found.round.deadline is not None
        and found.round.deadline <= now < net_ends_at(found.round.deadline)
    ]
    if not running:
        return set()
    return set(counting(Fingerprint.objects.filter(submission__in=running)).values_list("submission_id", flat=True))


_fingerprints = Prepared(
    lambda submission: Fingerprint.objects.filter(submission=submission).select_related("by").order_by("-pk"), UUID
)


def _registered(submission: Submission) -> list[Registered]:
    mine = _fingerprints(submission.pk)
    if not mine:
        return []
    last = Receipt.objects.filter(submission=submission).order_by("-at").values_list("at", flat=True).first()
    return [Registered(item, _state(item, submission, last)) for item in mine]


def _state(item: Fingerprint, submission: Submission, last: datetime | None) -> str:
    if item.received_at is not None:
        return USED
    overtaken = last is not None and last >= item.at
    return OVERTAKEN if overtaken or not is_being_filled_in(submission) else COUNTS


def holds_up_opening(round: Round, now: datetime) -> datetime | None:
    """Until when this vault stays closed because a package may still come in; None where nothing is waited for."""
    if round.deadline is None:
        return None
    ends_at = net_ends_at(round.deadline)
    if now >= ends_at or not counting(Fingerprint.objects.filter(submission__round=round)).exists():
        return None
    return ends_at
