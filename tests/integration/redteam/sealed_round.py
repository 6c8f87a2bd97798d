"""A round full of marked content, in every state that a submission can be in before its vault is opened."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from achterhoek.accounts.enums import Role
from achterhoek.documents.models import StoredFile
from achterhoek.documents.sealed import key_of
from procurement.enums import Custody, QuestionKind, RoundStatus
from procurement.models import CommitteeMember, Round, Submission, Tender
from procurement.selectors.content import draft_content, mark_of
from procurement.services.answers import save_answers
from procurement.services.custody import Paper, hold_ceremony
from procurement.services.submissions import (
    reopen_submission,
    replace_submission,
    start_submission,
    submit_submission,
    withdraw_submission,
)
from procurement.services.vault import confirm_opening
from tests import triggers
from tests.asking import Asking
from tests.factories import (
    MunicipalityFactory,
    OrganisationFactory,
    QuestionFactory,
    RegionFactory,
    member_of,
    user_with,
)
from tests.factories.accounts import UserFactory
from tests.factories.evaluation import no_interest
from tests.factories.submissions import Fair, open_fair
from tests.integration.redteam.crawler import empty_queue, run_queue
from tests.integration.redteam.marks import Marks, marked_pdf

HOLDERS = ["A. Notaris", "B. Griffier", "C. Archivaris"]
PIECE = "application/offset+octet-stream"


@dataclass
class Team:
    """A bidder: its people, and its submission. Its marks have labels that begin with its name."""

    name: str
    people: list[Any]
    submission: Submission

    @property
    def client(self) -> Client:
        return logged_in(self.people[0])


@dataclass
class SealedRound:
    """The round, its teams, everybody else, and all marks. `keys` are private keys of files, as they were made."""

    fair: Fair
    marks: Marks
    custodians: bool = False
    teams: dict[str, Team] = field(default_factory=dict)
    papers: list[Paper] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    others: dict[str, Any] = field(default_factory=dict)

    @property
    def round(self) -> Round:
        return self.fair.round

    def team(self, name: str) -> Team:
        """A bidder of two people that has begun."""
        organisation = OrganisationFactory(name=f"Zorg {name.title()}")
        people = [member_of(organisation), member_of(organisation)]
        made = start_submission(round=self.round, organisation=organisation, segments=self.fair.segments, by=people[0])
        self.teams[name] = Team(name, people, made)
        return self.teams[name]

    def filled(self, name: str, version: str) -> Team:
        """Fill everything in with new marks."""
        team = self.teams.get(name) or self.team(name)
        answers: dict[int, Any] = {}
        for question in self.round.questions.order_by("pk"):
            answers[question.pk] = self.value(f"{name}:{version}", question.kind, question.code)
        confirmations = {
            item.pk: (True, f"Zie {self.marks.word(f'{name}:{version}:explanation:{item.code}')}.")
            for item in self.round.requirements.order_by("pk")
        }
        saved = save_answers(
            submission=team.submission, answers=answers, confirmations=confirmations, by=team.people[0]
        )
        assert saved.refused == {}
        self.note_keys()
        return team

    def value(self, label: str, kind: str, code: str) -> Any:
        if kind == QuestionKind.TEXT:
            return f"Wij werken met {self.marks.word(f'{label}:text:{code}')} samen."
        if kind in (QuestionKind.NUMBER, QuestionKind.PRICE):
            return self.marks.number(f"{label}:{kind}:{code}")
        if kind == QuestionKind.BOOLEAN:
            return True
        return self.file(label, code)

    def file(self, label: str, code: str) -> Any:
        return marked_pdf(
            title=self.marks.word(f"{label}:pdf-title:{code}"),
            text=self.marks.word(f"{label}:pdf-text:{code}"),
            name=self.marks.word(f"{label}:file-name:{code}"),
        )

    def conflict(self, name: str) -> None:
        """A colleague who had an older version before them: both versions are kept."""
        team = self.teams[name]
        before = draft_content(team.submission)
        self.filled(name, "typed-over")
        answers, seen = {}, {}
        for question in self.round.questions.filter(
            kind__in=(QuestionKind.TEXT, QuestionKind.PRICE, QuestionKind.FILE)
        ):
            answers[question.pk] = self.value(f"{name}:beside", question.kind, question.code)
            seen[f"q{question.pk}"] = mark_of(f"q{question.pk}", before.answers[question.pk])
        saved = save_answers(submission=team.submission, answers=answers, by=team.people[1], seen=seen)
        assert len(saved.conflicts) == len(answers)
        self.note_keys()

    def submit(self, name: str) -> None:
        team = self.teams[name]
        submit_submission(submission=team.submission, by=team.people[0])

    def upload(self, name: str, label: str, *, whole: bool, right: bool = True) -> dict[str, Any]:
        """A file that comes in by itself: whole or cut off half-way, a PDF or something else."""
        team = self.teams[name]
        question = self.round.questions.filter(kind=QuestionKind.FILE).order_by("pk").first()
        given = self.file(f"{name}:{label}", question.code)
        content = given.read() if right else f"geen pdf maar {self.marks.word(f'{name}:{label}:no-pdf')}".encode()
        headers = {
            "Tus-Resumable": "1.0.0", "Upload-Length": str(len(content)),
            "Upload-Metadata": "filename " + base64.b64encode(given.name.encode()).decode(),
        }  # fmt: skip
        client = team.client
        made = client.post(
            reverse("procurement:submission_upload", args=[team.submission.pk, question.pk]), headers=headers
        )
        assert made.status_code == 201
        sent = content if whole else content[: len(content) // 2]
        headers = {"Tus-Resumable": "1.0.0", "Upload-Offset": "0"}
        assert client.patch(made["Location"], data=sent, content_type=PIECE, headers=headers).status_code == 204
        self.note_keys()
        found: dict[str, Any] = client.get(made["Location"]).json()
        return found

    def note_keys(self) -> None:
        """Remember the private keys of the files, while they can be read."""
        for stored in StoredFile.objects.filter(envelope__isnull=False):
            self.keys.add(key_of(stored).secret)

    def close(self) -> None:
        """The deadline passes, and the clock of the portal notices."""
        Round.objects.filter(pk=self.round.pk).update(
            deadline=timezone.now() - timedelta(seconds=1), status=RoundStatus.CLOSED
        )
        self.round.refresh_from_db()


def logged_in(user: Any) -> Client:
    """A browser of this person; of nobody where that is None. A fault of ours is a page, as it is for a visitor."""
    return Asking(user)


def make_custodial(found: SealedRound) -> None:
    """Hold the ceremony before the round opens, as the lead does."""
    Tender.objects.filter(pk=found.fair.tender.pk).update(custody=Custody.CUSTODIANS)
    with triggers.ignored("procurement.Round:round_status"):
        Round.objects.filter(pk=found.round.pk).update(status=RoundStatus.PLANNED)
        lead = user_with(Role.LEAD, region=found.fair.tender.region)
        planned = Round.objects.get(pk=found.round.pk)
        found.papers = hold_ceremony(round=planned, holders=HOLDERS, instead_of=None, by=lead)
        Round.objects.filter(pk=found.round.pk).update(status=RoundStatus.OPEN)
    found.round.refresh_from_db()
    found.fair.tender.refresh_from_db()


def sealed_round(*, custodians: bool = False) -> SealedRound:
    """Everything at once: drafts, two versions, uploads, submitted, replaced, being replaced, withdrawn, reopened."""
    empty_queue()
    fair = open_fair(region=RegionFactory())
    QuestionFactory(round=fair.round, kind=QuestionKind.FILE, max_pages=2, position=3)
    QuestionFactory(round=fair.round, kind=QuestionKind.PRICE, position=4)
    found = SealedRound(fair, Marks(), custodians)
    if custodians:
        make_custodial(found)
    _people(found)
    found.filled("drafter", "draft")
    found.conflict("drafter")
    found.upload("drafter", "half", whole=False)
    assert found.upload("drafter", "refused", whole=True, right=False)["state"] == "refused"
    found.filled("handed", "first")
    assert found.upload("handed", "resumed", whole=True)["state"] == "ready"
    found.submit("handed")
    for name in ("replaced", "replacing"):
        found.filled(name, "first")
        found.submit(name)
        replace_submission(submission=found.teams[name].submission, by=found.teams[name].people[0])
        found.filled(name, "second")
    found.submit("replaced")
    for name in ("withdrawn", "reopened"):
        found.filled(name, "first")
        found.submit(name)
        withdraw_submission(submission=found.teams[name].submission, by=found.teams[name].people[0])
    reopen_submission(submission=found.teams["reopened"].submission, by=found.teams["reopened"].people[0])
    found.note_keys()
    return found


def _people(found: SealedRound) -> None:
    """Everybody who is not in a team."""
    region = found.fair.tender.region
    found.others = {"nobody": None, "no role": UserFactory()}
    for role in Role.values:
        if role == Role.COLLEGE:
            found.others[role] = user_with(role, municipality=MunicipalityFactory(region=region))
        elif role != Role.PROVIDER:
            found.others[role] = user_with(role, region=None if role == Role.ADMIN else region)
    found.others["another bidder"] = member_of(OrganisationFactory(name="Zorg Anders"))
    for segment_round in found.round.segment_rounds.all():
        CommitteeMember.objects.create(segment_round=segment_round, user=found.others[Role.EVALUATOR])


def open_vault(found: SealedRound) -> None:
    """Two openers open the vault, with two of the papers where custodians hold its key; the worker does the rest."""
    region = found.fair.tender.region
    shares = [" ".join(paper.words) for paper in found.papers[:2]]
    opening = None
    for _ in range(found.fair.tender.openers_required):
        opening = confirm_opening(round=found.round, by=user_with(Role.OPENER, region=region), shares=shares)
    assert opening is not None
    run_queue()
    found.round.refresh_from_db()
    no_interest(*CommitteeMember.objects.filter(segment_round__round=found.round))
