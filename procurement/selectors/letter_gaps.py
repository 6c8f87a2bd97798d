"""What keeps the letters of a batch from being complete: all of it, in words; an incomplete letter is never made."""

from __future__ import annotations

from django.utils.translation import gettext as _

from procurement.domain.letters import Party
from procurement.enums import BatchPurpose, CriterionKind
from procurement.models import RankingRow
from procurement.selectors.letters import OUT, LetterSource, party


def letter_gaps(source: LetterSource) -> list[str]:
    """All that keeps a letter from being complete, in words; an incomplete letter is never made."""
    authority = source.segment_round.round.tender.region.authority
    gaps = [
        _("%(name)s: the address of the authority lacks its %(part)s.") % {"name": authority.name, "part": part}
        for part in _missing_words(party(authority))
    ]
    for entry_id in source.receivers:
        gaps += _row_gaps(source, source.rows[entry_id])
    return gaps


def _row_gaps(source: LetterSource, row: RankingRow) -> list[str]:
    organisation = row.entry.submission.organisation
    name = organisation.name or row.entry.submission.number
    gaps = [
        _("%(name)s: the address lacks its %(part)s.") % {"name": name, "part": part}
        for part in _missing_words(party(organisation))
    ]
    if source.purpose != BatchPurpose.DECISION:
        return gaps
    if row.outcome in OUT:
        if not source.unmet.get(row.entry_id) and not row.entry.status_reason.strip():
            gaps.append(_("%(name)s: there is no reason why it fell out.") % {"name": name})
        return gaps
    for criterion in source.criteria:
        if criterion.kind != CriterionKind.GRADED:
            continue
        score = source.consensus.get((row.entry_id, criterion.pk))
        if score is None:
            gap = _("%(name)s: there is no consensus score for criterion %(code)s.")
        elif not score[1].strip():
            gap = _("%(name)s: the consensus score for criterion %(code)s has no motivation.")
        else:
            continue
        gaps.append(gap % {"name": name, "code": criterion.code})
    return gaps


def _missing_words(party: Party) -> list[str]:
    words = {
        "name": _("name"),
        "street": _("street and number"),
        "postcode": _("postcode"),
        "city": _("city"),
        "email": _("e-mail address"),
    }
    return [words[part] for part in party.missing]
