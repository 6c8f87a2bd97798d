"""A segment round that is ranked, with its entries, consensus scores and ranking: what a decision is taken on."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from achterhoek.accounts.enums import Role
from achterhoek.accounts.models import User
from achterhoek.region.models import Municipality
from procurement.enums import EntryStatus, SegmentRoundStatus, Stage
from procurement.models import (
    CollegeDecision,
    ConsensusScore,
    Criterion,
    Decision,
    Entry,
    Participation,
    Ranking,
    RankingRow,
    SegmentRound,
)
from procurement.services.decisions import adopt_selection, decide_as_college, propose_decision
from tests.factories.accounts import user_with
from tests.factories.procurement import CriterionFactory, RoundFactory, SegmentRoundFactory, submitted_entry
from tests.factories.providers import OrganisationFactory, member_of
from tests.factories.region import MunicipalityFactory

REASON = "De commissie leest een concreet plan voor {title}, met namen en data ({name})."
# Weights 60 and 40; places 2. Scores for S1 and S2, outcome.
BIDS = (
    ("Zorg Aan De Slinge", ("10", "8"), "selected"),
    ("Coöperatie Buurtkracht", ("8", "8"), "selected"),
    ("Stichting De Berkelhof", ("6", "8"), "reserve"),
)


@dataclass
class Ranked:
    """Everything around one ranked segment round."""

    segment_round: SegmentRound
    entries: list[Entry]
    criteria: list[Criterion]
    ranking: Ranking
    lead: User
    municipalities: list[Municipality]

    def secretary(self, index: int = 0) -> User:
        return user_with(Role.COLLEGE, municipality=self.municipalities[index])

    def member(self, index: int = 0) -> User:
        return member_of(self.entries[index].submission.organisation)


def ranked_segment_round(
    stage: str = Stage.AWARD,
    *,
    bids: tuple[tuple[str, tuple[str, str], str], ...] = BIDS,
    municipalities: int = 2,
    segment_round: SegmentRound | None = None,
) -> Ranked:
    """A ranked segment round of an opened round, two places, two criteria, and colleges that take part."""
    if segment_round is None:
        round_ = RoundFactory(stage=stage, vault_opened=True)
        segment_round = SegmentRoundFactory(round=round_, status=SegmentRoundStatus.RANKED, places=2)
    region = segment_round.round.tender.region
    criteria = [
        CriterionFactory(segment_round=segment_round, code="S1", title="Samenwerking", weight=Decimal(60), position=1),
        CriterionFactory(segment_round=segment_round, code="S2", title="Afschaling", weight=Decimal(40), position=2),
    ]
    lead = user_with(Role.LEAD, region=region, name="Lotte Inkoop")
    entries = [_entry(segment_round, bid, criteria, lead) for bid in bids]
    names = ("Aalten", "Berkelland", "Bronckhorst", "Doetinchem")
    found = [
        MunicipalityFactory(region=region, name=name, slug=f"{name.lower()}-{region.pk}")
        for name in names[:municipalities]
    ]
    for municipality in found:
        Participation.objects.create(segment=segment_round.segment, municipality=municipality, participates=True)
    ranking = make_ranking(segment_round, entries, criteria, bids)
    return Ranked(segment_round, entries, criteria, ranking, lead, found)


def _entry(segment_round: SegmentRound, bid: Any, criteria: list[Criterion], lead: User) -> Entry:
    name, scores, outcome = bid
    entry = submitted_entry(segment_round, organisation=OrganisationFactory(name=name))
    if outcome in ("excluded", "withdrawn", "dropped"):
        Entry.objects.filter(pk=entry.pk).update(status=EntryStatus(outcome), status_reason="Niet volledig.")
        entry.refresh_from_db()
        return entry
    for criterion, value in zip(criteria, scores, strict=True):
        ConsensusScore.objects.create(
            entry=entry, criterion=criterion, value=Decimal(value), recorded_by=lead,
            reason=REASON.format(title=criterion.title, name=name),
        )  # fmt: skip
    return entry


def make_ranking(segment_round: SegmentRound, entries: list[Entry], criteria: list[Criterion], bids: Any) -> Ranking:
    """The next ranking of the segment round, of these bids in this order."""
    sequence = Ranking.objects.filter(segment_round=segment_round).count() + 1
    ranking = Ranking.objects.create(
        segment_round=segment_round, sequence=sequence, dossier="{}", digest="sha256:" + f"{sequence:064x}",
        result=json.dumps({}), code_version="1",
    )  # fmt: skip
    for position, (entry, (_name, scores, outcome)) in enumerate(zip(entries, bids, strict=True), start=1):
        placed = outcome in ("selected", "reserve", "pending_draw")
        out = outcome in ("excluded", "withdrawn", "dropped")
        points = {
            criterion.code: str((criterion.weight or Decimal(0)) * Decimal(score) / 10)
            for criterion, score in zip(criteria, scores, strict=True)
        }
        RankingRow.objects.create(
            ranking=ranking, entry=entry, position=position, rank=position if placed else None, outcome=outcome,
            total="" if out else str(sum(Decimal(value) for value in points.values())), points={} if out else points,
        )  # fmt: skip
    return ranking


def proposed(stage: str = Stage.AWARD, **fields: Any) -> tuple[Ranked, Decision]:
    ranked = ranked_segment_round(stage, **fields)
    return ranked, propose_decision(segment_round=ranked.segment_round, note="", by=ranked.lead)


def adopted(stage: str = Stage.AWARD, **fields: Any) -> tuple[Ranked, Decision]:
    """A decision that is adopted: by the lead (selection), or by all colleges (award)."""
    ranked, decision = proposed(stage, **fields)
    if stage == Stage.SELECTION:
        return ranked, adopt_selection(decision=decision, by=ranked.lead)
    for index, municipality in enumerate(ranked.municipalities):
        decide_as_college(
            college_decision=CollegeDecision.objects.get(decision=decision, municipality=municipality),
            outcome="approved", reservation="", by=ranked.secretary(index),
        )  # fmt: skip
    decision.refresh_from_db()
    return ranked, decision
