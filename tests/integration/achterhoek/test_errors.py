"""An internal error is told with a number, and that number stands in the log."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path

from achterhoek.accounts.access import public


@public
def breaks(request: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError


urlpatterns = [path("breekt/", breaks), path("", include("achterhoek.urls"))]
handler500 = "achterhoek.site_views.internal_error"


@pytest.mark.django_db
def test_an_internal_error_has_a_reference_on_the_page_and_in_the_log(settings: Any, caplog: Any) -> None:
    settings.ROOT_URLCONF = "tests.integration.achterhoek.test_errors"
    with caplog.at_level(logging.ERROR):
        response = Client(raise_request_exception=False).get("/breekt/")
    assert response.status_code == 500
    reference = response["X-Request-Reference"]
    assert reference in response.content.decode()
    assert any(reference in str(record.msg) for record in caplog.records)
