"""One team cannot fill the disk with files that it begins and does not finish; small files go as they went."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from achterhoek.documents import intake
from achterhoek.documents.models import Upload
from achterhoek.errors import RuleViolation
from achterhoek.sealing.services import make_key
from tests.factories import UserFactory
from tests.factories.documents import KIND, MEGABYTE, pdf, test_key
from tests.uploading import Tus, everything_stored

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("store"),
    pytest.mark.urls("tests.factories.documents"),
]


@pytest.fixture
def team(settings: Any) -> list[Tus]:
    """Five browsers of a team that may have three files on their way, of ten megabytes together."""
    settings.MAX_UNFINISHED_UPLOADS, settings.MAX_UNFINISHED_BYTES = 3, 10 * MEGABYTE
    client = Client()
    client.force_login(UserFactory())
    return [Tus(client) for _ in range(5)]


def refused(answer: Any) -> str:
    assert answer.status_code == 403
    return str(answer.json()["message"])


def test_so_many_files_may_be_on_their_way(team: list[Tus]) -> None:
    content = pdf()
    for browser in team[:3]:
        assert browser.create(len(content)).status_code == 201
    said = refused(team[3].create(len(content)))
    assert "ten hoogste 3 bestanden, samen 10\u00a0MB" in said
    assert "Wacht" in said
    assert Upload.objects.count() == 3
    # One that is in, or that is stopped, makes room again.
    team[0].patch(0, content)
    assert team[0].state()["state"] == "ready"
    assert team[3].create(len(content)).status_code == 201
    assert refused(team[4].create(len(content)))
    assert team[1].delete().status_code == 204
    assert team[4].create(len(content)).status_code == 201


def test_so_many_bytes_may_be_on_their_way(team: list[Tus]) -> None:
    assert team[0].create(6 * MEGABYTE).status_code == 201
    assert refused(team[1].create(5 * MEGABYTE))
    assert team[1].create(4 * MEGABYTE).status_code == 201


def test_what_was_refused_takes_no_room(team: list[Tus]) -> None:
    for browser in team[:4]:
        assert browser.create(5).status_code == 201
        browser.patch(0, b"nope!")
        assert browser.state()["state"] == "refused"


def test_another_team_has_its_own_room(team: list[Tus]) -> None:
    for browser in team[:3]:
        browser.create(1000)
    other = {"kind": KIND, "purpose": "plan", "name": "a.pdf", "size": 1000, "by": UserFactory()}
    intake.open_upload(**other, sealing_key=make_key("another team"))
    with pytest.raises(RuleViolation):
        intake.open_upload(**other, sealing_key=test_key())


def test_a_small_file_that_comes_at_once_needs_no_room_and_no_question(team: list[Tus], settings: Any) -> None:
    """The last minutes before a deadline: the limit costs who sends small files nothing."""
    for browser in team[:3]:
        browser.create(1000)
    content = pdf()
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert team[3].create(len(content), content=content).status_code == 201
    assert team[3].state()["state"] == "ready"
    assert not [query for query in asked if "COUNT(" in query["sql"] and "documents_upload" in query["sql"]]


def test_the_question_is_one_and_narrow(team: list[Tus]) -> None:
    with CaptureQueriesContext(connection) as asked:
        assert team[0].create(1000).status_code == 201
    (counted,) = [query["sql"] for query in asked if "SUM(" in query["sql"]]
    assert "parts" not in counted


def test_small_files_that_break_off_need_room_too(team: list[Tus]) -> None:
    class Cut:
        def __init__(self) -> None:
            self.left = [b"%PDF"]

        def read(self, size: int = -1) -> bytes:
            if self.left:
                return self.left.pop()
            raise OSError

    given = {"kind": KIND, "purpose": "plan", "name": "a.pdf", "size": 1000, "by": UserFactory()}
    for _ in range(3):
        intake.take_whole(**given, sealing_key=test_key(), stream=Cut())
    held = len(everything_stored())
    with pytest.raises(RuleViolation):
        intake.take_whole(**given, sealing_key=test_key(), stream=Cut())
    assert Upload.objects.count() == 3
    assert len(everything_stored()) == held
