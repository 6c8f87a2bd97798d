"""What an award still lacks before it is final, and which notices of awards have to be published."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from achterhoek.nlds.formatting import format_day
from procurement.domain.standstill import notice_state
from procurement.enums import BatchPurpose, BatchStatus, CollegeDecisionStatus, DecisionStatus, ObjectionStatus, Stage
from procurement.models import AwardNotice, Decision, Objection
from procurement.rules import overseen
from procurement.selectors.objections import holding_up_now


def final_hindrances(decision: Decision, today: date) -> list[str]:
    """Why an award cannot become final today, all reasons at once; empty where it can. At most three queries."""
    if decision.segment_round.round.stage != Stage.AWARD:
        return [_("A selection does not become final; the award does.")]
    if decision.status == DecisionStatus.FINAL:
        return [_("This award is final already.")]
    if decision.status != DecisionStatus.SENT or decision.standstill_until is None:
        return [_("Only an award that was sent can become final.")]
    found = []
    if today <= decision.standstill_until:
        found.append(
            _("The standstill lasts up to and including %(day)s. Make the award final after that day.")
            % {"day": format_day(decision.standstill_until)}
        )
    waiting = decision.college_decisions.filter(status=CollegeDecisionStatus.RESERVED)
    names = list(waiting.order_by("municipality__name").values_list("municipality__name", flat=True))
    if names:
        found.append(
            _("These colleges have not lifted their reservation yet: %(names)s.") % {"names": ", ".join(names)}
        )
    if decision.batches.filter(purpose=BatchPurpose.WITHDRAWAL, status=BatchStatus.PREPARED).exists():
        found.append(_("The letters that withdraw this decision are being made. It cannot become final."))
    found.extend(_held_up_by(case) for case in holding_up_now(decision))
    return found


def _held_up_by(case: Objection) -> str:
    about = {"kind": case.get_kind_display(), "number": case.number, "name": case.organisation.name}
    if case.status == ObjectionStatus.UPHELD:
        return _("%(kind)s %(number)s of %(name)s was upheld. Withdraw this decision and take a new one.") % about
    return (
        _("%(kind)s %(number)s of %(name)s is still being handled. It holds up the award until it has ended.") % about
    )


@dataclass(frozen=True, slots=True)
class NoticeLine:
    """A notice that has not been published yet: `state` is overdue, soon or waiting."""

    notice: AwardNotice
    state: str

    @property
    def urgent(self) -> bool:
        return self.state != "waiting"


def visible_notices(user: Any) -> QuerySet[AwardNotice]:
    """Notices of awards in the regions where the user is lead or auditor."""
    region = "decision__segment_round__round__tender__region"
    return AwardNotice.objects.filter(overseen(user, region=region)).select_related(
        "decision__segment_round__round__tender", "decision__segment_round__segment", "published_by"
    )


def notices_to_publish(user: Any, today: date) -> list[NoticeLine]:
    """What has to be announced, the most urgent first. One query."""
    waiting = visible_notices(user).filter(published_at__isnull=True).order_by("due_on", "pk")
    return [NoticeLine(notice, notice_state(notice.due_on, today)) for notice in waiting]
