"""Logging in, resetting a password and the second factor, in the portal's own frame and words."""

from __future__ import annotations

import re

import pytest
from django.core import mail
from django.test import Client, override_settings
from django.urls import reverse

from achterhoek.accounts.enums import Role
from tests.factories.accounts import UserFactory, user_with

pytestmark = pytest.mark.django_db

PASSWORD = "Achterhoek-2022-demo"
PUBLIC = [
    "account_login",
    "account_signup",
    "account_reset_password",
    "account_reset_password_done",
    "account_inactive",
]
OWN = ["account_logout", "account_change_password", "account_email", "mfa_index", "mfa_activate_totp"]


@pytest.mark.parametrize("name", PUBLIC)
def test_public_account_pages_stand_in_the_frame(client: Client, name: str) -> None:
    html = client.get(reverse(name)).content.decode()
    assert 'href="#main"' in html
    assert html.count("<h1") == 1
    assert 'lang="nl"' in html


@pytest.mark.parametrize("name", OWN)
def test_own_account_pages_stand_in_the_frame(client: Client, name: str) -> None:
    client.force_login(user_with(Role.PROVIDER))
    response = client.get(reverse(name), follow=True)
    html = response.content.decode()
    assert response.status_code == 200
    assert 'href="#main"' in html
    assert html.count("<h1") == 1


def test_a_wrong_password_is_told_in_a_summary(client: Client) -> None:
    user = UserFactory()
    html = client.post(reverse("account_login"), {"login": user.email, "password": "verkeerd"}).content.decode()
    assert "<title>Fout: " in " ".join(html.split())
    assert "data-error-summary" in html
    assert f'value="{user.email}"' in html


def test_logging_in_says_nothing_and_logging_out_says_so(client: Client) -> None:
    user = UserFactory()
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    assert client.session["_auth_user_id"] == str(user.pk)
    html = client.get(reverse("account_change_password")).content.decode()
    assert "ingelogd als" not in html
    response = client.post(reverse("account_logout"))
    assert response.status_code == 302
    assert "U bent uitgelogd." in client.get(reverse("account_login")).content.decode()


def test_a_password_can_be_reset_by_mail(client: Client) -> None:
    user = UserFactory()
    client.post(reverse("account_reset_password"), {"email": user.email})
    assert "Kies een nieuw wachtwoord" in mail.outbox[0].subject
    assert "U vroeg een nieuw wachtwoord aan." in mail.outbox[0].body
    link = re.search(r"https?://[^/]+(/\S+)", mail.outbox[0].body)
    assert link
    page = client.get(link[1], follow=True)
    assert "Kies een nieuw wachtwoord" in page.content.decode()
    new = {"password1": "een-heel-lang-woord-7", "password2": "een-heel-lang-woord-7"}
    done = client.post(page.request["PATH_INFO"], new, follow=True)
    assert "Uw wachtwoord is gewijzigd" in done.content.decode()
    user.refresh_from_db()
    assert user.check_password("een-heel-lang-woord-7")


@pytest.mark.parametrize(("path", "status", "words"), [("/bestaat-niet/", 404, "niet vinden")])
def test_error_pages_stand_in_the_frame(client: Client, path: str, status: int, words: str) -> None:
    response = client.get(path)
    assert response.status_code == status
    assert words in response.content.decode()


def test_a_form_without_its_token_is_explained() -> None:
    client = Client(enforce_csrf_checks=True)
    with override_settings(DEBUG=False):
        response = client.post(reverse("account_login"), {"login": "a@demo.example"})
    assert response.status_code == 403
    assert "Uw pagina stond te lang open" in response.content.decode()
