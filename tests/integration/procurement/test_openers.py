"""Who opens a vault proves again who they are: with a code of an app, or (demo, without one) with a password."""

import logging
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.urls import reverse

from achterhoek.accounts.enums import Role
from achterhoek.accounts.second_factor import Factor, factor_of
from achterhoek.audit.models import AuditEvent
from achterhoek.errors import NotAllowed
from procurement.models import VaultConfirmation
from procurement.services.fingerprints import register_fingerprint
from procurement.services.vault import confirm_opening
from providers.models import ConsortiumMember
from tests.factories import ConsortiumFactory, OrganisationFactory, member_of, user_with
from tests.factories.accounts import RoleAssignment
from tests.factories.submissions import open_fair

pytestmark = pytest.mark.django_db
PASSWORD = "Achterhoek-2022-demo"


@pytest.fixture
def fair():
    cache.clear()
    found = open_fair()
    found.pass_deadline()
    return found


@pytest.fixture
def vault(fair):
    return reverse("procurement:vault_round", args=[fair.round.pk])


@pytest.fixture
def opener(fair):
    return user_with(Role.OPENER, region=fair.tender.region)


@pytest.fixture
def secret(opener):
    made = totp.generate_totp_secret()
    totp.TOTP.activate(opener, made)
    return made


def code_now(secret: str) -> str:
    return totp.format_hotp_value(totp.hotp_value(secret, int(time.time()) // 30))


def wrong_code(secret: str) -> str:
    return f"{(int(code_now(secret)) + 1) % 10**6:06d}"


def events():
    return AuditEvent.objects.filter(action="procurement.round.wrong_factor")


def test_a_code_of_the_app_confirms(client, vault, opener, secret):
    client.force_login(opener)
    page = client.get(vault)
    assert "password" not in page.context["form"].fields
    assert client.post(vault, {"code": code_now(secret)}).status_code == 302
    assert VaultConfirmation.objects.get().opener == opener


def test_a_password_is_no_second_factor(client, vault, opener, secret):
    client.force_login(opener)
    assert client.post(vault, {"password": PASSWORD}).status_code == 422
    assert client.post(vault, {"code": PASSWORD[:20]}).status_code == 422
    assert not VaultConfirmation.objects.exists()


def test_a_code_works_once(client, vault, opener, secret):
    client.force_login(opener)
    code = code_now(secret)
    assert client.post(vault, {"code": code}).status_code == 302
    VaultConfirmation.objects.all().delete()
    again = client.post(vault, {"code": code})
    assert again.status_code == 422
    assert again.context["form"].errors["code"]
    assert not VaultConfirmation.objects.exists()


def test_a_code_that_logged_somebody_in_does_not_open_as_well(client, vault, opener, secret):
    code = code_now(secret)
    assert totp.TOTP(Authenticator.objects.get(user=opener)).validate_code(code)
    client.force_login(opener)
    assert client.post(vault, {"code": code}).status_code == 422


def test_a_recovery_code_confirms_once(client, vault, opener, secret):
    codes = RecoveryCodes.activate(opener).get_unused_codes()
    client.force_login(opener)
    assert client.post(vault, {"code": codes[0]}).status_code == 302
    VaultConfirmation.objects.all().delete()
    assert client.post(vault, {"code": codes[0]}).status_code == 422


def test_a_wrong_code_is_in_the_log_without_the_code(client, vault, opener, secret, caplog):
    caplog.set_level(logging.DEBUG)
    client.force_login(opener)
    code = wrong_code(secret)
    page = client.post(vault, {"code": code})
    assert page.status_code == 422
    assert code not in page.content.decode()
    event = events().get()
    assert event.actor == opener
    kept = caplog.text + str(list(events().values()))
    kept += str([session.get_decoded() for session in Session.objects.all()])
    assert code not in kept


def test_after_five_wrong_codes_a_right_one_waits(client, vault, opener, secret):
    client.force_login(opener)
    for _ in range(5):
        assert client.post(vault, {"code": wrong_code(secret)}).status_code == 422
    page = client.post(vault, {"code": code_now(secret)})
    assert page.status_code == 422
    assert "te vaak" in page.context["form"].errors["code"][0]
    assert not VaultConfirmation.objects.exists()
    assert events().count() == 5


def test_after_five_wrong_passwords_a_right_one_waits(client, vault, opener):
    opener.is_demo = True
    opener.save()
    client.force_login(opener)
    for _ in range(5):
        assert client.post(vault, {"password": "fout wachtwoord"}).status_code == 422
    page = client.post(vault, {"password": PASSWORD})
    assert page.status_code == 422
    assert "te vaak" in page.context["form"].errors["password"][0]
    assert not VaultConfirmation.objects.exists()
    assert events().count() == 5


def test_without_a_second_factor_one_is_shown_the_way(client, vault, opener):
    client.force_login(opener)
    page = client.get(vault)
    assert reverse("mfa_index") in page.content.decode()
    assert 'type="password"' not in page.content.decode()
    for data in ({}, {"password": PASSWORD}, {"code": "123456"}):
        assert client.post(vault, data).status_code == 422
    assert not VaultConfirmation.objects.exists()


def test_a_demo_account_with_an_app_needs_its_code(opener, secret):
    assert factor_of(opener) == Factor.CODE
    opener.is_demo = True
    assert factor_of(opener) == Factor.CODE


def test_a_demo_account_opens_nothing_where_it_may_not_log_in(client, vault, opener, settings):
    opener.is_demo = True
    opener.save()
    client.force_login(opener)
    settings.DEMO = False
    assert client.post(vault, {"password": PASSWORD}).status_code == 422
    assert not VaultConfirmation.objects.exists()


# Who has a stake does not open.


@pytest.mark.parametrize("lead", [True, False])
@pytest.mark.parametrize("submitted", [True, False])
def test_a_partner_of_who_takes_part_does_not_open(lead, submitted):
    fair = open_fair()
    submission = fair.submitted() if submitted else fair.draft()
    partner = OrganisationFactory()
    pair = (partner, submission.organisation) if lead else (submission.organisation, partner)
    consortium = ConsortiumFactory(lead=pair[0])
    ConsortiumMember.objects.create(consortium=consortium, organisation=pair[1])
    who = member_of(partner)
    RoleAssignment.objects.create(user=who, role=Role.OPENER)
    fair.pass_deadline()
    with pytest.raises(NotAllowed):
        confirm_opening(round=fair.round, by=who)


def test_a_partner_of_somebody_else_opens(fair):
    consortium = ConsortiumFactory()
    who = member_of(consortium.lead)
    RoleAssignment.objects.create(user=who, role=Role.OPENER)
    assert confirm_opening(round=fair.round, by=who) is None


def test_who_would_come_too_early_reads_from_when_the_vault_can_be_opened(client):
    cache.clear()
    fair = open_fair()
    draft = fair.draft()
    signer = draft.organisation.memberships.get(is_signatory=True).user
    register_fingerprint(submission=draft, digest="0" * 64, by=signer)
    fair.pass_deadline()
    client.force_login(user_with(Role.OPENER, region=fair.tender.region))
    address = reverse("procurement:vault_round", args=[fair.round.pk])
    page = client.get(address)
    assert "De kluis kan open vanaf" in page.content.decode()
    assert 'name="password"' not in page.content.decode()
