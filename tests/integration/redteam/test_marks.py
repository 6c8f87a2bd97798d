"""A sealed round with a mark in everything, walked by everybody: the marks are on the own team's pages and nowhere else
(Aw 2.108; issue "sealed submissions", shows 2).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from achterhoek.accounts.enums import Role
from procurement.enums import QuestionKind
from procurement.models import DraftAnswer
from procurement.selectors.checklist import GENERAL
from tests.integration.redteam.crawler import (
    Crawl,
    all_that_is_logged,
    answer_without,
    body_of,
    crawl,
    every_address,
    in_mail,
    in_sessions,
    in_valkey,
    run_queue,
)
from tests.integration.redteam.sealed_round import SealedRound, logged_in, open_vault, sealed_round

pytestmark = [pytest.mark.long, pytest.mark.django_db(transaction=True)]
# What the own team sees of what it filled in or handed in.
EVERYTHING = {"text", "number", "price", "explanation", "file-name", "pdf-text", "pdf-title"}


def walk(found: SealedRound, people: Iterable[str]) -> dict[str, Crawl]:
    """As people who are in no team: nothing, and no page breaks."""
    wanted = every_address(found.round)
    walked = {who: crawl(logged_in(found.others[who]), wanted, found.marks) for who in people}
    assert {who: pages.marked for who, pages in walked.items() if pages.marked} == {}
    assert {who: pages.faults for who, pages in walked.items() if pages.faults} == {}
    return walked


def seen_by_team(found: SealedRound, name: str) -> set[str]:
    """What a team sees of itself; of nobody else it sees anything."""
    pages = crawl(found.teams[name].client, every_address(found.round), found.marks)
    assert pages.faults == []
    assert {label for label in pages.seen if not label.startswith(f"{name}:")} == set()
    return pages.seen


def kinds(labels: set[str], name: str, version: str) -> set[str]:
    return {label.split(":")[2] for label in labels if label.startswith(f"{name}:{version}:")}


def left_behind(found: SealedRound, lines: list[str]) -> dict[str, set[str]]:
    """Marks in what no page shows: the queue, the cache, sessions, mails and the log."""
    places = {
        "queue and cache": "\n".join(map(repr, in_valkey().values())).encode() + b"".join(in_valkey().values()),
        "sessions": in_sessions(),
        "mail": in_mail(),
        "log": "\n".join(lines).encode(),
    }
    return {place: hits for place, content in places.items() if (hits := found.marks.found_in_layers(content))}


def search(found: SealedRound, walked: dict[str, Crawl]) -> None:
    """Asking after a mark gives the same answer as asking after a word that is nowhere."""
    asked = 0
    sought = [mark for mark, label in found.marks.told.items() if label.startswith("handed:")]
    for who, pages in walked.items():
        client = logged_in(found.others[who])
        for address in pages.searches:
            for mark in (sought[0], next(mark for mark in sought if mark.isdigit())):
                other = mark[:-4] + mark[-4:][::-1] if not mark.isdigit() else mark[:-3] + "001"
                assert answer_without(client, address, mark) == answer_without(client, address, other), address
                asked += 1
    assert asked > 4


def break_pages(found: SealedRound, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """Errors of every kind, on pages that hold content: no error page shows it, and no line in the log."""
    team = found.teams["drafter"]
    section = reverse("procurement:submission_section", args=[team.submission.pk, found.fair.segments[0].slug])
    general = reverse("procurement:submission_section", args=[team.submission.pk, GENERAL])
    pages = [section, general, reverse("procurement:submission", args=[team.submission.pk])]
    typed = _typed(found)
    assert team.client.post(section, typed).status_code == 422
    assert team.client.post(section, typed, headers={"X-Autosave": "1"}).status_code in (200, 422)
    strict = Client(enforce_csrf_checks=True, raise_request_exception=False)
    strict.force_login(team.people[0])
    answers = [strict.post(section, typed)]
    refused = [logged_in(user).post(section, typed) for user in found.others.values()]
    assert {answer.status_code for answer in refused} <= {302, 403, 404}
    answers += refused
    answers += [team.client.post(f"{section}niet/", typed), team.client.put(section, typed)]
    answers += [team.client.get(f"{page}?x=%00") for page in ("/niets/",)]
    with monkeypatch.context() as broken:
        broken.setattr("procurement.views.sections.SectionForm.is_valid", _break)
        answers.append(team.client.post(section, typed))
        broken.setattr("procurement.views.sections.render", _break)
        broken.setattr("procurement.views.submissions.render", _break)
        answers += [team.client.get(page) for page in pages]
        broken.setattr("procurement.services.answers.DraftWriter._write", _break)
        answers.append(team.client.post(section, typed, headers={"X-Autosave": "1"}))
    for keys in ([], ["AGE-SECRET-KEY-1NIETS"]):
        settings.SEALING_KEYS, kept = keys, settings.SEALING_KEYS
        answers += [team.client.get(page) for page in pages]
        settings.SEALING_KEYS = kept
    whole = {row.pk: bytes(row.sealed) for row in DraftAnswer.objects.filter(submission=team.submission)}
    DraftAnswer.objects.filter(pk__in=whole).update(sealed=b"niet te openen")
    answers += [team.client.get(page) for page in pages]
    for pk, sealed in whole.items():
        DraftAnswer.objects.filter(pk=pk).update(sealed=sealed)
    statuses = {answer.status_code for answer in answers}
    assert {403, 404, 500} <= statuses, statuses
    # The team's own form shows what it typed; an error page does not.
    errors = [answer for answer in answers if answer.status_code not in (200, 422)]
    assert [found.marks.found_in(body_of(answer)) for answer in errors if found.marks.found_in(body_of(answer))] == []


def _break(*args: Any, **kwargs: Any) -> None:
    raise RuntimeError("broken on purpose")


def _typed(found: SealedRound) -> dict[str, Any]:
    """A form with marks, of which something is wrong everywhere."""
    segment = found.fair.segments[0]
    asked = found.fair.questions(segment)
    requirement = found.round.requirements.get(segment=segment)
    word = found.marks.word("drafter:typed:text")
    return {
        f"q{asked['text']}": word + " te lang" * 40,
        f"q{asked['price']}": f"{found.marks.word('drafter:typed:price')} euro",
        f"q{asked['file']}": found.file("drafter:typed", "file"),
        f"r{requirement.pk}-explanation": found.marks.word("drafter:typed:explanation"),
        f"r{requirement.pk}-meets": found.marks.word("drafter:typed:choice"),
    }


def test_marks_are_on_the_own_teams_pages_and_nowhere_else(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    with all_that_is_logged() as lines:
        found = sealed_round()
        assert any("make_thumbnail" in key + repr(value) for key, value in in_valkey().items())
        assert left_behind(found, lines) == {}
        assert "documents.make_thumbnail" in run_queue()
        own = seen_by_team(found, "drafter")
        assert kinds(own, "drafter", "typed-over") == EVERYTHING
        assert kinds(own, "drafter", "beside") >= {"text", "price", "file-name", "pdf-text"}
        walk(found, ["another bidder"])
        break_pages(found, monkeypatch, settings)
        found.close()
        search(found, walk(found, found.others))
        assert kinds(seen_by_team(found, "handed"), "handed", "first") == EVERYTHING
        run_queue()
        assert left_behind(found, lines) == {}
        open_vault(found)
        what_the_opening_shows(found, lines)


def test_in_custodian_mode_not_even_the_own_team_reads_what_it_submitted() -> None:
    with all_that_is_logged() as lines:
        found = sealed_round(custodians=True)
        run_queue()
        found.close()
        walk(found, ["another bidder", Role.LEAD])
        assert seen_by_team(found, "handed") == set()
        assert kinds(seen_by_team(found, "replacing"), "replacing", "second") == EVERYTHING
        assert left_behind(found, lines) == {}
        open_vault(found)
        what_the_opening_shows(found, lines)


def what_the_opening_shows(found: SealedRound, lines: list[str]) -> None:
    """The lead reads what counts, and prices once the scores are fixed; drafts and earlier versions nobody ever."""
    walk(found, ["another bidder", Role.OPENER])
    counts = ("handed:first:", "handed:resumed:", "replaced:second:", "replacing:first:")
    lead = crawl(logged_in(found.others[Role.LEAD]), every_address(found.round), found.marks)
    assert {label for label in lead.seen if not label.startswith(counts)} == set()
    for name, version in (("handed", "first"), ("replaced", "second"), ("replacing", "first")):
        shown = kinds(lead.seen, name, version)
        assert QuestionKind.PRICE not in shown
        # What is stated about a minimum requirement is read where it is judged, in consensus.
        assert shown | {"explanation"} == EVERYTHING - {QuestionKind.PRICE}
    for segment in found.fair.segments:
        found.fair.fix(segment)
    run_queue()
    wanted = every_address(found.round)
    lead = crawl(logged_in(found.others[Role.LEAD]), wanted, found.marks)
    assert {label for label in lead.seen if not label.startswith(counts)} == set()
    assert kinds(lead.seen, "handed", "first") >= EVERYTHING - {"explanation"}
    assert left_behind(found, lines) == {}
