"""What is there before a rush: a tender with one deadline, and providers with a draft and a session."""

from __future__ import annotations

import json
import secrets
import sys
import zlib
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from achterhoek.accounts.enums import Role
from achterhoek.accounts.models import RoleAssignment, User
from achterhoek.audit.services import record
from achterhoek.clock import database_now
from achterhoek.documents.models import StoredFile
from achterhoek.embedded.prepare import collect_static, migrate
from achterhoek.region.models import ContractingAuthority, Region
from contracts.bench.rush_client import MARKER
from procurement.enums import QuestionKind, ReceiptKind, RoundStatus, Stage, SubmissionStatus, TenderStatus
from procurement.models import (
    Entry,
    Lot,
    Question,
    Receipt,
    Requirement,
    Round,
    SealedPackage,
    Segment,
    SegmentRound,
    Submission,
    Tender,
)
from procurement.selectors.gate import ANSWER_FILE
from procurement.services.answers import save_answers
from procurement.services.submissions import start_submission
from providers.models import Membership, Organisation

BACKEND = "django.contrib.auth.backends.ModelBackend"
TEXT = "Wij werken met vaste teams, dicht bij de inwoner en samen met de huisarts. " * 20
PRICE = Decimal("1240000.00")
PAGES = 20


def main() -> None:
    """Answer one request: make a round with its providers, or move its deadline."""
    asked = json.load(sys.stdin)
    translation.activate("nl")
    steps: dict[str, Callable[..., Any]] = {"prepare": prepare, "make": make, "fill": fill, "deadline": deadline}
    answer = steps[asked.pop("do")](**asked)
    print(json.dumps(answer))  # noqa: T201 - the answer


def prepare() -> Any:
    """Tables and styles; no demo data."""
    migrate()
    collect_static()
    return {}


def make(*, name: str, providers: int, files: int, size: int, home: str, seconds: int = 30 * 24 * 3600) -> Any:
    """A round with one segment, and so many providers with a draft that waits for its files and general answers."""
    found, segment = _round(name, files, seconds)
    path = Path(home) / f"plan-{size}.pdf"
    path.write_bytes(pdf(size))
    people = [_provider(name, number) for number in range(providers)]
    price = Question.objects.get(round=found, kind=QuestionKind.PRICE)
    made = []
    for organisation, user, session in people:
        submission = start_submission(round=found, organisation=organisation, segments=[segment], by=user)
        save_answers(submission=submission, answers={price.pk: PRICE}, by=user)
        made.append({"submission": str(submission.pk), "session": session})
    general = list(Question.objects.filter(round=found, segment=None))
    fields = {
        f"q{q.pk}": {"text": TEXT, "boolean": "yes", "number": "12,5"}[q.kind] for q in general if q.kind != "file"
    }
    for requirement in Requirement.objects.filter(round=found):
        fields |= {f"r{requirement.pk}-meets": "yes", f"r{requirement.pk}-explanation": ""}
    uploads = [question.pk for question in general if question.kind == QuestionKind.FILE]
    return {
        "round": found.pk,
        "deadline": found.deadline.timestamp() if found.deadline else 0,
        "file": str(path),
        "providers": [one | {"fields": fields, "files": uploads} for one in made],
        "late": [_("The deadline has passed. You can no longer change or submit anything.")],
    }


def deadline(*, round: int, seconds: float) -> Any:
    """Set the one deadline so many seconds from now, by the database's clock."""
    moment: datetime = database_now() + timedelta(seconds=seconds)
    Round.objects.filter(pk=round).update(deadline=moment)
    return moment.timestamp()


@transaction.atomic
def fill(*, round: int, count: int) -> Any:
    """Put so many submissions into this round, with all that belongs to one; only the bytes in storage are lacking."""
    found = Round.objects.get(pk=round)
    segment = Segment.objects.get(tender=found.tender_id)
    lines = [{"segment": "", "question": "A1", "kind": "text", "sha256": "0" * 64}] * 10
    now = database_now()
    for number in range(count):
        organisation, user, _session = _provider("fill", number)
        submission = Submission.objects.create(
            round=found, organisation=organisation, created_by=user, submitted_by=user, submitted_at=now,
            status=SubmissionStatus.SUBMITTED, number=f"V-FILL-{number:05d}",
        )  # fmt: skip
        Entry.objects.create(submission=submission, segment=segment)
        receipt = Receipt.objects.create(
            submission=submission, kind=ReceiptKind.SUBMISSION, number=f"{submission.number}-1", at=now,
            digest=f"sha256:{secrets.token_hex(32)}", manifest={"answers": lines},
        )  # fmt: skip
        stored = StoredFile.objects.create(
            kind=ANSWER_FILE, parts=[{"key": secrets.token_hex(16), "size": 1}], public="age1", size=1,
            content_type="application/pdf", sha256="0" * 64, uploaded_by=user,
        )  # fmt: skip
        SealedPackage.objects.create(receipt=receipt, sealed=secrets.token_bytes(4000)).files.add(stored)
        record("procurement.submission.submit", by=user, target=submission)
    return {}


@transaction.atomic
def _round(name: str, files: int, seconds: int) -> tuple[Round, Segment]:
    now = database_now()
    authority = ContractingAuthority.objects.create(
        name=f"Inkoop {name}", kvk_number="90000001", street="Plein 1", postcode="7001 AA", city="Plaats",
        email="inkoop@rush.example",
    )  # fmt: skip
    region = Region.objects.create(slug=name, name=f"Streek {name}", authority=authority)
    tender = Tender.objects.create(
        region=region, slug=name, title=f"Drukte {name}", summary="Zorg.", procedure="restricted",
        status=TenderStatus.PUBLISHED, term_pattern=[3, 2, 2], framework_motivation="Partnerschap.",
        published_at=now - timedelta(days=40),
    )  # fmt: skip
    segment = Segment.objects.create(
        tender=tender, lot=Lot.objects.create(tender=tender, slug="wmo", name="Wmo"), slug="wonen", name="Wonen"
    )
    found = Round.objects.create(
        tender=tender, stage=Stage.SELECTION, status=RoundStatus.OPEN, opens_at=now - timedelta(days=40),
        deadline=now + timedelta(seconds=seconds),
    )  # fmt: skip
    SegmentRound.objects.create(round=found, segment=segment, places=3)
    kinds = [QuestionKind.TEXT] * 3 + [QuestionKind.BOOLEAN, QuestionKind.NUMBER] + [QuestionKind.FILE] * files
    asked = [
        Question(round=found, code=f"A{n}", title=f"Vraag {n}", kind=kind, position=n)
        for n, kind in enumerate(kinds, start=1)
    ]
    asked.append(Question(round=found, segment=segment, code="P1", title="Prijs", kind=QuestionKind.PRICE))
    Question.objects.bulk_create(asked)
    Requirement.objects.bulk_create(
        Requirement(round=found, code=f"E{n}", title=f"Eis {n}", text="U voldoet.", position=n) for n in (1, 2)
    )
    return found, segment


@transaction.atomic
def _provider(name: str, number: int) -> tuple[Organisation, User, str]:
    count = Organisation.objects.count()
    organisation = Organisation.objects.create(
        name=f"Zorg {name} {number}", legal_form="stichting", kvk_number=f"{10_000_000 + count}",
        agb_code=f"{20_000_000 + count}", street="Zorgstraat 1", postcode="7001 AB", city="Plaats",
        email=f"bestuur{count}@rush.example",
    )  # fmt: skip
    user = User.objects.create(email=f"tekenaar{count}@rush.example", name=f"Tekenaar {count}")
    user.set_unusable_password()
    user.save()
    RoleAssignment.objects.create(user=user, role=Role.PROVIDER)
    Membership.objects.create(organisation=organisation, user=user, is_signatory=True)
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = BACKEND
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return organisation, user, str(session.session_key)


def pdf(size: int) -> bytes:
    """A PDF of this size: pages of text, and one scanned picture that fills it up, with the mark that makes each
    copy another one.
    """
    text = zlib.compress(b"BT /F1 11 Tf 50 750 Td (Wij werken met vaste teams.) Tj ET\n" * 60)
    kids = " ".join(f"{5 + 2 * n} 0 R" for n in range(PAGES))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Count {PAGES} /Kids [{kids}] >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"",
    ]
    for number in range(PAGES):
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {6 + 2 * number} 0 R"
            " /Resources << /Font << /F1 3 0 R >> /XObject << /I 4 0 R >> >> >>".encode()
        )
        objects.append(_stream(text, "/Filter /FlateDecode "))
    left = size - sum(len(one) for one in objects) - 4500
    picture = bytes(range(1, 250)) * (max(left, 0) // 249 + 1)
    head = "/Type /XObject /Subtype /Image /Width 8 /Height 8 /ColorSpace /DeviceGray /BitsPerComponent 8 "
    objects[3] = _stream(picture[: max(left, 64) - len(MARKER)] + MARKER, head)
    return _file(objects)


def _stream(content: bytes, head: str) -> bytes:
    return f"<< {head}/Length {len(content)} >>\nstream\n".encode() + content + b"\nendstream"


def _file(objects: list[bytes]) -> bytes:
    """The picture (number 4) comes last, so that little follows the mark."""
    order = [n for n in range(len(objects)) if n != 3] + [3]
    made, places = bytearray(b"%PDF-1.7\n"), [0] * len(objects)
    for n in order:
        places[n] = len(made)
        made += b"%d 0 obj\n%b\nendobj\n" % (n + 1, objects[n])
    table = len(made)
    made += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    made += b"".join(b"%010d 00000 n \n" % place for place in places)
    made += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table)
    return bytes(made)
