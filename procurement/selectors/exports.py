"""The score matrix as tables: consensus, individual scores and requirements.

Each through the same rule as the pages: while members score alone there is no consensus and no individual score in
them. Private notes and scores that are being typed are in none, ever; nor are prices.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from achterhoek.spreadsheets import Table, Value
from procurement.domain.score_scale import plain_text
from procurement.enums import EntryStatus
from procurement.models import ConsensusScore, RequirementCheck, SegmentRound
from procurement.selectors.basis import counting_scores
from procurement.selectors.evaluation import (
    graded_criteria,
    lead_access,
    readable_segment_entries,
    requirements_of,
)

CONSENSUS, INDIVIDUAL, REQUIREMENTS = "consensus", "individueel", "eisen"
Entries = dict[int, tuple[str, str, str]]


def names_of_tables(user: Any, segment_round: SegmentRound) -> dict[str, str]:
    """The tables that this lead or auditor may have now, by the word for them in an address; none is made."""
    access = lead_access(user, segment_round)
    open_now = {
        CONSENSUS: (access.see_consensus, _("Consensus")),
        INDIVIDUAL: (access.see_others, _("Individual scores")),
        REQUIREMENTS: (True, _("Requirements")),
    }
    return {what: name for what, (may, name) in open_now.items() if may}


def score_tables(user: Any, segment_round: SegmentRound, only: str | None = None) -> dict[str, Table]:
    """Those tables, or the one that is asked for."""
    makers: dict[str, Callable[[str, SegmentRound, Entries], Table]] = {
        CONSENSUS: _consensus,
        INDIVIDUAL: _individual,
        REQUIREMENTS: _requirements,
    }
    wanted = {what: name for what, name in names_of_tables(user, segment_round).items() if only in (None, what)}
    entries = _entries(user, segment_round) if wanted else {}
    return {what: makers[what](name, segment_round, entries) for what, name in wanted.items()}


def _entries(user: Any, segment_round: SegmentRound) -> Entries:
    rows = readable_segment_entries(user, segment_round).order_by("submission__number", "id")
    labels = dict(EntryStatus.choices)
    return {
        pk: (number, name, str(labels[EntryStatus(status)]))
        for pk, number, name, status in rows.values_list(
            "id", "submission__number", "submission__organisation__name", "status"
        )
    }


def _consensus(name: str, segment_round: SegmentRound, entries: Entries) -> Table:
    """A row for each bid; for each criterion its score, its motivation, and why it lies outside what each gave."""
    criteria = list(graded_criteria(segment_round))
    given = {
        (entry, criterion): (value, reason, outside)
        for entry, criterion, value, reason, outside in ConsensusScore.objects.filter(
            criterion__in=criteria, entry__in=entries
        ).values_list("entry_id", "criterion_id", "value", "reason", "outside_reason")
    }
    headings = [_("Number"), _("Organisation"), _("State")]
    for criterion in criteria:
        headings += [
            _("%(code)s consensus score") % {"code": criterion.code},
            _("%(code)s motivation") % {"code": criterion.code},
            _("%(code)s why outside the individual scores") % {"code": criterion.code},
        ]
    rows: list[list[Value]] = []
    for pk, entry in entries.items():
        row: list[Value] = list(entry)
        for criterion in criteria:
            value, reason, outside = given.get((pk, criterion.pk), (None, "", ""))
            row += [_figure(value), reason, outside]
        rows.append(row)
    return Table(name, headings, rows)


def _individual(name: str, segment_round: SegmentRound, entries: Entries) -> Table:
    """A row for each score that counts, with its reason."""
    scores = counting_scores(segment_round).filter(entry__in=entries).order_by()
    found = scores.values_list(
        "entry_id", "criterion__position", "criterion_id", "evaluator_id",
        "criterion__code", "criterion__title", "evaluator__name", "evaluator__email", "value", "reason",
    )  # fmt: skip
    # The database would carry the reasons along while it sorts.
    place = {entry: number for number, entry in enumerate(entries)}
    ordered = sorted(found, key=lambda row: (place[row[0]], *row[1:4]))
    headings = [
        _("Number"), _("Organisation"), _("State"), _("Criterion"), _("Title"), _("Evaluator"), _("Score"), _("Reason"),
    ]  # fmt: skip
    return Table(
        name,
        headings,
        [
            [*entries[entry], code, title, evaluator or email, _figure(value), reason]
            for entry, *_order, code, title, evaluator, email, value, reason in ordered
        ],
    )


def _requirements(name: str, segment_round: SegmentRound, entries: Entries) -> Table:
    """A row for each bid; for each requirement whether it is met, and why not."""
    requirements = list(requirements_of(segment_round))
    judged: dict[tuple[int, int], tuple[bool, str]] = defaultdict(lambda: (False, ""))
    checks = RequirementCheck.objects.filter(requirement__in=requirements, entry__in=entries)
    for entry, asked, met, reason in checks.values_list("entry_id", "requirement_id", "met", "reason"):
        judged[entry, asked] = (met, reason)
    headings = [_("Number"), _("Organisation"), _("State")]
    for requirement in requirements:
        headings += [
            f"{requirement.code} {requirement.title}",
            _("%(code)s explanation") % {"code": requirement.code},
        ]
    rows: list[list[Value]] = []
    for pk, named in entries.items():
        row: list[Value] = list(named)
        for requirement in requirements:
            key = (pk, requirement.pk)
            word = (_("met") if judged[key][0] else _("not met")) if key in judged else _("not judged")
            row += [word, judged[key][1] if key in judged else ""]
        rows.append(row)
    return Table(name, headings, rows)


def _figure(value: Decimal | None) -> Decimal | None:
    return None if value is None else Decimal(plain_text(value))
