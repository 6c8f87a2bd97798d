"""/verifieer/: whoever holds a receipt can check it; who does not learns nothing."""

from __future__ import annotations

import json
from html import unescape
from secrets import randbelow
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from procurement.domain.proof import canonical, verify_inclusion
from procurement.enums import RoundStatus
from procurement.forms import verify as form
from procurement.models import Receipt, ReceiptRoot, Round
from procurement.services.rounds import close_if_due
from procurement.services.submissions import withdraw_submission
from procurement.views import verify as view
from tests.factories.submissions import Fair, open_fair, pdf_bytes

pytestmark = pytest.mark.django_db

ADDRESS = "/verifieer/"
RIGHT, WRONG = "Dit klopt", "Er klopt iets niet"


@pytest.fixture
def client() -> Client:
    """A visitor from an address of its own: the number of checks is limited for each."""
    return Client(REMOTE_ADDR=f"2001:db8:{randbelow(2**16):x}:{randbelow(2**16):x}::1")


@pytest.fixture
def receipt(fair: Fair) -> Receipt:
    found: Receipt = fair.submitted().receipts.get()
    return found


def as_file(manifest: Any, name: str = "V-1.json") -> SimpleUploadedFile:
    content = manifest if isinstance(manifest, bytes) else canonical(manifest)
    return SimpleUploadedFile(name, content, content_type="application/json")


def said(client: Client, status: int = 200, **given: Any) -> str:
    response = client.post(ADDRESS, given)
    assert response.status_code == status
    return unescape(response.content.decode())


def close(fair: Fair) -> ReceiptRoot:
    fair.pass_deadline()
    assert close_if_due(round=fair.round)
    return ReceiptRoot.objects.get(round=fair.round)


def open_vault(fair: Fair) -> None:
    Round.objects.filter(pk=fair.round.pk).update(status=RoundStatus.OPENED, opened_at=timezone.now())


def test_a_receipt_as_it_was_downloaded_is_right(client: Client, receipt: Receipt) -> None:
    page = said(client, receipt=as_file(receipt.manifest))
    assert RIGHT in page
    assert receipt.number in page
    assert receipt.digest in page
    assert "Nog niet" in page


def test_a_receipt_of_a_withdrawal_is_one_too(client: Client, fair: Fair) -> None:
    submission = fair.submitted()
    made = withdraw_submission(submission=submission, by=submission.organisation.memberships.get().user)
    assert RIGHT in said(client, receipt=as_file(made.manifest))


def test_number_and_digest_from_paper_are_enough(client: Client, receipt: Receipt) -> None:
    page = said(client, number=f" {receipt.number.lower()} ", digest=receipt.digest.removeprefix("sha256:").upper())
    assert RIGHT in page


@pytest.mark.parametrize("change", [{"received_at": "2020-01-01T00:00:00+00:00"}, {"organisation": "Een ander"}])
def test_an_altered_receipt_is_said_to_be_altered(client: Client, receipt: Receipt, change: dict[str, str]) -> None:
    page = said(client, receipt=as_file({**receipt.manifest, **change}))
    assert WRONG in page
    assert "Wij kennen dit ontvangstbewijs niet" in page


def test_the_number_of_another_receipt_tells_nothing(client: Client, receipt: Receipt, fair: Fair) -> None:
    """Who guesses a number, or has seen one, does not learn whether it exists: the page is the same."""
    other = fair.submitted().receipts.get()
    unknown = said(client, number="V-2222-2222-1", digest="0" * 64)
    assert "Wij kennen geen ontvangstbewijs" in unknown
    assert other.number not in unknown
    for number, digest in ((other.number, "0" * 64), (other.number, receipt.digest)):
        page = said(client, number=number, digest=digest)
        assert "Wij kennen geen ontvangstbewijs" in page
        assert fair.tender.title not in page
        assert other.digest not in page


def test_a_file_beside_the_digest_of_another_receipt_does_not_fit(client: Client, receipt: Receipt, fair: Fair) -> None:
    other = fair.submitted().receipts.get()
    for given in ({"digest": other.digest}, {"number": other.number}):
        page = said(client, receipt=as_file(receipt.manifest), **given)
        assert WRONG in page
        assert "hoort niet bij" in page


def test_each_file_is_compared_with_the_receipt(client: Client, receipt: Receipt, fair: Fair) -> None:
    altered = bytearray(pdf_bytes())
    altered[-1] ^= 1
    files = [
        SimpleUploadedFile("goed.pdf", pdf_bytes()),
        SimpleUploadedFile("anders.pdf", bytes(altered)),
        SimpleUploadedFile("leeg.txt", b""),
    ]
    page = said(client, receipt=as_file(receipt.manifest), attachments=files)
    assert WRONG in page
    for word in ("goed.pdf", "Hetzelfde", "leeg.txt", "Niet op dit ontvangstbewijs", f"({fair.segments[0].name})"):
        assert word in page
    assert RIGHT in said(client, receipt=as_file(receipt.manifest), attachments=files[0].open())


def test_a_whole_own_package_is_no_false_alarm(client: Client, receipt: Receipt) -> None:
    files = [
        SimpleUploadedFile("goed.pdf", pdf_bytes()),
        SimpleUploadedFile("LEESMIJ.txt", b"Dit is uw eigen pakket."),
        SimpleUploadedFile("answers.json", b"{}"),
        as_file(receipt.manifest, f"{receipt.number}.json"),
    ]
    page = said(client, receipt=as_file(receipt.manifest), attachments=files)
    assert RIGHT in page
    assert "precies zoals ze zijn ingediend" in page
    assert page.count("Hier niet gecontroleerd") == 2
    # Only what was compared is called right.
    page = said(client, receipt=as_file(receipt.manifest), attachments=SimpleUploadedFile("answers.json", b"{}"))
    assert "precies zoals ze zijn ingediend" not in page


def test_the_published_root_holds_it(client: Client, receipt: Receipt, fair: Fair) -> None:
    root = close(fair)
    page = said(client, receipt=as_file(receipt.manifest))
    assert RIGHT in page
    assert "van de sluitingstijd van" in page
    assert root.root in page
    assert root.blind not in page


def test_a_root_that_does_not_hold_it_is_said_so(client: Client, receipt: Receipt, fair: Fair) -> None:
    close(fair)
    Receipt.objects.create(
        submission=receipt.submission, number="V-3333-3333-1", at=receipt.at, digest="sha256:" + "3" * 64, manifest={}
    )
    page = said(client, receipt=as_file(receipt.manifest))
    assert WRONG in page
    assert "past niet bij het gepubliceerde" in page


def test_the_proof_is_given_after_the_opening_to_who_has_the_digest(
    client: Client, receipt: Receipt, fair: Fair
) -> None:
    root = close(fair)
    proof = f"{ADDRESS}bewijs/"
    assert proof not in said(client, receipt=as_file(receipt.manifest))
    assert client.post(proof, {"digest": receipt.digest}).status_code == 404
    open_vault(fair)
    assert proof in said(client, receipt=as_file(receipt.manifest))
    response = client.post(proof, {"digest": receipt.digest})
    assert verify_inclusion(receipt.digest, json.loads(response.content), root.root)
    assert "attachment" in response["Content-Disposition"]
    for digest in ("", "\0", receipt.number, "sha256:" + "0" * 64):
        assert client.post(proof, {"digest": digest}).status_code == 404


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "Kies het bestand van uw ontvangstbewijs."),
        ({"number": "V-ABCD-EFGH-1"}, "Vul ook het controlegetal in."),
        ({"digest": "sha256:" + "0" * 64}, "Vul ook het nummer"),
        ({"number": "V-ABCD-EFGH-1", "digest": "sha256:12"}, "Dit is geen heel controlegetal."),
        ({"number": "V\0", "digest": "0" * 64}, "tekens"),
        ({"receipt": b"%PDF-1.7"}, "Dit is geen ontvangstbewijs van dit portaal"),
        ({"receipt": b"[" * 50_000}, "Dit is geen ontvangstbewijs van dit portaal"),
        ({"receipt": b" " * (form.RECEIPT_LIMIT + 1)}, "Dit is geen ontvangstbewijs van dit portaal"),
        ({"receipt": b""}, "leeg"),
        ({"attachments": b"%PDF-1.7"}, "Voeg ook het bestand van uw ontvangstbewijs toe"),
    ],
)
def test_what_is_missing_or_no_receipt_is_said_beside_its_field(
    client: Client, given: dict[str, Any], words: str
) -> None:
    sent = {key: as_file(value) if isinstance(value, bytes) else value for key, value in given.items()}
    page = said(client, 422, **sent)
    assert words in page
    assert "<title>Fout: " in page.replace("\n", "")


def test_too_much_at_once_gets_an_answer_and_is_not_hashed(
    client: Client, receipt: Receipt, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(form, "LIMIT", 100_000)
    files = [SimpleUploadedFile(f"{n}.pdf", bytes(30_000)) for n in range(4)]
    assert "samen meer dan" in said(client, 422, receipt=as_file(receipt.manifest), attachments=files)
    monkeypatch.setattr(view, "LIMIT", 1_000)
    assert "samen meer dan" in said(client, 413, receipt=as_file(receipt.manifest), attachments=files[0].open())


def test_what_cannot_be_read_gets_an_answer(client: Client, receipt: Receipt) -> None:
    files = [SimpleUploadedFile(f"{n}.pdf", b"x") for n in range(101)]
    assert "niet meer dan 100 bestanden" in said(client, 422, receipt=as_file(receipt.manifest), attachments=files)
    cut = client.post(
        ADDRESS, b"--b\r\nContent-Disposition: form-data; na", content_type="multipart/form-data; boundary=b"
    )
    assert cut.status_code == 422
    assert client.post(ADDRESS, b"x", content_type="multipart/form-data").status_code == 422


def test_who_tries_very_often_has_to_wait(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(view, "CHECKS", 2)
    for _ in range(2):
        said(client, number="V-ABCD-EFGH-1", digest="0" * 64)
    assert "Wacht tien minuten" in said(client, 429, number="V-ABCD-EFGH-1", digest="0" * 64)
    assert client.post(f"{ADDRESS}bewijs/", {"digest": "x"}).status_code == 429
    assert client.get(ADDRESS).status_code == 200


def test_another_site_cannot_send_the_form(receipt: Receipt) -> None:
    client = Client(enforce_csrf_checks=True, REMOTE_ADDR="2001:db8:1::1")
    given = {"number": receipt.number, "digest": receipt.digest}
    assert client.post(ADDRESS, given).status_code == 403
    token = client.get(ADDRESS).cookies["csrftoken"].value
    assert client.post(ADDRESS, {**given, "csrfmiddlewaretoken": token}).status_code == 200


def test_nothing_that_is_sent_is_kept(client: Client, receipt: Receipt, monkeypatch: pytest.MonkeyPatch) -> None:
    """No temporary file either: the content goes through the hash and nowhere else."""

    def refuse(*_args: object, **_kwargs: object) -> None:
        raise AssertionError("a file was written")

    monkeypatch.setattr("tempfile.NamedTemporaryFile", refuse)
    monkeypatch.setattr("tempfile.mkstemp", refuse)
    monkeypatch.setattr("tempfile.TemporaryFile", refuse)
    big = SimpleUploadedFile("groot.bin", bytes(5_000_000))
    assert WRONG in said(client, receipt=as_file(receipt.manifest), attachments=big)


def test_the_program_is_the_one_that_runs_here(client: Client) -> None:
    response = client.get(f"{ADDRESS}proof.py")
    assert response.content == view.TOOL
    assert response["Content-Disposition"] == 'attachment; filename="proof.py"'
    assert view.TOOL_DIGEST in client.get(ADDRESS).content.decode()


def test_the_roots_of_all_rounds_are_listed_in_a_fixed_number_of_queries(
    client: Client, django_assert_num_queries: Any
) -> None:
    first = close(open_fair())
    client.get(ADDRESS)
    with django_assert_num_queries(2):
        assert first.root in client.get(ADDRESS).content.decode()
    roots = [close(open_fair()).root for _ in range(3)]
    with django_assert_num_queries(2):
        page = client.get(ADDRESS).content.decode()
    assert all(root in page for root in roots)
