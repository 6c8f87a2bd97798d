"""The result of a ranking, and its one and only text."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from procurement.domain.scoring.dossier import Dossier
from procurement.domain.scoring.exact import shown, whole_text
from procurement.domain.scoring.faults import Fault
from procurement.domain.scoring.jsontext import compact
from procurement.domain.scoring.ranking import Placed

RESULT_FORMAT: Final = "scoring-result/1"


@dataclass(frozen=True, slots=True)
class RankedBid:
    """A bid in the result. `total` and `points` are the figures to show: rounded, only after ordering."""

    bid: str
    rank: int | None
    outcome: str
    total: str | None
    points: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Result:
    """A ranking, with the digest of the dossier it follows from."""

    digest: str
    places: int
    ranking: tuple[RankedBid, ...]

    def to_json(self) -> str:
        """Compact JSON; the same dossier gives the same text, always."""
        rows = [
            {
                "bid": row.bid,
                "rank": row.rank,
                "outcome": row.outcome,
                "total": row.total,
                "points": row.points,
            }
            for row in self.ranking
        ]
        # `places` may have more digits than the JSON writer takes.
        return (
            f'{{"format":{compact(RESULT_FORMAT)},"digest":{compact(self.digest)},'
            f'"places":{whole_text(self.places)},"ranking":{compact(rows)}}}'
        )


def errors_json(faults: Iterable[Fault]) -> str:
    """What stands in the place of a refused dossier's result."""
    return compact({"errors": [fault.as_dict() for fault in faults]})


def make_result(dossier: Dossier, digest: str, placed: list[Placed]) -> Result:
    """Round for showing, and name the points by criterion, in the order of the criteria."""
    names = [criterion.id for criterion in dossier.criteria]
    rows = []
    for item in placed:
        total = item.scored.total
        figures = [None if points is None else points.shown for points in item.scored.points]
        rows.append(
            RankedBid(
                bid=item.scored.bid.id,
                rank=item.rank,
                outcome=item.outcome,
                total=None if total is None else shown(total),
                points=dict(zip(names, figures, strict=True)),
            )
        )
    return Result(digest, dossier.settings.places, tuple(rows))
