"""What the pages of a committee show: its seats, what was declared, ties that were found, and a division of bids."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from achterhoek.accounts.models import User
from achterhoek.audit.models import AuditEvent
from procurement.domain.parties import mail_domain
from procurement.enums import Interest, SeatRole, SegmentRoundStatus
from procurement.models import (
    Assignment,
    CommitteeMember,
    ConsensusScore,
    Entry,
    InterestCorrection,
    InterestDeclaration,
    Score,
    SegmentRound,
    Submission,
)
from procurement.selectors.evaluation import segment_entries
from procurement.selectors.parties import organisations_behind, parties_of
from procurement.selectors.seats import undeclared_entries
from providers.models import Organisation

# Mail that anybody can have tells nothing of an employer.
PUBLIC_MAIL = frozenset({
    "casema.nl", "gmail.com", "hetnet.nl", "home.nl", "hotmail.com", "hotmail.nl", "icloud.com", "kpnmail.nl",
    "live.com", "live.nl", "outlook.com", "planet.nl", "proton.me", "xs4all.nl", "yahoo.com", "ziggo.nl",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tie:
    """Something that was found between an evaluator and a party. It is pointed out; people judge it."""

    user_id: int
    person: str
    party: str
    earlier: bool

    @property
    def by_mail(self) -> bool:
        return not self.earlier


@dataclass(frozen=True, slots=True)
class PartyLine:
    """One party in the list about which is declared, with all that it is in the bids. `asked`: still to declare."""

    name: str
    kvk_number: str
    parts: tuple[str, ...]
    asked: bool


def seats(segment_round: SegmentRound) -> QuerySet[CommitteeMember]:
    """All seats, those that ended last; with how far each is. One query."""
    held = InterestDeclaration.objects.filter(seat=OuterRef("pk"), superseded_at__isnull=True).order_by()
    scores = Score.objects.filter(
        criterion__segment_round=OuterRef("segment_round"), evaluator=OuterRef("user")
    ).order_by()
    given = Assignment.objects.filter(seat=OuterRef("pk")).order_by()
    return (
        segment_round.committee.select_related("user", "replaces__user", "replaced_by__user", "segment_round")
        .annotate(
            declared=_number(held, "seat"),
            interests=_number(held.exclude(interest=Interest.NONE), "seat"),
            scored=_number(scores, "evaluator"),
            given=_number(given, "seat"),
        )
        .order_by(F("ended_at").asc(nulls_first=True), "pk")
    )


def _number(rows: QuerySet[Any], by: str) -> Coalesce:
    return Coalesce(Subquery(rows.values(by).annotate(n=Count("pk")).values("n")), 0)


def declared_interests(segment_round: SegmentRound) -> QuerySet[InterestDeclaration]:
    """Who declared an interest, in whom and why; also what was asked again since."""
    return (
        InterestDeclaration.objects.filter(seat__segment_round=segment_round)
        .exclude(interest=Interest.NONE)
        .select_related("seat__user", "entry__submission__organisation")
        .prefetch_related(Prefetch("corrections", _corrections()))
        .order_by("pk")
    )


def _corrections() -> QuerySet[InterestCorrection]:
    return InterestCorrection.objects.select_related("asked_by", "decided_by").order_by("pk")


def party_lines(seat: CommitteeMember) -> list[PartyLine]:
    """All parties behind all bids of the seat's segment, by name and without the bids they are in.

    The one page where an evaluator sees names before declaring: it is what is declared about.
    """
    asked = set(undeclared_entries(seat).values_list("pk", flat=True))
    parts: dict[str, set[str]] = defaultdict(set)
    names: dict[str, str] = {}
    open_for: set[str] = set()
    for entry_id, parties in parties_of(segment_entries(seat.segment_round)).items():
        for party in parties:
            names[party.kvk_number] = party.name
            parts[party.kvk_number].add(party.part)
            if entry_id in asked:
                open_for.add(party.kvk_number)
    lines = [PartyLine(names[k], k, tuple(sorted(parts[k])), k in open_for) for k in names]
    return sorted(lines, key=lambda line: (not line.asked, line.name.casefold(), line.kvk_number))


def own_interests(seat: CommitteeMember) -> list[InterestDeclaration]:
    """What this seat declared that holds, and what became of it where it was called a mistake. Two queries."""
    held = seat.declarations.filter(superseded_at__isnull=True).exclude(interest=Interest.NONE)
    return list(held.prefetch_related(Prefetch("corrections", _corrections())).order_by("pk"))


def found_ties(segment_round: SegmentRound, people: Iterable[User]) -> list[Tie]:
    """Whose e-mail address has the domain of a party, and who has worked for one; five queries and those of parties.

    Before the opening there is none: it would tell who has bid (Aw 2.108).
    """
    users = {user.pk: user for user in people}
    if segment_round.status == SegmentRoundStatus.PENDING or not users:
        return []
    behind = organisations_behind(segment_entries(segment_round)).values()
    parties = {organisation.pk: organisation for found in behind for organisation, _part in found}
    domains: dict[str, list[Organisation]] = defaultdict(list)
    for organisation in parties.values():
        for domain in _domains(organisation):
            domains[domain].append(organisation)
    found = {
        (user.pk, organisation.pk): False
        for user in users.values()
        for organisation in domains.get(mail_domain(user.email), ())
    }
    found |= dict.fromkeys(_earlier(users, parties), True)
    return sorted(
        (Tie(who, str(users[who]), parties[where].name, earlier) for (who, where), earlier in found.items()),
        key=lambda tie: (tie.person, tie.party),
    )


def _domains(organisation: Organisation) -> set[str]:
    site = (urlsplit(organisation.website).hostname or "").removeprefix("www.")
    return ({mail_domain(organisation.email), site} - {""}) - PUBLIC_MAIL


def _earlier(users: dict[int, User], parties: dict[int, Organisation]) -> set[tuple[int, int]]:
    """Who submitted for a party here, or was made a member of it: also where that has ended since."""
    of_parties = Submission.objects.filter(organisation__in=parties)
    worked = of_parties.filter(created_by__in=users).values_list("created_by", "organisation")
    signed = of_parties.filter(submitted_by__in=users).values_list("submitted_by", "organisation")
    joined = AuditEvent.objects.filter(
        action="providers.membership.added",
        target_type=Organisation._meta.label_lower,
        target_id__in=[str(pk) for pk in parties],
    )
    by_mail = {user.email: pk for pk, user in users.items()}
    events = joined.values_list("detail__person", "actor", "target_id")
    added = ((by_mail.get(person) if person else actor, int(target)) for person, actor, target in events)
    return {(who, where) for who, where in [*worked, *signed, *added] if who in users}


@dataclass(frozen=True, slots=True)
class BidRow:
    """One bid in a division: who scores it."""

    entry_id: int
    number: str
    organisation: str
    members: tuple[str, ...]


def divided_bids(segment_round: SegmentRound, entries: QuerySet[Entry]) -> list[BidRow]:
    """Each bid with the members that score it; one query."""
    current = Q(assignments__seat__ended_at__isnull=True, assignments__seat__segment_round=segment_round)
    rows = entries.annotate(
        who=ArrayAgg("assignments__seat__user__name", filter=current, order_by="assignments__seat__pk", default=[])
    ).order_by("submission__number", "pk")
    columns = rows.values_list("pk", "submission__number", "submission__organisation__name", "who")
    return [BidRow(pk, number, name, tuple(who)) for pk, number, name, who in columns]


def is_divided(segment_round: SegmentRound) -> bool:
    """Whether bids are divided: else every member scores every bid."""
    return Assignment.objects.filter(seat__segment_round=segment_round).exists()


def who_may_score(segment_round: SegmentRound, entry: Entry) -> QuerySet[CommitteeMember]:
    """The members who may be given this bid: those without a declared interest in it."""
    held = InterestDeclaration.objects.filter(seat=OuterRef("pk"), entry=entry, superseded_at__isnull=True)
    return segment_round.committee.filter(
        ~Exists(held.exclude(interest=Interest.NONE)), ended_at__isnull=True, role=SeatRole.MEMBER
    ).select_related("user")


@dataclass(frozen=True, slots=True)
class Difference:
    """One criterion of one bid: what the old member gave, what the new one, and the consensus before and now.

    `stale`: the consensus was set before the replacement, with the old score on the table.
    """

    number: str
    organisation: str
    code: str
    old: Decimal
    new: Decimal | None
    consensus: Decimal | None
    before: Decimal | None
    stale: bool


def differences(left: CommitteeMember, joined: CommitteeMember) -> list[Difference]:
    """What a replacement changed: every score of the old member beside what came after; four queries."""
    event_model: Any = ConsensusScore.pgh_event_model  # type: ignore[attr-defined]
    of_round = {"criterion__segment_round": left.segment_round_id}
    rows = Score.objects.filter(**of_round, evaluator=left.user_id).order_by("entry__submission__number", "criterion")
    new = {
        (entry, criterion): value
        for entry, criterion, value in Score.objects.filter(**of_round, evaluator=joined.user_id).values_list(
            "entry_id", "criterion_id", "value"
        )
    }
    now = {(found.entry_id, found.criterion_id): found for found in ConsensusScore.objects.filter(**of_round)}
    before = {
        (entry, criterion): value
        for entry, criterion, value in event_model.objects.filter(**of_round, changed_at__lte=left.ended_at)
        .order_by("pgh_id")
        .values_list("entry_id", "criterion_id", "value")
    }
    columns = rows.values_list(
        "entry_id", "criterion_id", "entry__submission__number", "entry__submission__organisation__name",
        "criterion__code", "value",
    )  # fmt: skip
    made = []
    for entry, criterion, number, name, code, value in columns:
        key = (entry, criterion)
        agreed = now.get(key)
        stale = agreed is not None and left.ended_at is not None and agreed.changed_at <= left.ended_at
        made.append(
            Difference(
                number, name, code, value, new.get(key), agreed.value if agreed else None, before.get(key), stale
            )
        )
    return made
