"""The signing room: what waits for whom, what is refused in words, and who gets an e-mail, once."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from achterhoek.accounts.enums import Role
from achterhoek.accounts.services import grant_role
from achterhoek.audit.models import AuditEvent
from achterhoek.mail.models import OutboxMessage
from procurement.enums import DecisionStatus, Stage
from procurement.selectors.signing import signing_room
from procurement.services.colleges import decide_as_college
from procurement.services.decision_mail import tell_mandate_holders
from procurement.services.decisions import propose_decision, withdraw_decision
from tests.factories import RegionFactory, user_with
from tests.factories.decisions import (
    BIDS,
    MANDATE,
    approved,
    make_ranking,
    proposed,
    ranked_segment_round,
    signed,
)

pytestmark = pytest.mark.django_db
READ = {"mandate": MANDATE, "confirmed": "on"}


def url(decision) -> str:
    return reverse("procurement:signing", args=[decision.pk])


def test_what_waits_what_comes_and_what_was_signed():
    ranked, selection = proposed(Stage.SELECTION)
    holder = ranked.mandate_holder
    assert signing_room(holder).waiting == [selection]
    _other, award = proposed()
    assert signing_room(holder).waiting == [selection], "another region is no business of this mandate"
    assert signing_room(_other.mandate_holder).coming == [award]
    signed(ranked, selection)
    room = signing_room(holder)
    assert (room.waiting, room.signed) == ([], [selection])


def test_an_approved_award_is_signed_on_its_page(client):
    ranked, decision = approved()
    client.force_login(ranked.mandate_holder)
    home = client.get(reverse("procurement:signing_home")).content.decode()
    assert url(decision) in home
    page = client.get(url(decision)).content.decode()
    for text in (decision.ranking.digest[7:15], "Zorg Aan De Slinge", "Berkelland", 'name="mandate"'):
        assert text in page
    assert client.post(url(decision), READ).url == url(decision)
    decision.refresh_from_db()
    assert (decision.status, decision.signed_by, decision.mandate) == (
        DecisionStatus.ADOPTED, ranked.mandate_holder, MANDATE,
    )  # fmt: skip
    event = AuditEvent.objects.get(action="procurement.decision.sign")
    assert (event.actor, event.detail["mandate"]) == (ranked.mandate_holder, MANDATE)
    after = client.get(url(decision)).content.decode()
    assert MANDATE in after
    assert 'name="mandate"' not in after
    assert OutboxMessage.objects.get(key=f"decision-signed:{decision.pk}").to == ranked.lead.email


def test_without_mandate_or_confirmation_it_is_said_beside_the_field_and_nothing_typed_is_lost(client):
    ranked, decision = approved()
    client.force_login(ranked.mandate_holder)
    answer = client.post(url(decision), {"mandate": " ", "confirmed": "on"})
    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == {"mandate"}
    answer = client.post(url(decision), {"mandate": MANDATE})
    assert answer.context["form"].errors.keys() == {"confirmed"}
    assert MANDATE in answer.content.decode()
    decision.refresh_from_db()
    assert decision.status == DecisionStatus.APPROVED


def test_the_mandate_of_last_time_is_filled_in(client):
    ranked, first = proposed(Stage.SELECTION)
    signed(ranked, first)
    withdraw_decision(decision=first, reason="Nog eens bekijken.", by=ranked.lead)
    second = propose_decision(segment_round=ranked.segment_round, by=ranked.lead)
    client.force_login(ranked.mandate_holder)
    assert client.get(url(second)).context["form"]["mandate"].value() == MANDATE


def test_before_the_colleges_and_after_a_newer_ranking_there_is_nothing_to_sign(client):
    ranked, decision = proposed()
    client.force_login(ranked.mandate_holder)
    assert 'name="mandate"' not in client.get(url(decision)).content.decode()
    refused = client.post(url(decision), READ)
    assert refused.status_code == 422
    assert "nlds-alert--error" in refused.content.decode()
    _other, ready = approved()
    make_ranking(_other.segment_round, _other.entries, _other.criteria, BIDS)
    client.force_login(_other.mandate_holder)
    assert 'name="mandate"' not in client.get(url(ready)).content.decode()
    assert client.post(url(ready), READ).status_code == 422
    ready.refresh_from_db()
    assert ready.status == DecisionStatus.APPROVED


def test_who_proposed_it_does_not_sign_it_and_gets_no_mail(client):
    ranked = ranked_segment_round(Stage.SELECTION)
    grant_role(
        user=ranked.lead, role=Role.MANDATE, region=ranked.segment_round.round.tender.region,
        by=user_with(Role.ADMIN),
    )  # fmt: skip
    decision = propose_decision(segment_round=ranked.segment_round, by=ranked.lead)
    client.force_login(ranked.lead)
    assert client.post(url(decision), READ).status_code == 422
    decision.refresh_from_db()
    assert decision.status == DecisionStatus.PROPOSED
    asked = OutboxMessage.objects.filter(key__startswith="signature-asked:").values_list("to", flat=True)
    assert list(asked) == [ranked.mandate_holder.email]


def test_another_region_does_not_see_it(client):
    _ranked, decision = approved()
    client.force_login(user_with(Role.MANDATE, region=RegionFactory()))
    assert client.get(url(decision)).status_code == 404
    assert client.post(url(decision), READ).status_code == 404


def test_the_mandate_holder_reads_each_letter_and_finds_the_way_back(client):
    ranked, decision = approved()
    client.force_login(ranked.mandate_holder)
    page = client.get(url(decision)).content.decode()
    preview = reverse("procurement:letter_preview", args=[decision.pk, ranked.entries[2].pk])
    assert preview in page
    shown = client.get(preview).content.decode()
    assert "geen contract te gunnen" in shown
    assert f'href="{url(decision)}"' in shown
    assert f'href="{reverse("procurement:decision", args=[decision.pk])}"' not in shown
    assert client.get(reverse("procurement:decision", args=[decision.pk])).status_code == 403


def test_secretaries_and_mandate_holders_get_their_mail_once():
    ranked = ranked_segment_round()
    secretaries = [ranked.secretary(0), ranked.secretary(1)]
    decision = propose_decision(segment_round=ranked.segment_round, by=ranked.lead)
    asked = OutboxMessage.objects.filter(key__startswith="college-asked:")
    assert sorted(asked.values_list("to", flat=True)) == sorted(user.email for user in secretaries)
    assert not OutboxMessage.objects.filter(key__startswith="signature-asked:").exists()
    for row, secretary in zip(decision.college_decisions.order_by("municipality__name"), secretaries, strict=True):
        decide_as_college(college_decision=row, outcome="approved", by=secretary)
    decision.refresh_from_db()
    tell_mandate_holders(decision)
    message = OutboxMessage.objects.get(key__startswith="signature-asked:")
    assert message.to == ranked.mandate_holder.email
    assert url(decision) in message.body


def test_the_room_does_not_grow_with_what_is_in_it(client):
    ranked, decision = proposed(Stage.SELECTION)
    client.force_login(ranked.mandate_holder)

    def queries(path: str) -> int:
        client.get(path)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path).status_code == 200
        assert not [query for query in captured if '"dossier"' in query["sql"]]
        return len(captured)

    home, page = queries(reverse("procurement:signing_home")), queries(url(decision))
    region = ranked.segment_round.round.tender.region
    many = tuple((f"Zorg Voorbeeld {i}", ("8", "8"), "selected" if i < 2 else "reserve") for i in range(9))
    larger, larger_decision = proposed(Stage.SELECTION, bids=many)
    grant_role(
        user=ranked.mandate_holder, role=Role.MANDATE, region=larger.segment_round.round.tender.region,
        by=user_with(Role.ADMIN),
    )  # fmt: skip
    assert region != larger.segment_round.round.tender.region
    assert queries(reverse("procurement:signing_home")) == home <= 8
    assert queries(url(larger_decision)) == page <= 34


def test_what_letters_lack_is_said_without_a_link_that_only_the_lead_may_follow(client):
    ranked, decision = approved()
    organisation = ranked.entries[1].submission.organisation
    organisation.street = ""
    organisation.save()
    where = reverse("providers:organisation", args=[organisation.pk])
    preview = reverse("procurement:letter_preview", args=[decision.pk, ranked.entries[0].pk])
    client.force_login(ranked.mandate_holder)
    for page in (url(decision), preview):
        shown = client.get(page).content.decode()
        assert f"{organisation.name}: het adres mist: straat en huisnummer" in shown
        assert where not in shown
    client.force_login(ranked.lead)
    for page in (reverse("procurement:decision", args=[decision.pk]), preview):
        assert where in client.get(page).content.decode()
    assert "Het adres is niet compleet" in client.get(where).content.decode()
