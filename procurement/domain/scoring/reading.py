"""From a JSON document to a dossier, or to every fault in it, in document order.

The order of faults is that of the sections (top level, criteria, tie_break, bids) and of the lists in them.
Within an object it is a fixed order, not that of its keys: two texts with the same digest give the same
answer.
"""

from typing import Any

from procurement.domain.scoring import faults as f
from procurement.domain.scoring.checks import Checks
from procurement.domain.scoring.dossier import (
    AWARD_ON_VALUE,
    FORMAT,
    METHODS,
    ON_EXCLUSION,
    Dossier,
    Settings,
)
from procurement.domain.scoring.jsontext import Document, RawNumber, RepeatedKeys, repeated_keys
from procurement.domain.scoring.reading_bids import BidReader
from procurement.domain.scoring.reading_criteria import CriteriaReader

_SECTIONS = ("criteria", "tie_break", "bids")


def read_dossier(document: Document) -> Dossier:
    """Check everything. Raises `DossierRefusedError` with all faults."""
    checks = Checks(look_for_repeated_keys=document.has_repeated_keys)
    source = document.value
    if not isinstance(source, dict):
        checks.fault(f.BAD_FORMAT, "A dossier is a JSON object.")
        raise f.DossierRefusedError(checks.faults)
    settings = _read_settings(source, checks)
    method = checks.known_choice(source.get("method"), METHODS)
    criteria = CriteriaReader(checks, method)
    criteria.read(source.get("criteria"))
    tie_break = _read_tie_break(source.get("tie_break"), criteria, checks)
    scale_max = settings.scale_max if settings else checks.decimal_or_none(source.get("scale_max"))
    bids = BidReader(checks, criteria, scale_max=scale_max, method=method)
    bids.read(source.get("bids"))
    if checks.faults or settings is None:
        raise f.DossierRefusedError(checks.faults)
    return Dossier(settings, tuple(criteria.criteria), tie_break, tuple(bids.bids))


def _read_settings(source: dict[str, Any], checks: Checks) -> Settings | None:
    if checks.look_for_repeated_keys:
        own = source.repeated if isinstance(source, RepeatedKeys) else ()
        checks.repeated(own)
        checks.repeated(repeated_keys([value for key, value in source.items() if key not in _SECTIONS]))
    if source.get("format") != FORMAT:
        checks.fault(f.BAD_FORMAT, f'"format" has to be "{FORMAT}".')
    method = checks.choice(source.get("method"), METHODS, "method")
    scale_max = checks.decimal(source.get("scale_max"), "scale_max")
    if scale_max is not None and scale_max <= 0:
        checks.fault(f.BAD_FORMAT, '"scale_max" has to be above 0.')
    places = _read_places(source.get("places"), checks)
    minimum_total = None
    if source.get("minimum_total") is not None:
        if method == AWARD_ON_VALUE:
            checks.fault(f.BAD_FORMAT, '"minimum_total" has to be null in award_on_value.')
        else:
            minimum_total = checks.decimal(source["minimum_total"], "minimum_total")
    draw_seed = source.get("draw_seed")
    if draw_seed is not None and not (isinstance(draw_seed, str) and draw_seed):
        checks.fault(f.BAD_FORMAT, '"draw_seed" has to be null or a text that is not empty.')
    on_exclusion = checks.choice(source.get("on_exclusion"), ON_EXCLUSION, "on_exclusion")
    if checks.faults or method is None or scale_max is None or places is None or on_exclusion is None:
        return None
    return Settings(method, scale_max, places, minimum_total, draw_seed, on_exclusion)


def _read_places(value: Any, checks: Checks) -> int | None:
    places = value.whole() if isinstance(value, RawNumber) else value
    if not isinstance(places, int) or isinstance(places, bool):
        checks.fault(f.BAD_FORMAT, '"places" has to be a JSON integer.')
        return None
    if places < 1:
        checks.fault(f.BAD_PLACES, '"places" has to be 1 or more.')
    return places


def _read_tie_break(value: Any, criteria: CriteriaReader, checks: Checks) -> tuple[str, ...]:
    if not isinstance(value, list):
        checks.fault(f.BAD_FORMAT, '"tie_break" has to be a list of criterion ids.')
        return ()
    if checks.look_for_repeated_keys:
        checks.repeated(repeated_keys(value))
    for criterion in value:
        if not isinstance(criterion, str):
            checks.fault(f.BAD_FORMAT, 'An entry of "tie_break" has to be a criterion id.')
        elif criteria.listed and criterion not in criteria.kinds:
            checks.fault(f.UNKNOWN_TIE_BREAK, "There is no criterion with this id.", criterion=criterion)
    return tuple(criterion for criterion in value if isinstance(criterion, str))
