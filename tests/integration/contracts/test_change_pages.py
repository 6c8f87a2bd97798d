"""The contractor's side of a change: nothing is chosen or typed twice, and questions are answered."""

from datetime import timedelta
from unittest.mock import patch

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from achterhoek.accounts.enums import Role
from achterhoek.documents.gate import may_read
from achterhoek.documents.models import StoredFile
from achterhoek.documents.storage import StorageDown
from contracts.enums import AdviceOutcome, ChangeKind, ChangeStatus, EvidenceKind
from contracts.models import ChangeAdvice, ChangeEvidence, HeldEvidence, SubcontractorChange
from contracts.services.change_evidence import sweep_held_evidence
from contracts.services.change_talk import ask_question
from procurement.models import SubSegment
from tests.factories import MunicipalityFactory, OrganisationFactory, RegionFactory, member_of, user_with
from tests.factories.contracts import SubcontractorChangeFactory, SubcontractorFactory, running_contract
from tests.factories.documents import pdf

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate


@pytest.fixture
def contract():
    return running_contract()


@pytest.fixture
def member(client, contract):
    user = member_of(contract.contractor)
    client.force_login(user)
    return user


@pytest.fixture
def newcomer():
    return OrganisationFactory(kvk_number="91234567")


def document(name="stuk.pdf", content=None):
    return SimpleUploadedFile(name, content if content is not None else pdf())


def typed(**fields):
    return {
        "kvk_number": "91234567", "part_of_work": "Speltherapie", "reason": "De wachttijd is te lang.",
        "effective_on": (TODAY() + timedelta(days=10)).isoformat(), **fields,
    }  # fmt: skip


def add_url(contract):
    return reverse("contracts:change_new", args=[contract.pk])


def url_of(change, name="change"):
    return reverse(f"contracts:{name}", args=[change.contract_id, change.pk])


# Documents -----------------------------------------------------------------------------------------


def test_a_document_of_a_refused_form_is_kept_and_not_asked_again(client, contract, member, newcomer):
    refused = client.post(
        add_url(contract), typed(reason="", file_self_declaration=document(), file_kvk_extract=document())
    )
    assert refused.status_code == 422
    page = refused.content.decode()
    assert 'id="id_reason_error"' in page
    assert 'id="id_file_self_declaration_error"' not in page
    assert 'id="id_issued_kvk_extract_error"' in page
    assert page.count("Ontvangen: pdf") == 2
    assert "Ontvangen: pdf" in client.get(add_url(contract)).content.decode()
    issued = TODAY() - timedelta(days=30)
    assert client.post(add_url(contract), typed(issued_kvk_extract=issued.isoformat())).status_code == 302
    change = SubcontractorChange.objects.get()
    assert list(change.evidence.values_list("kind", "issued_on")) == [
        (EvidenceKind.KVK_EXTRACT, issued), (EvidenceKind.SELF_DECLARATION, None),
    ]  # fmt: skip
    assert not HeldEvidence.objects.exists()


def test_a_document_is_left_out_or_replaced_before_sending(client, contract, member, newcomer):
    issued = (TODAY() - timedelta(days=3)).isoformat()
    client.post(add_url(contract), typed(reason="", file_tax=document(), issued_tax=issued))
    first = HeldEvidence.objects.get()
    client.post(add_url(contract), typed(reason="", file_tax=document("nieuw.pdf", pdf(pages=2)), issued_tax=issued))
    assert HeldEvidence.objects.get().file.pages == 2
    assert not StoredFile.objects.filter(pk=first.file_id).exists()
    sent = client.post(add_url(contract), typed(drop_tax="on", issued_tax="", file_self_declaration=document()))
    assert sent.status_code == 302
    assert list(ChangeEvidence.objects.values_list("kind", flat=True)) == [EvidenceKind.SELF_DECLARATION]


@pytest.mark.parametrize("content", [b"MZ no pdf", b"", pdf(script=True), pdf(password="geheim")])
def test_what_is_no_safe_pdf_is_told_beside_its_field(client, contract, member, newcomer, content):
    page = client.post(add_url(contract), typed(file_self_declaration=document("x.pdf", content))).content.decode()
    assert 'id="id_file_self_declaration_error"' in page
    assert not StoredFile.objects.exists()
    assert not SubcontractorChange.objects.exists()


def test_a_store_that_is_away_costs_only_the_file(client, contract, member, newcomer):
    with patch("achterhoek.documents.storage.put", side_effect=StorageDown):
        answer = client.post(add_url(contract), typed(file_self_declaration=document()))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'id="id_file_self_declaration_error"' in page
    assert "De wachttijd is te lang." in page
    assert client.post(add_url(contract), typed(file_self_declaration=document())).status_code == 302


def test_without_a_self_declaration_nobody_is_added(client, contract, member, newcomer):
    page = client.post(add_url(contract), typed()).content.decode()
    assert 'id="id_file_self_declaration_error"' in page


def test_a_document_of_tomorrow_does_not_exist(client, contract, member, newcomer):
    tomorrow = (TODAY() + timedelta(days=1)).isoformat()
    page = client.post(
        add_url(contract), typed(file_self_declaration=document(), file_tax=document(), issued_tax=tomorrow)
    )
    assert 'id="id_issued_tax_error"' in page.content.decode()


def test_who_reads_the_documents(client, contract, member, newcomer):
    client.post(add_url(contract), typed(reason="", file_self_declaration=document()))
    held = HeldEvidence.objects.get().file
    colleague = member_of(contract.contractor)
    assert may_read(member, held)
    assert not may_read(colleague, held)
    client.post(add_url(contract), typed())
    change = SubcontractorChange.objects.get()
    stored = change.evidence.get().file
    place = MunicipalityFactory(region=contract.segment.tender.region)
    secretary = user_with(Role.COLLEGE, municipality=place)
    ChangeAdvice.objects.create(change=change, municipality=place, asked_by=user_with(Role.CLM), due_on=TODAY())
    readers = {
        "own": member, "colleague": colleague, "clm": user_with(Role.CLM), "auditor": user_with(Role.AUDITOR),
        "other contractor": member_of(OrganisationFactory()), "newcomer": member_of(newcomer), "college": secretary,
        "other region": user_with(Role.CLM, region=RegionFactory()), "evaluator": user_with(Role.EVALUATOR),
    }  # fmt: skip
    assert {who for who, user in readers.items() if may_read(user, stored)} == {"own", "colleague", "clm", "auditor"}


def test_team_clm_opens_the_document_under_its_own_name(client, contract, member, newcomer):
    client.post(add_url(contract), typed(file_self_declaration=document("verklaring-kikker.pdf"), clients="3"))
    change = SubcontractorChange.objects.get()
    assert change.clients == 3
    url = reverse("documents:download", args=[change.evidence.get().file_id])
    client.force_login(user_with(Role.CLM))
    answer = client.get(url)
    assert b"".join(answer.streaming_content).startswith(b"%PDF-")
    assert "verklaring-kikker.pdf" in answer["Content-Disposition"]
    client.force_login(member_of(OrganisationFactory()))
    assert client.get(url).status_code == 404


def test_what_is_never_sent_goes_after_a_month(client, contract, member, newcomer):
    client.post(add_url(contract), typed(reason="", file_self_declaration=document()))
    assert sweep_held_evidence() == 0
    HeldEvidence.objects.update(held_at=timezone.now() - timedelta(days=31))
    assert sweep_held_evidence() == 1
    assert not StoredFile.objects.exists()


# What is asked -------------------------------------------------------------------------------------


def test_the_parts_of_the_contract_are_chosen(client, contract, member, newcomer):
    parts = [SubSegment.objects.create(segment=contract.segment, slug=name, name=name) for name in "abc"]
    contract.subsegments.set(parts[:2])
    data = typed(file_self_declaration=document())
    assert 'id="id_subsegments_error"' in client.post(add_url(contract), data).content.decode()
    foreign = client.post(add_url(contract), typed(subsegments=[parts[2].pk]))
    assert 'id="id_subsegments_error"' in foreign.content.decode()
    assert client.post(add_url(contract), typed(subsegments=[parts[0].pk])).status_code == 302
    assert list(SubcontractorChange.objects.get().subsegments.all()) == [parts[0]]


def test_a_citizen_service_number_is_not_taken_in(client, contract, member, newcomer):
    page = client.post(add_url(contract), typed(continuity="Cliënt 111222333 gaat over.")).content.decode()
    assert 'id="id_continuity_error"' in page


def test_other_work_is_asked_and_that_nothing_changes_is_told(client, contract, member):
    sub = SubcontractorFactory(contract=contract, start=contract.start)
    url = reverse("contracts:change_edit", args=[contract.pk, sub.pk])
    assert "Speltherapie" in client.get(url).content.decode()
    data = typed(clients="4", continuity="Dezelfde mensen blijven.")
    assert 'id="id_part_of_work_error"' in client.post(url, data).content.decode()
    assert client.post(url, {**data, "part_of_work": "Muziektherapie"}).status_code == 302
    change = SubcontractorChange.objects.get()
    assert (change.kind, change.part_of_work, change.clients) == (ChangeKind.CHANGE, "Muziektherapie", 4)


@pytest.mark.parametrize("clients", ["", "-1", "Jan en Piet", "1000000"])
def test_clients_are_a_number(client, contract, member, clients):
    sub = SubcontractorFactory(contract=contract, start=contract.start)
    url = reverse("contracts:change_stop", args=[contract.pk, sub.pk])
    page = client.post(url, typed(clients=clients, continuity="Eigen mensen.")).content.decode()
    assert 'id="id_clients_error"' in page
    assert "Eigen mensen." in page


# Its own page --------------------------------------------------------------------------------------


def test_a_question_is_answered_with_a_document(client, contract, member):
    change = SubcontractorChangeFactory(contract=contract, requested_by=member)
    ask_question(change=change, text="Is er een uittreksel?", by=user_with(Role.CLM))
    assert "1 vraag wacht op uw antwoord" in client.get("/mijn/").content.decode()
    assert url_of(change) in client.get(reverse("contracts:contract", args=[contract.pk])).content.decode()
    assert "Is er een uittreksel?" in client.get(url_of(change)).content.decode()
    issued = TODAY().isoformat()
    empty = client.post(url_of(change), {"text": "", "file_kvk_extract": document(), "issued_kvk_extract": issued})
    assert empty.status_code == 422
    assert "Ontvangen: pdf" in empty.content.decode()
    answer = {"text": "Ja, hierbij.", "issued_kvk_extract": issued}
    assert client.post(url_of(change), answer).status_code == 302
    change.refresh_from_db()
    assert change.status == ChangeStatus.REQUESTED
    assert change.evidence.get().issued_on == TODAY()
    page = client.get(url_of(change)).content.decode()
    assert "Ja, hierbij." in page
    assert 'name="text"' not in page
    client.post(url_of(change), answer)
    assert change.messages.count() == 2


def test_the_contractor_reads_neither_advice_nor_checks_nor_names_of_team_clm(client, contract, member):
    clm = user_with(Role.CLM, name="Inge Beslisser")
    change = SubcontractorChangeFactory(contract=contract, requested_by=member)
    place = MunicipalityFactory(region=contract.segment.tender.region)
    ChangeAdvice.objects.create(
        change=change, municipality=place, question="Wat vindt u?", asked_by=clm, due_on=TODAY(),
        outcome=AdviceOutcome.NEGATIVE, text="Liever niet.", given_by=user_with(Role.COLLEGE, municipality=place),
        given_at=timezone.now(),
    )  # fmt: skip
    ask_question(change=change, text="Waarom deze?", by=clm)
    for page in (client.get(url_of(change)), client.get(reverse("contracts:contract", args=[contract.pk]))):
        text = page.content.decode()
        for hidden in ("Liever niet.", "Wat vindt u?", place.name, "Inge Beslisser", "Aw 2.89"):
            assert hidden not in text


def test_nobody_else_finds_the_change(client, contract):
    change = SubcontractorChangeFactory(contract=contract)
    for user in (member_of(OrganisationFactory()), user_with(Role.CLM, region=RegionFactory())):
        client.force_login(user)
        assert client.get(url_of(change)).status_code == 404
    client.force_login(member_of(contract.contractor))
    other = SubcontractorChangeFactory(contract=running_contract())
    assert client.get(reverse("contracts:change", args=[contract.pk, other.pk])).status_code == 404


def test_officials_read_and_do_not_answer(client, contract):
    change = SubcontractorChangeFactory(contract=contract)
    ask_question(change=change, text="Waarom?", by=user_with(Role.CLM))
    client.force_login(user_with(Role.LEAD))
    page = client.get(url_of(change))
    assert "Waarom?" in page.content.decode()
    assert 'name="text"' not in page.content.decode()
    assert client.post(url_of(change), {"text": "Daarom."}).status_code == 403


@pytest.mark.parametrize("count", [1, 8])
def test_the_pages_queries_do_not_grow(client, contract, member, django_assert_max_num_queries, count):
    change = SubcontractorChangeFactory(contract=contract)
    clm = user_with(Role.CLM)
    for _number in range(count):
        change.messages.create(side="clm", text="Vraag", author=clm)
    with django_assert_max_num_queries(21):
        client.get(url_of(change))
