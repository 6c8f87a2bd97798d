"""Who sees which score in which state of a round of scoring.

Evaluators judge alone first: nobody, the lead included, sees another's scores before all assigned evaluators
have handed in or the round is closed. Only then does the plenary meeting have something to talk about.
"""

from dataclasses import dataclass
from enum import Enum


class ViewerRole(Enum):
    """In what capacity someone looks at a bid's scores. An attendant is the chair or an observer: scores nothing."""

    EVALUATOR = "evaluator"
    ATTENDANT = "attendant"
    LEAD = "lead"
    AUDITOR = "auditor"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Viewer:
    id: int
    role: ViewerRole


@dataclass(frozen=True, slots=True)
class ScoringRound:
    """The state of the individual scoring of one bid, or of one segment.

    `assigned`: who is to score (someone with a conflict of interest is not). `handed_in`: who has finished,
    which cannot be undone. `closed`: the lead has ended the round, whoever still misses. `late`: who took over a
    seat and still scores, also in a closed round: alone, as the others did, so without seeing theirs.
    """

    assigned: frozenset[int]
    handed_in: frozenset[int]
    closed: bool = False
    late: frozenset[int] = frozenset()

    @property
    def revealed(self) -> bool:
        """A round to which nobody is assigned has nothing to reveal until it is closed."""
        return self.closed or (bool(self.assigned) and self.assigned <= self.handed_in)


@dataclass(frozen=True, slots=True)
class ScoreAccess:
    """What a viewer may do with the scores of a round.

    `see_own` and `see_others`: individual scores and their reasons. `write_own`: until handed in.
    `see_progress`: who has handed in, never what. `see_consensus`: scores of the plenary meeting, where there
    are any.
    """

    see_own: bool
    see_others: bool
    write_own: bool
    see_progress: bool
    see_consensus: bool


def score_access(viewer: Viewer, scoring_round: ScoringRound) -> ScoreAccess:
    """The whole rule. An evaluator who is not assigned (any more) sees own scores only."""
    is_evaluator = viewer.role is ViewerRole.EVALUATOR
    assigned = is_evaluator and viewer.id in scoring_round.assigned
    oversees = viewer.role in (ViewerRole.LEAD, ViewerRole.AUDITOR, ViewerRole.ATTENDANT)
    late = viewer.id in scoring_round.late and viewer.id not in scoring_round.handed_in
    revealed = scoring_round.revealed and ((assigned and not late) or oversees)
    return ScoreAccess(
        see_own=is_evaluator,
        see_others=revealed,
        write_own=assigned and (late or not scoring_round.closed) and viewer.id not in scoring_round.handed_in,
        see_progress=assigned or oversees,
        see_consensus=revealed,
    )
