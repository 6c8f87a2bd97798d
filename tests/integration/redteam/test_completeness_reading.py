"""Who tries to read, steer or answer what is not theirs in the completeness check."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from achterhoek.accounts.enums import Role
from achterhoek.audit.models import AuditEvent
from achterhoek.mail.models import OutboxMessage
from procurement.models import Clarification, CompletenessCheck
from procurement.services.clarifications import answer_clarification
from tests.factories import MunicipalityFactory, OrganisationFactory, RegionFactory, UserFactory, member_of, user_with
from tests.factories.completeness import Checking, checking, pass_term
from tests.factories.evaluation import seated
from tests.factories.procurement import CriterionFactory
from tests.factories.submissions import open_fair, pdf

pytestmark = pytest.mark.django_db

MARK = "MARKERING-7f3a"


def client_of(user: Any) -> Client:
    client = Client()
    if user is not None:
        client.force_login(user)
    return client


def outsiders(made: Checking) -> dict[str, Any]:
    """Everybody who is neither the lead or auditor of this region nor of the bidder's own team."""
    region = made.round.tender.region
    return {
        "anonymous": None,
        "nobody": UserFactory(),
        "lead elsewhere": user_with(Role.LEAD, region=RegionFactory()),
        "auditor elsewhere": user_with(Role.AUDITOR, region=RegionFactory()),
        "evaluator": user_with(Role.EVALUATOR, region=region),
        "opener": user_with(Role.OPENER, region=region),
        "college": user_with(Role.COLLEGE, municipality=MunicipalityFactory(region=region)),
        "clm": user_with(Role.CLM, region=region),
        "admin": user_with(Role.ADMIN),
        "other bidder": made.member(made.submissions[1]),
        "other provider": member_of(OrganisationFactory()),
    }


def addresses(made: Checking, clarification: Clarification) -> list[str]:
    pk, submission = made.round.pk, clarification.submission_id
    return [
        reverse("procurement:completeness", args=[pk]),
        reverse("procurement:completeness_judge", args=[pk, submission]),
        reverse("procurement:clarification_ask", args=[pk]) + "?punt=Uittreksel ontbreekt",
        reverse("procurement:clarification_request", args=[clarification.request_id]),
        reverse("procurement:clarification", args=[submission, clarification.request_id]),
        reverse("documents:download", args=[clarification.file_id]),
    ]


@pytest.fixture
def made() -> Checking:
    return checking()


@pytest.fixture
def answered(made: Checking) -> Clarification:
    (clarification, _other) = made.asked()
    member = made.member(clarification.submission)
    return answer_clarification(clarification=clarification, answer=MARK, upload=pdf(), by=member)


@pytest.mark.parametrize("over", [False, True])
def test_nobody_outside_reads_or_changes_anything(made: Checking, answered: Clarification, over: bool) -> None:
    if over:
        pass_term(answered.request)
    wrong = []
    sent = {"answer": "x", "outcome": "excluded", "reason": "x"}
    for who, user in outsiders(made).items():
        client = client_of(user)
        for address in addresses(made, answered):
            for response in (client.get(address), client.post(address, sent)):
                to_login = response.status_code == 302 and response["Location"].startswith(reverse("account_login"))
                if not to_login and response.status_code not in (403, 404, 405):
                    wrong.append(f"{who} {address} {response.status_code}")
                assert MARK not in response.content.decode(errors="replace"), (who, address)
    assert not wrong
    assert {check.outcome for check in CompletenessCheck.objects.all()} == {"clarify"}
    assert Clarification.objects.get(pk=answered.pk).answer == MARK


def test_the_lead_cannot_peek_before_all_are_in(made: Checking, answered: Clarification) -> None:
    for user in (made.lead, user_with(Role.AUDITOR, region=made.round.tender.region)):
        client = client_of(user)
        for address in addresses(made, answered):
            assert MARK not in client.get(address).content.decode(errors="replace"), address
        assert client.get(addresses(made, answered)[-1]).status_code == 404


def test_a_seated_evaluator_reads_the_file_when_the_lead_may(made: Checking, answered: Clarification) -> None:
    evaluator = user_with(Role.EVALUATOR, region=made.round.tender.region)
    seated(made.segment_rounds[0], evaluator)
    CriterionFactory(segment_round=made.segment_rounds[0])
    address = addresses(made, answered)[-1]
    scoring = reverse("procurement:score_entry", args=[made.segment_rounds[0].pk, answered.submission.entries.get().pk])
    assert client_of(evaluator).get(address).status_code == 404
    assert MARK not in client_of(evaluator).get(scoring).content.decode()
    pass_term(answered.request)
    assert client_of(evaluator).get(address).status_code == 200
    assert MARK in client_of(evaluator).get(scoring).content.decode()


def test_a_lead_here_and_auditor_there_only_looks_there() -> None:
    there = checking()
    there.to_clarify()
    both = user_with(Role.LEAD, region=RegionFactory())
    both.role_assignments.create(role=Role.AUDITOR, region=there.round.tender.region)
    client = client_of(both)
    judge = reverse("procurement:completeness_judge", args=[there.round.pk, there.submissions[0].pk])
    assert client.get(judge).status_code == 200
    response = client.post(judge, {"outcome": "excluded", "reason": "Macht.", "point": ""})
    assert response.status_code == 422
    ask = reverse("procurement:clarification_ask", args=[there.round.pk]) + "?punt=Uittreksel ontbreekt"
    assert client.get(ask).status_code == 404


def test_a_round_that_is_not_opened_does_not_exist_for_the_check(made: Checking) -> None:
    fair = open_fair(region=made.round.tender.region)
    submission = fair.submitted()
    client = client_of(made.lead)
    for address in (
        reverse("procurement:completeness", args=[fair.round.pk]),
        reverse("procurement:completeness_judge", args=[fair.round.pk, submission.pk]),
        reverse("procurement:clarification_ask", args=[fair.round.pk]),
    ):
        assert client.get(address).status_code == 404


def test_the_submission_of_another_round_is_not_judged_through_this_one(made: Checking) -> None:
    other = checking(region=made.round.tender.region)
    address = reverse("procurement:completeness_judge", args=[made.round.pk, other.submissions[0].pk])
    assert client_of(made.lead).get(address).status_code == 404


def test_what_was_answered_is_in_no_mail_and_no_log(made: Checking, answered: Clarification) -> None:
    assert not any(MARK in mail.body + mail.subject for mail in OutboxMessage.objects.all())
    assert not any(MARK in f"{event.detail} {event.target_label}" for event in AuditEvent.objects.all())
