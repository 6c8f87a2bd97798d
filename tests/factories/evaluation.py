"""A segment in evaluation: criteria, entries, a committee and a lead, moved on as far as a test needs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any

from achterhoek.accounts.enums import Role
from achterhoek.accounts.models import User
from procurement.enums import Interest, SeatRole, SegmentRoundStatus, Stage
from procurement.models import CommitteeMember, Criterion, Entry, InterestDeclaration, SegmentRound
from procurement.selectors.parties import parties_digest, parties_of
from procurement.services.evaluation import (
    close_scoring,
    fix_scores,
    hand_in,
    record_consensus,
    save_score,
)
from tests.factories.accounts import user_with
from tests.factories.procurement import (
    CriterionFactory,
    RoundFactory,
    SegmentRoundFactory,
    submitted_entry,
)


def seated(segment_round: SegmentRound, user: User, role: str = SeatRole.MEMBER, **seat: Any) -> CommitteeMember:
    """A seat of somebody who declared to have no interest in any bid that is there now."""
    made = CommitteeMember.objects.create(segment_round=segment_round, user=user, role=role, **seat)
    no_interest(made)
    return made


def no_interest(*seats: CommitteeMember) -> None:
    """These seats declare to have no interest in the bids about which they have not declared yet."""
    wanted = []
    for seat in seats:
        of_round = Entry.objects.filter(
            submission__round=seat.segment_round.round_id, segment=seat.segment_round.segment_id
        )
        asked = list(of_round.exclude(declarations__in=seat.declarations.filter(superseded_at__isnull=True)))
        parties = parties_of(asked)
        wanted += [
            InterestDeclaration(
                seat=seat,
                entry=entry,
                interest=Interest.NONE,
                parties=[asdict(party) for party in parties[entry.pk]],
                parties_digest=parties_digest(parties[entry.pk]),
            )
            for entry in asked
        ]
    InterestDeclaration.objects.bulk_create(wanted)


@dataclass
class Evaluation:
    """What a test needs at hand."""

    segment_round: SegmentRound
    lead: User
    evaluators: list[User]
    criteria: list[Criterion]
    entries: list[Entry] = field(default_factory=list)

    @property
    def region(self) -> Any:
        return self.segment_round.round.tender.region

    def score_all(self, value: str = "6", evaluators: Iterable[User] | None = None) -> None:
        """Every evaluator gives every entry this score, and hands in."""
        for user in self.evaluators if evaluators is None else evaluators:
            for entry in self.entries:
                for criterion in self.criteria:
                    save_score(
                        entry=entry, criterion=criterion, value=Decimal(value), reason="Goed onderbouwd.", by=user
                    )
            hand_in(segment_round=self.segment_round, by=user)

    def to_consensus(self) -> None:
        self.score_all()
        self.segment_round = close_scoring(segment_round=self.segment_round, by=self.lead)

    def consensus_all(self, values: Iterable[str]) -> None:
        """One value for each entry, on all criteria."""
        for entry, value in zip(self.entries, values, strict=True):
            for criterion in self.criteria:
                record_consensus(
                    entry=entry,
                    criterion=criterion,
                    value=Decimal(value),
                    reason="De commissie vond.",
                    outside_reason="In het overleg bleek meer.",
                    by=self.lead,
                )

    def to_fixed(self, values: Iterable[str] | None = None) -> None:
        self.to_consensus()
        self.consensus_all(values or ["6"] * len(self.entries))
        self.segment_round = fix_scores(segment_round=self.segment_round, by=self.lead)


def evaluation(
    *,
    entries: int = 2,
    evaluators: int = 2,
    criteria: int = 2,
    stage: str = Stage.SELECTION,
    status: str = SegmentRoundStatus.SCORING,
    places: int = 1,
    **tender: Any,
) -> Evaluation:
    """A segment whose vault is open and whose committee scores; every person belongs to its region."""
    tender.setdefault("evaluators_announced", evaluators)
    round_ = RoundFactory(vault_opened=True, stage=stage, **{f"tender__{key}": value for key, value in tender.items()})
    segment_round = SegmentRoundFactory(round=round_, status=status, places=places)
    region = round_.tender.region
    made = Evaluation(
        segment_round=segment_round,
        lead=user_with(Role.LEAD, region=region, name="Inkoopspecialist"),
        evaluators=[
            user_with(Role.EVALUATOR, region=region, name=f"Beoordelaar {n}") for n in range(1, evaluators + 1)
        ],
        criteria=[
            CriterionFactory(segment_round=segment_round, code=f"S{n}", title=f"Onderwerp {n}", position=n)
            for n in range(1, criteria + 1)
        ],
        entries=[submitted_entry(segment_round) for _ in range(entries)],
    )
    for user in made.evaluators:
        seated(segment_round, user)
    return made
