"""An interest declared by mistake: the member says so, only the lead gives the bid back, and all of it stays."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from achterhoek.accounts.enums import Role
from achterhoek.accounts.models import RoleAssignment
from achterhoek.audit.models import AuditEvent
from achterhoek.errors import NotAllowed, RuleViolation
from achterhoek.mail.models import OutboxMessage
from procurement.enums import Interest, SeatRole
from procurement.models import Assignment, CommitteeMember, InterestCorrection, InterestDeclaration
from procurement.selectors.basis import counting_scores
from procurement.selectors.gate import readable_entries
from procurement.selectors.seats import undeclared_entries
from procurement.services.assignment import divide
from procurement.services.corrections import ask_correction, decide_correction
from procurement.services.evaluation import close_scoring, hand_in, save_score
from procurement.services.interests import PartyInterest, declare_interests
from tests.factories import RegionFactory, user_with
from tests.factories.evaluation import Evaluation, evaluation

pytestmark = pytest.mark.django_db


def tied(made: Evaluation, *, who: int = 0, bid: int = 0) -> InterestDeclaration:
    """One evaluator declares an interest in one bid."""
    user, entry = made.evaluators[who], made.entries[bid]
    number = entry.submission.organisation.kvk_number
    interests = {number: PartyInterest(Interest.FAMILY, "Mijn zus werkt er.")}
    declare_interests(segment_round=made.segment_round, interests=interests, by=user)
    return InterestDeclaration.objects.get(seat__user=user, entry=entry, superseded_at__isnull=True)


def ask(held: InterestDeclaration, **more: Any) -> InterestCorrection:
    return ask_correction(**{"declaration": held, "reason": "Een andere organisatie.", "by": held.seat.user, **more})


def decide(made: Evaluation, held: InterestDeclaration, *, agreed: bool = True, **more: Any) -> InterestCorrection:
    return decide_correction(
        **{"declaration": held, "agreed": agreed, "note": "De namen lijken op elkaar.", "by": made.lead, **more}
    )


def score(made: Evaluation, user: Any, entry: Any) -> None:
    for criterion in made.criteria:
        save_score(entry=entry, criterion=criterion, value=Decimal(6), reason="Goed onderbouwd.", by=user)


def test_asking_alone_gives_nothing_back() -> None:
    made = evaluation()
    held = tied(made)
    ask(held)
    declare_interests(segment_round=made.segment_round, interests={}, by=held.seat.user)
    assert list(readable_entries(held.seat.user)) == [made.entries[1]]
    with pytest.raises(RuleViolation, match="al gevraagd"):
        ask(held)


def test_the_bid_comes_back_after_the_lead_agreed_and_the_member_declared_anew() -> None:
    made = evaluation()
    held = tied(made)
    ask(held)
    decide(made, held)
    assert made.entries[0] not in readable_entries(held.seat.user), "first a declaration"
    assert list(undeclared_entries(held.seat)) == [made.entries[0]]
    declare_interests(segment_round=made.segment_round, interests={}, by=held.seat.user)
    assert set(readable_entries(held.seat.user)) == set(made.entries)
    told = InterestDeclaration.objects.filter(seat=held.seat, entry=made.entries[0]).order_by("pk")
    assert [one.interest for one in told] == [Interest.NONE, Interest.FAMILY, Interest.NONE], "all of it stays"
    correction = InterestCorrection.objects.get()
    assert (correction.asked_by, correction.decided_by, correction.agreed) == (held.seat.user, made.lead, True)
    actions = AuditEvent.objects.filter(action__contains="correction").order_by("id").values_list("action", flat=True)
    assert [action.rsplit("_", 1)[1] for action in actions] == ["asked", "agreed"]


def test_the_lead_may_correct_where_nobody_asked_but_has_nothing_to_refuse() -> None:
    made = evaluation()
    held = tied(made)
    with pytest.raises(RuleViolation) as refused:
        decide(made, held, agreed=False)
    assert refused.value.field == "agreed"
    assert decide(made, held).asked_by == made.lead


def test_not_agreed_changes_nothing_and_can_be_asked_again() -> None:
    made = evaluation()
    held = tied(made)
    ask(held)
    decide(made, held, agreed=False)
    held.refresh_from_db()
    assert held.superseded_at is None
    ask(held, reason="Toch echt een andere.")


@pytest.mark.parametrize("role", [Role.EVALUATOR, Role.AUDITOR, Role.ADMIN])
def test_only_the_lead_decides(role: str) -> None:
    made = evaluation()
    held = tied(made)
    with pytest.raises(NotAllowed):
        decide(made, held, by=user_with(role, region=made.region))
    with pytest.raises(NotAllowed):
        decide(made, held, by=held.seat.user)


def test_a_lead_with_a_seat_does_not_decide_on_their_own_interest() -> None:
    made = evaluation()
    held = tied(made)
    RoleAssignment.objects.create(user=held.seat.user, role=Role.LEAD, region=made.region)
    with pytest.raises(NotAllowed, match="iemand anders"):
        decide(made, held, by=held.seat.user)


def test_only_who_declared_it_asks_with_a_reason() -> None:
    made = evaluation()
    held = tied(made)
    with pytest.raises(NotAllowed):
        ask(held, by=made.evaluators[1])
    with pytest.raises(RuleViolation) as refused:
        ask(held, reason=" ")
    assert refused.value.field == "reason"
    ask(held)
    with pytest.raises(RuleViolation) as refused:
        decide(made, held, note=" ")
    assert refused.value.field == "note"


def test_what_says_no_interest_or_holds_no_longer_is_not_corrected() -> None:
    made = evaluation()
    none = InterestDeclaration.objects.filter(seat__user=made.evaluators[0]).first()
    assert none is not None
    with pytest.raises(RuleViolation, match="geen belang"):
        ask(none)
    held = tied(made)
    decide(made, held)
    with pytest.raises(RuleViolation, match="geldt niet meer"):
        decide(made, held)


def test_who_handed_in_scores_the_bid_after_all_while_others_still_score_alone() -> None:
    made = evaluation()
    held = tied(made)
    score(made, held.seat.user, made.entries[1])
    hand_in(segment_round=made.segment_round, by=held.seat.user)
    decide(made, held)
    assert CommitteeMember.objects.get(pk=held.seat_id).handed_in_at is None


def test_nobody_gets_a_bid_to_score_after_seeing_what_others_gave() -> None:
    made = evaluation()
    held = tied(made)
    score(made, held.seat.user, made.entries[1])
    for entry in made.entries:
        score(made, made.evaluators[1], entry)
    for user in made.evaluators:
        hand_in(segment_round=made.segment_round, by=user)
    with pytest.raises(RuleViolation, match="zelfstandig"):
        decide(made, held)
    held.refresh_from_db()
    assert held.superseded_at is None
    assert not InterestCorrection.objects.exists()


def test_scores_given_before_count_again_in_the_consensus() -> None:
    made = evaluation()
    for user in made.evaluators:
        for entry in made.entries:
            score(made, user, entry)
        hand_in(segment_round=made.segment_round, by=user)
    made.segment_round = close_scoring(segment_round=made.segment_round, by=made.lead)
    held = tied(made)
    assert counting_scores(made.segment_round).filter(entry=made.entries[0]).count() == 2
    decide(made, held)
    assert counting_scores(made.segment_round).filter(entry=made.entries[0]).count() == 4


def test_a_divided_bid_that_nobody_else_took_is_the_members_again() -> None:
    made = evaluation(entries=2, evaluators=2)
    divide(segment_round=made.segment_round, per_bid=2, seed="zaad", by=made.lead)
    held = tied(made)
    assert Assignment.objects.filter(entry=made.entries[0]).count() == 1
    decide(made, held)
    assert Assignment.objects.filter(entry=made.entries[0], seat=held.seat).exists()


def test_who_decides_and_whom_it_is_about_get_a_mail_that_names_no_bidder() -> None:
    made = evaluation()
    held = tied(made)
    colleague = user_with(Role.LEAD, region=made.region)
    elsewhere = user_with(Role.LEAD, region=RegionFactory())
    RoleAssignment.objects.create(user=held.seat.user, role=Role.LEAD, region=made.region)
    ask(held)
    told = OutboxMessage.objects.all()
    assert set(told.values_list("to", flat=True)) == {made.lead.email, colleague.email}
    assert elsewhere.email not in told.values_list("to", flat=True)
    decide(made, held)
    mine = told.get(to=held.seat.user.email)
    assert "het met u eens" in mine.body
    assert f"/beoordelen/{made.segment_round.pk}/belangen/" in mine.body
    submission = held.entry.submission
    for mail in told:
        assert submission.number not in mail.subject + mail.body
        assert submission.organisation.name not in mail.subject + mail.body


def test_a_refusal_is_mailed_too() -> None:
    made = evaluation()
    held = tied(made)
    ask(held)
    decide(made, held, agreed=False)
    assert "niet met u eens" in OutboxMessage.objects.get(to=held.seat.user.email).body


def test_a_correction_is_not_deleted() -> None:
    made = evaluation()
    ask(tied(made))
    with pytest.raises(DatabaseError, match="Cannot delete"), transaction.atomic():
        InterestCorrection.objects.all().delete()


def test_the_pages_from_asking_to_deciding(client: Client) -> None:
    made = evaluation()
    held = tied(made)
    member = held.seat.user
    client.force_login(member)
    own = reverse("procurement:interests", args=[made.segment_round.pk])
    address = reverse("procurement:interest_ask", args=[made.segment_round.pk, held.pk])
    assert address in client.get(own).content.decode()
    refused = client.post(address, {"reason": ""})
    assert refused.status_code == 422
    assert made.entries[0].submission.organisation.name not in refused.content.decode().replace(held.explanation, "")
    assert client.post(address, {"reason": "Een andere organisatie."}).status_code == 302
    assert "beslist" in client.get(own).content.decode()

    client.force_login(made.lead)
    committee = client.get(reverse("procurement:committee_page", args=[made.segment_round.pk])).content.decode()
    decide_at = reverse("procurement:interest_decide", args=[made.segment_round.pk, held.pk])
    assert "Gevraagd: beslis" in committee
    assert decide_at in committee
    assert "Een andere organisatie." in client.get(decide_at).content.decode()
    assert client.post(decide_at, {"agreed": "", "note": ""}).status_code == 422
    assert client.post(decide_at, {"agreed": "yes", "note": "Akkoord, zelfde naam."}).status_code == 302
    html = client.get(decide_at).content.decode()
    assert "Akkoord, zelfde naam." in html
    assert 'name="agreed"' not in html


def test_another_members_interest_is_not_asked_about(client: Client) -> None:
    made = evaluation()
    held = tied(made)
    client.force_login(made.evaluators[1])
    address = reverse("procurement:interest_ask", args=[made.segment_round.pk, held.pk])
    assert client.get(address).status_code == 404


def test_a_chair_can_be_corrected_too() -> None:
    made = evaluation()
    chair = user_with(Role.EVALUATOR, region=made.region)
    CommitteeMember.objects.create(segment_round=made.segment_round, user=chair, role=SeatRole.CHAIR)
    number = made.entries[0].submission.organisation.kvk_number
    interests = {number: PartyInterest(Interest.OTHER, "Mijn buurman.")}
    declare_interests(segment_round=made.segment_round, interests=interests, by=chair)
    held = InterestDeclaration.objects.get(seat__user=chair, entry=made.entries[0])
    decide(made, held)
    declare_interests(segment_round=made.segment_round, interests={}, by=chair)
    assert readable_entries(chair).count() == 2
