"""The lead's page of a segment round: every bid, criterion and evaluator, in a fixed number of queries."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from django.urls import reverse

from procurement.enums import Interest
from procurement.models import Entry, InterestDeclaration
from procurement.services.evaluation import close_scoring, save_score
from tests.factories import RequirementFactory
from tests.factories.evaluation import Evaluation, evaluation

pytestmark = pytest.mark.django_db
AFTER_SCORING = 11


def page(made: Evaluation, query: str = "") -> str:
    return reverse("procurement:segment_round", args=[made.segment_round.pk]) + query


def cells(client, made: Evaluation, query: str = "") -> dict[str, list[str]]:
    """The text of each cell of the overview, by organisation, in the order of the page."""
    content = client.get(page(made, query)).content.decode()
    rows = re.findall(r'<tr><th scope="row"><a [^>]*>([^<]*)</a></th>(.*?)</tr>', content)
    return {
        name: [re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<td>(.*?)</td>", rest)]
        for name, rest in rows
    }


def name_of(entry: Entry) -> str:
    return entry.submission.organisation.name


def closed(made: Evaluation) -> None:
    made.segment_round = close_scoring(segment_round=made.segment_round, by=made.lead)


def given(made: Evaluation, entry: int, evaluator: int, value: str) -> None:
    save_score(
        entry=made.entries[entry], criterion=made.criteria[0], value=Decimal(value), reason="Goed onderbouwd.",
        by=made.evaluators[evaluator],
    )  # fmt: skip


@pytest.mark.parametrize("entries", [1, 30])
def test_the_number_of_queries_does_not_depend_on_the_bids(client, entries, django_assert_num_queries):
    made = evaluation(entries=entries, evaluators=3, criteria=3)
    RequirementFactory(round=made.segment_round.round)
    client.force_login(made.lead)
    with django_assert_num_queries(9):
        assert len(cells(client, made)) == entries
    made.score_all()
    with django_assert_num_queries(10):
        assert len(cells(client, made)) == entries
    closed(made)
    with django_assert_num_queries(AFTER_SCORING):
        assert len(cells(client, made)) == entries


def test_while_members_score_it_tells_how_many_have_and_never_what(client):
    made = evaluation(entries=2, evaluators=2, criteria=1)
    given(made, 0, 0, "10")
    client.force_login(made.lead)
    found = cells(client, made)
    assert found[name_of(made.entries[0])][-1] == "1 van 2"
    assert found[name_of(made.entries[1])][-1] == "0 van 2"
    assert list(cells(client, made, "?toon=verschil")) == list(found)


def test_who_declared_an_interest_is_not_waited_for(client):
    made = evaluation(entries=2, evaluators=2, criteria=1)
    said = InterestDeclaration.objects.get(seat__user=made.evaluators[1], entry=made.entries[0])
    InterestDeclaration.objects.filter(pk=said.pk).update(superseded_at=said.at)
    InterestDeclaration.objects.create(
        seat=said.seat, entry=said.entry, interest=Interest.FAMILY, explanation="Mijn zus werkt er.",
        parties=said.parties, parties_digest=said.parties_digest,
    )  # fmt: skip
    given(made, 0, 0, "6")
    client.force_login(made.lead)
    assert cells(client, made)[name_of(made.entries[0])][-1] == "1 van 1"
    assert list(cells(client, made, "?toon=open")) == [name_of(made.entries[1])]


def test_afterwards_each_score_stands_there_and_a_difference_is_said_in_words(client):
    made = evaluation(entries=2, evaluators=2, criteria=1)
    made.score_all("4", made.evaluators[:1])
    made.score_all("10", made.evaluators[1:])
    client.force_login(made.lead)
    assert cells(client, made)[name_of(made.entries[0])][-1] == "te doen 4 10 groot verschil"
    closed(made)
    made.consensus_all(["6", "8"])
    found = cells(client, made)
    assert found[name_of(made.entries[0])][-1] == "6 4 10 groot verschil"
    assert not cells(client, made, "?toon=open")
    assert len(cells(client, made, "?toon=verschil")) == 2


def test_bids_are_sorted_by_number_or_by_organisation(client):
    made = evaluation(entries=3)
    names = ["Zonzorg", "Aanzorg", "Middelzorg"]
    for entry, name in zip(made.entries, names, strict=True):
        organisation = entry.submission.organisation
        organisation.name = name
        organisation.save()
    client.force_login(made.lead)
    assert list(cells(client, made)) == names
    assert list(cells(client, made, "?volgorde=organisatie")) == sorted(names)


def test_a_name_is_text_and_never_markup(client):
    made = evaluation(entries=1)
    organisation = made.entries[0].submission.organisation
    organisation.name = "<script>alert(1)</script> & Zn"
    organisation.save()
    client.force_login(made.lead)
    content = client.get(page(made)).content.decode()
    assert "<script>alert" not in content
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; Zn" in content


def test_a_bid_that_fell_out_is_found_and_has_nothing_open(client):
    made = evaluation(entries=2)
    Entry.objects.filter(pk=made.entries[0].pk).update(status="excluded", status_reason="Te laat.")
    client.force_login(made.lead)
    assert list(cells(client, made, "?toon=uitgevallen")) == [name_of(made.entries[0])]
    assert list(cells(client, made, "?toon=open")) == [name_of(made.entries[1])]
