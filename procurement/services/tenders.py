"""Publishing a tender, and closing it when all is done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from achterhoek.accounts.models import User
from achterhoek.clock import database_now
from achterhoek.errors import RuleViolation
from achterhoek.transitions.services import transition
from procurement.domain.states import ROUND, TENDER
from procurement.enums import DecisionStatus, RoundStatus, Stage, SubmissionStatus, TenderStatus
from procurement.models import Entry, Round, SegmentRound, Tender
from procurement.rules import require_lead
from procurement.selectors.publication import Problem, deadline_problem, publication_problems


class PublicationRefused(RuleViolation):
    """All that stands in the way of publishing, so that it can be put right in one go."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(" ".join(problem.message for problem in problems))
        self.problems = list(problems)


@transaction.atomic
def publish_tender(*, tender: Tender, by: User, deadline: datetime | None = None) -> Tender:
    """Publish a tender and open its selection stage until `deadline` (or the one already set).

    Published is fixed: places, criteria and weights do not change any more (Aw 2.99, 2.100, 2.115).
    The deadline is at least thirty days after today by the database's clock, and rolls (Aw 2.71(2)).
    Raises `PublicationRefused` with every problem at once, `NotAllowed` for anybody but the
    procurement lead of the region.
    """
    locked = _locked_for_lead(tender, by)
    now = database_now()
    selection = Round.objects.select_for_update().filter(tender=locked, stage=Stage.SELECTION).first()
    if locked.status == TenderStatus.DRAFT:
        until = deadline or (selection.deadline if selection else None)
        late = deadline_problem(Stage.SELECTION, until, timezone.localdate(now))
        problems = [*([late] if late else []), *publication_problems(locked)]
        if problems:
            raise PublicationRefused(problems)
        assert selection is not None
        transition(selection, RoundStatus.OPEN, by=by, table=ROUND, opens_at=now, deadline=until)
    transition(locked, TenderStatus.PUBLISHED, by=by, table=TENDER, published_at=now)
    tender.refresh_from_db()
    return tender


@transaction.atomic
def complete_tender(*, tender: Tender, by: User) -> Tender:
    """Close a tender of which every segment has its final award decision.

    A segment for which nobody submitted needs none; who did is known once the vault is open, and not before.
    """
    locked = _locked_for_lead(tender, by)
    final = SegmentRound.objects.filter(decisions__status=DecisionStatus.FINAL)
    award = SegmentRound.objects.filter(round__tender=locked, round__stage=Stage.AWARD)
    bids = Entry.objects.filter(
        submission__round=OuterRef("round"),
        submission__status=SubmissionStatus.SUBMITTED,
        segment=OuterRef("segment"),
    )
    empty = Q(~Exists(bids), round__status=RoundStatus.OPENED)
    waiting = list(award.exclude(empty).exclude(pk__in=final.values("pk")).select_related("segment"))
    if waiting or not award.exists():
        names = ", ".join(str(found.segment) for found in waiting)
        raise RuleViolation(_("These segments have no final award decision yet: %(segments)s.") % {"segments": names})
    return transition(locked, TenderStatus.COMPLETED, by=by, table=TENDER)


def _locked_for_lead(tender: Tender, by: User) -> Tender:
    """The tender, locked, for the procurement lead of its region; `NotAllowed` for anybody else."""
    require_lead(by, tender)
    return Tender.objects.select_for_update().get(pk=tender.pk)
