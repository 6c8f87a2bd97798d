"""Scores -> ranking: one pure, exact, replayable computation over a scoring dossier.

A dossier (`scoring-dossier/1`) holds everything a ranking rests on. The portal stores it with every ranking,
and anyone can run it again with `./run manage rank dossier.json`.
"""

from procurement.domain.scoring.dossier import FORMAT
from procurement.domain.scoring.engine import CODE_VERSION, RankOutcome, digest, dossier_text, rank, rank_json
from procurement.domain.scoring.faults import DossierRefusedError, Fault
from procurement.domain.scoring.jsontext import NotJsonError
from procurement.domain.scoring.ranking import draw_number
from procurement.domain.scoring.replay import Replay, replay
from procurement.domain.scoring.result import RankedBid, Result

__all__ = [
    "CODE_VERSION",
    "FORMAT",
    "DossierRefusedError",
    "Fault",
    "NotJsonError",
    "RankOutcome",
    "RankedBid",
    "Replay",
    "Result",
    "digest",
    "dossier_text",
    "draw_number",
    "rank",
    "rank_json",
    "replay",
]
