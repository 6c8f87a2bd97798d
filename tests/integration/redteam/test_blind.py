"""Attempts to see scores while others still score alone, and to judge with other people than were announced.

Every page is asked for as everybody, with a mark in every reason, note and draft (issue "evaluation", shows 5).
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from achterhoek.accounts.enums import Role
from achterhoek.accounts.services import grant_role
from achterhoek.audit.models import AuditEvent
from achterhoek.errors import NotAllowed, RuleViolation
from procurement.enums import SeatRole
from procurement.models import CommitteeMember
from procurement.selectors.evaluation import lead_access
from procurement.services.evaluation import close_scoring, hand_in, save_score, set_committee
from tests.factories import OrganisationFactory, RegionFactory, member_of, user_with
from tests.factories.evaluation import evaluation, seated
from tests.integration.redteam.crawler import all_that_is_logged, in_mail, in_sessions, in_valkey
from tests.integration.redteam.scored_round import FIRST, SECOND, ScoredRound, plain, scored_round

pytestmark = pytest.mark.django_db


def score_and_hand_in(made, user) -> None:
    for entry in made.entries:
        for criterion in made.criteria:
            save_score(entry=entry, criterion=criterion, value=Decimal(6), reason="Goed.", by=user)
    hand_in(segment_round=made.segment_round, by=user)


def test_the_lead_cannot_look_by_leaving_out_who_still_scores():
    """One has handed in; with the others off the committee for a moment, 'all' would have."""
    made = evaluation(evaluators=3)
    first = made.evaluators[0]
    score_and_hand_in(made, first)
    with pytest.raises(RuleViolation, match=r"ingeleverd|handed in"):
        set_committee(segment_round=made.segment_round, users=[first], by=made.lead)
    assert not lead_access(made.lead, made.segment_round).see_others


def test_nobody_joins_after_the_scores_were_shown():
    made = evaluation(evaluators=1)
    score_and_hand_in(made, made.evaluators[0])
    assert lead_access(made.lead, made.segment_round).see_others
    late = user_with(Role.EVALUATOR, region=made.region)
    with pytest.raises(RuleViolation, match="ingeleverd"):
        set_committee(segment_round=made.segment_round, users=[*made.evaluators, late], by=made.lead)


def test_who_declared_nothing_hands_nothing_in():
    """With no bid to read nothing would be missing; and with all seats handed in, what others gave would show."""
    made = evaluation(evaluators=1)
    late = user_with(Role.EVALUATOR, region=made.region)
    CommitteeMember.objects.create(segment_round=made.segment_round, user=late)
    score_and_hand_in(made, made.evaluators[0])
    with pytest.raises(RuleViolation):
        hand_in(segment_round=made.segment_round, by=late)
    assert not lead_access(made.lead, made.segment_round).see_others


def test_chair_and_observer_score_nothing():
    made = evaluation(evaluators=1)
    chair = user_with(Role.EVALUATOR, region=made.region)
    seated(made.segment_round, chair, SeatRole.CHAIR)
    with pytest.raises(NotAllowed):
        save_score(entry=made.entries[0], criterion=made.criteria[0], value=Decimal(6), reason="Goed.", by=chair)
    with pytest.raises(NotAllowed):
        hand_in(segment_round=made.segment_round, by=chair)


def test_a_member_can_still_be_added_while_others_score():
    made = evaluation(evaluators=2)
    score_and_hand_in(made, made.evaluators[0])
    third = user_with(Role.EVALUATOR, region=made.region)
    assert len(set_committee(segment_round=made.segment_round, users=[*made.evaluators, third], by=made.lead)) == 3


def test_another_number_of_evaluators_than_announced_needs_a_reason():
    """A tenderer may count on the announced number of evaluators; a departure from it is on file."""
    made = evaluation(evaluators=2)
    made.segment_round.round.tender.evaluators_announced = 3
    made.segment_round.round.tender.save()
    made.score_all()
    with pytest.raises(RuleViolation) as refused:
        close_scoring(segment_round=made.segment_round, by=made.lead)
    assert refused.value.field == "reason"
    close_scoring(segment_round=made.segment_round, by=made.lead, reason="Een lid is ziek geworden.")
    detail = AuditEvent.objects.get(action="procurement.segmentround.close_scoring").detail
    assert (detail["members"], detail["announced"], detail["reason"]) == (2, 3, "Een lid is ziek geworden.")


@pytest.mark.parametrize("role", [Role.LEAD, Role.EVALUATOR, Role.OPENER, Role.AUDITOR, Role.CLM, Role.ADMIN])
def test_who_works_for_a_provider_gets_no_role_of_the_municipalities(role):
    """Nobody stands on both sides of a tender (Aw 1.10b): a bidder who is auditor reads the bids of others."""
    bidder = member_of(OrganisationFactory())
    with pytest.raises(RuleViolation, match="aanbieder"):
        grant_role(user=bidder, role=role, by=user_with(Role.ADMIN))
    assert not bidder.role_assignments.filter(role=role).exists()


def test_the_admin_says_so_beside_the_field(client):
    bidder = member_of(OrganisationFactory())
    client.force_login(user_with(Role.ADMIN))
    answer = client.post("/beheer/accounts/roleassignment/add/", {"user": bidder.pk, "role": "auditor"})
    assert answer.status_code == 200
    assert "user" in answer.context["adminform"].form.errors


def test_the_log_says_where_a_role_holds():
    region = RegionFactory()
    user = user_with(Role.EVALUATOR)
    grant_role(user=user, role=Role.LEAD, region=region, by=user_with(Role.ADMIN))
    assert AuditEvent.objects.get(action="accounts.role.granted").detail == {"role": "lead", "region": region.slug}


# Every page, as everybody (issue "evaluation", shows 5) ---------------------------------------------------------------

ALONE = ("first:score", "second:score")
PRIVATE = ("first:note", "first:draft", "second:note", "second:draft")


def seen(found: ScoredRound, who: str, wanted: list[str], kinds: tuple[str, ...]) -> dict[str, set[str]]:
    """Where this person finds marks of these kinds."""
    answers = found.walk(who, wanted) | found.posted(who, wanted)
    return {a: hits for a, labels in found.marked(answers).items() if (hits := {x for x in labels if x in kinds})}


def nobody_sees_what_is_not_theirs(found: ScoredRound, *, shown: bool) -> None:
    """Notes and drafts are their author's, always; a score is until all are in, and for good to who stands outside."""
    wanted = found.addresses()
    wrong = {}
    for who in found.people:
        hidden = [*ALONE, *PRIVATE] if not shown or who in found.outsiders else [*PRIVATE]
        others = tuple(kind for kind in hidden if not kind.startswith(f"{who}:"))
        if hits := seen(found, who, wanted, others):
            wrong[who] = hits
    assert (wrong, found.faults) == ({}, [])


def nothing_is_left_behind(found: ScoredRound, lines: list[str]) -> None:
    """No score, note or draft in the log, with a job, in a mail, in a session, in the queue or in the cache."""
    places = {
        "log": "\n".join(lines).encode(),
        "sessions": in_sessions(),
        "mail": in_mail(),
        "queue and cache": b"\n".join(in_valkey().values()),
    }
    hits = {name: found.marks.found_in_layers(text) for name, text in places.items()} | found.in_the_tables()
    # Names of bidders may be, and the motivation that the meeting agreed upon is in the log for good.
    assert {name: secret for name, labels in hits.items() if (secret := labels - {"bidder", "consensus:score"})} == {}


@pytest.mark.long
def test_every_page_as_everybody_before_and_after():
    found = scored_round()
    with all_that_is_logged() as lines:
        for who in (FIRST, SECOND):
            found.score(who, all=who == FIRST)
            found.note(who)
        nobody_sees_what_is_not_theirs(found, shown=False)
        found.hand_in(FIRST)
        nobody_sees_what_is_not_theirs(found, shown=False)
        found.score(SECOND, all=True)
        found.hand_in(SECOND)
        nobody_sees_what_is_not_theirs(found, shown=True)
        found.close()
        found.agree()
        nobody_sees_what_is_not_theirs(found, shown=True)
        # The search finds what is there: who may look now, sees it.
        lead = set().union(*found.marked(found.walk(Role.LEAD, found.addresses())).values())
        assert {*ALONE, "consensus:score"} <= lead
        nothing_is_left_behind(found, lines)


@pytest.mark.long
def test_no_page_differs_by_what_another_gave():
    """An average, a spread, a bar, an order of rows: whatever came of a score that is still secret would differ."""
    found = scored_round()
    found.score(FIRST, all=True)
    found.score(SECOND, all=False)
    found.note(SECOND)
    found.hand_in(FIRST)
    wanted = found.addresses()
    before = {who: plain(found.walk(who, wanted)) for who in found.people if who != SECOND}
    found.change_what_is_secret()
    found.memory.look()
    after = {who: plain(found.walk(who, wanted)) for who in found.people if who != SECOND}
    differs = {
        who: {address for address in answers if answers[address] != after[who][address]}
        for who, answers in before.items()
    }
    assert {who: addresses for who, addresses in differs.items() if addresses} == {}


@pytest.mark.long
def test_names_of_bidders_are_hidden_from_who_scores():
    """Where the tender says so, a name stands on the page of the declarations alone."""
    found = scored_round(bidders_hidden=True)
    found.score(FIRST, all=True)
    wanted = found.addresses()
    for who in (FIRST, SECOND, "chair", "observer"):
        named = seen(found, who, wanted, ("bidder",))
        assert {address for address in named if "belangen/" not in address} == set(), who
    assert seen(found, Role.LEAD, wanted, ("bidder",))
