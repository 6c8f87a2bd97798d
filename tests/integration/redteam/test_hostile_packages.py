"""A bidder who writes the ZIP of its "own package" itself, and who asks for what belongs to others."""

from __future__ import annotations

import secrets
import unicodedata
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from achterhoek.accounts.enums import Role
from achterhoek.documents.models import StoredFile
from achterhoek.errors import NotAllowed, RuleViolation
from procurement.enums import QuestionKind, RoundStatus
from procurement.models import Answer, DraftAlternative, DraftAnswer, Round, SealedPackage, Submission
from procurement.selectors.content import mark_of
from procurement.services.answers import choose_version, save_answers
from procurement.services.copying import copy_from
from procurement.services.fingerprints import receive_package, register_fingerprint
from procurement.services.own_package import restore_package
from procurement.services.submissions import start_submission
from tests import triggers
from tests.factories import QuestionFactory, member_of, user_with
from tests.factories.packages import answers_of, as_upload, sha256, signer, zipped
from tests.factories.submissions import Fair, content, open_fair
from tests.integration.redteam.crawler import in_sessions
from tests.uploading import Tus

pytestmark = pytest.mark.django_db

HOSTILE_NAMES = [
    "plan.pdf\r\nSet-Cookie: a=b", 'plan".pdf', "plan\u202efdp.exe", "../../../etc/passwd", "\u2066plan\u2069.pdf",
    "x" * 3000 + ".pdf", ".", "..", "", "plan\x7f.pdf", "\x1b[2Jplan.pdf", "a/b\\c.pdf",
]  # fmt: skip


@pytest.fixture
def fair() -> Fair:
    return open_fair()


@pytest.fixture
def draft(fair: Fair) -> Submission:
    organisation, by = fair.bidder()
    return start_submission(round=fair.round, organisation=organisation, segments=fair.segments, by=by)


def lines_of(package: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [line for line in package["answers"] if line["kind"] == kind]


def in_time(draft: Submission, fair: Fair, package: bytes) -> Any:
    """Register its fingerprint, let the deadline pass, and send it."""
    register_fingerprint(submission=draft, digest=sha256(package), by=signer(draft))
    Round.objects.filter(pk=fair.round.pk).update(deadline=timezone.now() - timedelta(milliseconds=1))
    draft.refresh_from_db()
    return receive_package(submission=draft, package=as_upload(package), by=signer(draft))


def harmless(name: str) -> bool:
    """No character that ends a line, turns the direction of reading, or steers a terminal."""
    return not any(unicodedata.category(sign) in ("Cc", "Cf", "Zl", "Zp") for sign in name)


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_a_file_name_of_a_package_does_nothing_but_name(fair: Fair, draft: Submission, name: str) -> None:
    """It goes into a header of a download that officials fetch, and onto their pages."""
    package = answers_of(fair)
    lines_of(package, "file")[0]["file"]["name"] = name
    in_time(draft, fair, zipped(package))
    shown = [given.file.name for given in content(draft).answers.values() if given.file]
    assert all(harmless(one) and 0 < len(one) <= 200 and "/" not in one for one in shown), shown
    fair.open_vault()
    lead = Client()
    lead.force_login(user_with(Role.LEAD, region=fair.tender.region))
    for answer in Answer.objects.filter(submission=draft, file__isnull=False):
        fetched = lead.get(reverse("documents:download", args=[answer.file_id]))
        assert fetched.status_code == 200
        assert fetched["Content-Disposition"].startswith("attachment; filename")


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_the_same_when_a_draft_is_filled_with_it(fair: Fair, draft: Submission, name: str) -> None:
    package = answers_of(fair)
    lines_of(package, "file")[0]["file"]["name"] = name
    restore_package(submission=draft, package=as_upload(zipped(package)), by=signer(draft))
    shown = [given.file.name for given in content(draft).answers.values() if given.file]
    assert len(shown) == len(fair.segments)
    assert all(harmless(one) and 0 < len(one) <= 200 and "/" not in one for one in shown), shown


def test_a_salt_cannot_be_part_of_an_answer(fair: Fair, draft: Submission) -> None:
    """The digest is over `salt:value`: with a colon in the salt the same digest would be that of another answer."""
    package = answers_of(fair)
    lines_of(package, "text")[0] |= {"salt": "zout:Wij doen alles", "value": "behalve dit."}
    with pytest.raises(RuleViolation):
        in_time(draft, fair, zipped(package))


def test_an_entry_without_a_name_is_refused(fair: Fair, draft: Submission) -> None:
    package = zipped(answers_of(fair), n=b"x")
    at = package.rindex(b"PK\x01\x02")
    nameless = package[: at + 28] + b"\x00\x00" + package[at + 30 :]
    with pytest.raises(RuleViolation):
        restore_package(submission=draft, package=as_upload(nameless), by=signer(draft))


def test_a_package_cannot_name_the_file_of_another_bidder(fair: Fair, draft: Submission) -> None:
    other = fair.submitted()
    theirs = StoredFile.objects.filter(packages__receipt__submission=other)
    package = answers_of(fair)
    for line, stored in zip(lines_of(package, "file"), theirs, strict=False):
        line["file"] |= {"id": str(stored.pk), "key": "AGE-SECRET-KEY-1NIETS", "pages": 1}
    in_time(draft, fair, zipped(package))
    mine = SealedPackage.objects.get(receipt__submission=draft).files.all()
    assert len(mine) == len(fair.segments)
    assert set(mine).isdisjoint(theirs)


def test_what_did_not_fit_is_told_without_leaving_a_name_in_the_database(fair: Fair, draft: Submission) -> None:
    """Messages that are too long for a cookie used to go into the session, which is a row in the database."""
    for _ in range(40):
        QuestionFactory(round=fair.round, kind=QuestionKind.FILE)
    package = answers_of(fair)
    for number, line in enumerate(lines_of(package, "file")):
        line["file"] |= {"name": f"geheim-bedrijfsplan-{number}-{secrets.token_hex(60)}.pdf", "sha256": "0" * 64}
    client = Client()
    client.force_login(signer(draft))
    address = reverse("procurement:submission_restore", args=[draft.pk])
    assert client.post(address, {"package": as_upload(zipped(package))}).status_code == 302
    assert b"bedrijfsplan" not in in_sessions()


# What belongs to others.


@pytest.mark.parametrize(
    "who", ["another bidder", *[role for role in Role.values if role not in ("provider", "college")]]
)
def test_the_upload_of_another_team_does_not_exist(fair: Fair, draft: Submission, who: str) -> None:
    client = Client()
    client.force_login(signer(draft))
    question = fair.round.questions.filter(kind=QuestionKind.FILE).order_by("pk")[0]
    begun = client.post(
        reverse("procurement:submission_upload", args=[draft.pk, question.pk]),
        headers={"Tus-Resumable": "1.0.0", "Upload-Length": "1000"},
    )
    thief = Tus(Client())
    thief.client.force_login(fair.bidder("Zorg Anders")[1] if who == "another bidder" else user_with(who))
    thief.url = begun["Location"]
    answers = [thief.head(), thief.patch(0, b"%PDF-1.7"), thief.delete(), thief.client.get(thief.url)]
    nothing = reverse("documents:upload", args=[uuid.uuid4()])
    assert [answer.status_code for answer in answers] == [404] * 4
    assert thief.client.get(nothing).content == answers[-1].content
    assert client.head(begun["Location"], headers={"Tus-Resumable": "1.0.0"}).status_code == 200


def test_a_file_goes_to_no_question_of_another_round_or_segment(fair: Fair) -> None:
    draft = fair.draft(fair.segments[0])
    elsewhere = open_fair()
    client = Client()
    client.force_login(signer(draft))
    headers = {"Tus-Resumable": "1.0.0", "Upload-Length": "1000"}
    wrong = [
        fair.round.questions.get(segment=fair.segments[1], kind=QuestionKind.FILE),
        fair.round.questions.get(segment=fair.segments[0], kind=QuestionKind.TEXT),
        elsewhere.round.questions.filter(kind=QuestionKind.FILE)[0],
    ]
    for question in wrong:
        address = reverse("procurement:submission_upload", args=[draft.pk, question.pk])
        assert client.post(address, headers=headers).status_code == 404
    for question in (wrong[0], wrong[2]):
        with pytest.raises(RuleViolation):
            save_answers(submission=draft, answers={question.pk: "x"}, by=signer(draft))


def test_nobody_chooses_between_the_versions_of_another_team(fair: Fair) -> None:
    mine, theirs = fair.draft(), fair.draft()
    colleague = member_of(theirs.organisation, signatory=False)
    question = fair.round.questions.filter(kind=QuestionKind.TEXT)[0]
    old = mark_of(f"q{question.pk}", content(theirs).answers[question.pk])
    first, *_others = [m.user for m in theirs.organisation.memberships.order_by("pk")]
    save_answers(submission=theirs, answers={question.pk: "Anders."}, by=first)
    save_answers(submission=theirs, answers={question.pk: "Nog anders."}, by=colleague, seen={f"q{question.pk}": old})
    version = DraftAlternative.objects.get()
    with pytest.raises(RuleViolation):
        choose_version(submission=mine, alternative=version.pk, keep=True, by=signer(mine))
    with pytest.raises(NotAllowed):
        choose_version(submission=theirs, alternative=version.pk, keep=True, by=signer(mine))
    assert DraftAlternative.objects.filter(pk=version.pk).exists()


def test_nothing_is_copied_out_of_the_submission_of_another(fair: Fair, draft: Submission) -> None:
    theirs = fair.draft()
    client = Client()
    client.force_login(signer(draft))
    address = reverse("procurement:submission_copy", args=[draft.pk])
    assert client.post(address, {"van": str(theirs.pk)}).status_code == 422
    with pytest.raises(NotAllowed):
        copy_from(submission=draft, source=theirs, by=signer(draft))
    assert not DraftAnswer.objects.filter(submission=draft).exists()


def test_packages_that_somebody_exchanged_in_the_database_do_not_match(fair: Fair) -> None:
    """Who owns the tables can give one bidder the package of another; the opening sees that both are not what the
    receipts say."""
    one, other = fair.submitted(), fair.submitted()
    packages = [SealedPackage.objects.get(receipt__submission=found) for found in (one, other)]
    with triggers.ignored("procurement.SealedPackage:package_stays"):
        for package, from_other in zip(packages, [bytes(p.sealed) for p in reversed(packages)], strict=True):
            SealedPackage.objects.filter(pk=package.pk).update(sealed=from_other)
    opening = fair.open_vault()
    assert [line["matches"] for line in opening.submissions] == [False, False]
    assert Round.objects.get(pk=fair.round.pk).status == RoundStatus.OPENED
