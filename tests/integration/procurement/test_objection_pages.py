"""The pages of objections: who opens what, what is refused beside its field, and nothing typed is lost."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from achterhoek.accounts.enums import Role
from achterhoek.clock import database_now
from procurement.models import Objection
from tests.factories.accounts import user_with
from tests.factories.objections import GROUNDS, Told, told
from tests.factories.providers import OrganisationFactory, member_of
from tests.factories.region import RegionFactory
from tests.factories.submissions import pdf

pytestmark = pytest.mark.django_db


def at(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def address(name: str, *args) -> str:
    return reverse(f"procurement:{name}", args=args)


@pytest.fixture
def made() -> Told:
    return told()


# A bidder ----------------------------------------------------------------------------------------------


def test_a_bidder_sees_both_dates_and_files(made: Told):
    client = at(made.member())
    home = client.get(reverse("providers:home")).content.decode()
    assert address("decision_own", made.decision.pk) in home
    page = client.get(address("decision_own", made.decision.pk)).content.decode()
    assert "data-countdown" in page
    assert address("objection_file", made.decision.pk) in page
    data = {"kind": "objection", "grounds": GROUNDS, "file": pdf()}
    response = client.post(address("objection_file", made.decision.pk), data)
    objection = Objection.objects.get()
    assert response.status_code == 302
    assert response["Location"] == address("objection_own", objection.pk)
    own = client.get(response["Location"]).content.decode()
    assert objection.number in own
    assert GROUNDS in own
    assert "Ja, zolang het in behandeling is" in own


def test_what_is_refused_stands_beside_its_field_and_nothing_is_lost(made: Told):
    client = at(made.member())
    url = address("objection_file", made.decision.pk)
    response = client.post(url, {"grounds": GROUNDS})
    page = response.content.decode()
    assert response.status_code == 422
    assert "id_kind_error" in page
    assert GROUNDS in page
    response = client.post(url, {"kind": "objection", "grounds": GROUNDS, "file": _not_a_pdf()})
    page = response.content.decode()
    assert response.status_code == 422
    assert "id_file_error" in page
    assert GROUNDS in page
    assert not Objection.objects.exists()


def _not_a_pdf():
    found = pdf("bezwaar.pdf")
    found.file.seek(0)
    found.file.write(b"Dit is geen pdf.")
    found.file.seek(0)
    return found


def test_late_is_said_before_and_after(made: Told):
    made.standstill_over()
    client = at(made.member())
    page = client.get(address("objection_file", made.decision.pk)).content.decode()
    assert "De opschortende termijn is voorbij" in page
    client.post(address("objection_file", made.decision.pk), {"kind": "objection", "grounds": GROUNDS})
    own = client.get(address("objection_own", Objection.objects.get().pk)).content.decode()
    assert "Nee: het is ontvangen na de opschortende termijn" in own


def test_another_bidder_learns_nothing(made: Told):
    objection = made.file()
    other = at(made.member(0))
    assert other.get(address("objection_own", objection.pk)).status_code == 404
    for url in (address("decision_own", made.decision.pk), reverse("providers:home")):
        page = other.get(url).content.decode()
        assert objection.number not in page
        assert made.loser.name not in page
    stranger = at(member_of(OrganisationFactory()))
    for name in ("decision_own", "objection_file"):
        assert stranger.get(address(name, made.decision.pk)).status_code == 404


def test_a_bidder_takes_back_what_is_its_own(made: Told):
    objection = made.file()
    assert at(made.member(0)).post(address("objection_own", objection.pk), {"reason": ""}).status_code == 404
    at(made.member()).post(address("objection_own", objection.pk), {"reason": ""})
    objection.refresh_from_db()
    assert objection.status == "withdrawn"
    page = at(made.member()).get(address("objection_own", objection.pk)).content.decode()
    assert "Trek het in" not in page


def test_history_of_a_bidder_names_nobody(made: Told):
    objection = made.taken(made.file())
    page = at(made.member()).get(address("objection_own", objection.pk)).content.decode()
    assert "Opgepakt" in page
    assert made.lead.name not in page


# The lead and the auditor ------------------------------------------------------------------------------


def test_the_lead_sees_what_holds_up_and_takes_it_up_and_answers(made: Told):
    objection = made.file()
    client = at(made.lead)
    page = client.get(address("objections", made.decision.pk)).content.decode()
    assert objection.number in page
    assert "nog in behandeling" in page
    assert "nog in behandeling" in client.get(address("decision", made.decision.pk)).content.decode()
    url = address("objection", objection.pk)
    client.post(address("objection_take_up", objection.pk))
    response = client.post(url, {"outcome": "upheld", "answer": "U heeft gelijk."})
    page = response.content.decode()
    assert response.status_code == 422
    assert "id_consequence_error" in page
    assert "U heeft gelijk." in page
    client.post(url, {"outcome": "upheld", "consequence": "reevaluation", "answer": "U heeft gelijk."})
    objection.refresh_from_db()
    assert objection.status == "upheld"
    page = client.get(address("objections", made.decision.pk)).content.decode()
    assert address("decision_withdraw", made.decision.pk) in page
    assert "U heeft gelijk." in at(made.member()).get(address("objection_own", objection.pk)).content.decode()


def test_the_lead_writes_down_a_writ(made: Told):
    client = at(made.lead)
    url = address("objection_register", made.decision.pk)
    moment = timezone.localtime(database_now() - timedelta(days=1))
    data = {
        "organisation": made.loser.pk, "kind": "interim_relief", "grounds": GROUNDS, "court": "",
        "received_at": moment.strftime("%Y-%m-%dT%H:%M"), "case_number": "C/05/1", "hearing_on": "2099-01-05",
    }  # fmt: skip
    response = client.post(url, data)
    assert response.status_code == 422
    assert "id_court_error" in response.content.decode()
    later = timezone.localtime(database_now() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    response = client.post(url, {**data, "court": "Rechtbank Gelderland", "received_at": later})
    assert response.status_code == 422
    assert "id_received_at_error" in response.content.decode()
    assert client.post(url, {**data, "court": "Rechtbank Gelderland"}).status_code == 302
    writ = Objection.objects.get()
    assert (writ.suspends, writ.court, writ.case_number) == (True, "Rechtbank Gelderland", "C/05/1")
    assert "Rechtbank Gelderland" in client.get(address("objection", writ.pk)).content.decode()


def test_taken_back_on_behalf_needs_how(made: Told):
    objection = made.file()
    client = at(made.lead)
    url = address("objection_withdraw", objection.pk)
    response = client.post(url, {"reason": ""})
    assert response.status_code == 422
    assert "id_reason_error" in response.content.decode()
    client.post(url, {"reason": "Per brief."})
    objection.refresh_from_db()
    assert objection.status == "withdrawn"


def test_the_auditor_reads_and_does_nothing(made: Told):
    objection = made.file()
    client = at(user_with(Role.AUDITOR, region=made.ranked.segment_round.round.tender.region))
    for url in (address("objections", made.decision.pk), address("objection", objection.pk)):
        page = client.get(url)
        assert page.status_code == 200
        assert "Pak het op" not in page.content.decode()
    assert client.post(address("objection", objection.pk), {}).status_code == 403


def test_a_lead_of_elsewhere_finds_nothing(made: Told):
    objection = made.file()
    client = at(user_with(Role.LEAD, region=RegionFactory()))
    for url in (
        address("objections", made.decision.pk), address("objection", objection.pk),
        address("objection_register", made.decision.pk), address("objection_withdraw", objection.pk),
    ):  # fmt: skip
        assert client.get(url).status_code == 404
    assert client.post(address("objection_take_up", objection.pk)).status_code == 404


# The complaints officer --------------------------------------------------------------------------------


def test_the_room_of_the_complaints_officer(made: Told):
    complaint, objection = made.file("complaint"), made.file()
    client = at(made.officer)
    assert client.get(reverse("home"), follow=True).status_code == 200
    page = client.get(address("complaints_home")).content.decode()
    assert complaint.number in page
    assert objection.number not in page
    assert client.get(address("objection", objection.pk)).status_code == 404
    client.post(address("objection_take_up", complaint.pk))
    url = address("objection", complaint.pk)
    client.post(url, {"outcome": "rejected", "answer": "De procedure is gevolgd."})
    complaint.refresh_from_db()
    assert (complaint.status, complaint.handler) == ("rejected", made.officer)


def test_the_lead_reads_a_complaint_and_cannot_handle_it(made: Told):
    complaint = made.file("complaint")
    client = at(made.lead)
    page = client.get(address("objection", complaint.pk)).content.decode()
    assert "De klachtbehandelaar behandelt dit" in page
    assert "Pak het op" not in page
    client.post(address("objection_take_up", complaint.pk))
    complaint.refresh_from_db()
    assert complaint.status == "received"


# Queries -----------------------------------------------------------------------------------------------


def test_lists_ask_as_much_for_many_as_for_one(made: Told):
    for user, url in (
        (made.lead, address("objections", made.decision.pk)),
        (made.officer, address("complaints_home")),
        (made.member(), reverse("providers:home")),
    ):
        Objection.objects.filter(status="received").update(
            status="withdrawn", ended_at=timezone.now(), ended_by=made.lead
        )
        client = at(user)
        made.file()
        made.file("complaint")
        client.get(url)
        with CaptureQueriesContext(
            connection,
        ) as few:
            client.get(url)
        for entry in made.ranked.entries[:2]:
            organisation = entry.submission.organisation
            for kind in ("objection", "complaint"):
                made.file(kind, organisation=organisation, by=member_of(organisation))
        with CaptureQueriesContext(connection) as many:
            client.get(url)
        # What holds up is told for the lead one by one, from the same query.
        assert len(many) <= len(few), url
