"""From a dossier's text to its result, in one call."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from procurement.domain.scoring.faults import BAD_FORMAT, DossierRefusedError, Fault
from procurement.domain.scoring.jsontext import NotJsonError, read_document
from procurement.domain.scoring.points import score_bids
from procurement.domain.scoring.ranking import place_bids
from procurement.domain.scoring.reading import read_dossier
from procurement.domain.scoring.result import Result, errors_json, make_result

# Stored beside every ranking; raised when the same dossier could come out otherwise.
CODE_VERSION: Final = "scoring/1.0"


@dataclass(frozen=True, slots=True)
class RankOutcome:
    """Either a result or the faults for which the dossier was refused; `text` is the JSON of the one there
    is.
    """

    result: Result | None
    faults: tuple[Fault, ...]
    text: str

    @property
    def ok(self) -> bool:
        return self.result is not None


def rank_json(source: str | bytes) -> RankOutcome:
    """Rank a dossier given as JSON text (bytes are UTF-8). Never raises for what the text says."""
    try:
        document = read_document(source)
        dossier = read_dossier(document)
    except NotJsonError as error:
        return _refused((Fault(BAD_FORMAT, str(error)),))
    except DossierRefusedError as error:
        return _refused(error.faults)
    result = make_result(dossier, document.digest, place_bids(dossier, score_bids(dossier)))
    return RankOutcome(result, (), result.to_json())


def rank(dossier: Mapping[str, Any]) -> Result:
    """Rank a dossier given as plain JSON values. Raises `DossierRefusedError` with all its faults."""
    outcome = rank_json(dossier_text(dossier))
    if outcome.result is None:
        raise DossierRefusedError(outcome.faults)
    return outcome.result


def digest(dossier: str | bytes | Mapping[str, Any]) -> str:
    """`sha256:` and the hash of the canonical form. Raises `NotJsonError` where the text cannot be read."""
    source = dossier if isinstance(dossier, (str, bytes)) else dossier_text(dossier)
    return read_document(source).digest


def dossier_text(dossier: Mapping[str, Any]) -> str:
    """The text in which a dossier is stored: canonical, so that the digest is that of the stored bytes."""
    return json.dumps(dict(dossier), ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def _refused(faults: tuple[Fault, ...]) -> RankOutcome:
    return RankOutcome(None, faults, errors_json(faults))
