"""What evaluators declare about the parties behind the bids (Aw 1.10b, 2.132), and asking again when those change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import NamedTuple

from django.db import transaction
from django.db.models import Q
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
    that was given to the member goes to another. What was declared before is kept; an interest once declared stays,
    also where the parties change or the person comes back in another seat, until the lead has agreed that it was a
    mistake (`corrections`). Raises `NotAllowed`, `RuleViolation`.
    """
    current = locked_segment_round(segment_round.pk)
    CommitteeMember.objects.select_for_update().filter(segment_round=current, user=by).first()
    seat = seats_of(by).filter(segment_round=current).first()
    if seat is None:
        raise NotAllowed(_("You are not in the committee of this segment, or its scoring has not begun."))
    _tell_of_new_parties(current)
    entries = {entry.pk: entry for entry in segment_entries(current).select_related("submission")}
    parties = parties_of(entries.values())
    _refuse_unexplained(interests, {party.kvk_number for found in parties.values() for party in found})
    held = {d.entry_id: d for d in seat.declarations.select_for_update().filter(superseded_at__isnull=True)}
    earlier = _from_earlier_seats(seat)
    made = [
        found
        for entry in entries.values()
        if (found := _declaration(seat, entry, parties[entry.pk], interests, held.get(entry.pk), earlier))
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


def _from_earlier_seats(seat: CommitteeMember) -> dict[int, InterestDeclaration]:
    """The interests that the same person declared here from a seat that has ended, by entry."""
    found = InterestDeclaration.objects.filter(
        seat__segment_round=seat.segment_round_id,
        seat__user=seat.user_id,
        seat__ended_at__isnull=False,
        superseded_at__isnull=True,
    )
    return {told.entry_id: told for told in found.exclude(interest=Interest.NONE).order_by("pk")}


def _declaration(
    seat: CommitteeMember,
    entry: Entry,
    parties: list[Party],
    interests: Interests,
    held: InterestDeclaration | None,
    earlier: Mapping[int, InterestDeclaration],
) -> InterestDeclaration | None:
    """What is declared about one bid now; None where that stands already, or an interest would be taken back."""
    digest = parties_digest(parties)
    named = [(party, interests[party.kvk_number]) for party in parties if party.kvk_number in interests]
    interest: str = named[0][1].interest if named else Interest.NONE
    explanation = "\n".join(f"{party.name}: {about.explanation.strip()}" for party, about in named)
    if held is not None and held.interest != Interest.NONE:
        return None
    if held is not None and held.parties_digest == digest and not named:
        return None
    if not named and held is None and entry.pk in earlier:
        interest, explanation = earlier[entry.pk].interest, earlier[entry.pk].explanation
    return InterestDeclaration(
        seat=seat,
        entry=entry,
        interest=interest,
        explanation=explanation,
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
    sight until it is declared again. Gives how many declarations that were.

    A party that joins does so at once, by the database itself; here that is told to the log. What else changes (a
    party that leaves, or becomes something else in the bid) is found here, by the clock. An interest that was declared
    stays: nobody gets a bid back by being asked again.
    """
    current = locked_segment_round(segment_round.pk)
    told = _tell_of_new_parties(current)
    if current.status not in RUNNING:
        return told
    held = list(
        InterestDeclaration.objects.select_for_update(of=("self",))
        .filter(seat__segment_round=current, seat__ended_at__isnull=True, superseded_at__isnull=True)
        .filter(interest=Interest.NONE)
        .select_related("entry__submission")
    )
    parties = parties_of({found.entry_id: found.entry for found in held}.values())
    today = {entry_id: parties_digest(found) for entry_id, found in parties.items()}
    changed = [found for found in held if found.parties_digest != today[found.entry_id]]
    InterestDeclaration.objects.filter(pk__in=[found.pk for found in changed]).update(superseded_at=database_now())
    _tell(current, changed)
    return told + len(changed)


def _tell_of_new_parties(segment_round: SegmentRound) -> int:
    """Tell the log what the database did when a party joined a bid; how many declarations that were."""
    untold = InterestDeclaration.objects.select_for_update(of=("self",)).filter(
        told=False, seat__segment_round=segment_round
    )
    found = list(untold.select_related("entry__submission"))
    InterestDeclaration.objects.filter(pk__in=[one.pk for one in found]).update(told=True)
    _tell(segment_round, found)
    return len(found)


def _tell(segment_round: SegmentRound, changed: list[InterestDeclaration]) -> None:
    if not changed:
        return
    record(
        "procurement.interests.asked_again",
        by=None,
        target=segment_round,
        detail={"bids": sorted({found.entry.submission.number for found in changed}), "declarations": len(changed)},
    )


def ask_again_everywhere() -> int:
    """The same for every segment that is evaluated now, or of which the log has yet to tell something."""
    return sum(ask_again(segment_round=found) for found in _running())


def _running() -> Iterable[SegmentRound]:
    untold = InterestDeclaration.objects.filter(told=False).values("seat__segment_round")
    return SegmentRound.objects.filter(Q(status__in=RUNNING) | Q(pk__in=untold)).order_by("pk")
