"""The seal on a score: what its audit event holds of it, so that a changed row is found and the log tells nothing."""

from __future__ import annotations

import json

from achterhoek.audit.signing import is_ours, sign
from procurement.domain.score_scale import plain_text
from procurement.models import ConsensusScore, Score

FORM = "hmac-sha256:"


def commitment_of(score: Score | ConsensusScore) -> str:
    """A keyed MAC over who gave which score on what, and why; called after the row was saved.

    The key is not in the database. Without it nobody who reads the log can try the few scores of a scale one by one,
    and nobody who changes a row can make the event that belongs with it.
    """
    return FORM + sign(_content(score)).hex()


def holds(score: Score | ConsensusScore, commitment: str) -> bool:
    """Whether this commitment was made of the row as it is now, with the present key or one that it replaced."""
    try:
        mac = bytes.fromhex(commitment.removeprefix(FORM))
    except ValueError:
        return False
    return commitment.startswith(FORM) and is_ours(_content(score), mac)


def _content(score: Score | ConsensusScore) -> bytes:
    kind = score._meta.label_lower
    fields = [kind, score.pk, score.entry_id, score.criterion_id, plain_text(score.value), score.reason]
    if isinstance(score, Score):
        fields.append(score.evaluator_id)
    else:
        fields += [score.recorded_by_id, score.outside_reason, score.basis]
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()
