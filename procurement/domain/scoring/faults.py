"""What can be wrong with a scoring dossier, and how that is told."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

BAD_FORMAT: Final = "bad_format"
MISSING_SCORE: Final = "missing_score"
MISSING_PRICE: Final = "missing_price"
SCORE_OUT_OF_RANGE: Final = "score_out_of_range"
UNKNOWN_CRITERION: Final = "unknown_criterion"
UNKNOWN_TIE_BREAK: Final = "unknown_tie_break"
DUPLICATE_BID: Final = "duplicate_bid"
DUPLICATE_CRITERION: Final = "duplicate_criterion"
BAD_WEIGHT: Final = "bad_weight"
BAD_PRICE: Final = "bad_price"
BAD_PLACES: Final = "bad_places"
BAD_BOUNDS: Final = "bad_bounds"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong, and the bid and the criterion it is about, where it is about one."""

    code: str
    message: str
    bid: str | None = None
    criterion: str | None = None

    def as_dict(self) -> dict[str, str]:
        shape = {"code": self.code, "bid": self.bid, "criterion": self.criterion, "message": self.message}
        return {key: value for key, value in shape.items() if value is not None}


class DossierRefusedError(ValueError):
    """The dossier cannot be ranked; `faults` says why, all of it, in document order."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(f"{fault.code}: {fault.message}" for fault in self.faults))
