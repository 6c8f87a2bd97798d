"""Who would deliver where: beside the proposed award, told and not acted on."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from procurement.enums import EntryStatus, Stage
from procurement.models import Entry, Participation
from procurement.selectors.coverage import beside, landscape
from procurement.services.decisions import propose_decision
from providers.models import Consortium, ConsortiumMember
from tests.factories.decisions import Ranked, ranked_segment_round
from tests.factories.procurement import SegmentRoundFactory
from tests.factories.providers import OrganisationFactory
from tests.factories.region import MunicipalityFactory

pytestmark = pytest.mark.django_db


def page(client: Client, made: Ranked) -> str:
    client.force_login(made.lead)
    response = client.get(reverse("procurement:coverage", args=[made.segment_round.pk]))
    assert response.status_code == 200
    return response.content.decode()


def test_every_municipality_that_takes_part_has_both_who_are_chosen() -> None:
    made = ranked_segment_round()
    MunicipalityFactory(region=made.segment_round.round.tender.region, name="Zelhem", slug="zelhem")

    line = landscape(made.segment_round).line_of(made.segment_round)

    assert line is not None
    assert line.counts == (2, 2, None)
    assert [one.name for one in line.deliverers] == ["Zorg Aan De Slinge", "Coöperatie Buurtkracht"]


def test_who_fell_out_after_the_ranking_delivers_nothing_and_the_gap_is_named() -> None:
    made = ranked_segment_round()
    Entry.objects.filter(pk=made.entries[0].pk).update(status=EntryStatus.DROPPED, status_reason="Gestopt.")
    found = landscape(made.segment_round)
    assert [place for _segment, place in found.below_two] == ["Aalten", "Berkelland"]

    Entry.objects.filter(pk=made.entries[1].pk).update(status=EntryStatus.DROPPED, status_reason="Gestopt.")
    found = landscape(made.segment_round)
    assert [place for _segment, place in found.below_one] == ["Aalten", "Berkelland"]
    assert found.below_two == ()


def test_a_consortium_counts_once_and_names_its_members() -> None:
    made = ranked_segment_round()
    lead = made.entries[0].submission.organisation
    consortium = Consortium.objects.create(name="Combinatie De Slinge", lead=lead)
    for organisation in (lead, OrganisationFactory(name="Zorghoeve Het Lievelde")):
        ConsortiumMember.objects.create(consortium=consortium, organisation=organisation)

    line = landscape(made.segment_round).line_of(made.segment_round)

    assert line is not None
    assert line.counts == (2, 2)
    assert line.deliverers[0].partners == ("Zorghoeve Het Lievelde",)


def test_a_segment_without_a_ranking_counts_for_nothing_yet(client: Client) -> None:
    made = ranked_segment_round()
    other = SegmentRoundFactory(round=made.segment_round.round)
    Participation.objects.create(segment=other.segment, municipality=made.municipalities[0], participates=True)

    found = landscape(made.segment_round)

    line = found.line_of(other)
    assert line is not None
    assert not line.ranked
    assert found.below_one == found.below_two == ()
    assert other.segment.name in page(client, made)


def test_the_map_says_it_without_colour(client: Client) -> None:
    made = ranked_segment_round()
    Entry.objects.filter(pk=made.entries[0].pk).update(status=EntryStatus.DROPPED, status_reason="Gestopt.")

    html = page(client, made)

    assert "nlds-map__tile--warning" in html
    assert "no choice" in html or "geen keuze" in html
    assert "style=" not in html


@pytest.mark.parametrize("stage", [Stage.SELECTION, Stage.AWARD])
def test_it_stands_beside_the_proposed_award(client: Client, stage: str) -> None:
    made = ranked_segment_round(stage)
    client.force_login(made.lead)
    address = reverse("procurement:coverage", args=[made.segment_round.pk])

    before = client.get(reverse("procurement:decision_propose", args=[made.segment_round.pk])).content.decode()
    decision = propose_decision(segment_round=made.segment_round, note="", by=made.lead)
    after = client.get(reverse("procurement:decision", args=[decision.pk])).content.decode()

    assert (address in before) is (address in after) is (stage == Stage.AWARD)


def test_it_never_ranks_anew() -> None:
    made = ranked_segment_round()
    rows = list(made.ranking.rows.values_list("entry_id", "rank", "outcome"))
    Entry.objects.filter(pk=made.entries[0].pk).update(status=EntryStatus.DROPPED, status_reason="Gestopt.")

    assert beside(made.segment_round) is not None
    landscape(made.segment_round)

    assert list(made.ranking.rows.values_list("entry_id", "rank", "outcome")) == rows
    assert made.segment_round.rankings.count() == 1


def test_as_many_queries_for_one_bid_as_for_many(client: Client, django_assert_max_num_queries: Any) -> None:
    few = (("Eén", ("8", "8"), "selected"),)
    many = tuple((f"Aanbieder {n}", ("8", "8"), "selected") for n in range(9))
    for bids in (few, many):
        made = ranked_segment_round(bids=bids, municipalities=4)
        client.force_login(made.lead)
        with django_assert_max_num_queries(15):
            client.get(reverse("procurement:coverage", args=[made.segment_round.pk]))
