"""Filling in a draft in real browsers: two people at one answer, a file whose sending is cut, and without scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from procurement.models import DraftAlternative
from procurement.services.answers import save_answers
from procurement.services.submissions import start_submission
from tests.e2e.axe import run_axe
from tests.e2e.looking import go, key
from tests.factories import member_of
from tests.factories.documents import MEGABYTE, pdf
from tests.factories.submissions import Fair, again, content, open_fair

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


class Scene:
    """A draft with a team of two, and the browsers in which they work."""

    def __init__(self, chromium: Browser, base: str) -> None:
        self.chromium, self.base = chromium, base
        self.fair: Fair = open_fair()
        self.organisation, self.jan = self.fair.bidder()
        self.piet = member_of(self.organisation, signatory=False)
        self.segment = self.fair.segments[0]
        self.draft = start_submission(
            round=self.fair.round, organisation=self.organisation, segments=[self.segment], by=self.jan
        )
        self.keys = self.fair.questions(self.segment)
        self.complaints: list[str] = []

    def address(self, name: str, *more: Any) -> str:
        return self.base + reverse(f"procurement:{name}", args=[self.draft.pk, *more])

    @property
    def section(self) -> str:
        return self.address("submission_section", self.segment.slug)

    @contextmanager
    def browser(self, user: Any, *, scripts: bool = True) -> Iterator[Page]:
        client = Client()
        client.force_login(user)
        cookie = client.cookies[django_settings.SESSION_COOKIE_NAME]
        context = self.chromium.new_context(
            viewport={"width": 1280, "height": 900}, locale="nl-NL", java_script_enabled=scripts
        )
        context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": self.base}])
        page = context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        try:
            yield page
        finally:
            context.close()

    def text(self, page: Page) -> Any:
        return page.locator(f"#id_q{self.keys['text']}")

    def item(self, page: Page, kind: str) -> Any:
        return page.locator(f"[data-item=q{self.keys[kind]}]")


@pytest.fixture
def scene(chromium: Browser, live_server: LiveServer) -> Iterator[Scene]:
    found = Scene(chromium, live_server.url)
    yield found
    assert found.complaints == []


def status(page: Page) -> Any:
    return page.locator("[data-autosave-status]")


def test_two_people_at_one_answer_lose_nothing(scene: Scene) -> None:
    with scene.browser(scene.jan) as one, scene.browser(scene.piet) as two:
        one.goto(scene.section)
        two.goto(scene.section)
        scene.text(one).fill("Van Jan.")
        expect(status(one)).to_have_text("Opgeslagen in uw concept")
        scene.text(two).fill("Van Piet.")
        notice = scene.item(two, "text").locator("[data-versions]")
        expect(notice).to_contain_text("Beide versies zijn bewaard")
        expect(notice).to_contain_text("Van Jan.")
        expect(scene.text(two)).to_have_value("Van Piet.")
        assert run_axe(two) == []
        # Piet types on, and takes his own: nothing of either was lost before he chose.
        scene.text(two).fill("Van Piet, langer.")
        expect(notice).to_contain_text("Van Piet, langer.")
        go(notice.get_by_role("button", name=f"De versie van {scene.piet.name} nemen"))
        expect(scene.text(two)).to_have_value("Van Piet, langer.")
        assert not DraftAlternative.objects.exists()
        # Jan's page is older now: it says so, and what he types next is a second version, not over Piet's.
        one.locator(f"#id_q{scene.keys['price']}").fill("900.000")
        about = scene.item(one, "text").locator("[data-versions]")
        expect(about).to_contain_text("Wat u hier ziet is ouder")
        expect(about).to_contain_text("Van Piet, langer.")
        go(about.get_by_role("button", name="Toon de nieuwste versie"))
        expect(scene.text(one)).to_have_value("Van Piet, langer.")
        assert content(scene.draft).answers[scene.keys["price"]].number == 900000


def test_an_error_is_said_beside_its_field_while_typing_and_goes_when_it_is_right(scene: Scene) -> None:
    with scene.browser(scene.jan) as page:
        page.goto(scene.section)
        price = page.locator(f"#id_q{scene.keys['price']}")
        price.fill("veel")
        expect(status(page)).to_contain_text("niet alles")
        expect(price).to_have_attribute("aria-invalid", "true")
        described = (price.get_attribute("aria-describedby") or "").split()
        assert f"id_q{scene.keys['price']}_error" in described
        assert run_axe(page) == []
        expect(price).to_have_value("veel")
        price.fill("800.000")
        expect(status(page)).to_have_text("Opgeslagen in uw concept")
        expect(price).not_to_have_attribute("aria-invalid", "true")


def test_without_a_connection_it_says_so_and_saves_by_itself_when_it_is_back(scene: Scene) -> None:
    with scene.browser(scene.jan) as page:
        page.goto(scene.section)
        page.route("**/deel/**", lambda route: route.abort())
        scene.text(page).fill("Getypt zonder verbinding.")
        expect(status(page)).to_contain_text("Niet opgeslagen: er is geen verbinding")
        assert content(scene.draft).answers == {}
        page.unroute("**/deel/**")
        expect(status(page)).to_have_text("Opgeslagen in uw concept")
        assert content(scene.draft).answers[scene.keys["text"]].text == "Getypt zonder verbinding."


def test_after_the_deadline_typing_is_refused_in_words_and_stays_on_the_page(scene: Scene) -> None:
    with scene.browser(scene.jan) as page:
        page.goto(scene.section)
        scene.fair.pass_deadline()
        scene.text(page).fill("Net te laat.")
        expect(status(page)).to_contain_text("De sluitingstijd is voorbij")
        expect(scene.text(page)).to_have_value("Net te laat.")


def test_a_file_that_is_cut_twice_goes_on_and_is_the_answer(scene: Scene, tmp_path: Path) -> None:
    whole = pdf(2, size=18 * MEGABYTE)
    place = tmp_path / "Ons plan.pdf"
    place.write_bytes(whole)
    cuts = []

    def cut(route: Route) -> None:
        """Pieces are of 8 MB: after the first and after the second one the line is gone for a moment."""
        offset = int(route.request.headers.get("upload-offset", "0"))
        if route.request.method == "PATCH" and offset > 0 and offset not in cuts:
            cuts.append(offset)
            route.abort("connectionreset")
        else:
            route.continue_()

    with scene.browser(scene.jan) as page:
        page.goto(scene.section)
        page.route("**/upload/**", cut)
        scene.item(page, "file").locator("input[type=file]").set_input_files(place)
        expect(scene.item(page, "file")).to_contain_text("Ons plan.pdf", timeout=60_000)
        expect(scene.item(page, "file")).to_contain_text("2 pagina's", timeout=60_000)
        assert len(cuts) == 2
        held = content(scene.draft).answers[scene.keys["file"]].file
        assert held is not None
        assert (held.name, held.size) == ("Ons plan.pdf", len(whole))
        expect(scene.item(page, "file")).to_contain_text(held.sha256)
        # The page goes on to save what is typed, with marks that know of the file.
        scene.text(page).fill("En tekst.")
        expect(status(page)).to_have_text("Opgeslagen in uw concept")
        assert run_axe(page) == []


def test_the_time_left_does_not_follow_a_clock_that_is_set(scene: Scene) -> None:
    with scene.browser(scene.jan) as page:
        page.clock.install()
        page.goto(scene.address("submission"))
        rest = page.locator("[data-countdown]")
        before = rest.inner_text()
        assert re.search(r"nog .*\d", before)
        page.clock.set_system_time("2040-01-01T00:00:00")
        page.clock.run_for(20_000)
        expect(rest).to_have_text(re.compile(re.escape(before[:8])))


def test_the_whole_way_without_scripts(scene: Scene, tmp_path: Path) -> None:
    place = tmp_path / "zonder.pdf"
    place.write_bytes(pdf(1))
    with scene.browser(scene.jan, scripts=False) as page:
        page.goto(scene.address("submission"))
        expect(page).to_have_title(re.compile("^Nog niet ingediend"))
        go(page.get_by_role("link", name=scene.segment.name, exact=True))
        scene.text(page).fill("Zonder script.")
        page.locator(f"#id_q{scene.keys['price']}").fill("700.000")
        page.locator(f"#id_q{scene.keys['file']}").set_input_files(place)
        page.get_by_label("Ja, wij voldoen aan deze eis").check()
        go(page.get_by_role("main").get_by_role("button", name="Concept opslaan").last)
        expect(page.get_by_role("main")).to_contain_text("niet ingediend")
        given = content(scene.draft).answers
        assert given[scene.keys["text"]].text == "Zonder script."
        assert given[scene.keys["file"]].file is not None
        page.goto(scene.address("submission_section", "algemeen"))
        general = scene.fair.questions()
        page.locator(f"#id_q{general['number']}").fill("12,5")
        page.get_by_label("Ja", exact=True).check()
        page.get_by_label("Ja, wij voldoen aan deze eis").check()
        go(page.get_by_role("button", name="Opslaan en verder"))
        page.goto(scene.address("submission_submit"))
        page.get_by_label("Ik mag tekenen voor deze organisatie").check()
        go(page.get_by_role("button", name="Nu indienen"))
        expect(page.get_by_role("heading", level=1)).to_contain_text("Ontvangstbewijs")


def test_what_an_earlier_submission_answered_is_looked_at_and_copied(scene: Scene) -> None:
    save_answers(submission=scene.draft, answers=scene.fair.answers(scene.segment), by=scene.jan)
    new = again(scene.fair)
    draft = start_submission(round=new.round, organisation=scene.organisation, segments=new.segments[:1], by=scene.jan)
    with scene.browser(scene.jan) as page:
        page.goto(scene.base + reverse("procurement:submission_copy", args=[draft.pk]))
        assert run_axe(page) == []
        go(page.get_by_role("button", name="Toon wat wordt overgenomen"))
        expect(page.get_by_role("alert")).to_contain_text("Kies een eerdere inzending.")
        assert run_axe(page) == []
        page.get_by_label(re.compile(scene.fair.tender.title)).check()
        go(page.get_by_role("button", name="Toon wat wordt overgenomen"))
        expect(page.get_by_role("main")).to_contain_text("Wij werken met vaste teams.")
        assert run_axe(page) == []
        for width in (1280, 390):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") <= width
        go(page.get_by_role("button", name=re.compile("antwoorden overnemen")))
        expect(page.get_by_role("status").first).to_contain_text("antwoorden zijn ingevuld")
    assert len(content(draft).answers) == len(scene.fair.answers(scene.segment))


def test_the_enter_key_saves_and_does_not_choose(scene: Scene) -> None:
    with scene.browser(scene.jan) as one, scene.browser(scene.piet) as two:
        one.goto(scene.section)
        two.goto(scene.section)
        scene.text(one).fill("Van Jan.")
        expect(status(one)).to_have_text("Opgeslagen in uw concept")
        scene.text(two).fill("Van Piet.")
        expect(scene.item(two, "text").locator("[data-versions]")).to_contain_text("Beide versies zijn bewaard")
        key(two.locator(f"#id_q{scene.keys['price']}"), "Enter")
        assert DraftAlternative.objects.count() == 1
