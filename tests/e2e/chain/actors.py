"""A person behind an own browser, who does what people do: read, fill in, choose, click."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.looking import go
from tests.factories.submissions import pdf_bytes

PASSWORD = "Achterhoek-2022-demo"
# Where the pages go that a failed test stopped at.
FAILURES = Path(__file__).resolve().parents[3] / "var" / "screenshots" / "failed"
# A page that is refused (403, 404, 422) is also told by the browser; that is no fault of the page.
REFUSAL = re.compile(r"Failed to load resource: the server responded with a status of 4\d\d")


@dataclass
class Person:
    """One person, logged in or not. All pages are found by clicking, but for the first."""

    page: Page
    base: str
    complaints: list[str] = field(default_factory=list)

    @property
    def main(self) -> Locator:
        return self.page.get_by_role("main")

    @property
    def path(self) -> str:
        return self.page.url.removeprefix(self.base)

    def opens(self, path: str) -> None:
        """Type an address, as for the first page."""
        self.page.goto(f"{self.base}{path}")

    def refused(self, path: str, status: int) -> None:
        """An address that this person may not open, or that does not exist for this person."""
        response = self.page.goto(f"{self.base}{path}")
        assert response is not None
        assert response.status == status, f"{path}: {response.status}"

    def follows(self, name: str | re.Pattern[str], within: Locator | None = None) -> None:
        """Click a link; the next page is there when this returns."""
        link = (within or self.main).get_by_role("link", name=name, exact=isinstance(name, str)).first
        go(link)

    def finds(self, part: str) -> None:
        """Click the link whose text contains this."""
        self.follows(re.compile(re.escape(part)))

    def presses(self, name: str, within: Locator | None = None) -> None:
        """Click a button that leads to a page."""
        button = (within or self.main).get_by_role("button", name=name, exact=True).first
        go(button)

    def fills(self, label: str, text: str, within: Locator | None = None) -> None:
        (within or self.main).get_by_label(label, exact=True).fill(text)

    def chooses(self, question: str, answer: str | re.Pattern[str], within: Locator | None = None) -> None:
        """Choose an answer of a question with radio buttons or check boxes."""
        group = (within or self.main).get_by_role("group", name=question, exact=True)
        group.get_by_label(answer, exact=isinstance(answer, str)).check()

    def uploads(self, label: str, name: str, content: bytes | None = None) -> None:
        """Choose a PDF of one page, or other content; it goes by itself, and is there when this returns."""
        payload = {"name": name, "mimeType": "application/pdf", "buffer": content or pdf_bytes()}
        self.main.get_by_label(label, exact=True).set_input_files(payload)
        place = self.main.locator(".nlds-upload").filter(has=self.page.get_by_label(label, exact=True))
        expect(place.locator("[data-upload-file]")).to_contain_text(name)

    def reads(self, *texts: str) -> None:
        """All of this stands on the page."""
        for text in texts:
            expect(self.main).to_contain_text(text)

    def misses(self, *texts: str) -> None:
        """Nothing of this stands on the page."""
        for text in texts:
            expect(self.main).not_to_contain_text(text)

    def error_of(self, label: str) -> str:
        """What is said beside the field, found as a screen reader finds it."""
        control = self.main.get_by_label(label, exact=True)
        assert control.get_attribute("aria-invalid") == "true", f"{label} is not marked as wrong"
        ids = (control.get_attribute("aria-describedby") or "").split()
        return " ".join(self.page.locator(f"[id='{found}']").inner_text() for found in ids)

    def downloads(self, link: Locator, to: Path) -> Path:
        with self.page.expect_download() as found:
            link.click()
        found.value.save_as(to)
        return to

    def waits_for_the_work(self) -> None:
        """The progress page goes on by itself when the worker is ready."""
        self.page.wait_for_url(re.compile(r"^(?!.*/taken/).*$"), timeout=60_000)

    def section(self, heading: str) -> Locator:
        """The part of the page under this heading."""
        return self.main.get_by_role("region", name=heading, exact=True)

    def row(self, text: str) -> Locator:
        return self.main.get_by_role("row").filter(has_text=text)


@dataclass
class Cast:
    """Everybody on the stage; each gets a browser of their own and keeps it."""

    browser: Browser
    base: str
    people: dict[str, Person] = field(default_factory=dict)

    def visitor(self, name: str = "visitor") -> Person:
        """Somebody without an account, for as long as that lasts."""
        context = self.browser.new_context(
            viewport={"width": 1280, "height": 900}, locale="nl-NL", timezone_id="Europe/Amsterdam"
        )
        context.set_default_timeout(30_000)
        person = Person(context.new_page(), self.base)
        person.page.on("console", lambda message: _note(person, message.type, message.text))
        person.page.on("pageerror", lambda error: person.complaints.append(str(error)))
        self.people[name] = person
        return person

    def person(self, email: str) -> Person:
        """This user, logged in at the first time."""
        if email not in self.people:
            log_in(self.visitor(email), email)
        return self.people[email]

    def complaints(self) -> list[str]:
        """What the browsers complained of: scripts that failed, and what the content policy held back."""
        return sorted({text for person in self.people.values() for text in person.complaints})


@contextmanager
def kept_on_failure(cast: Cast) -> Iterator[None]:
    """Where the walk stops, keep what each person saw then."""
    try:
        yield
    except BaseException:
        FAILURES.mkdir(parents=True, exist_ok=True)
        for name, person in cast.people.items():
            if person.path != "about:blank":
                place = FAILURES / re.sub(r"[^a-z0-9.@]+", "-", name)
                person.page.screenshot(path=f"{place}.png", full_page=True)
                place.with_suffix(".txt").write_text(f"{person.page.url}\n{person.page.locator('body').inner_text()}")
        raise


def _note(person: Person, kind: str, text: str) -> None:
    if kind in ("error", "warning") and not REFUSAL.search(text):
        person.complaints.append(f"{person.path}: {text}")


def log_in(person: Person, email: str) -> None:
    person.opens("/accounts/login/")
    person.fills("E-mailadres", email)
    person.fills("Wachtwoord", PASSWORD)
    person.presses("Inloggen")
