"""What keeps the letters of a batch from being complete: all of it, in words; an incomplete letter is never made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from procurement.domain.letters import Party
from procurement.domain.motivation import FindingKind, Standing
from procurement.enums import BatchPurpose
from procurement.models import RankingRow
from procurement.selectors.letters import OUT, LetterSource, party
from procurement.selectors.motivation import Bidder, Reason, bidders_of


@dataclass(frozen=True)
class Gap:
    """One thing that lacks, and the page where it is mended; no page where it is mended outside these."""

    text: str
    url: str = ""

    def __str__(self) -> str:
        return self.text


def letter_gaps(source: LetterSource, *, by: Any, bidders: list[Bidder] | None = None) -> list[Gap]:
    """All that keeps a letter from being complete: addresses, reasons that lack, and what was found in reasons and
    nobody accepted. `by` is who looks: texts are held against what that person may read. `bidders` where these
    were read already."""
    authority = source.segment_round.round.tender.region.authority
    gaps = [
        Gap(
            _("%(name)s: the address of the authority lacks its %(part)s. An administrator fills that in.")
            % {"name": authority.name, "part": part}
        )
        for part in missing_words(party(authority))
    ]
    gaps += [
        Gap(text, reverse("procurement:letterhead")) for text in source.paper.faults(set(source.receivers.values()))
    ]
    for entry_id in source.receivers:
        gaps += _row_gaps(source, source.rows[entry_id])
    if source.purpose == BatchPurpose.DECISION:
        for bidder in bidders_of(source, by=by) if bidders is None else bidders:
            for reason in bidder.reasons:
                if reason.standing != Standing.COMPLETE:
                    gaps += _reason_gaps(source, reason)
    return gaps


def _row_gaps(source: LetterSource, row: RankingRow) -> list[Gap]:
    organisation = row.entry.submission.organisation
    name = organisation.name or row.entry.submission.number
    gaps = [
        Gap(
            _("%(name)s: the address lacks its %(part)s. The bidder fills that in.") % {"name": name, "part": part},
            reverse("providers:organisation", args=[organisation.pk]),
        )
        for part in missing_words(party(organisation))
    ]
    if source.purpose != BatchPurpose.DECISION or row.outcome not in OUT:
        return gaps
    if not source.unmet.get(row.entry_id) and not row.entry.status_reason.strip():
        text = _("%(name)s: there is no reason why it fell out.") % {"name": name}
        gaps.append(Gap(text, _consensus_page(source, row.entry_id)))
    return gaps


def _reason_gaps(source: LetterSource, reason: Reason) -> list[Gap]:
    decision = source.decision
    page = reverse("procurement:motivation", args=[decision.pk, reason.key[0]]) if decision else ""
    about = {"name": reason.bidder, "code": reason.criterion.code}
    found = []
    for finding, words in zip(reason.findings, reason.told, strict=True):
        if finding.kind == FindingKind.NO_SCORE:
            text = _("%(name)s: there is no consensus score for criterion %(code)s.") % about
            found.append(Gap(text, _consensus_page(source, reason.key[2] or reason.key[0])))
        elif finding.kind == FindingKind.EMPTY and not reason.winner:
            text = _("%(name)s: the consensus score for criterion %(code)s has no motivation.") % about
            found.append(Gap(text, f"{page}#{reason.anchor}"))
        else:
            text = _("%(name)s, criterion %(code)s: %(found)s") % (about | {"found": words})
            found.append(Gap(text, f"{page}#{reason.anchor}"))
    return found


def _consensus_page(source: LetterSource, entry_id: int) -> str:
    return reverse("procurement:consensus_entry", args=[source.segment_round.pk, entry_id])


def missing_words(party: Party) -> list[str]:
    """What lacks in an address, in words."""
    words = {
        "name": _("name"),
        "street": _("street and number"),
        "postcode": _("postcode"),
        "city": _("city"),
        "email": _("e-mail address"),
    }
    return [words[part] for part in party.missing]
