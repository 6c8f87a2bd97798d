"""The front page is made of data: a region's texts, its open tenders, and the plan with its changes."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from achterhoek.region.models import Region
from tests.factories import RoundFactory, TenderFactory

pytestmark = pytest.mark.django_db


def test_without_a_region_the_page_says_so(client: Client) -> None:
    answer = client.get("/")
    assert answer.status_code == 200
    assert "nog geen regio" in answer.content.decode()


def test_the_page_shows_the_region_that_is_loaded(client: Client) -> None:
    call_command("load_region", "achterhoek", "alkmaar")
    page = client.get("/").content.decode()
    for words in (
        "Jeugdhulp, Wmo en Wonen in de Achterhoek",
        "Klopt het dat er nu veel minder aanbieders een contract hebben?",
        "Kwaliteitskader Wmo 2015 en Jeugdwet",
        "Gezins- en Woonvormen",
        "Aanpak, eerste besluiten en dialoog",
        "besloten op 25 september 2020",
        "Oude",
        "6/8",
        "/register/",
    ):
        assert words in page
    assert "Alkmaar" not in page


def test_another_region_may_be_the_front_page(client: Client) -> None:
    call_command("load_region", "achterhoek", "alkmaar")
    Region.objects.filter(slug="achterhoek").update(is_default=False)
    Region.objects.filter(slug="alkmaar").update(is_default=True)
    page = client.get("/").content.decode()
    assert "Inkoop Jeugdhulp en Wmo in de regio Alkmaar" in page
    assert "Doetinchem" not in page


def test_open_tenders_stand_on_top_with_their_deadline(client: Client, django_assert_num_queries: Any) -> None:
    call_command("load_region", "achterhoek")
    region = Region.objects.get()
    RoundFactory(tender=TenderFactory(region=region, title="Oefening logeren"))
    with django_assert_num_queries(11):
        client.get("/")
    RoundFactory(tender=TenderFactory(region=region, title="Oefening wonen"))
    with django_assert_num_queries(11):
        page = client.get("/")
    assert len(page.context["page"].open_tenders) == 2
    assert "Oefening logeren" in page.content.decode()
