"""Nothing lacks in a tender's dossier: letters of a draw and of a clarification, minutes, papers of objections."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from achterhoek.accounts.enums import Role
from achterhoek.clock import database_now, database_today
from achterhoek.documents.models import Scan, StoredFile
from procurement.models import Draw, LetterBatch, Tender
from procurement.selectors.letters import batch_source
from procurement.services.letter_batches import announce_draw
from procurement.services.letter_sending import Sending, send_batch
from procurement.services.letter_work import make_next_letter
from procurement.services.meetings import record_minutes
from tests.factories import user_with
from tests.factories.decisions import Ranked, ranked_segment_round
from tests.factories.dossiers import archive_of, made_dossier
from tests.factories.evaluation import seated
from tests.factories.objections import told
from tests.factories.submissions import pdf, pdf_bytes
from tests.pdf import text_of

pytestmark = pytest.mark.django_db
EQUAL = (("Zorg Aan De Slinge", ("8", "8"), "pending_draw"), ("Buurtkracht", ("8", "8"), "pending_draw"))


def tender_of(ranked: Ranked) -> Tender:
    return Tender.objects.get(pk=ranked.segment_round.round.tender_id)


def folder(ranked: Ranked) -> str:
    return f"gunning/beoordeling/{ranked.segment_round.segment.slug}"


def announced() -> tuple[Ranked, LetterBatch]:
    ranked = ranked_segment_round(bids=EQUAL)
    moment = (database_now() + timedelta(days=3)).isoformat()
    facts = {"moment": moment, "place": "Gemeentehuis Aalten", "how": "Met een computer."}
    announce_draw(ranking=ranked.ranking, facts=facts, by=ranked.lead)
    batch = LetterBatch.objects.select_related("decision", "ranking").get()
    source = batch_source(batch.pk)
    while make_next_letter(source, batch.pk) is not None:
        pass
    return ranked, batch


def test_the_letters_that_announce_a_draw_are_in_it() -> None:
    ranked, batch = announced()
    assert send_batch(batch=batch, by=ranked.lead) is Sending.SENT
    where = f"{folder(ranked)}/aankondiging-loting-{batch.pk}"
    with archive_of(made_dossier(tender_of(ranked), ranked.lead)) as archive:
        told_then = json.loads(archive.read(f"{where}/aankondiging.json"))
        rows = json.loads(archive.read(f"{where}/brieven.json"))
        letters = [archive.read(name) for name in archive.namelist() if name.startswith(f"{where}/brieven/")]
        left_out = json.loads(archive.read("index.json"))["left_out"]
    assert (told_then["status"], told_then["told"]["place"]) == ("sent", "Gemeentehuis Aalten")
    assert [(row["kind"], row["status"]) for row in rows] == [("pending_draw", "sent")] * 2
    assert len(letters) == 2
    assert all("Gemeentehuis Aalten" in text_of(letter) for letter in letters)
    assert left_out == []


def test_a_draw_that_was_held_is_in_it_and_a_promised_seed_is_not() -> None:
    ranked = ranked_segment_round(bids=EQUAL)
    now = database_now()
    promised = {"segment_round": ranked.segment_round, "kind": "seed", "commitment": "sha256:" + "a" * 64}
    draw = Draw.objects.create(**promised, committed_at=now, committed_by=ranked.lead)
    with archive_of(made_dossier(tender_of(ranked), ranked.lead)) as archive:
        assert not [name for name in archive.namelist() if "/loting-" in name]
    Draw.objects.filter(pk=draw.pk).update(seed="geheim-3", shown_at=now, held_at=now, held_by=ranked.lead)
    with archive_of(made_dossier(tender_of(ranked), ranked.lead)) as archive:
        said = json.loads(archive.read(f"{folder(ranked)}/loting-1.json"))
    assert (said["kind"], said["seed"], said["held_by"]) == ("seed", "geheim-3", str(ranked.lead))


def test_the_minutes_of_a_meeting_are_in_it() -> None:
    ranked = ranked_segment_round()
    member = user_with(Role.EVALUATOR, region=tender_of(ranked).region, name="Bea Beoordelaar")
    seat = seated(ranked.segment_round, member)
    record_minutes(
        segment_round=ranked.segment_round, held_on=database_today(), present=[seat], minutes="Wij bespraken S1.",
        by=ranked.lead,
    )  # fmt: skip
    with archive_of(made_dossier(tender_of(ranked), ranked.lead)) as archive:
        said = json.loads(archive.read(f"{folder(ranked)}/overleg-1.json"))
        paper = archive.read(f"{folder(ranked)}/overleg-1.pdf")
    assert (said["minutes"], said["present"]) == ("Wij bespraken S1.", ["Bea Beoordelaar"])
    assert "Wij bespraken S1." in text_of(paper)


def with_paper(**fields: Any) -> tuple[Any, Any]:
    found = told()
    return found, found.file(upload=pdf(), **fields)


def test_the_paper_of_an_objection_is_in_it_for_the_lead_and_the_auditor() -> None:
    found, objection = with_paper()
    assert objection.file.is_sealed
    tender = tender_of(found.ranked)
    for reader in (found.lead, user_with(Role.AUDITOR, region=tender.region)):
        with archive_of(made_dossier(tender, reader)) as archive:
            said = json.loads(archive.read(f"bezwaren/{objection.number}.json"))
            assert archive.read(f"bezwaren/{objection.number}.pdf") == pdf_bytes()
        assert (said["organisation"], said["suspends"]) == (found.loser.name, True)


def test_a_paper_that_the_scanner_has_not_passed_is_named_and_left_out() -> None:
    found, objection = with_paper(kind="complaint")
    StoredFile.objects.filter(pk=objection.file_id).update(scan=Scan.WAITING)
    with archive_of(made_dossier(tender_of(found.ranked), found.lead)) as archive:
        (left,) = json.loads(archive.read("index.json"))["left_out"]
        assert left["path"] == f"bezwaren/{objection.number}.pdf"
        assert left["path"] not in archive.namelist()
        assert f"bezwaren/{objection.number}.json" in archive.namelist()
