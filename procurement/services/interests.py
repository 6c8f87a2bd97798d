"""What evaluators declare about the parties behind the bids (Aw 1.10b, 2.132), and asking again when those change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _

from achterhoek.accounts.models import User
from achterhoek.audit.services import record
from achterhoek.clock import database_now
from achterhoek.errors import NotAllowed, RuleViolation
from procurement.domain.parties import Party, parties_digest
from procurement.enums import Interest, SegmentRoundStatus
from procurement.models import CommitteeMember, Entry, InterestDeclaration, SegmentRound
from procurement.selectors.evaluation import seats_of, segment_entries
from procurement.selectors.parties import parties_of
from procurement.services.assignment import give_away
from procurement.services.locks import locked_segment_round

# While what somebody declares still changes who reads and scores what.
RUNNING = (SegmentRoundStatus.SCORING, SegmentRoundStatus.CONSENSUS)


class PartyInterest(NamedTuple):
    """The interest in one party, with its explanation."""

    interest: str
    explanation: str


Interests = Mapping[str, PartyInterest]


@transaction.atomic
def declare_interests(*, segment_round: SegmentRound, interests: Interests, by: User) -> list[InterestDeclaration]:
    """Declare about every bid of the segment at once: no interest, except in the parties (by KvK number) named.

    An interest in a party is one in every bid in which it takes part. It takes these bids away from the member; a bid
    that was given to the member goes to another. What was declared before is kept; an interest once declared is not
    taken back. Raises `NotAllowed`, `RuleViolation`.
    """
    current = locked_segment_round(segment_round.pk)
    CommitteeMember.objects.select_for_update().filter(segment_round=current, user=by).first()
    seat = seats_of(by).filter(segment_round=current).first()
    if seat is None:
        raise NotAllowed(_("You are not in the committee of this segment, or its scoring has not begun."))
    entries = {entry.pk: entry for entry in segment_entries(current).select_related("submission")}
    parties = parties_of(entries.values())
    _refuse_unexplained(interests, {party.kvk_number for found in parties.values() for party in found})
    held = {d.entry_id: d for d in seat.declarations.select_for_update().filter(superseded_at__isnull=True)}
    made = [
        found
        for entry in entries.values()
        if (found := _declaration(seat, entry, parties[entry.pk], interests, held.get(entry.pk)))
    ]
    if not made:
        return []
    replaced = [held[found.entry_id].pk for found in made if found.entry_id in held]
    InterestDeclaration.objects.filter(pk__in=replaced).update(superseded_at=database_now())
    InterestDeclaration.objects.bulk_create(made)
    lost = [entries[found.entry_id] for found in made if found.interest != Interest.NONE]
    moved = give_away(seat=seat, entries=lost)
    record(
        "procurement.interests.declared",
        by=by,
        target=current,
        detail={
            "none": sorted(entries[found.entry_id].submission.number for found in made if found.interest == "none"),
            "interests": [
                {
                    "bid": entries[found.entry_id].submission.number,
                    "interest": found.interest,
                    "explanation": found.explanation,
                    "parties": found.parties_digest,
                }
                for found in made
                if found.interest != Interest.NONE
            ],
            "given_to": moved,
        },
    )
    return made


def _declaration(
    seat: CommitteeMember, entry: Entry, parties: list[Party], interests: Interests, held: InterestDeclaration | None
) -> InterestDeclaration | None:
    """What is declared about one bid now; None where that stands already, or an interest would be taken back."""
    digest = parties_digest(parties)
    named = [(party, interests[party.kvk_number]) for party in parties if party.kvk_number in interests]
    interest = named[0][1].interest if named else Interest.NONE
    if held is not None and held.parties_digest == digest and (not named or held.interest != Interest.NONE):
        return None
    return InterestDeclaration(
        seat=seat,
        entry=entry,
        interest=interest,
        explanation="\n".join(f"{party.name}: {about.explanation.strip()}" for party, about in named),
        parties=[asdict(party) for party in parties],
        parties_digest=digest,
    )


def _refuse_unexplained(interests: Interests, known: set[str]) -> None:
    for number, about in interests.items():
        if number not in known:
            raise RuleViolation(_("This party is not in the list. Open the page again."))
        if about.interest not in Interest.values or about.interest == Interest.NONE:
            raise RuleViolation(_("Choose what ties you to this party."), f"interest_{number}")
        if not about.explanation.strip():
            raise RuleViolation(_("Explain in a few words what ties you to this party."), f"explanation_{number}")


@transaction.atomic
def ask_again(*, segment_round: SegmentRound) -> int:
    """Where the parties behind a bid have changed, what was declared about them holds no longer: the bid is out of
    sight until it is declared again. Done by the clock; gives how many declarations that were.
    """
    current = locked_segment_round(segment_round.pk)
    if current.status not in RUNNING:
        return 0
    held = list(
        InterestDeclaration.objects.select_for_update(of=("self",))
        .filter(seat__segment_round=current, seat__ended_at__isnull=True, superseded_at__isnull=True)
        .select_related("entry__submission")
    )
    parties = parties_of({found.entry_id: found.entry for found in held}.values())
    today = {entry_id: parties_digest(found) for entry_id, found in parties.items()}
    changed = [found for found in held if found.parties_digest != today[found.entry_id]]
    if not changed:
        return 0
    InterestDeclaration.objects.filter(pk__in=[found.pk for found in changed]).update(superseded_at=database_now())
    record(
        "procurement.interests.asked_again",
        by=None,
        target=current,
        detail={"bids": sorted({found.entry.submission.number for found in changed}), "declarations": len(changed)},
    )
    return len(changed)


def ask_again_everywhere() -> int:
    """The same for every segment that is evaluated now."""
    return sum(ask_again(segment_round=found) for found in _running())


def _running() -> Iterable[SegmentRound]:
    return SegmentRound.objects.filter(status__in=RUNNING).order_by("pk")
