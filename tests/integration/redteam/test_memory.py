"""Who asks for every page again and again is answered from memory only where nothing changed."""

from __future__ import annotations

import pytest

from procurement.models import Tender
from tests.asking import Asking, Memory
from tests.factories import RegionFactory, UserFactory
from tests.factories.submissions import open_fair

pytestmark = pytest.mark.django_db


def test_what_changed_is_asked_again_and_nothing_else() -> None:
    tender = open_fair(region=RegionFactory()).tender
    memory = Memory()
    browser = Asking(None, memory)
    memory.look()
    pages = {address: browser.get(address) for address in ("/aanbestedingen/", "/kluis/")}
    memory.look()
    assert all(browser.get(address) is answer for address, answer in pages.items())
    Tender.objects.filter(pk=tender.pk).update(title="Een heel andere naam")
    memory.look()
    assert b"Een heel andere naam" in browser.get("/aanbestedingen/").content
    assert browser.get("/kluis/") is pages["/kluis/"], "a refusal for which nothing is read"


def test_somebody_else_and_another_question_are_other_answers() -> None:
    memory = Memory()
    memory.look()
    first = Asking(None, memory).get("/kluis/")
    assert Asking(UserFactory(), memory).get("/kluis/").status_code == 403 != first.status_code
    assert Asking(None, memory).head("/kluis/") is not first
    assert Asking(None, memory).get("/kluis/?page=2") is not first
