"""A tender as a dossier: whole, checkable without the portal, and with nothing in it that is still sealed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import ProgrammingError, transaction
from django.test import Client
from django.urls import reverse

from achterhoek.accounts.enums import Role
from achterhoek.errors import NotAllowed
from achterhoek.jobs.models import Job
from procurement.domain.dossier_file import check
from procurement.domain.proof import merkle_root, raw
from procurement.enums import Stage
from procurement.models import Receipt, Tender, TenderDossier
from procurement.services.dossier_zip import dossier_zip
from procurement.services.procedure_record import request_record
from procurement.services.tender_dossier import make_dossier, request_dossier
from procurement.tasks.records import make_procedure_record
from tests.factories import RegionFactory, user_with
from tests.factories.dossiers import archive_of, content_of, made_dossier
from tests.factories.submissions import Fair, pdf_bytes
from tests.factories.told import told

pytestmark = pytest.mark.django_db


def saved(dossier: TenderDossier, place: Path) -> Path:
    place.write_bytes(content_of(dossier))
    return place


def lead_of(tender: Tender) -> Any:
    return user_with(Role.LEAD, region=tender.region, name="Lotte Inkoop")


@pytest.fixture
def opened(fair: Fair) -> Fair:
    for _ in range(2):
        fair.submitted()
    fair.open_vault()
    return fair


@pytest.mark.django_db(transaction=True)
def test_it_holds_what_came_in_with_receipts_that_give_the_root(opened: Fair, tmp_path: Path) -> None:
    dossier = made_dossier(opened.tender, lead_of(opened.tender))
    checked = check(saved(dossier, tmp_path / "d.zip"))
    assert checked.right
    assert checked.digest == dossier.digest
    assert checked.parts == dossier.parts
    with archive_of(dossier) as archive:
        names = set(archive.namelist())
        index = json.loads(archive.read("index.json"))
        said = json.loads(archive.read("selectie/ronde.json"))
        html = archive.read("index.html").decode()
        for receipt in Receipt.objects.all():
            assert f"selectie/ontvangstbewijzen/{receipt.number}.json" in names
        files = [name for name in names if name.startswith("selectie/inzendingen/") and name.endswith(".pdf")]
        assert len(files) == 4
        assert archive.read(files[0]) == pdf_bytes()
        log = [json.loads(line) for line in archive.read("logboek.jsonl").splitlines()]
    (root,) = said["receipt_roots"]
    digests = [*Receipt.objects.values_list("digest", flat=True), root["blind"]]
    assert merkle_root(digests) == root["root"]
    assert raw(root["root"])
    assert {"aanbesteding/gegevens.json", "selectie/opening.json", "controleer.py", "SHA256SUMS"} <= names
    assert index["left_out"] == []
    assert "controleer.py DOSSIER.zip" in html
    assert 'lang="nl"' in html
    positions = [event["position"] for event in log]
    assert positions == sorted(positions)
    assert positions[0] >= 1
    assert "procurement.submission.submit" in {event["action"] for event in log}


def test_nothing_of_a_closed_vault_and_no_sealed_price_is_in_it(opened: Fair, fair: Fair) -> None:
    body = content_of(made_dossier(opened.tender, lead_of(opened.tender)))
    assert b"1240000" not in body
    opened.fix(opened.segments[0])
    assert b"1240000" in content_of(made_dossier(opened.tender, lead_of(opened.tender)))


def test_who_has_bid_is_not_in_it_before_the_opening(fair: Fair) -> None:
    fair.submitted()
    fair.pass_deadline()
    body = content_of(made_dossier(fair.tender, lead_of(fair.tender)))
    assert b"Zorg Bidder" not in body
    assert b"ontvangstbewijzen/" not in body
    assert b"vaste teams" not in body
    assert b"submission.submit" not in body


def test_decisions_letters_rankings_and_records_are_in_it() -> None:
    ranked, decision = told(Stage.AWARD)
    tender = Tender.objects.get(pk=ranked.segment_round.round.tender_id)
    job = request_record(tender=tender, by=ranked.lead)
    make_procedure_record(tender.pk, ranked.lead.pk, str(job.pk), 1)
    dossier = made_dossier(tender, ranked.lead)
    with archive_of(dossier) as archive:
        names = archive.namelist()
        (path,) = [name for name in names if name.endswith("/besluit.json")]
        said = json.loads(archive.read(path))
        ranking = archive.read(f"gunning/beoordeling/{ranked.segment_round.segment.slug}/ranglijst-1.zip")
        assert archive.read("proces-verbaal/proces-verbaal-1.pdf").startswith(b"%PDF")
    assert said["signed_by"] == "Maud Mandaat"
    assert said["ranking_digest"] == ranked.ranking.digest
    assert [college["status"] for college in said["colleges"]] == ["approved", "approved"]
    assert ranking == dossier_zip(ranked.ranking)
    assert decision.mandate == said["mandate"]


def test_a_file_that_was_changed_in_storage_is_named_and_left_out(opened: Fair) -> None:
    found = opened.round.submissions.first()
    answer = found.answers.exclude(file=None).first()
    assert answer is not None
    type(answer.file).objects.filter(pk=answer.file_id).update(sha256="0" * 64)
    with archive_of(made_dossier(opened.tender, lead_of(opened.tender))) as archive:
        (left,) = json.loads(archive.read("index.json"))["left_out"]
        assert f"{answer.pk}.pdf" in left["path"]
        assert left["path"] not in archive.namelist()
        assert left["path"] in archive.read("index.html").decode()


def test_the_command_checks_it_offline_and_against_what_was_recorded(opened: Fair, tmp_path: Path, capsys: Any) -> None:
    place = saved(made_dossier(opened.tender, lead_of(opened.tender)), tmp_path / "d.zip")
    call_command("dossier", "verify", str(place))
    call_command("dossier", "verify", str(place), "--recorded")
    assert "in het portaal is vastgelegd" in capsys.readouterr().out
    # A byte that no digest of a part covers: the archive's own date of a file.
    other = tmp_path / "e.zip"
    body = bytearray(place.read_bytes())
    body[10] ^= 1
    other.write_bytes(body)
    with pytest.raises(SystemExit) as ended:
        call_command("dossier", "verify", str(other), "--recorded")
    assert ended.value.code == 1
    assert "NIET vastgelegd" in capsys.readouterr().out
    with pytest.raises(SystemExit) as ended:
        call_command("dossier", "verify", str(tmp_path / "weg.zip"))
    assert ended.value.code == 2


def test_it_lies_sealed_is_kept_for_good_and_is_made_once(opened: Fair) -> None:
    lead = lead_of(opened.tender)
    dossier = made_dossier(opened.tender, lead)
    assert dossier.file.is_sealed
    job = Job.objects.get(key=f"tender_dossier:{opened.tender.pk}:1")
    assert make_dossier(tender=opened.tender, by=lead, job_id=str(job.pk), number=1) == dossier
    with pytest.raises(ProgrammingError), transaction.atomic():
        TenderDossier.objects.update(parts=0)
    assert made_dossier(opened.tender, lead).sequence == 2


def test_the_lead_and_the_auditor_read_it_nobody_else(client: Client, opened: Fair) -> None:
    tender = opened.tender
    auditor = user_with(Role.AUDITOR, region=tender.region)
    dossier = made_dossier(tender, auditor)
    url = reverse("documents:download", args=[dossier.file_id])
    others = [user_with(Role.LEAD, region=RegionFactory()), user_with(Role.EVALUATOR, region=tender.region)]
    for user, status in ((lead_of(tender), 200), (auditor, 200), *((other, 404) for other in others)):
        client.force_login(user)
        answer = client.get(url)
        assert answer.status_code == status
    with pytest.raises(NotAllowed):
        request_dossier(tender=tender, by=others[0])
    client.force_login(auditor)
    assert f"{dossier.file_id}" in client.get(reverse("procurement:records", args=[tender.slug])).content.decode()
    asked = client.post(reverse("procurement:dossier_request", args=[tender.slug]))
    assert asked.url == reverse("jobs:job", args=[Job.objects.get(key=f"tender_dossier:{tender.pk}:2").pk])
