"""Recompute and compare: every ranking from its own dossier, and the newest from what the database holds now.

Done each night, and by hand on any day. A difference is told to whoever can look into it, and blocks nothing by itself.
"""

from __future__ import annotations

import json
from typing import Any

import structlog
from django.db import transaction
from django.utils.translation import gettext as _

from achterhoek.accounts.models import User
from achterhoek.audit.services import record
from achterhoek.links import absolute
from achterhoek.mail.services import queue_mail
from procurement.domain.scoring import NotJsonError, digest, replay
from procurement.models import Ranking, RankingCheck, RankingRow
from procurement.rules import OVERSEERS, require_role
from procurement.selectors.dossier import FAST, build_dossier, fallen_since
from procurement.selectors.evidence import made_event, orders_held
from procurement.selectors.ranking import latest_ranking
from procurement.selectors.ranking_checks import alarm_receivers, last_findings
from procurement.services.ranking import result_digest
from procurement.services.ranking_rows import Line, expected_lines, lines_of

logger = structlog.get_logger(__name__)
# So many differences are written out; the rest is counted.
SHOWN = 20
Finding = dict[str, str]


def compare(ranking: Ranking) -> list[Finding]:
    """What does not fit, each with a code and the details in words; empty is well. Reads only."""
    return [*differs_from_itself(ranking), *_from_the_database(ranking)]


def differs_from_itself(ranking: Ranking) -> list[Finding]:
    """The stored dossier against its digest, its result, its lines, and what the log says of it."""
    return [*_from_the_dossier(ranking), *_rows(ranking), *_logged(ranking)]


@transaction.atomic
def check_ranking(*, ranking: Ranking, by: User | None) -> RankingCheck:
    """Compare, and keep what was found. A new difference raises the alarm: in both logs, and by mail.

    By the clock (None), the lead or the auditor. Raises `NotAllowed`.
    """
    if by is not None:
        require_role(by, ranking.segment_round.round.tender, *OVERSEERS)
    before = last_findings(ranking)
    findings = compare(ranking)
    check = RankingCheck.objects.create(ranking=ranking, findings=findings)
    if findings:
        codes = sorted({finding["code"] for finding in findings})
        logger.error("a ranking does not match what it was made of", ranking=ranking.pk, findings=codes)
        record("procurement.ranking.differs", by=by, target=ranking, detail={"check": check.pk, "findings": findings})
        if findings != before:
            _mail(check)
    elif by is not None or before:
        record("procurement.ranking.checked", by=by, target=ranking, detail={"check": check.pk})
    return check


def finding_text(code: str) -> str:
    """A difference in plain words."""
    texts = {
        "digest": _("The stored dossier does not match its digest."),
        "result": _("The stored dossier gives another result than the stored one."),
        "rows": _("A line of the ranking is not what the result says."),
        "log": _("The log says that this ranking was made of something else."),
        "database": _("What the database holds now is not what the ranking was made of."),
    }
    return texts[code]


def _from_the_dossier(ranking: Ranking) -> list[Finding]:
    found = []
    try:
        same = digest(ranking.dossier) == ranking.digest
    except NotJsonError:
        same = False
    if not same:
        found.append({"code": "digest", "what": ranking.digest})
    again = replay(ranking.dossier, ranking.result)
    return found + [{"code": "result", "what": text} for text in again.differences[:SHOWN]]


def _rows(ranking: Ranking) -> list[Finding]:
    kept = _by_entry(lines_of(RankingRow.objects.filter(ranking=ranking)))
    try:
        wanted = [_by_entry(expected_lines(ranking, drawn)) for drawn in _orders(ranking)]
    except (ValueError, KeyError, TypeError):
        return [{"code": "rows", "what": "the stored result cannot be read"}]
    if kept in wanted:
        return []
    last = wanted[-1]
    different = sorted(str(key) for key in last.keys() | kept.keys() if last.get(key) != kept.get(key))
    return [{"code": "rows", "what": f"entry {key}"} for key in different[:SHOWN]]


def _by_entry(lines: list[Line]) -> dict[int, Line]:
    return {line[0]: line for line in lines}


def _orders(ranking: Ranking) -> list[dict[str, int] | None]:
    """The orders by hand that the lines may follow: those of the newest ranking only the one that is recorded now.

    An earlier ranking keeps the lines of its day: before any draw, or after one that was held for it.
    """
    if _is_newest(ranking):
        return [None]
    held = [{bid: place for place, bid in enumerate(order, start=1)} for order in orders_held(ranking)]
    return [{}, *held]


def _logged(ranking: Ranking) -> list[Finding]:
    said = made_event(ranking)
    if said is None:
        return [{"code": "log", "what": "no event tells of its making"}]
    if said[0] == ranking.digest and said[1] in ("", result_digest(ranking)):
        return []
    return [{"code": "log", "what": said[0]}]


def _from_the_database(ranking: Ranking) -> list[Finding]:
    segment_round = ranking.segment_round
    if segment_round.status not in FAST or not _is_newest(ranking):
        return []
    try:
        stored = json.loads(ranking.dossier)
    except ValueError:
        stored = None
    if not isinstance(stored, dict):
        return [{"code": "database", "what": "the stored dossier cannot be read"}]
    now = build_dossier(segment_round)
    # A bid that fell out after the ranking, by a step that the log knows, is news and no difference.
    fallen = fallen_since(segment_round, ranking.computed_at)
    return [{"code": "database", "what": text} for text in _different(stored, now, fallen)[:SHOWN]]


def _different(stored: dict[str, Any], now: dict[str, Any], fallen: set[str]) -> list[str]:
    found = [key for key in sorted(stored.keys() | now.keys()) if key != "bids" and stored.get(key) != now.get(key)]
    try:
        bids, bids_now = ({bid["id"]: dict(bid) for bid in each["bids"]} for each in (stored, now))
    except (KeyError, TypeError, ValueError):
        return ["the bids of the stored dossier cannot be read"]
    for name in sorted(bids.keys() | bids_now.keys()):
        before, after = bids.get(name, {}), bids_now.get(name, {})
        keys = sorted(before.keys() | after.keys())
        for key in keys:
            if before.get(key) != after.get(key) and not (key == "status" and name in fallen):
                found.append(f"{name}: {key}{_codes(before.get(key), after.get(key))}")
    return found


def _codes(before: Any, after: Any) -> str:
    """Of scores which criteria differ; never the figures, which do not belong in a log."""
    if not isinstance(before, dict) or not isinstance(after, dict):
        return ""
    return " " + ", ".join(code for code in sorted(before.keys() | after.keys()) if before.get(code) != after.get(code))


def _is_newest(ranking: Ranking) -> bool:
    newest = latest_ranking(ranking.segment_round)
    return newest is not None and newest.pk == ranking.pk


def _mail(check: RankingCheck) -> None:
    """To the administrators: one mail each, once a check."""
    ranking = check.ranking
    address = absolute("procurement:ranking", ranking.pk)
    subject = _("A ranking does not match: %(segment)s") % {"segment": ranking.segment_round.segment}
    intro = _("The portal computed ranking %(number)d of %(segment)s again and found differences:") % {
        "number": ranking.sequence,
        "segment": ranking.segment_round.segment,
    }
    lines = [f"- {finding_text(code)}" for code in sorted({finding["code"] for finding in check.findings})]
    end = _("Somebody may have changed the database. Do not send or sign anything before this is looked into.")
    body = "\n".join([intro, *lines, "", end, address])
    for user in alarm_receivers():
        queue_mail(key=f"ranking-check:{check.pk}:{user.pk}", to=user.email, subject=subject, body=body)
