"""Team CLM's desk: one page with all that matters. And a municipality's page of advice."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from achterhoek.accounts.enums import Role
from achterhoek.documents.services import accept_pdf
from contracts.enums import ChangeKind, ChangeStatus, EvidenceKind
from contracts.models import ChangeAdvice, ChangeEvidence, ContractMunicipality, Obligation
from contracts.selectors.change_checks import findings_of
from contracts.services.change_decisions import decide_change
from contracts.services.contracts import terminate_contract
from procurement.enums import Outcome
from procurement.models import Ranking, RankingRow, SubSegment
from procurement.models.round import Requirement
from tests.factories import MunicipalityFactory, RegionFactory, member_of, user_with
from tests.factories.contracts import (
    SubcontractorChangeFactory,
    SubcontractorFactory,
    final_award_decision,
    running_contract,
)
from tests.factories.documents import pdf, test_key

pytestmark = pytest.mark.django_db
LIST = "/beheer/contracts/subcontractorchange/"
TODAY = timezone.localdate


@pytest.fixture
def clm(client):
    user = user_with(Role.CLM)
    client.force_login(user)
    return user


@pytest.fixture
def change():
    return SubcontractorChangeFactory(contract=running_contract())


@pytest.fixture
def place(change):
    return MunicipalityFactory(region=change.contract.segment.tender.region, name="Winterswijk")


@pytest.fixture
def secretary(place):
    return user_with(Role.COLLEGE, municipality=place)


def page_of(change, step="change", *args):
    return reverse(f"admin:contracts_subcontractorchange_{step}", args=[change.pk, *args])


def marks(change):
    return {finding.code: (finding.mark.name, finding.case) for finding in findings_of(change)}


def with_evidence(change, kind, issued_on=None):
    stored = accept_pdf(
        upload=SimpleUploadedFile("stuk.pdf", pdf()), kind="change_evidence", by=change.requested_by,
        sealing_key=test_key(),
    )  # fmt: skip
    ChangeEvidence.objects.create(
        change=change, kind=kind, file=stored, issued_on=issued_on, added_by=change.requested_by
    )


# Checks --------------------------------------------------------------------------------------------


def test_a_newcomer_is_held_against_all_that_is_known_of_it(change):
    ended = running_contract(contractor=change.organisation)
    assert marks(change)["terminated"] == ("OK", "ok")
    terminate_contract(contract=ended, on=TODAY() + timedelta(days=40), reason="Wanprestatie.", by=user_with(Role.CLM))
    refused = SubcontractorChangeFactory(
        contract=running_contract(segment=change.contract.segment), organisation=change.organisation
    )
    decide_change(change=refused, outcome=ChangeStatus.REFUSED, reason="Nee.", by=user_with(Role.CLM))
    Requirement.objects.create(
        round=final_award_decision(segment=change.contract.segment).segment_round.round, code="M1", title="VOG",
        text="Iedereen heeft een VOG.",
    )  # fmt: skip
    with_evidence(change, EvidenceKind.SELF_DECLARATION)
    with_evidence(change, EvidenceKind.KVK_EXTRACT, TODAY() - timedelta(days=300))
    found = marks(change)
    assert found["terminated"] == ("ATTENTION", "found")
    assert found["refused"] == ("ATTENTION", "found")
    assert found["declaration"] == ("OK", "ok")
    assert found["kvk_extract"] == ("STOP", "expired")
    assert found["tax"] == ("ATTENTION", "missing")
    assert found["requirements"] == ("OK", "ok")


def test_an_exclusion_is_known_only_after_the_bidder_was_told(change):
    decision = final_award_decision(segment=change.contract.segment)
    entry = decision.awards.first().entry
    change.organisation = entry.submission.organisation
    change.save(update_fields=["organisation"])
    untold = Ranking.objects.create(
        segment_round=decision.segment_round, sequence=2, dossier="{}", result="{}", digest="sha256:1", code_version="1"
    )
    row = RankingRow.objects.create(ranking=untold, entry=entry, position=1, outcome=Outcome.EXCLUDED)
    assert marks(change)["excluded"] == ("OK", "ok")
    row.ranking = decision.ranking
    row.save(update_fields=["ranking"])
    assert marks(change)["excluded"] == ("STOP", "found")


def test_a_stop_tells_what_it_leaves_uncovered(client, clm, change, place):
    contract = change.contract
    part = SubSegment.objects.create(segment=contract.segment, slug="spel", name="Speltherapie jong")
    sub = SubcontractorFactory(contract=contract, start=contract.start)
    sub.subsegments.set([part])
    ContractMunicipality.objects.create(contract=contract, municipality=place, start=contract.start)
    Obligation.objects.create(
        contract=contract, sequence=1, promise="Binnen drie weken op gesprek.", source="K1 vraag 2",
        due_on=TODAY() - timedelta(days=1),
    )  # fmt: skip
    stop = SubcontractorChangeFactory(
        contract=contract, kind=ChangeKind.STOP, organisation=sub.organisation, clients=14, continuity="Eigen mensen.",
        effective_on=TODAY() + timedelta(days=30),
    )  # fmt: skip
    found = marks(stop)
    assert found["coverage"] == ("STOP", "nobody")
    assert found["promises"] == ("ATTENTION", "late")
    assert found["clients"] == ("ATTENTION", "found")
    page = client.get(page_of(stop)).content.decode()
    for text in ("Winterswijk", "Speltherapie jong", "niemand over", "Binnen drie weken op gesprek.", "14"):
        assert text in page
    other = SubcontractorFactory(contract=contract, start=contract.start)
    other.subsegments.set([part])
    assert marks(stop)["coverage"] == ("ATTENTION", "found")


def test_who_leaves_before_that_day_does_not_count(change, place):
    contract = change.contract
    part = SubSegment.objects.create(segment=contract.segment, slug="spel", name="Spel")
    ContractMunicipality.objects.create(contract=contract, municipality=place, start=contract.start)
    day = TODAY() + timedelta(days=30)
    stays, leaves = (
        SubcontractorFactory(contract=contract, start=contract.start, end=end) for end in (None, day)
    )  # fmt: skip
    for sub in (stays, leaves):
        sub.subsegments.set([part])
    stop = SubcontractorChangeFactory(
        contract=contract, kind=ChangeKind.STOP, organisation=stays.organisation, effective_on=day
    )
    assert marks(stop)["coverage"] == ("STOP", "nobody")


@pytest.mark.parametrize("kind", [ChangeKind.ADD, ChangeKind.STOP])
@pytest.mark.parametrize("count", [1, 8])
def test_checks_take_a_fixed_number_of_queries(change, place, django_assert_max_num_queries, kind, count):
    contract = change.contract
    for _number in range(count):
        other = running_contract(segment=contract.segment)
        ContractMunicipality.objects.create(contract=other, municipality=place, start=other.start)
        SubcontractorFactory(contract=other, start=other.start)
        Obligation.objects.create(contract=contract, sequence=_number, promise="Iets", source="K1")
    sub = SubcontractorFactory(contract=contract, start=contract.start)
    asked = SubcontractorChangeFactory(contract=contract, kind=kind, organisation=sub.organisation)
    with django_assert_max_num_queries(16):
        findings_of(asked.__class__.objects.get(pk=asked.pk))


# The page ------------------------------------------------------------------------------------------


def test_each_check_has_its_rule_and_source(client, clm, change):
    page = client.get(page_of(change)).content.decode()
    for text in ("Aw 2.84", "Aw 2.89", "Aw 2.86-2.87", "Er is geen eigen verklaring", "Niet ingeleverd", "Stop"):
        assert text in page


def test_a_question_is_asked_from_the_page_and_an_empty_one_told(client, clm, change):
    empty = client.post(page_of(change, "question"), {"vraag-text": " "})
    assert empty.status_code == 422
    assert 'id="id_vraag-text_error"' in empty.content.decode()
    assert "Fout: " in empty.content.decode()
    assert client.post(page_of(change, "question"), {"vraag-text": "Waarom?"}).status_code == 302
    change.refresh_from_db()
    assert change.status == ChangeStatus.QUESTIONED
    page = client.get(page_of(change)).content.decode()
    assert "Waarom?" in page
    assert 'name="vraag-text"' not in page
    assert 'value="approved"' not in page


def test_advice_is_asked_and_given_and_shown(client, clm, change, place, secretary):
    data = {"advies-question": "Kent u deze partij?", "advies-due_on": TODAY().isoformat()}
    assert 'id="id_advies-municipalities_error"' in client.post(page_of(change, "advice"), data).content.decode()
    client.post(page_of(change, "advice"), {**data, "advies-municipalities": [place.pk]})
    advice = ChangeAdvice.objects.get()
    client.force_login(secretary)
    assert reverse("contracts:advice", args=[advice.pk]) in client.get("/college/").content.decode()
    url = reverse("contracts:advice", args=[advice.pk])
    page = client.get(url).content.decode()
    assert "Kent u deze partij?" in page
    assert change.reason in page
    refused = client.post(url, {"outcome": "negative", "text": ""})
    assert 'id="id_text_error"' in refused.content.decode()
    assert client.post(url, {"outcome": "negative", "text": "Te weinig ervaring."}).status_code == 302
    assert "Te weinig ervaring." in client.get(url).content.decode()
    client.force_login(clm)
    assert "Te weinig ervaring." in client.get(page_of(change)).content.decode()


def test_another_municipality_or_region_finds_no_advice(client, change, place):
    advice = ChangeAdvice.objects.create(
        change=change, municipality=place, asked_by=user_with(Role.CLM), due_on=TODAY(), question="Geheim?"
    )
    other = MunicipalityFactory(region=place.region)
    client.force_login(user_with(Role.COLLEGE, municipality=other))
    assert client.get(reverse("contracts:advice", args=[advice.pk])).status_code == 404
    assert "Geheim" not in client.get(reverse("contracts:advices")).content.decode()
    assert change.organisation.name not in client.get("/college/").content.decode()
    client.force_login(user_with(Role.AUDITOR, region=RegionFactory()))
    assert client.get(reverse("contracts:advice", args=[advice.pk])).status_code == 404
    for user in (member_of(change.contract.contractor), user_with(Role.LEAD)):
        client.force_login(user)
        assert client.get(reverse("contracts:advice", args=[advice.pk])).status_code == 403


def test_a_decision_with_a_later_day_and_conditions_that_are_followed_up(client, clm, change):
    later = TODAY() + timedelta(days=21)
    data = {
        "outcome": "conditional", "reason": "Tijdelijk.", "conditions": "Lever een uittreksel.\nMeld het aantal.",
        "takes_effect_on": later.isoformat(), "conditions_due_on": later.isoformat(),
    }  # fmt: skip
    early = client.post(page_of(change), {**data, "takes_effect_on": (TODAY() - timedelta(days=1)).isoformat()})
    assert 'id="id_takes_effect_on_error"' in early.content.decode()
    assert "Lever een uittreksel." in early.content.decode()
    assert client.post(page_of(change), data).status_code == 302
    assert client.get(LIST, {"conditions": "open"}).context["cl"].result_count == 1
    assert client.get(LIST, {"conditions": "late"}).context["cl"].result_count == 0
    met = page_of(change, "condition", 1)
    wrong = client.post(met, {"voorwaarde-1-met_on": ""})
    assert 'id="id_voorwaarde-1-met_on_error"' in wrong.content.decode()
    client.post(met, {"voorwaarde-1-met_on": TODAY().isoformat(), "voorwaarde-1-remark": "Gezien."})
    page = client.get(page_of(change)).content.decode()
    assert "Gezien." in page
    assert 'name="voorwaarde-2-met_on"' in page
    assert 'name="voorwaarde-1-met_on"' not in page


@pytest.mark.parametrize("step", ["question", "advice"])
def test_the_auditor_reads_the_page_and_takes_no_step(client, change, place, secretary, step):
    client.force_login(user_with(Role.AUDITOR))
    page = client.get(page_of(change)).content.decode()
    assert "Aw 2.89" in page
    assert "<textarea" not in page
    data = {
        "vraag-text": "Mag niet.", "advies-municipalities": [place.pk], "advies-due_on": TODAY().isoformat(),
    }  # fmt: skip
    client.post(page_of(change, step), data)
    change.refresh_from_db()
    assert change.status == ChangeStatus.REQUESTED
    assert not change.advices.exists()


def test_team_clm_of_another_region_sees_nothing_of_it(client, change):
    client.force_login(user_with(Role.CLM, region=RegionFactory()))
    for url in (page_of(change), page_of(change, "question"), page_of(change, "advice")):
        assert client.get(url).status_code == 404
        assert client.post(url, {"outcome": "refused", "reason": "Nee."}).status_code == 404
    assert client.get(LIST).context["cl"].result_count == 0
    assert change.organisation.name not in client.get(f"{LIST}lijst.csv").content.decode("utf-8-sig")


def test_a_refusal_in_another_region_stays_there(client, change):
    elsewhere = SubcontractorChangeFactory(contract=running_contract(), organisation=change.organisation)
    client.force_login(user_with(Role.CLM, region=change.contract.segment.tender.region))
    page = client.get(page_of(change)).content.decode()
    same = elsewhere.contract.segment.tender.region_id == change.contract.segment.tender.region_id
    assert (page_of(elsewhere) in page) is same


@pytest.mark.parametrize("count", [1, 8])
def test_the_pages_queries_do_not_grow(client, clm, change, place, django_assert_max_num_queries, count):
    for number in range(count):
        SubcontractorFactory(contract=change.contract, start=change.contract.start)
        change.messages.create(side="clm", text="Vraag", author=clm)
        SubcontractorChangeFactory(contract=running_contract(), organisation=change.organisation)
        change.advices.create(
            municipality=MunicipalityFactory(region=place.region), asked_by=clm, due_on=TODAY(), question=str(number)
        )
    with django_assert_max_num_queries(48):
        client.get(page_of(change))
