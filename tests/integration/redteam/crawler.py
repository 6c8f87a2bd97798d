"""Every address, with every key that exists, as anybody; and every place where content could be left behind."""

from __future__ import annotations

import itertools
import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import redis
from django.apps import apps
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core import mail
from django.test import Client
from django.urls import NoReverseMatch, reverse

from achterhoek.celery import app as celery_app
from achterhoek.documents.models import StoredFile, Upload
from achterhoek.jobs.models import Job
from contracts.models import Contract
from procurement.models import (
    ClarificationRequest,
    CommitteeMember,
    Criterion,
    Decision,
    DraftAlternative,
    Entry,
    InterestDeclaration,
    Question,
    Ranking,
    Receipt,
    Round,
    SegmentRound,
    Submission,
    Tender,
)
from procurement.selectors.checklist import GENERAL
from providers.models import Organisation
from tests.architecture.test_access import addresses
from tests.asking import refusals_made_once
from tests.integration.redteam.marks import Marks

# What differs in every answer: tokens and the reference of a request.
CHANGING = re.compile(rb'name="csrfmiddlewaretoken" value="[^"]+"|[0-9a-f]{32}|[A-Za-z0-9]{64}')
# What the number in an address is about, by the first words of its name; of another it may be any of these.
NUMBERED = {
    "procurement:vault": Round,
    "procurement:late": Round,
    "procurement:completeness": Round,
    "procurement:clarification_ask": Round,
    "procurement:clarification": ClarificationRequest,
    "procurement:ranking_request": SegmentRound,
    "procurement:ranking": Ranking,
    "procurement:decision_propose": SegmentRound,
    "procurement:decision": Decision,
    "procurement:letter": Decision,
    "procurement:college": Decision,
    "procurement:": SegmentRound,
    "contracts:": Contract,
    "providers:": Organisation,
    "jobs:": Job,
}
HTMX = {"HX-Request": "true", "Accept": "application/json"}


@dataclass
class Crawl:
    """What came back: where marks were seen, what broke, and what can be searched."""

    marks: Marks
    marked: dict[str, set[str]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    searches: list[str] = field(default_factory=list)

    @property
    def seen(self) -> set[str]:
        return set().union(*self.marked.values())

    def look(self, address: str, answer: Any) -> bytes:
        content = _headers(answer) + body_of(answer)
        plain = answer.get("Content-Type", "").startswith(("text/", "application/json"))
        if (
            hits := self.marks.found_in(content)
            if plain
            else self.marks.found_in_layers(body_of(answer)) | self.marks.found_in(_headers(answer))
        ):
            self.marked.setdefault(address, set()).update(hits)
        if answer.status_code >= 500:
            self.faults.append(f"{answer.status_code} {address}")
        elif b' name="q"' in content:
            self.searches.append(address)
        return content


def every_address(round: Round) -> list[str]:
    """Every address of the portal with every key that stands in the database."""
    keys = _keys(round)
    found = []
    for name, pattern in addresses():
        if name.startswith("admin:"):
            found += _admin_addresses(name, pattern)
            continue
        names = list(pattern.pattern.converters)
        if names == ["pk", "number"] and name.startswith("procurement:"):
            own = Receipt.objects.values_list("submission", "number")
            found += [reverse(name, kwargs={"pk": pk, "number": number}) for pk, number in own]
            continue
        values = [keys(name, part, type(pattern.pattern.converters[part]).__name__) for part in names]
        for chosen in itertools.product(*values):
            try:
                found.append(reverse(name, kwargs=dict(zip(names, chosen, strict=True))))
            except NoReverseMatch:
                continue
    return sorted(set(found))


def _keys(round: Round) -> Any:
    """By the name of an address and of its part: the keys to try."""
    submissions = _all(Submission)
    found = {
        "slug": list(Tender.objects.values_list("slug", flat=True)),
        "key": [GENERAL, *round.segment_rounds.values_list("segment__slug", flat=True)],
        "stage": ["selection", "award"],
        "entry_id": _all(Entry)[:3],
        "alternative": _all(DraftAlternative)[-1:],
        "question": _all(Question)[-1:],
        "request_pk": _all(ClarificationRequest),
        "submission_pk": submissions,
        "criterion_id": _all(Criterion)[:3],
        "seat": _all(CommitteeMember)[:4],
        "declaration": _all(InterestDeclaration)[:4],
        "what": ["consensus", "individueel", "eisen"],
    }

    def of(name: str, part: str, kind: str) -> list[Any]:
        if part in found:
            return found[part]
        if kind != "UUIDConverter":
            about = next((model for start, model in NUMBERED.items() if name.startswith(start)), None)
            return (_all(about)[:8] or [1]) if kind == "IntConverter" and about else ["x"]
        if name.startswith(("documents:", "procurement:bid_document")):
            return [*_all(StoredFile), *_all(Upload)]
        return submissions if name.startswith("procurement:") else [*submissions, *_all(Job)]

    return of


def _all(model: Any) -> list[Any]:
    return list(model._base_manager.order_by("pk").values_list("pk", flat=True))


def _admin_addresses(name: str, pattern: Any) -> Iterator[str]:
    converters = pattern.pattern.converters
    if not converters:
        try:
            yield reverse(name)
        except NoReverseMatch:
            return
        return
    for model in apps.get_models():
        if name.startswith(f"admin:{model._meta.app_label}_{model._meta.model_name}_") and len(converters) == 1:
            for pk in model._base_manager.order_by("-pk").values_list("pk", flat=True)[:2]:
                yield reverse(name, args=[pk])


@refusals_made_once()
def crawl(client: Client, wanted: list[str], marks: Marks) -> Crawl:
    """Ask for them all; what answers also as a script would ask, with filters and other pages."""
    found = Crawl(marks)
    for address in wanted:
        answer = client.get(address)
        found.look(address, answer)
        if answer.status_code != 200:
            continue
        found.look(f"HEAD {address}", client.head(address))
        if answer.get("Content-Type", "").startswith("text/html"):
            found.look(f"{address}?", client.get(f"{address}?format=json&page=2&o=-1&all=", headers=HTMX))
    return found


def body_of(answer: Any) -> bytes:
    """The whole answer, also of a file."""
    if not hasattr(answer, "whole"):
        answer.whole = b"".join(answer.streaming_content) if answer.streaming else bytes(answer.content)
    whole: bytes = answer.whole
    return whole


def _headers(answer: Any) -> bytes:
    cookies = answer.cookies.output()
    return f"{dict(answer.items())}\n{cookies}\n".encode()


def answer_without(client: Client, address: str, word: str) -> tuple[int, bytes]:
    """An answer to a question after a word, with that word itself and all that differs by chance taken out."""
    answer = client.get(address, {"q": word})
    text = CHANGING.sub(b"", body_of(answer)).replace(word.encode(), b"")
    return answer.status_code, text


def in_valkey() -> dict[str, bytes]:
    """All that this test has in the queue and in the cache, by key, as it lies there."""
    found: dict[str, bytes] = {}
    for address in {settings.CELERY_BROKER_URL, settings.REDIS_URL}:
        plain = address.replace("redis+socket://", "unix://").replace("virtual_host=", "db=")
        with redis.Redis.from_url(plain) as store:
            for key in store.scan_iter(f"*{settings.TEST_SPACE}*"):
                found[key.decode()] = key + b"\n" + _value(store, key)
    return found


def _value(store: Any, key: bytes) -> bytes:
    read = {
        b"string": lambda: store.get(key),
        b"list": lambda: b"\n".join(store.lrange(key, 0, -1)),
        b"hash": lambda: b"\n".join(itertools.chain(*store.hgetall(key).items())),
        b"set": lambda: b"\n".join(store.smembers(key)),
        b"zset": lambda: b"\n".join(store.zrange(key, 0, -1)),
    }
    return read[store.type(key)]() or b""


def empty_queue() -> None:
    """Forget what other tests of this process left for a worker."""
    with celery_app.connection_for_write() as connection:
        connection.default_channel.queue_purge("celery")


def run_queue() -> list[str]:
    """Do what a worker would do with what waits in the queue; the names of the tasks."""
    celery_app.loader.import_default_modules()
    done = []
    with celery_app.connection_for_read() as connection:
        while message := connection.default_channel.basic_get("celery", no_ack=True):
            name = message.headers["task"]
            args = json.loads(message.body)[0]
            celery_app.tasks[name](*args)
            done.append(name)
    return done


def in_sessions() -> bytes:
    """Every session, decoded."""
    return "\n".join(json.dumps(session.get_decoded()) for session in Session.objects.all()).encode()


def in_mail() -> bytes:
    """Every mail that went out, with its attachments."""
    return b"\n".join(message.message().as_bytes() for message in mail.outbox)


@contextmanager
def all_that_is_logged() -> Iterator[list[str]]:
    """Every line of every logger, as it is written, down to the smallest."""
    root = logging.getLogger()
    lines: list[str] = []

    class Keeper(logging.Handler):
        def emit(self, entry: logging.LogRecord) -> None:
            lines.append(self.format(entry))
            lines.append(f"{entry.getMessage()} {entry.args!r} {entry.exc_text or ''}")

    logging.getLogger("factory").setLevel(logging.WARNING)
    keeper = Keeper(logging.DEBUG)
    keeper.setFormatter(next((h.formatter for h in root.handlers if h.formatter), None))
    before = root.level
    root.addHandler(keeper)
    root.setLevel(logging.DEBUG)
    try:
        yield lines
    finally:
        root.removeHandler(keeper)
        root.setLevel(before)
