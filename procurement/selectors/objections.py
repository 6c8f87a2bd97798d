"""Who sees which objection, and what the pages of objections show, in a fixed number of queries.

A bidder never learns who else objected, nor whether anybody did.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from achterhoek.accounts.enums import Role
from achterhoek.accounts.models import User
from achterhoek.accounts.roles import has_role, in_regions_of
from achterhoek.audit.models import AuditEvent
from achterhoek.documents.gate import reads
from achterhoek.documents.models import StoredFile
from procurement.domain.standstill import OPEN, first_signing_day
from procurement.enums import DecisionStatus, LetterKind, ObjectionConsequence, ObjectionKind, ObjectionStatus, Stage
from procurement.models import CommitteeMember, Decision, Letter, Objection, RankingRow
from procurement.rules import is_lead, overseen, works_for_region
from procurement.selectors.decisions import letters_of_user, standstill_moment
from providers.models import Organisation
from providers.selectors.organisations import organisations_of

OBJECTION_FILE = "objection"
# Letters about a decision that do not tell its outcome.
TOLD_AFTERWARDS = (LetterKind.INVITATION, LetterKind.DECISION_WITHDRAWN, LetterKind.FINAL)
REGION = "decision__segment_round__round__tender__region"


# Who sees what -----------------------------------------------------------------------------------------


def own_objections(user: Any) -> QuerySet[Objection]:
    """What was brought by an organisation this user works for."""
    return _joined(Objection.objects.filter(organisation__in=organisations_of(user)))


def handled_objections(user: Any) -> QuerySet[Objection]:
    """All of the region for its lead and the auditor; complaints for its complaints officer."""
    complaints = Q(kind=ObjectionKind.COMPLAINT) & in_regions_of(user, Role.COMPLAINTS, field=REGION)
    return _joined(Objection.objects.filter(overseen(user, region=REGION) | complaints))


def _joined(found: QuerySet[Objection]) -> QuerySet[Objection]:
    return (
        found.select_related(
            "decision__segment_round__round__tender__region__authority",
            "decision__segment_round__segment",
            "decision__ranking",
            "decision__proposed_by",
            "organisation",
            "file",
            "handler",
            "ended_by",
        )
        .defer("decision__ranking__dossier", "decision__ranking__result")
        .order_by("-received_at", "number")
    )


@reads(OBJECTION_FILE)
def may_read_objection_file(user: Any, stored: StoredFile) -> bool:
    """The file of an objection is read by whoever may read that objection."""
    if not getattr(user, "is_authenticated", False):
        return False
    return own_objections(user).filter(file=stored).exists() or handled_objections(user).filter(file=stored).exists()


# A bidder ----------------------------------------------------------------------------------------------


def told_decisions(user: Any) -> QuerySet[Decision]:
    """Decisions that were sent to an organisation of this user; also those withdrawn since."""
    rows = RankingRow.objects.filter(entry__submission__organisation__in=organisations_of(user))
    return (
        Decision.objects.filter(sent_at__isnull=False, ranking__in=rows.values("ranking"))
        .select_related("segment_round__round__tender__region__authority", "segment_round__segment", "ranking")
        .defer("ranking__dossier", "ranking__result")
    )


def own_bidders(user: Any, decision: Decision) -> list[Organisation]:
    """The organisations of this user that the decision is about. One query."""
    return list(bidders_of(decision).filter(pk__in=organisations_of(user)))


def bidders_of(decision: Decision) -> QuerySet[Organisation]:
    """All organisations that the decision is about."""
    rows = RankingRow.objects.filter(ranking=decision.ranking_id)
    return Organisation.objects.filter(pk__in=rows.values("entry__submission__organisation")).order_by("name")


@dataclass(frozen=True, slots=True)
class OwnDecision:
    """A decision as one bidder sees its dates, and what it can still do."""

    decision: Decision
    standstill_moment: datetime | None
    signing_day: date | None
    past_standstill: bool
    past_cutoff: bool
    final: bool
    withdrawn: bool

    @property
    def award(self) -> bool:
        return self.decision.segment_round.round.stage == Stage.AWARD

    @property
    def may_file(self) -> bool:
        return not self.withdrawn


def own_decision(decision: Decision, today: date) -> OwnDecision:
    """The dates of a decision that was sent, as they stand today."""
    until, cutoff = decision.standstill_until, decision.objection_cutoff
    return OwnDecision(
        decision=decision,
        standstill_moment=standstill_moment(decision),
        signing_day=first_signing_day(until) if until else None,
        past_standstill=until is None or today > until,
        past_cutoff=cutoff is not None and today > cutoff,
        final=decision.status == DecisionStatus.FINAL,
        withdrawn=decision.status == DecisionStatus.WITHDRAWN,
    )


def decisions_to_follow(user: Any) -> list[Decision]:
    """For the provider's home: what was sent to its organisations, the newest first. One query."""
    return list(told_decisions(user).order_by("-sent_at"))


def outcome_letters(user: Any) -> dict[int, list[Letter]]:
    """The letters that told this user's organisations the outcome, by decision. One query."""
    found: dict[int, list[Letter]] = {}
    for letter in letters_of_user(user):
        if letter.decision_id is not None and tells_outcome(letter):
            found.setdefault(letter.decision_id, []).append(letter)
    return found


def tells_outcome(letter: Letter) -> bool:
    return letter.kind not in TOLD_AFTERWARDS


def letters_about(user: Any, decision: Decision) -> list[Letter]:
    """All letters to this user's organisations about a decision, the newest first. One query."""
    return [letter for letter in letters_of_user(user) if letter.decision_id == decision.pk]


# Who handles -------------------------------------------------------------------------------------------


def is_independent(user: User, decision: Decision) -> bool:
    """Whether this user had no part in the decision: neither proposed nor signed it, nor had a seat in its scoring."""
    if user.pk in (decision.proposed_by_id, decision.signed_by_id):
        return False
    return not CommitteeMember.objects.filter(segment_round=decision.segment_round_id, user=user).exists()


def may_handle(user: User, objection: Objection) -> bool:
    """Whether this user takes the steps: the lead, and with a complaint an officer who had no part in the decision."""
    tender = objection.decision.segment_round.round.tender
    if objection.kind == ObjectionKind.COMPLAINT:
        return works_for_region(user, tender, Role.COMPLAINTS) and is_independent(user, objection.decision)
    return is_lead(user, tender)


def objections_against(user: Any, decision: Decision) -> list[Objection]:
    """All that was brought against a decision, for who handles or oversees it. One query."""
    return list(handled_objections(user).filter(decision=decision))


def holding_up_now(decision: Decision) -> list[Objection]:
    """What holds up this decision: it suspends and runs, or was upheld with a consequence. One query."""
    found = decision.objections.select_related("organisation").order_by("received_at", "number")
    return [one for one in found if one.holds_up]


def asks_scoring_again(decision: Decision) -> bool:
    """Whether something that was upheld against this decision leads to scoring again. One query."""
    found = decision.objections.filter(status=ObjectionStatus.UPHELD)
    return found.filter(consequence=ObjectionConsequence.REEVALUATION).exists()


def complaints_home(user: Any) -> tuple[list[Objection], list[Objection]]:
    """Complaints that wait for an answer, the oldest first, and those that ended. One query."""
    found = list(handled_objections(user).filter(kind=ObjectionKind.COMPLAINT))
    waiting = [complaint for complaint in found if complaint.status in OPEN]
    return waiting[::-1], [complaint for complaint in found if complaint.status not in OPEN]


def is_complaints_officer(user: Any) -> bool:
    return has_role(user, Role.COMPLAINTS)


def objection_events(objection: Objection, *, names: bool) -> list[dict[str, Any]]:
    """What happened to it, oldest first, from the audit log; with `names` also who did it. One query."""
    titles = {
        "procurement.objection.file": _("Received through the portal"),
        "procurement.objection.register": _("Written down in the portal"),
        "procurement.objection.take_up": _("Taken up"),
        "procurement.objection.uphold": ObjectionStatus.UPHELD.label,
        "procurement.objection.reject": ObjectionStatus.REJECTED.label,
        "procurement.objection.withdraw": ObjectionStatus.WITHDRAWN.label,
    }
    events = AuditEvent.objects.filter(
        target_type="procurement.objection", target_id=str(objection.pk), action__in=titles
    ).order_by("id")
    return [
        {
            "moment": event.at,
            "title": titles[event.action],
            "actor": str(event.actor) if names and event.actor else "",
        }
        for event in events.select_related("actor")
    ]
