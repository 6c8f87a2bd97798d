"""A page of the register that somebody has already is not made again, as long as it would read the same."""

from datetime import date

import pytest

from achterhoek.accounts.enums import Role
from contracts.services.register import keep_due_versions
from providers.models import Organisation
from tests.factories import (
    MunicipalityFactory,
    OrganisationFactory,
    RegionFactory,
    SegmentFactory,
    TenderFactory,
    user_with,
)
from tests.factories.contracts import RegisterVersionFactory, contract_with_terms

pytestmark = pytest.mark.django_db
ADDRESSES = (
    "/register/?op=2024-06-27", "/register/versies/", "/register/versies/2024-06-27/", "/register/wie-helpt/",
    "/register/verschil/2022-07-01/2024-06-27/",
)  # fmt: skip


@pytest.fixture
def filled():
    segment = SegmentFactory(tender=TenderFactory(region=RegionFactory(is_default=True)), slug="jeugd")
    contract_with_terms(segment=segment, contractor=OrganisationFactory(name="Stichting Beek"))
    for day in (date(2022, 7, 1), date(2024, 6, 27)):
        RegisterVersionFactory(date=day)
    keep_due_versions()


@pytest.mark.parametrize("address", ADDRESSES)
def test_who_has_it_is_told_so_in_one_question_to_the_database(client, filled, django_assert_num_queries, address):
    first = client.get(address)
    assert first["ETag"].startswith('W/"')
    with django_assert_num_queries(1):
        again = client.get(address, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    assert {"Cookie", "Accept-Language"} <= {name.strip() for name in again["Vary"].split(",")}
    assert again["Cache-Control"] == "private, no-cache"


def test_a_write_or_another_language_is_another_page(client, filled):
    address = ADDRESSES[0]
    etag = client.get(address)["ETag"]
    assert client.get(address, headers={"If-None-Match": etag, "accept-language": "en"}).status_code == 200
    Organisation.objects.filter(name="Stichting Beek").update(name="Stichting De Beek")
    changed = client.get(address, headers={"If-None-Match": etag})
    assert changed.status_code == 200
    assert "Stichting De Beek" in changed.content.decode()


def test_a_page_that_holds_anothers_token_is_made_anew(client, filled):
    """Without its cookie the form that chooses a language would be refused."""
    etag = client.get(ADDRESSES[0])["ETag"]
    client.cookies.clear()
    assert client.get(ADDRESSES[0], headers={"If-None-Match": etag}).status_code == 200


def test_who_is_logged_in_gets_a_page_of_its_own(client, filled):
    user = user_with(Role.CLM)
    client.force_login(user)
    page = client.get(ADDRESSES[0])
    assert "ETag" not in page
    assert page["Cache-Control"] == "private, no-store"
    client.logout()
    MunicipalityFactory()
    assert user.get_full_name() not in client.get(ADDRESSES[0]).content.decode()


def test_a_refused_date_has_a_name_of_its_own(client, filled):
    wrong = client.get("/register/?op=2024-02-31")
    assert wrong["ETag"] != client.get(ADDRESSES[0])["ETag"]
