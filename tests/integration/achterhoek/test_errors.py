"""An internal error is told with a number, and the log has that number, where it broke, and nothing of a bid."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import structlog
from celery import shared_task
from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path
from structlog.stdlib import ProcessorFormatter

from achterhoek.accounts.access import public
from achterhoek.accounts.models import User
from achterhoek.settings.logs import told_without_values
from tests.factories import UserFactory
from tests.integration.redteam.crawler import empty_queue
from tests.worker import running_worker, wait_until

MARK = "een-prijs-die-niemand-mag-weten"


def _stumbles() -> None:
    """Over a value, with that value in what the error says, in its cause and in a variable."""
    price = MARK + "!"
    try:
        int(price)
    except ValueError as error:
        raise RuntimeError(f"{price} is no price") from error


@public
def breaks(request: HttpRequest) -> HttpResponse:
    _stumbles()
    return HttpResponse()


@public
def breaks_in_the_database(request: HttpRequest) -> HttpResponse:
    """The database quotes the whole row that it refuses."""
    User.objects.create(email=MARK, name=MARK)
    User.objects.create(email=MARK, name=MARK)
    return HttpResponse()


@shared_task(name="tests.breaks")
def breaks_in_the_worker() -> None:
    _stumbles()


urlpatterns = [
    path("breekt/", breaks),
    path("breekt-in-de-database/", breaks_in_the_database),
    path("", include("achterhoek.urls")),
]
handler500 = "achterhoek.site_views.internal_error"


@contextmanager
def log_lines() -> Iterator[list[dict[str, Any]]]:
    """What the program writes meanwhile, as whoever runs it gets it."""
    (console,) = [h for h in logging.getLogger().handlers if isinstance(h.formatter, ProcessorFormatter)]
    assert isinstance(console, logging.StreamHandler)
    stream, lines = StringIO(), []
    before = console.setStream(stream)
    try:
        yield lines
    finally:
        console.setStream(before)
        lines += [json.loads(line) for line in stream.getvalue().splitlines()]


def ask(settings: Any, address: str) -> tuple[HttpResponse, list[dict[str, Any]]]:
    settings.ROOT_URLCONF = __name__
    with log_lines() as lines:
        response = Client(raise_request_exception=False).get(address)
    assert response.status_code == 500
    return response, [line for line in lines if line["level"] == "error"]


@pytest.mark.django_db
def test_an_internal_error_has_a_reference_on_the_page_and_in_one_line_of_the_log(settings: Any) -> None:
    response, (line,) = ask(settings, "/breekt/")
    reference = response["X-Request-Reference"]
    assert reference in response.content.decode()
    assert line["reference"] == reference
    assert line["error"] == "RuntimeError"
    assert "/breekt/" in line["event"]
    assert line["timestamp"]
    assert 'test_errors.py", line ' in line["exception"]
    assert "int(price)" in line["exception"]
    assert line["exception"].index("ValueError") < line["exception"].index("RuntimeError")
    assert "exc_info" not in line


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/breekt/", "/breekt-in-de-database/"])
def test_no_value_is_in_it_neither_of_a_variable_nor_in_what_an_error_says(settings: Any, address: str) -> None:
    _, (line,) = ask(settings, address)
    assert "Traceback" in line["exception"]
    assert MARK not in json.dumps(line)


@pytest.mark.django_db
def test_an_answer_is_no_error() -> None:
    with log_lines() as lines:
        browser = Client()
        browser.force_login(UserFactory())
        assert browser.get("/toezicht/").status_code == 403
        assert browser.get("/niets/").status_code == 404
    assert {line["level"] for line in lines} == {"warning"}
    assert not any("exception" in line or "exc_info" in line for line in lines)


def test_our_own_lines_on_an_error_hold_no_value_either() -> None:
    with log_lines() as lines:
        try:
            _stumbles()
        except RuntimeError:
            structlog.get_logger("test").error("something broke", exc_info=True)
            logging.getLogger("gunicorn.error").exception("something broke")
    assert [line["event"] for line in lines] == ["something broke"] * 2
    assert all("_stumbles" in line["exception"] for line in lines)
    assert MARK not in json.dumps(lines)


@pytest.mark.django_db
def test_an_error_of_the_machine_says_what_is_wrong(tmp_path: Path) -> None:
    def told(kind: type[Exception], error: Exception) -> str:
        assert isinstance(error, kind)
        return told_without_values((type(error), error, error.__traceback__))

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 10")
        with pytest.raises(OperationalError) as caught:
            cursor.execute("SELECT pg_sleep(5)")
    assert "statement timeout" in told(OperationalError, caught.value)
    with pytest.raises(FileNotFoundError) as lost:
        (tmp_path / MARK).read_bytes()
    assert "No such file" in told(FileNotFoundError, lost.value)
    assert MARK not in told(FileNotFoundError, lost.value)


def test_errors_that_go_round_or_come_together_are_told_once() -> None:
    first, second = ValueError(MARK), KeyError(MARK)
    first.__context__, second.__context__ = second, first
    both = ExceptionGroup(MARK, [first, second])
    told = told_without_values((type(both), both, None))
    assert told.count("ValueError") == told.count("KeyError") == 1
    assert MARK not in told


@pytest.mark.django_db(transaction=True)
def test_a_task_that_breaks_is_told_by_the_worker_in_the_same_way(tmp_path: Path) -> None:
    empty_queue()  # what other tests left for a worker may break as well
    log = tmp_path / "worker.log"
    with log.open("w") as stream, running_worker(include=__name__, log=stream):
        breaks_in_the_worker.delay()
        wait_until(lambda: "tests.breaks" in log.read_text() and "raised" in log.read_text(), what="the task broke")
    text = log.read_text()
    lines = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    (line,) = [line for line in lines if line["level"] == "error"]
    assert line["event"].startswith("Task tests.breaks[")
    assert line["event"].endswith("raised unexpected: RuntimeError")
    assert "_stumbles" in line["exception"]
    assert MARK not in text
