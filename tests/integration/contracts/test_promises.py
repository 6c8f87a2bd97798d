"""Promises are taken over from the real answers of the bid that won, through the gate of answers; from no other bid."""

from __future__ import annotations

import pytest
from django.urls import reverse

from achterhoek.accounts.enums import Role
from contracts.models import Obligation
from contracts.services.contracts import make_contracts
from procurement.models import Answer, Question
from tests.factories import RegionFactory, member_of, user_with
from tests.factories.contracts import final_award_decision
from tests.factories.procurement import submitted_entry

pytestmark = pytest.mark.django_db
OWN, OTHER, LOSER = "Binnen drie weken een gesprek.", "De ander wint ook.", "Wie verloor belooft veel."


@pytest.fixture
def lead():
    return user_with(Role.LEAD)


@pytest.fixture
def won(lead):
    """The contract of one of two winners, with a bid that lost beside them; all three answered."""
    decision = final_award_decision()
    segment_round = decision.segment_round
    lost = submitted_entry(segment_round)
    question = Question.objects.create(
        round=segment_round.round, segment=segment_round.segment, code="K1", title="Hoe snel?", kind="text"
    )
    contracts = make_contracts(decision=decision, by=lead, long_term_reason="Rust.")
    entries = [contracts[0].award.entry, contracts[1].award.entry, lost]
    for entry, text in zip(entries, (OWN, OTHER, LOSER), strict=True):
        Answer.objects.create(submission=entry.submission, question=question, text=text, changed_by=lead)
    return contracts[0]


def page_of(client, contract, who, **query):
    client.force_login(who)
    return client.get(reverse("contracts:promises", args=[contract.pk]), query)


def test_an_answer_of_the_winning_bid_becomes_an_obligation(client, won, lead):
    page = page_of(client, won, lead)
    html = page.content.decode()
    assert OWN in html
    assert OTHER not in html
    assert LOSER not in html
    chosen = page_of(client, won, lead, vraag="K1").context["form"]
    assert chosen["promise"].value() == OWN
    assert "K1 Hoe snel?" in chosen["source"].value()
    typed = {"promise": chosen["promise"].value(), "source": chosen["source"].value(), "due_on": ""}
    assert client.post(reverse("contracts:promises", args=[won.pk]), typed).status_code == 302
    made = Obligation.objects.get()
    assert (made.contract, made.sequence, made.promise) == (won, 1, OWN)
    assert OWN in page_of(client, won, member_of(won.contractor)).content.decode()


def test_nobody_reads_a_bid_here_that_the_gate_keeps(client, won, lead):
    # Team CLM reads no bids: it writes down what it knows.
    page = page_of(client, won, user_with(Role.CLM))
    assert page.context["answers"] == []
    assert OWN not in page.content.decode()
    # The contractor reads its promises, not the list of answers; a lead of elsewhere nothing at all.
    assert page_of(client, won, member_of(won.contractor)).context["answers"] == []
    assert page_of(client, won, user_with(Role.LEAD, region=RegionFactory())).status_code == 404
