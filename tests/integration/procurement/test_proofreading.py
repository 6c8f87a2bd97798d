"""Letters are read before they go, where the lead wants that; the list tells what has to be right in each."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from achterhoek.audit.models import AuditEvent
from achterhoek.errors import NotAllowed, RuleViolation
from achterhoek.jobs.models import JobStatus
from achterhoek.mail.models import OutboxMessage
from procurement.enums import DecisionStatus, LetterStatus, Stage
from procurement.models import Decision, Letter, LetterBatch
from procurement.services.decisions import request_sending
from procurement.services.letter_batches import let_go
from procurement.services.proofreading import mark_looked_at
from procurement.tasks.letters import send_letters
from tests.factories.decisions import BIDS, Ranked, adopted, batch_of

pytestmark = pytest.mark.django_db


def held() -> tuple[Ranked, Decision, LetterBatch]:
    """A decision whose letters are made, and wait."""
    ranked, decision = adopted(Stage.AWARD)
    job = request_sending(decision=decision, by=ranked.lead, held=True)
    batch = batch_of(decision)
    assert send_letters(batch.pk, ranked.lead.pk, str(job.pk)) == "held"
    job.refresh_from_db()
    assert job.status == JobStatus.DONE
    return ranked, decision, batch


def page(client: Client, ranked: Ranked, batch: LetterBatch, query: str = "") -> str:
    client.force_login(ranked.lead)
    answer = client.get(reverse("procurement:proofread", args=[batch.pk]) + query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_letters_that_are_read_first_are_made_and_not_sent() -> None:
    ranked, decision, batch = held()
    assert set(batch.letters.values_list("status", flat=True)) == {LetterStatus.RENDERED}
    decision.refresh_from_db()
    assert decision.status == DecisionStatus.ADOPTED
    assert not OutboxMessage.objects.filter(key__startswith="letter:").exists()
    job = let_go(batch=batch, by=ranked.lead)
    assert send_letters(batch.pk, ranked.lead.pk, str(job.pk)) == "sent"
    decision.refresh_from_db()
    assert decision.status == DecisionStatus.SENT
    assert OutboxMessage.objects.filter(key__startswith="letter:").count() == 3


def test_what_nobody_looked_at_is_told_and_goes_as_the_lead_decides() -> None:
    ranked, _decision, batch = held()
    one = Letter.objects.filter(batch=batch).first()
    assert one is not None
    assert mark_looked_at(batch=batch, letters=[one.pk], by=ranked.lead) == 1
    let_go(batch=batch, by=ranked.lead)
    event = AuditEvent.objects.get(action="procurement.letterbatch.let_go")
    assert event.detail == {"not_looked_at": 2}


def test_they_go_once_and_only_when_all_are_made() -> None:
    ranked, decision = adopted(Stage.AWARD)
    request_sending(decision=decision, by=ranked.lead, held=True)
    batch = batch_of(decision)
    with pytest.raises(RuleViolation):
        let_go(batch=batch, by=ranked.lead)
    ranked, _decision, batch = held()
    let_go(batch=batch, by=ranked.lead)
    with pytest.raises(RuleViolation):
        let_go(batch=batch, by=ranked.lead)


def test_who_looked_first_stays_and_it_is_in_the_log() -> None:
    ranked, _decision, batch = held()
    letters = list(batch.letters.values_list("pk", flat=True))
    assert mark_looked_at(batch=batch, letters=letters[:2], by=ranked.lead) == 2
    before = dict(batch.letters.values_list("pk", "proofread_at"))
    assert mark_looked_at(batch=batch, letters=letters, by=ranked.lead) == 1
    after = dict(batch.letters.values_list("pk", "proofread_at"))
    assert [after[pk] for pk in letters[:2]] == [before[pk] for pk in letters[:2]]
    assert AuditEvent.objects.filter(action="procurement.letterbatch.look").count() == 2


def test_only_the_lead_ticks_and_lets_go_and_something_is_ticked() -> None:
    ranked, _decision, batch = held()
    with pytest.raises(NotAllowed):
        mark_looked_at(batch=batch, letters=[batch.letters.all()[0].pk], by=ranked.mandate_holder)
    with pytest.raises(NotAllowed):
        let_go(batch=batch, by=ranked.mandate_holder)
    with pytest.raises(RuleViolation):
        mark_looked_at(batch=batch, letters=[], by=ranked.lead)


def test_the_list_has_what_must_be_right_and_can_show_only_what_is_unread(client: Client) -> None:
    ranked, _decision, batch = held()
    shown = page(client, ranked, batch)
    organisation = ranked.entries[2].submission.organisation
    letter = batch.letters.get(entry=ranked.entries[2])
    for text in (organisation.name, organisation.street, letter.get_kind_display(), str(letter.pk)):
        assert text in shown
    address = reverse("procurement:proofread", args=[batch.pk])
    answer = client.post(address, {"letter": [str(letter.pk), "nonsense"]}, follow=True)
    assert answer.status_code == 200
    letter.refresh_from_db()
    assert letter.proofread_by == ranked.lead
    unread = page(client, ranked, batch, "?toon=ongelezen")
    assert organisation.name not in unread
    assert ranked.entries[0].submission.organisation.name in unread


def test_the_list_is_a_file_too(client: Client) -> None:
    ranked, _decision, batch = held()
    client.force_login(ranked.lead)
    answer = client.get(reverse("procurement:proofread_csv", args=[batch.pk]))
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert len(lines) == 4
    assert ranked.entries[0].submission.organisation.name in lines[1]


def test_another_regions_lead_finds_nothing(client: Client) -> None:
    _ranked, _decision, batch = held()
    other, _other_decision = adopted(Stage.SELECTION)
    client.force_login(other.lead)
    assert client.get(reverse("procurement:proofread", args=[batch.pk])).status_code == 404
    assert client.post(reverse("procurement:proofread_send", args=[batch.pk])).status_code == 404


def test_from_the_page_of_the_decision_to_the_list_and_on(client: Client) -> None:
    ranked, decision = adopted(Stage.AWARD)
    client.force_login(ranked.lead)
    address = reverse("procurement:decision", args=[decision.pk])
    make = reverse("procurement:letters_make", args=[decision.pk])
    assert make in client.get(address).content.decode()
    job = client.post(make)["Location"].rstrip("/").rsplit("/", 1)[-1]
    batch = batch_of(decision)
    send_letters(batch.pk, ranked.lead.pk, job)
    assert reverse("procurement:proofread", args=[batch.pk]) in client.get(address).content.decode()
    send = reverse("procurement:proofread_send", args=[batch.pk])
    assert send in page(client, ranked, batch)
    job = client.post(send)["Location"].rstrip("/").rsplit("/", 1)[-1]
    assert send_letters(batch.pk, ranked.lead.pk, job) == "sent"
    assert send not in page(client, ranked, batch)


@pytest.mark.parametrize("bidders", [1, 12])
def test_the_list_takes_as_many_queries_for_many(client: Client, django_assert_num_queries, bidders: int) -> None:
    bids = tuple((f"Zorg {n}", ("6", "8"), "selected") for n in range(bidders))
    ranked, decision = adopted(Stage.AWARD, bids=bids if bidders > 1 else BIDS[:1])
    job = request_sending(decision=decision, by=ranked.lead, held=True)
    batch = batch_of(decision)
    send_letters(batch.pk, ranked.lead.pk, str(job.pk))
    page(client, ranked, batch)
    with django_assert_num_queries(5):
        client.get(reverse("procurement:proofread", args=[batch.pk]))
