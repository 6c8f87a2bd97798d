"""The pages of a committee: the lead's, and the one on which each declares."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from achterhoek.accounts.enums import Role
from procurement.enums import SeatRole, SegmentRoundStatus
from procurement.models import CommitteeMember, InterestDeclaration
from procurement.selectors.committee import found_ties
from procurement.selectors.gate import readable_entries
from procurement.services.assignment import divide
from procurement.services.committee import replace_member
from procurement.services.evaluation import hand_in, save_score
from providers.models import Membership
from tests.factories import user_with
from tests.factories.evaluation import evaluation, no_interest

pytestmark = pytest.mark.django_db


def page(name, made, *more):
    return reverse(f"procurement:{name}", args=[made.segment_round.pk, *more])


def newcomer(made, **fields):
    user = user_with(Role.EVALUATOR, region=made.region, **fields)
    return CommitteeMember.objects.create(segment_round=made.segment_round, user=user)


def test_none_of_these_in_one_go(client):
    made = evaluation(entries=3)
    seat = newcomer(made)
    client.force_login(seat.user)
    shown = client.get(page("interests", made)).content.decode()
    for entry in made.entries:
        assert entry.submission.organisation.name in shown
        assert entry.submission.number not in shown
    client.post(page("interests", made), {"none": "1"})
    assert readable_entries(seat.user).count() == 3


def test_an_exception_is_explained_on_a_second_step(client):
    made = evaluation(entries=3)
    seat = newcomer(made)
    client.force_login(seat.user)
    tied = made.entries[0]
    number = tied.submission.organisation.kvk_number
    second = client.post(page("interests", made), {"parties": [number]})
    assert second.status_code == 200
    assert not seat.declarations.exists()
    said = {"parties": [number], "declare": "1", f"interest_{number}": "family", f"explanation_{number}": ""}
    refused = client.post(page("interests", made), said)
    assert refused.status_code == 422
    assert "error-summary" in refused.content.decode()
    client.post(page("interests", made), {**said, f"explanation_{number}": "Mijn broer werkt er."})
    assert set(readable_entries(seat.user)) == set(made.entries) - {tied}


@pytest.mark.parametrize("data", [{}, {"none": "1", "parties": True}])
def test_nothing_ticked_is_not_none_and_a_tick_is_not_lost(client, data):
    made = evaluation()
    seat = newcomer(made)
    client.force_login(seat.user)
    if "parties" in data:
        data = {**data, "parties": [made.entries[0].submission.organisation.kvk_number]}
    assert client.post(page("interests", made), data).status_code == 422
    assert not seat.declarations.exists()


def test_before_the_opening_nobody_sees_who_bids(client):
    made = evaluation(status=SegmentRoundStatus.PENDING)
    client.force_login(made.evaluators[0])
    assert client.get(page("interests", made)).status_code == 404
    client.force_login(made.lead)
    shown = client.get(page("committee_page", made)).content.decode()
    assert made.entries[0].submission.organisation.name not in shown
    assert made.entries[0].submission.number not in client.get(page("assignment", made)).content.decode()


def test_what_the_data_tell_is_pointed_out_to_both(client):
    made = evaluation(entries=2)
    organisation = made.entries[0].submission.organisation
    organisation.email = "info@zorgbuur.example"
    organisation.save()
    seat = newcomer(made, email="ans@zorgbuur.example", name="Ans Zorgbuur")
    client.force_login(seat.user)
    assert [tie.party for tie in client.get(page("interests", made)).context["ties"]] == [organisation.name]
    client.force_login(made.lead)
    assert (
        "Ans Zorgbuur heeft een e-mailadres met hetzelfde domein"
        in client.get(page("committee_page", made)).content.decode()
    )


def test_earlier_work_for_a_bidder_is_found():
    made = evaluation(entries=2)
    user = made.evaluators[0]
    submission = made.entries[1].submission
    submission.created_by = user
    submission.save()
    Membership.objects.filter(user=user).delete()
    (tie,) = found_ties(made.segment_round, made.evaluators)
    assert (tie.user_id, tie.party, tie.earlier) == (user.pk, submission.organisation.name, True)


def test_the_lead_sees_who_declared_what_and_who_has_not(client):
    made = evaluation(entries=3)
    seat = newcomer(made, name="Stille Stien")
    client.force_login(made.lead)
    shown = client.get(page("committee_page", made)).content.decode()
    assert "0 van 3" in shown
    InterestDeclaration.objects.create(
        seat=seat, entry=made.entries[0], interest="family", explanation="Haar zus.", parties=[], parties_digest="x"
    )
    shown = client.get(page("committee_page", made)).content.decode()
    assert "Haar zus." in shown
    assert "1 van 3" in shown


def test_the_lead_names_a_chair_and_observers(client):
    made = evaluation()
    chair, looker = (user_with(Role.EVALUATOR, region=made.region) for _ in range(2))
    client.force_login(made.lead)
    client.post(page("committee_page", made), {"attendants": "1", "chair": chair.pk, "observers": [looker.pk]})
    roles = dict(made.segment_round.committee.exclude(role="member").values_list("user", "role"))
    assert roles == {chair.pk: SeatRole.CHAIR, looker.pk: SeatRole.OBSERVER}
    both = {"attendants": "1", "chair": chair.pk, "observers": [chair.pk]}
    assert client.post(page("committee_page", made), both).status_code == 422


def test_a_replacement_shows_what_it_changed(client):
    made = evaluation(entries=1, criteria=1, evaluators=2)
    made.to_consensus()
    made.consensus_all(["6"])
    seat = CommitteeMember.objects.get(user=made.evaluators[0])
    user = user_with(Role.EVALUATOR, region=made.region, name="Opvolger Otto")
    client.force_login(made.lead)
    address = page("committee_replace", made, seat.pk)
    assert client.post(address, {"user": user.pk, "reason": ""}).status_code == 422
    client.post(address, {"user": user.pk, "reason": "Ziek geworden."})
    shown = client.get(address)
    assert "Ziek geworden." in shown.content.decode()
    (item,) = shown.context["differences"]
    assert (item.old, item.new, item.before, item.stale) == (6, None, 6, True)
    joined = CommitteeMember.objects.get(user=user)
    no_interest(joined)
    save_score(entry=made.entries[0], criterion=made.criteria[0], value=Decimal(8), reason="Beter.", by=user)
    hand_in(segment_round=made.segment_round, by=user)
    made.consensus_all(["8"])
    (item,) = client.get(address).context["differences"]
    assert (item.old, item.new, item.before, item.consensus, item.stale) == (6, 8, 6, 8, False)


def test_while_they_score_alone_a_replacement_shows_no_score(client):
    made = evaluation(entries=1, criteria=1, evaluators=2)
    save_score(entry=made.entries[0], criterion=made.criteria[0], value=Decimal(8), reason="x", by=made.evaluators[0])
    seat = CommitteeMember.objects.get(user=made.evaluators[0])
    user = user_with(Role.EVALUATOR, region=made.region)
    replace_member(seat=seat, user=user, reason="Ziek.", by=made.lead)
    client.force_login(made.lead)
    assert client.get(page("committee_replace", made, seat.pk)).context["differences"] == []


def test_dividing_on_the_page_and_one_bid_by_hand(client):
    made = evaluation(entries=4, evaluators=3)
    client.force_login(made.lead)
    address = page("assignment", made)
    assert client.post(address, {"per_bid": "9"}).status_code == 422
    client.post(address, {"per_bid": "2", "seed": "mijn zaad"})
    shown = client.get(address).content.decode()
    assert "mijn zaad" in shown
    seat = CommitteeMember.objects.get(user=made.evaluators[0])
    one = f"{address}?inzending={made.entries[0].pk}"
    assert made.entries[0].submission.number in client.get(one).content.decode()
    assert client.post(one, {}).status_code == 422
    client.post(one, {"seats": [seat.pk]})
    assert [given.seat for given in made.entries[0].assignments.all()] == [seat]
    client.post(address, {"undo": "1"})
    assert not seat.assignments.exists()


@pytest.mark.parametrize("divided", [True, False])
def test_after_somebody_handed_in_the_page_says_why_nothing_is_divided(client, divided):
    made = evaluation(entries=2, evaluators=2)
    if divided:
        divide(segment_round=made.segment_round, per_bid=1, seed="zaad", by=made.lead)
    seat = CommitteeMember.objects.filter(segment_round=made.segment_round).first()
    CommitteeMember.objects.filter(pk=seat.pk).update(handed_in_at=made.segment_round.round.opened_at)
    client.force_login(made.lead)

    shown = client.get(page("assignment", made)).content.decode()

    assert "Iemand heeft al ingeleverd" in shown
    assert "per_bid" not in shown
    assert "undo" not in shown
    refused = client.post(page("assignment", made), {"per_bid": "1"})
    assert refused.status_code == 422
    assert "Iemand heeft al ingeleverd" in refused.content.decode()


def test_the_auditor_looks_and_changes_nothing(client):
    made = evaluation()
    client.force_login(user_with(Role.AUDITOR, region=made.region))
    for name in ("committee_page", "assignment"):
        assert client.get(page(name, made)).status_code == 200
        assert client.post(page(name, made), {"users": []}).status_code == 403


def queries(client, address) -> int:
    with CaptureQueriesContext(connection) as found:
        assert client.get(address).status_code == 200
    return len(found)


@pytest.mark.parametrize("name", ["committee_page", "assignment", "interests"])
def test_as_many_queries_for_many_bids_and_members(client, name):
    counts = []
    for entries, evaluators in ((2, 2), (12, 5)):
        made = evaluation(entries=entries, evaluators=evaluators)
        divide(segment_round=made.segment_round, per_bid=1, seed="zaad", by=made.lead)
        client.force_login(made.evaluators[0] if name == "interests" else made.lead)
        counts.append(queries(client, page(name, made)))
    assert counts[0] == counts[1]
    assert counts[0] <= 30
