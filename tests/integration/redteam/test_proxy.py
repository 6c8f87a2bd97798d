"""Nobody keeps all others from logging in: the limit on attempts is for each visitor, also behind the proxy."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from allauth.core.internal.httpkit import get_client_ip
from django.conf import settings
from django.test import RequestFactory

PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "achterhoek.settings.production", "SECRET_KEY": "x" * 60, "ALLOWED_HOSTS": "zorg.example",
    "BASE_URL": "https://zorg.example", "DATABASE_URL": "postgres://a:b@db/c", "REDIS_URL": "redis://cache/0",
    "EMAIL_URL": "smtp://mail:25", "AUDIT_KEYS": "a" * 32, "SEALING_KEYS": "x",
}  # fmt: skip
ASK = "from django.conf import settings; print(settings.ALLAUTH_TRUSTED_PROXY_COUNT)"


@pytest.mark.parametrize(("given", "expected"), [({}, 1), ({"TRUSTED_PROXIES": "2"}, 2)])
def test_production_knows_that_a_proxy_stands_before_it(given, expected):
    said = subprocess.run(
        [sys.executable, "-c", ASK], env={"PATH": os.environ["PATH"], **PRODUCTION, **given}, cwd=settings.BASE_DIR,
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert said.stdout.strip() == str(expected)


def test_each_visitor_has_an_address_of_its_own_and_cannot_make_one_up(settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    seen = {
        get_client_ip(
            RequestFactory().get("/", headers={"X-Forwarded-For": f"10.0.0.{n}, {real}"}, REMOTE_ADDR="172.18.0.2")
        )
        for n in range(3)
        for real in ("192.0.2.1", "192.0.2.2")
    }
    assert seen == {"192.0.2.1", "192.0.2.2"}
