"""The register's API: what it gives, how it says no, and that an attacker finds nothing."""

from __future__ import annotations

from datetime import date

import pytest
import schemathesis
from django.core.cache import cache
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis import GenerationMode
from schemathesis.config import SchemathesisConfig

from achterhoek.wsgi import application
from contracts.api.app import document
from contracts.services.register import keep_due_versions
from tests.factories import ConsortiumFactory, OrganisationFactory, RegionFactory, SegmentFactory, TenderFactory
from tests.factories.contracts import RegisterVersionFactory, SubcontractorFactory, contract_with_terms, takes_part

pytestmark = pytest.mark.django_db
ROOT = "/api/v1"
DAY = {"op": "2024-06-27"}
PROBLEM = "application/problem+json"


@pytest.fixture
def filled(settings):
    settings.API_RATE = 0
    tender = TenderFactory(title="Inkoop 2022", region=RegionFactory(is_default=True))
    jeugd = SegmentFactory(tender=tender, slug="jeugd", name="Jeugd")
    wonen = SegmentFactory(tender=tender, slug="wonen", name="Wonen")
    takes_part(jeugd, "Aalten", "Oost Gelre")
    takes_part(wonen, "Winterswijk")
    beek = contract_with_terms(
        segment=jeugd, number="ACH-2022-0001",
        contractor=OrganisationFactory(name="Coöperatie Beek", kvk_number="90000001"),
    )  # fmt: skip
    spoor = OrganisationFactory(name="De Spoorzoeker", kvk_number="90000002")
    RegisterVersionFactory(date=date(2022, 7, 1), note="De eerste lijst.")
    RegisterVersionFactory(date=date(2024, 6, 27), note="Een onderaannemer erbij.")
    SubcontractorFactory(contract=beek, organisation=spoor, start=date(2024, 1, 1))
    consortium = ConsortiumFactory(name="Combinatie Oost")
    consortium.consortium_members.create(organisation=OrganisationFactory())
    contract_with_terms(segment=wonen, consortium=consortium, contractor=consortium.lead, number="ACH-2022-0002")
    assert keep_due_versions() == 2


def ask(client, path, **query):
    return client.get(f"{ROOT}{path}", query)


def test_registrations_are_those_of_the_day_and_can_be_narrowed(client, filled):
    found = ask(client, "/registrations", **DAY).json()
    assert [one["number"] for one in found["results"]] == ["ACH-2022-0001", "ACH-2022-0002"]
    assert (found["total"], found["on"]) == (2, "2024-06-27")
    assert found["results"][0]["from"] == "2022-07-01"
    for query in ({"segment": "wonen"}, {"municipality": "winterswijk"}, {"search": "combinatie oost"}):
        narrowed = ask(client, "/registrations", **DAY, **query).json()
        assert [one["number"] for one in narrowed["results"]] == ["ACH-2022-0002"]
    assert ask(client, "/registrations", op="2030-01-01").json()["results"] == []


def test_pages_lead_to_one_another(client, filled):
    first = ask(client, "/registrations", **DAY, pageSize=1).json()
    assert first["links"]["prev"] is None
    second = client.get(first["links"]["next"]).json()
    assert (second["page"], second["links"]["next"]) == (2, None)
    assert client.get(second["links"]["prev"]).json() == first
    past = ask(client, "/registrations", **DAY, page=3)
    assert (past.status_code, past["Content-Type"]) == (404, PROBLEM)


def test_one_contract_and_one_organisation(client, filled):
    assert ask(client, "/registrations/ACH-2022-0001", **DAY).json()["partner"] == "Coöperatie Beek"
    assert ask(client, "/registrations/ACH-2022-0001", op="2020-01-01").status_code == 404
    spoor = ask(client, "/providers/90000002", **DAY).json()
    assert [(one["contract"], one["role"]) for one in spoor["registrations"]] == [("ACH-2022-0001", "subcontractor")]
    assert ask(client, "/providers/00000000").status_code == 404


def test_organisations_are_found_by_their_own_name(client, filled):
    found = ask(client, "/providers", **DAY, search="spoorzoeker").json()
    assert [one["name"] for one in found["results"]] == ["De Spoorzoeker"]
    assert ask(client, "/providers", **DAY, segment="wonen").json()["total"] == 2


def test_versions_with_their_files_and_what_differs(client, filled):
    newest, oldest = ask(client, "/versions").json()["results"]
    assert (newest["date"], oldest["date"], newest["kept"]) == ("2024-06-27", "2022-07-01", True)
    assert client.get(newest["links"]["json"]).json()["on"] == "2024-06-27"
    assert ask(client, "/versions/2024-06-27").json() == newest
    assert ask(client, "/versions/2024-06-27/registrations").json()["total"] == 2
    found = ask(client, "/differences", **{"from": "2022-07-01", "to": "2024-06-27"}).json()
    assert [one["kvk_number"] for one in found["subcontractors"]["added"]] == ["90000002"]
    assert found["contractors"] == {"added": [], "ended": []}
    assert ask(client, "/versions/2024-06-28").status_code == 404


@pytest.mark.parametrize(
    ("path", "query", "name"),
    [
        ("/registrations", {"op": "gisteren"}, "op"),
        ("/registrations", {"op": "0000-01-01"}, "op"),
        ("/registrations", {"op": "2024-02-31"}, "op"),
        ("/providers", {"op": "2024-06-27T00:00:00"}, "op"),
        ("/registrations", {"op": "0"}, "op"),
        ("/versions/1719446400", {}, "date"),
        ("/versions/2024-02-31", {}, "date"),
        ("/registrations", {"search": "x" * 101}, "search"),
        ("/registrations", {"page": "9" * 40}, "page"),
        ("/registrations", {"gemeente": "aalten"}, "gemeente"),
        ("/registrations", {"page": "0"}, "page"),
        ("/registrations", {"pageSize": "101"}, "pageSize"),
        ("/registrations", {"op": ["2024-01-01", "2024-01-02"]}, "op"),
        ("/differences", {"from": "2022-07-01"}, "to"),
        ("/providers/123", {}, "kvkNumber"),
    ],
)
def test_what_cannot_be_read_is_told_by_its_name(client, filled, path, query, name):
    response = client.get(f"{ROOT}{path}", query)
    assert (response.status_code, response["Content-Type"]) == (400, PROBLEM)
    assert [one["name"] for one in response.json()["invalid_params"]] == [name]


@pytest.mark.parametrize("search", ["%", "_", "\x00", ".*", "' OR 1=1 --", "\\", "*"])
def test_what_is_searched_is_taken_as_it_was_typed(client, filled, search):
    response = ask(client, "/registrations", **DAY, search=search)
    assert response.status_code in (200, 400)
    assert response.status_code == 400 or response.json()["results"] == []


@pytest.mark.parametrize("path", ["/registrations/", "/nothing", "/versions/2024-06-27/files", "/"])
def test_what_is_not_there_is_told_as_a_problem_and_no_slash_is_added(client, filled, path):
    response = ask(client, path)
    assert (response.status_code, response["Content-Type"]) == (404, PROBLEM)


def test_every_answer_says_its_version_and_may_be_read_by_any_site(client, filled):
    for path in ("", "/registrations", "/nothing", "/openapi.json", "/versions", "/registrations?x=1"):
        response = client.get(f"{ROOT}{path}")
        assert response["API-Version"] == "1.0.0"
        assert response["Access-Control-Allow-Origin"] == "*"


def test_it_only_reads():
    client = Client(enforce_csrf_checks=True)
    for method in ("post", "put", "patch", "delete"):
        response = getattr(client, method)(f"{ROOT}/registrations")
        assert (response.status_code, response["Content-Type"]) == (405, PROBLEM)
        assert response["Allow"] == "GET, HEAD, OPTIONS"
    assert client.options(f"{ROOT}/registrations").status_code == 204
    assert client.head(f"{ROOT}/versions").content == b""


def test_who_has_it_already_is_told_so_until_something_changes(client, filled, django_assert_num_queries):
    address = f"{ROOT}/registrations?op=2024-06-27"
    first = client.get(address)
    with django_assert_num_queries(1):
        again = client.get(address, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    assert client.get(address + "&page=1", headers={"If-None-Match": first["ETag"]}).status_code == 200
    assert client.get(f"{ROOT}/nothing", headers={"If-None-Match": "*"}).status_code == 404
    # A name is no part of any version, and still another answer.
    OrganisationFactory._meta.model.objects.filter(kvk_number="90000001").update(name="Coöperatie De Beek")
    changed = client.get(address, headers={"If-None-Match": first["ETag"]})
    assert changed.json()["results"][0]["partner"] == "Coöperatie De Beek"


def test_who_asks_too_often_is_told_when_to_come_back(settings):
    settings.API_RATE = 3
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 0
    cache.clear()
    often, other = Client(REMOTE_ADDR="192.0.2.7"), Client(REMOTE_ADDR="192.0.2.8")
    answers = [often.get(f"{ROOT}/versions") for _ in range(4)]
    assert [one.status_code for one in answers] == [200, 200, 200, 429]
    assert answers[0]["RateLimit-Remaining"] == "2"
    assert 1 <= int(answers[3]["Retry-After"]) <= 61
    assert answers[3]["Content-Type"] == PROBLEM
    assert other.get(f"{ROOT}/versions").status_code == 200


def test_the_number_of_questions_to_the_database_stays_the_same(client, filled, django_assert_max_num_queries):
    with django_assert_max_num_queries(8):
        ask(client, "/registrations", op="2024-06-28")
    with django_assert_max_num_queries(2):
        ask(client, "/versions")


def test_the_document_is_openapi_3_1_and_the_page_is_made_of_it(client, filled):
    said = ask(client, "/openapi.json").json()
    OpenAPIV31SpecValidator(said).validate()
    assert said["openapi"].startswith("3.1")
    page = client.get(f"{ROOT}/docs").content.decode()
    for path, item in said["paths"].items():
        assert path.lower() == path or "kvkNumber" in path
        assert item["get"]["summary"] in page


CONFIG = SchemathesisConfig.from_dict({"generation": {"deterministic": True}})


@pytest.fixture
def attacked(filled):
    """In this process and in the transaction of the test, which no request may end by closing its connection."""
    ends = (request_started, request_finished)
    for signal in ends:
        signal.disconnect(close_old_connections)
    yield schemathesis.openapi.from_wsgi(f"{ROOT}/openapi.json", application, config=CONFIG)
    for signal in ends:
        signal.connect(close_old_connections)


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_an_attacker_finds_nothing(attacked, mode):
    """Values that fit the document and values that do not: nothing breaks, and every answer is as it says."""
    found = [result.ok() for result in attacked.get_all_operations()]
    assert sorted(operation.path for operation in found) == sorted(document()["paths"])
    for operation in found:
        answers = _attack(operation, mode)
        if mode == GenerationMode.POSITIVE:
            # By chance nobody guesses a number that exists: what is there is asked by name.
            answers |= {operation.Case(**THERE.get(operation.path, {})).call_and_validate().status_code}
            assert 200 in answers, operation.path
        else:
            assert answers & {400, 404, 405}, operation.path


THERE = {
    "/registrations/{number}": {"path_parameters": {"number": "ACH-2022-0001"}, "query": dict(DAY)},
    "/providers/{kvkNumber}": {"path_parameters": {"kvkNumber": "90000002"}, "query": dict(DAY)},
    "/versions/{date}": {"path_parameters": {"date": "2024-06-27"}},
    "/versions/{date}/registrations": {"path_parameters": {"date": "2024-06-27"}},
    "/differences": {"query": {"from": "2022-07-01", "to": "2024-06-27"}},
}


def _attack(operation, mode):
    """The statuses of the answers; each answer is held against the document."""
    answers = set()

    @hypothesis_settings(
        max_examples=10,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def attack(case):
        answers.add(case.call_and_validate().status_code)

    attack()
    return answers
