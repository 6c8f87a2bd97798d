"""What `audit verify` checks beside the log: scores, rankings and draws against the events that vouch for them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from achterhoek.audit.checks import checks
from achterhoek.audit.domain.chain import Finding
from procurement.domain.draw import keeps_promise
from procurement.enums import DrawKind
from procurement.models import ConsensusScore, Draw, Score
from procurement.selectors.dossier import bid_id
from procurement.selectors.evidence import (
    SAVED,
    TOGETHER,
    Key,
    consensus_scores,
    draws_to_check,
    held_order,
    individual_scores,
    logged_rankings,
    promised,
    rankings_to_check,
    revealed,
    vouched_scores,
)
from procurement.services.recompute import differs_from_itself
from procurement.services.score_seal import holds

WORDS = {
    "digest": "its dossier does not match its digest",
    "result": "its dossier gives another result",
    "rows": "a line is not what its result says",
    "log": "the log says that it was made of something else",
}


@checks
def scores_match() -> Iterator[Finding]:
    """Every individual score is the one whose seal its last event holds."""
    yield from _scores("score", SAVED, individual_scores())


@checks
def consensus_matches() -> Iterator[Finding]:
    """Every consensus score too."""
    yield from _scores("consensus score", TOGETHER, consensus_scores())


@checks
def rankings_match() -> Iterator[Finding]:
    """Every ranking has the digest that was logged, gives its result, and its lines say what that says."""
    missing = logged_rankings()
    for ranking in rankings_to_check().iterator(chunk_size=20):
        missing.pop(ranking.pk, None)
        for found in differs_from_itself(ranking):
            yield Finding(None, None, f"{WORDS[found['code']]} ({found['what']})", row=f"ranking {ranking.pk}")
    for pk, event in missing.items():
        yield Finding(event, None, "it is gone, and its event is there", row=f"ranking {pk}")


@checks
def draws_match() -> Iterator[Finding]:
    """Every draw keeps the promise that was logged, and has the seed or the order that was logged."""
    for draw in draws_to_check():
        for wrong in _draw(draw):
            yield Finding(None, None, wrong, row=f"draw {draw.pk}")


def _scores(kind: str, action: str, rows: Iterable[tuple[Key, Score | ConsensusScore]]) -> Iterator[Finding]:
    vouched = vouched_scores(action)
    for key, score in rows:
        last = vouched.pop(key, None)
        row = f"{kind} {score.pk}"
        if last is None:
            yield Finding(None, None, "no event vouches for it: it was put in past the portal", row=row)
        elif not holds(score, last.commitment):
            yield Finding(last.event, None, "it was changed after its last event, past the portal", row=row)
    for (entry, code, _who), last in vouched.items():
        if last.commitment:
            yield Finding(
                last.event, None, "it is gone, and its event is there", row=f"{kind} of entry {entry}, {code}"
            )


def _draw(draw: Draw) -> Iterator[str]:
    if draw.commitment and promised(draw) != draw.commitment:
        yield "its commitment is not the one that was published"
    if draw.seed and (not keeps_promise(draw.seed, draw.commitment) or revealed(draw) != draw.seed):
        yield "its seed is not the one that was promised and shown"
    if draw.kind == DrawKind.PHYSICAL and draw.held_at is not None:
        order = [bid_id(place.entry, draw.segment_round) for place in draw.places.all()]
        if order != held_order(draw):
            yield "its order is not the one that was entered"
