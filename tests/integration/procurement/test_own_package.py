"""A team's own copy of its submission, and a draft filled with it."""

import hashlib
import io
import json
import zipfile
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from achterhoek.documents.models import StoredFile, Upload
from achterhoek.errors import NotAllowed, RuleViolation
from achterhoek.sealing.services import make_withheld_key
from procurement.domain.proof import check_folder, check_package
from procurement.models import Submission, Tender, VaultKey
from procurement.services.answers import save_answers
from procurement.services.fingerprints import receive_package, register_fingerprint
from procurement.services.own_package import own_copy, restore_package, zip_pieces
from procurement.services.submissions import start_submission, submit_submission
from tests.factories.packages import answers_of, as_upload, zipped
from tests.factories.submissions import again, content
from tests.integration.procurement.drafts import address, browser, values

pytestmark = pytest.mark.django_db


def unzipped(client: Client, submission: Submission, to: Path) -> dict:
    """Download the package, unpack it, and read its answers."""
    response = client.get(address("submission_package", submission))
    assert response["Content-Type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(response.getvalue())) as found:
        assert found.testzip() is None
        found.extractall(to)
    return json.loads((to / "answers.json").read_bytes())


# The package.


def test_the_package_of_a_submission_proves_its_receipt(fair, jan, tmp_path):
    submission = fair.submitted(fair.segments[0], by=jan, organisation=jan.organisation)
    held = unzipped(browser(jan), submission, tmp_path)
    receipt = submission.receipts.get()
    assert json.loads((tmp_path / f"{receipt.number}.json").read_bytes()) == receipt.manifest
    lines = check_folder(receipt.manifest, tmp_path, [tmp_path / f"{receipt.number}.json", tmp_path / "LEESMIJ.txt"])
    assert lines
    assert {line.status for line in lines} == {"ok"}
    price = next(line for line in held["answers"] if line["kind"] == "price")
    assert price["value"] == "1240000"
    assert receipt.number in (tmp_path / "LEESMIJ.txt").read_text()
    assert held["format"] == "submission-export/1"
    assert "key" not in json.dumps(held)
    # One byte in one file, and it does not.
    file = next((tmp_path / "files").rglob("*.pdf"))
    file.write_bytes(file.read_bytes() + b" ")
    assert "different" in {line.status for line in check_folder(receipt.manifest, tmp_path)}


def test_the_package_of_a_draft_says_that_it_is_one_and_stays_the_same_byte_for_byte(fair, jan, tmp_path):
    draft = fair.draft(by=jan, organisation=jan.organisation)
    client = browser(jan)
    first, second = (client.get(address("submission_package", draft)).getvalue() for _ in range(2))
    assert first == second
    unzipped(client, draft, tmp_path)
    assert "NIET INGEDIEND" in (tmp_path / "LEESMIJ.txt").read_text()
    save_answers(submission=draft, answers={fair.questions(fair.segments[0])["text"]: "Anders."}, by=jan)
    assert client.get(address("submission_package", draft)).getvalue() != first


def test_the_package_of_a_draft_is_what_the_safety_net_takes_after_the_deadline(fair, jan, tmp_path):
    """Aw 2.109a: the fingerprint of this very ZIP before the deadline, the ZIP itself after it."""
    draft = fair.draft(by=jan, organisation=jan.organisation)
    package = browser(jan).get(address("submission_package", draft)).getvalue()
    held = json.loads(zipfile.ZipFile(io.BytesIO(package)).read("answers.json"))
    register_fingerprint(submission=draft, digest=hashlib.sha256(package).hexdigest(), by=jan)
    fair.pass_deadline()
    receipt = receive_package(submission=draft, package=as_upload(package), by=jan)
    # The salts of the ZIP are those of the receipt, so that the two prove each other.
    assert {line.status for line in check_package(receipt.manifest, held)} == {"ok"}


def test_a_package_is_made_piece_by_piece(fair, jan):
    """No piece holds more than one part of a file: 2 GB never lie in memory."""
    draft = fair.draft(by=jan, organisation=jan.organisation)
    pieces = list(zip_pieces(own_copy(submission=draft, by=jan)))
    assert len(pieces) > len(StoredFile.objects.all())
    assert max(map(len, pieces)) < 64 * 1024


def test_only_the_own_team_takes_a_package(fair, jan):
    draft = fair.draft(by=jan, organisation=jan.organisation)
    other = fair.bidder("Andere zorg")[1]
    for name in ("submission_package", "submission_restore", "submission_copy"):
        assert browser(other).get(address(name, draft)).status_code == 404
    with pytest.raises(NotAllowed):
        own_copy(submission=draft, by=other)


def test_after_submitting_to_custodians_there_is_no_package_any_more_and_before_it_is_asked_for(fair, jan, tmp_path):
    Tender.objects.filter(pk=fair.tender.pk).update(custody="custodians")
    draft = fair.draft(by=jan, organisation=jan.organisation)
    client = browser(jan)
    page = client.get(address("submission_submit", draft)).content.decode()
    assert address("submission_package", draft) in page
    refused = client.post(address("submission_submit", draft), {"confirm": "on"})
    assert refused.status_code == 422
    assert refused.context["form"].errors["own_copy"]
    assert not draft.receipts.exists()


def test_with_custodians_the_own_package_is_the_way_back_to_a_draft(fair, jan):
    """Nobody can read what was handed in: the draft that is to replace it begins empty, and the ZIP fills it."""
    Tender.objects.filter(pk=fair.tender.pk).update(custody="custodians")
    key, _secret = make_withheld_key("test of custodians")
    VaultKey.objects.create(round=fair.round, content="content", key=key)
    draft = fair.draft(by=jan, organisation=jan.organisation)
    before = values(draft)
    client = browser(jan)
    package = client.get(address("submission_package", draft)).getvalue()
    client.post(address("submission_submit", draft), {"confirm": "on", "own_copy": "on"})
    assert draft.receipts.count() == 1
    page = client.get(address("submission", draft)).content.decode()
    assert "Wat u indiende, kan niet worden getoond" in page
    assert address("submission_package", draft) not in page
    gone = client.get(address("submission_package", draft), follow=True).content.decode()
    assert "Gebruik het eigen pakket dat u downloadde" in gone
    section = client.get(reverse("procurement:submission_section", args=[draft.pk, fair.segments[0].slug]))
    assert "Niet ingevuld" not in section.content.decode()
    page = client.post(address("submission_replace", draft), follow=True).content.decode()
    assert "Vul uw concept met uw eigen pakket" in page
    assert values(draft) == {}
    client.post(address("submission_restore", draft), {"package": as_upload(package)})
    assert values(draft) == before
    client.post(address("submission_submit", draft), {"confirm": "on", "own_copy": "on"})
    assert draft.receipts.count() == 2


# Filling a draft with a package.


def test_a_package_gives_back_the_whole_draft(fair, jan, strays):
    draft = fair.draft(by=jan, organisation=jan.organisation)
    before = values(draft)
    content_of_zip = browser(jan).get(address("submission_package", draft)).getvalue()
    other = fair.bidder("Tweede zorg")
    empty = start_submission(round=fair.round, organisation=other[0], segments=fair.segments, by=other[1])
    response = browser(other[1]).post(
        address("submission_restore", empty), {"package": as_upload(content_of_zip)}, follow=True
    )
    assert "antwoorden zijn ingevuld" in response.content.decode()
    assert values(empty) == before
    assert strays() == set()
    # A file of its own: the other team's is not touched, and neither can open the other's.
    mine, theirs = ({g.file.pk for g in content(found).answers.values() if g.file} for found in (draft, empty))
    assert mine.isdisjoint(theirs)
    submit_submission(submission=empty, by=other[1])


def test_a_package_fills_only_what_is_empty(fair, jan):
    draft = start_submission(round=fair.round, organisation=jan.organisation, segments=fair.segments, by=jan)
    text = fair.questions(fair.segments[0])["text"]
    save_answers(submission=draft, answers={text: "Staat er al."}, by=jan)
    done = restore_package(submission=draft, package=as_upload(zipped(answers_of(fair))), by=jan)
    given = content(draft).answers
    assert given[text].text == "Staat er al."
    assert given[fair.questions(fair.segments[1])["text"]].text == "Uit het pakket."
    assert (done.left, done.refused) == (1, [])


def test_a_package_of_another_round_fills_what_is_asked_here_too(fair, jan):
    new = again(fair)
    draft = start_submission(round=new.round, organisation=jan.organisation, segments=new.segments[:1], by=jan)
    done = restore_package(submission=draft, package=as_upload(zipped(answers_of(fair))), by=jan)
    assert content(draft).answers[new.questions(new.segments[0])["price"]].number == 990000
    assert done.left > 0, "what belongs to the segment that was not chosen"


@pytest.mark.parametrize(
    "spoilt",
    [
        b"",
        b"geen zip",
        zipped(b"{}"),
        zipped(b'{"format": "submission-export/1", "answers": 3}'),
        zipped(b"[" * 100_000),
        zipped({"format": "submission-export/1", "answers": []}, **{"../../etc/passwd": b"x"}),
        zipped({"format": "submission-export/1", "answers": []}, **{f"{n}.pdf": b"" for n in range(2500)}),
    ],
    ids=["empty", "no-zip", "no-format", "wrong-shape", "deep", "path", "many"],
)
def test_a_hostile_package_changes_nothing_and_is_refused_beside_its_field(fair, jan, spoilt):
    draft = fair.draft(by=jan, organisation=jan.organisation)
    before = values(draft)
    response = browser(jan).post(address("submission_restore", draft), {"package": as_upload(spoilt)})
    assert response.status_code == 422
    assert response.context["form"].errors["package"]
    assert values(draft) == before


def test_a_file_in_a_package_is_judged_like_every_other(fair, jan, strays, django_capture_on_commit_callbacks):
    draft = start_submission(round=fair.round, organisation=jan.organisation, segments=fair.segments, by=jan)
    held = answers_of(fair)
    lines = [line for line in held["answers"] if "file" in line]
    lines[0]["file"] |= {"sha256": "0" * 64}
    script = b"#!/bin/sh\n"
    lines[1]["file"] |= {"sha256": hashlib.sha256(script).hexdigest(), "size": len(script)}
    package = zipped(held, **{lines[1]["file"]["path"]: script})
    with django_capture_on_commit_callbacks(execute=True):
        done = restore_package(submission=draft, package=as_upload(package), by=jan)
    assert len(done.refused) == 2
    assert not any(given.file for given in content(draft).answers.values())
    assert strays() == set()


def test_keys_and_names_of_files_in_a_package_reach_nothing(fair, jan):
    """`id` and `key` are for whoever wrote the ZIP to choose: a file of somebody else does not come along."""
    theirs = fair.draft()
    stolen = next(g.file for g in content(theirs).answers.values() if g.file)
    draft = start_submission(round=fair.round, organisation=jan.organisation, segments=fair.segments, by=jan)
    held = answers_of(fair)
    for line in held["answers"]:
        if "file" in line:
            line["file"] |= {"id": str(stolen.pk), "key": "AGE-SECRET-KEY-1", "name": "../../x.pdf"}
    restore_package(submission=draft, package=as_upload(zipped(held)), by=jan)
    files = [g.file for g in content(draft).answers.values() if g.file]
    assert files
    assert all(file.pk != stolen.pk and file.name == "x.pdf" for file in files)


def test_nothing_is_restored_after_the_deadline(fair, jan):
    draft = start_submission(round=fair.round, organisation=jan.organisation, segments=fair.segments, by=jan)
    fair.pass_deadline()
    with pytest.raises(RuleViolation):
        restore_package(submission=draft, package=as_upload(zipped(answers_of(fair))), by=jan)
    assert values(draft) == {}
    assert not Upload.objects.exists()
