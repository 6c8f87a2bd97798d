"""A decision that was sent to its bidders, with the standstill running or over, and what is brought against it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from achterhoek.accounts.enums import Role
from achterhoek.accounts.models import User
from achterhoek.clock import database_now, database_today
from procurement.enums import DecisionStatus, SegmentRoundStatus, Stage
from procurement.models import Award, CollegeDecision, Decision, Objection, RankingRow, SegmentRound
from procurement.services.decisions import decide_as_college
from procurement.services.objection_handling import take_up
from procurement.services.objections import file_objection, register_objection
from providers.models import Organisation
from tests.factories.accounts import user_with
from tests.factories.decisions import Ranked, adopted, proposed, signed

GROUNDS = "De score voor samenwerking past niet bij wat wij schreven op bladzijde 4."


@dataclass
class Told:
    """A decision as it is after its letters went out."""

    ranked: Ranked
    decision: Decision
    officer: User

    @property
    def lead(self) -> User:
        return self.ranked.lead

    @property
    def loser(self) -> Organisation:
        return self.ranked.entries[-1].submission.organisation

    def member(self, index: int = -1) -> User:
        return self.ranked.member(index)

    def file(self, kind: str = "objection", *, by: User | None = None, **fields: Any) -> Objection:
        fields = {"organisation": self.loser, "grounds": GROUNDS, **fields}
        return file_objection(decision=self.decision, kind=kind, by=by or self.member(), **fields)

    def writ(self, kind: str = "interim_relief", *, by: User | None = None, **fields: Any) -> Objection:
        fields = {
            "organisation": self.loser, "grounds": GROUNDS, "received_at": database_now(),
            "court": "Rechtbank Gelderland", "case_number": "C/05/123456 KG ZA 26-1", **fields,
        }  # fmt: skip
        return register_objection(decision=self.decision, kind=kind, by=by or self.lead, **fields)

    def taken(self, objection: Objection, *, by: User | None = None) -> Objection:
        return take_up(objection=objection, by=by or self.lead)

    def standstill_ends(self, day: date) -> None:
        Decision.objects.filter(pk=self.decision.pk).update(standstill_until=day)
        self.decision.refresh_from_db()

    def standstill_over(self) -> None:
        self.standstill_ends(database_today() - timedelta(days=1))


def told(stage: str = Stage.AWARD, *, days_ago: int = 30, over: bool = False, reservation: str = "") -> Told:
    """Sent `days_ago`; the standstill runs for another ten days, or is over since yesterday.

    With a `reservation` the last college agreed under that only.
    """
    ranked, decision = _reserved(reservation) if reservation else adopted(stage)
    award = stage == Stage.AWARD
    until = database_today() + timedelta(days=-1 if over else 10)
    Decision.objects.filter(pk=decision.pk).update(
        status=DecisionStatus.SENT, sent_at=timezone.now() - timedelta(days=days_ago),
        standstill_until=until if award else None, objection_cutoff=until,
    )  # fmt: skip
    SegmentRound.objects.filter(pk=ranked.segment_round.pk).update(status=SegmentRoundStatus.DECIDED)
    if award:
        for row in RankingRow.objects.filter(ranking=decision.ranking, outcome="selected"):
            Award.objects.create(decision=decision, entry=row.entry)
    decision.refresh_from_db()
    officer = user_with(Role.COMPLAINTS, region=ranked.segment_round.round.tender.region, name="Karin Klacht")
    return Told(ranked, decision, officer)


def _reserved(reservation: str) -> tuple[Ranked, Decision]:
    ranked, decision = proposed()
    last = len(ranked.municipalities) - 1
    for index, municipality in enumerate(ranked.municipalities):
        decide_as_college(
            college_decision=CollegeDecision.objects.get(decision=decision, municipality=municipality),
            outcome="reserved" if index == last else "approved", reservation=reservation, by=ranked.secretary(index),
        )  # fmt: skip
    decision.refresh_from_db()
    return ranked, signed(ranked, decision)
