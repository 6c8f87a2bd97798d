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
    LetterBatch,
    Participation,
    Ranking,
    RankingRow,
    SegmentRound,
)
from procurement.services.decisions import decide_as_college, propose_decision, sign_decision
from tests.factories.accounts import user_with
from tests.factories.procurement import CriterionFactory, RoundFactory, SegmentRoundFactory, submitted_entry
from tests.factories.providers import OrganisationFactory, member_of
from tests.factories.region import MunicipalityFactory

MANDATE = "Mandaatbesluit 2026, artikel 4"
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
    mandate_holder: User
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
    mandate_holder = user_with(Role.MANDATE, region=region, name="Maud Mandaat")
    entries = [_entry(segment_round, bid, criteria, lead) for bid in bids]
    names = ("Aalten", "Berkelland", "Bronckhorst", "Doetinchem")
    found = [
        MunicipalityFactory(region=region, name=name, slug=f"{name.lower()}-{region.pk}")
        for name in names[:municipalities]
    ]
    for municipality in found:
        Participation.objects.create(segment=segment_round.segment, municipality=municipality, participates=True)
    ranking = make_ranking(segment_round, entries, criteria, bids)
    return Ranked(segment_round, entries, criteria, ranking, lead, mandate_holder, found)


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
    """A decision that is signed: as it was proposed (selection), or as all colleges approved it (award)."""
    ranked, decision = approved(stage, **fields) if stage == Stage.AWARD else proposed(stage, **fields)
    return ranked, signed(ranked, decision)


def signed(ranked: Ranked, decision: Decision) -> Decision:
    return sign_decision(decision=decision, mandate=MANDATE, by=ranked.mandate_holder)


def approved(stage: str = Stage.AWARD, **fields: Any) -> tuple[Ranked, Decision]:
    """An award that all its colleges approved."""
    ranked, decision = proposed(stage, **fields)
    for index, municipality in enumerate(ranked.municipalities):
        decide_as_college(
            college_decision=CollegeDecision.objects.get(decision=decision, municipality=municipality),
            outcome="approved", reservation="", by=ranked.secretary(index),
        )  # fmt: skip
    decision.refresh_from_db()
    return ranked, decision


def batch_of(decision: Decision, purpose: str = "decision") -> LetterBatch:
    """The letters of a decision."""
    return LetterBatch.objects.select_related("decision", "ranking").get(decision=decision, purpose=purpose)
