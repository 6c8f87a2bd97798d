"""A segment whose committee scores, with a mark in every reason, note and draft, and everybody who might look."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.db import connection, transaction

from achterhoek.accounts.enums import Role
from procurement.enums import SeatRole
from procurement.models import CommitteeMember, Score, ScoreDraft, ScoringNote
from procurement.services.evaluation import close_scoring, hand_in, record_consensus, save_score
from tests.asking import Asking, Memory, refusals_made_once
from tests.factories import MunicipalityFactory, RegionFactory, UserFactory, member_of, user_with
from tests.factories.evaluation import Evaluation, evaluation, seated
from tests.integration.redteam.crawler import CHANGING, body_of, every_address
from tests.integration.redteam.marks import Marks

FIRST, SECOND = "first", "second"
# These know nothing of an evaluation and cost as much time to ask; whether all runs well depends on the machine.
ELSEWHERE = ("/accounts/", "/register", "/jsi18n", "/kluis/", "/readyz")
# What stands in the history of scores, in PostgreSQL's own tables; never in the log, nor with a job or a mail.
TOLD_TABLES = ("audit", "jobs", "mail", "transitions")


@dataclass
class ScoredRound:
    """The segment round, its marks, and all people by what they are."""

    made: Evaluation
    marks: Marks
    people: dict[str, Any] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    memory: Memory = field(default_factory=Memory)

    @property
    def outsiders(self) -> set[str]:
        """Who never sees a score that somebody gave alone."""
        return self.people.keys() - {FIRST, SECOND, "chair", "observer", Role.LEAD, Role.AUDITOR}

    def addresses(self) -> list[str]:
        """Every address of the portal, as the resolver has it, with every key that exists; also of later pages.

        What changed since the last time is asked again.
        """
        self.memory.look()
        wanted = every_address(self.made.segment_round.round)
        return [address for address in wanted if not address.startswith(ELSEWHERE)]

    def score(self, who: str, *, all: bool) -> None:
        """Scores with a marked reason: of all bids, or of all but the last."""
        entries = self.made.entries if all else self.made.entries[:-1]
        for entry in entries:
            for criterion in self.made.criteria:
                reason = f"Goed onderbouwd, zie {self.marks.word(f'{who}:score')}."
                save_score(entry=entry, criterion=criterion, value=Decimal(6), reason=reason, by=self.people[who])

    def note(self, who: str) -> None:
        """A private note with each bid, and something half typed with the last one."""
        seat = CommitteeMember.objects.get(segment_round=self.made.segment_round, user=self.people[who])
        for entry in self.made.entries:
            text = f"Voor mijzelf: {self.marks.word(f'{who}:note')}"
            ScoringNote.objects.create(seat=seat, entry=entry, text=text, flagged=True)
        for criterion in self.made.criteria:
            reason = f"Nog niet af {self.marks.word(f'{who}:draft')}"
            ScoreDraft.objects.create(
                seat=seat, entry=self.made.entries[-1], criterion=criterion, value=Decimal(8), reason=reason
            )

    def hand_in(self, who: str) -> None:
        hand_in(segment_round=self.made.segment_round, by=self.people[who])

    def close(self) -> None:
        self.made.segment_round = close_scoring(segment_round=self.made.segment_round, by=self.made.lead)

    def agree(self) -> None:
        """The meeting sets all scores but of the last bid, with marked motivations."""
        for entry in self.made.entries[:-1]:
            for criterion in self.made.criteria:
                reason = f"De commissie las {self.marks.word('consensus:score')}."
                record_consensus(entry=entry, criterion=criterion, value=Decimal(6), reason=reason, by=self.made.lead)

    @refusals_made_once()
    def walk(self, who: str, wanted: Iterable[str]) -> dict[str, bytes]:
        """Every answer to this person, also as a script would ask and with every other order and filter."""
        client = Asking(self.people[who], self.memory)
        found = {}
        for address in wanted:
            answer = client.get(address)
            found[address] = _content(answer)
            if answer.status_code == 200 and address.startswith(("/beoordelen/", "/inkoop/beoordeling/")):
                for question in ("?filter=open&o=-1&page=2&format=json", "?format=csv&soort=csv&narekenen=ja"):
                    found[address + question] = _content(client.get(address + question))
            self.broken(who, address, answer)
        return found

    @refusals_made_once()
    def posted(self, who: str, wanted: Iterable[str]) -> dict[str, bytes]:
        """The same with an empty form sent in, whatever that would do: it is undone at once."""
        client = Asking(self.people[who], self.memory)
        found = {}
        for address in wanted:
            if address.startswith(("/beoordelen/", "/inkoop/")):
                with undone():
                    answer = client.post(address, follow=True)
                    found[f"POST {address}"] = _content(answer)
                    self.broken(who, f"POST {address}", answer)
        return found

    def broken(self, who: str, address: str, answer: Any) -> None:
        if answer.status_code >= 500:
            self.faults.append(f"{who} {address}: {answer.exc_info[1] if answer.exc_info else answer.status_code}")

    def marked(self, answers: dict[str, bytes]) -> dict[str, set[str]]:
        """Which marks are in which answers: the kinds of them, as `first:score`."""
        found = {}
        for address, content in answers.items():
            if hits := self.marks.found_in_layers(content):
                found[address] = hits
        return found

    def in_the_tables(self) -> dict[str, set[str]]:
        """Marks in the rows of the log, of jobs, of mails and of steps taken."""
        found = {}
        for model in apps.get_models(include_auto_created=True):
            if model._meta.app_label in TOLD_TABLES:
                with connection.cursor() as cursor, cursor.copy(f'COPY "{model._meta.db_table}" TO STDOUT') as copy:
                    dump = b"".join(bytes(piece) for piece in copy)
                if hits := self.marks.found_in(dump):
                    found[model._meta.label] = hits
        return found

    def change_what_is_secret(self) -> None:
        """Other values and other words of the second member, with nothing else changed: no time, no count."""
        alone = {"evaluator": self.people[SECOND]}
        Score.objects.filter(**alone).update(value=Decimal(2), reason="Heel iets anders, en korter.")
        mine = {"seat__user": self.people[SECOND]}
        ScoreDraft.objects.filter(**mine).update(value=Decimal(4), reason="Anders getypt.")
        ScoringNote.objects.filter(**mine).update(text="Anders onthouden.", flagged=False)


def plain(answers: dict[str, bytes]) -> dict[str, bytes]:
    """The answers without what differs by chance."""
    return {address: CHANGING.sub(b"", content) for address, content in answers.items()}


@contextmanager
def undone() -> Any:
    """Nothing of what happens in here stays."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _content(answer: Any) -> bytes:
    kind = f"{answer.status_code} {answer.get('Content-Type', '')} {answer.get('Content-Disposition', '')}\n".encode()
    return kind + _unpacked(body_of(answer))


def _unpacked(body: bytes) -> bytes:
    """A ZIP (and so a workbook) is read by what is in it; when it was made is left out."""
    if not body.startswith(b"PK\x03\x04"):
        return body
    with zipfile.ZipFile(io.BytesIO(body)) as packed:
        names = [name for name in packed.namelist() if name != "docProps/core.xml"]
        return b"\n".join(name.encode() + b"\n" + packed.read(name) for name in names)


def scored_round(**tender: Any) -> ScoredRound:
    """Two members, a chair and an observer; everybody else who can log in, and who cannot."""
    made = evaluation(entries=3, evaluators=2, criteria=2, places=1, **tender)
    region, other = made.region, RegionFactory()
    found = ScoredRound(made, Marks())
    for entry in made.entries:
        organisation = entry.submission.organisation
        organisation.name = f"Zorg {found.marks.word('bidder')}"
        organisation.save()
    chair, observer = (user_with(Role.EVALUATOR, region=region, name=name) for name in ("Voorzitter", "Waarnemer"))
    seated(made.segment_round, chair, SeatRole.CHAIR)
    seated(made.segment_round, observer, SeatRole.OBSERVER)
    found.people = {
        FIRST: made.evaluators[0],
        SECOND: made.evaluators[1],
        "chair": chair,
        "observer": observer,
        Role.LEAD: made.lead,
        Role.AUDITOR: user_with(Role.AUDITOR, region=region),
        "another evaluator": user_with(Role.EVALUATOR, region=region),
        "lead elsewhere": user_with(Role.LEAD, region=other),
        "auditor elsewhere": user_with(Role.AUDITOR, region=other),
        Role.ADMIN: user_with(Role.ADMIN),
        Role.OPENER: user_with(Role.OPENER, region=region),
        Role.CLM: user_with(Role.CLM, region=region),
        Role.COLLEGE: user_with(Role.COLLEGE, municipality=MunicipalityFactory(region=region)),
        Role.PROVIDER: member_of(made.entries[0].submission.organisation),
        "no role": UserFactory(),
        "nobody": None,
    }
    return found
