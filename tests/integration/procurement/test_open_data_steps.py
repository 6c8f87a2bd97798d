"""Open data step by step: each published step a release, one record a tender, and not a word of what is not public."""

from __future__ import annotations

import csv
import io
import json
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from contracts.models import Subcontractor
from procurement.domain.open_data_csv import HEADINGS
from procurement.enums import ObjectionKind, ReevaluationCause, Stage
from procurement.models import AwardNotice, DeadlineExtension, Objection, Reevaluation, SegmentRound, Tender
from tests.factories import OrganisationFactory, SegmentRoundFactory, TenderFactory, UserFactory
from tests.factories.told import made_final, taken_back, told
from tests.integration.procurement.test_open_data import faults, signed_contract

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def days(number: int) -> Any:
    return NOW - timedelta(days=number)


def address(ranked: Any, ending: str = "") -> str:
    return f"/open-data/ocds/{ranked.segment_round.round.tender.slug}/{ending}"


def releases(client: Client, ranked: Any) -> list[Any]:
    pack = client.get(address(ranked)).json()
    assert faults(pack) == []
    return list(pack["releases"])


def milestones(release: Any) -> dict[str, Any]:
    return {found["id"].split("-")[0]: found for found in release["tender"].get("milestones", [])}


@pytest.fixture
def awarded() -> Any:
    """An award told ten days ago."""
    ranked, decision = told(at=days(10))
    Tender.objects.filter(pk=ranked.segment_round.round.tender_id).update(published_at=days(60))
    return ranked, decision


def test_from_publication_to_final_award_each_step_is_a_release(client: Client, awarded: Any) -> None:
    ranked, decision = awarded
    made_final(decision, at=days(2))
    AwardNotice.objects.create(
        decision=decision, due_on=date(2030, 1, 1), published_at=days(1), published_by=UserFactory(), reference="TN-77"
    )
    found = releases(client, ranked)
    assert [release["tag"] for release in found if release["tag"] != ["tenderUpdate"]] == [
        ["tender"], ["award"], ["awardUpdate"], ["awardUpdate"],
    ]  # fmt: skip
    assert [release["date"] for release in found] == sorted(release["date"] for release in found)
    first, sent, final, noticed = [release for release in found if release["tag"] != ["tenderUpdate"]]
    assert "awards" not in first
    assert "bids" not in first
    assert {award["status"] for award in sent["awards"]} == {"pending"}
    assert milestones(sent)["standstill"]["status"] == "scheduled"
    assert "signed" in milestones(sent)
    assert "Zorg Aan De Slinge" not in json.dumps([first, sent], ensure_ascii=False)
    assert {award["status"] for award in final["awards"]} == {"active"}
    assert milestones(final)["standstill"]["status"] == "met"
    assert "documents" not in final["awards"][0]
    (document,) = noticed["awards"][0]["documents"]
    assert (document["documentType"], "TN-77" in document["title"]) == ("awardNotice", True)


def test_how_many_bids_there_were_and_which_were_awarded_is_told_with_the_final_award(
    client: Client, awarded: Any
) -> None:
    ranked, decision = awarded
    assert all("bids" not in release for release in releases(client, ranked))
    made_final(decision)
    bids = releases(client, ranked)[-1]["bids"]
    assert {found["measure"]: found["value"] for found in bids["statistics"]} == {"bids": 3, "validBids": 3}
    assert [bid["tenderers"][0]["name"] for bid in bids["details"]] == ["Zorg Aan De Slinge", "Coöperatie Buurtkracht"]


def test_an_award_that_was_taken_back_is_cancelled_and_names_nobody(client: Client, awarded: Any) -> None:
    ranked, decision = awarded
    taken_back(decision, reason="Zorg Aan De Slinge kreeg te veel punten.", at=days(3))
    found = releases(client, ranked)
    assert found[-1]["tag"] == ["awardCancellation"]
    assert {award["status"] for award in found[-1]["awards"]} == {"cancelled"}
    assert {award["status"] for award in found[-2]["awards"]} == {"pending"}
    assert milestones(found[-1])["standstill"]["status"] == "notMet"
    assert "withdrawn" in milestones(found[-1])
    assert "Slinge" not in json.dumps(found)


def test_a_scoring_done_again_is_told_only_after_a_decision_was(client: Client, awarded: Any) -> None:
    ranked, decision = awarded
    fields = {
        "cause": ReevaluationCause.OBJECTION, "reason": "Geheime reden", "before": ranked.ranking,
        "started_by": ranked.lead,
    }  # fmt: skip
    early = Reevaluation.objects.create(segment_round=ranked.segment_round, **fields)
    Reevaluation.objects.filter(pk=early.pk).update(
        started_at=days(20), finished_at=days(19), after=ranked.ranking, explanation="Geheime uitleg"
    )
    assert "reevaluation" not in milestones(releases(client, ranked)[-1])
    taken_back(decision, at=days(5))
    late = Reevaluation.objects.create(segment_round=ranked.segment_round, **fields)
    Reevaluation.objects.filter(pk=late.pk).update(started_at=days(4))
    found = releases(client, ranked)[-1]
    assert milestones(found)["reevaluation"]["id"] == f"reevaluation-{late.pk}"
    assert "Geheime" not in json.dumps(found)


def test_a_later_deadline_is_an_amendment_and_the_earlier_one_is_told_before_it(client: Client, awarded: Any) -> None:
    ranked, _decision = awarded
    tender = ranked.segment_round.round.tender
    selection = SegmentRoundFactory(
        round__tender=tender, round__stage=Stage.SELECTION, segment=ranked.segment_round.segment
    ).round
    moved = DeadlineExtension.objects.create(
        round=selection, deadline_was=selection.deadline - timedelta(days=2), deadline=selection.deadline,
        outage_from=days(51), outage_until=days(50), reason="Geheim detail", by=ranked.lead,
    )  # fmt: skip
    found = releases(client, ranked)
    (amended,) = [release for release in found if "tenderAmendment" in release["tag"]]
    before = found[found.index(amended) - 1]
    assert before["tender"]["tenderPeriod"]["endDate"] < amended["tender"]["tenderPeriod"]["endDate"]
    assert amended["tender"]["amendments"][0]["id"] == f"extension-{moved.pk}"
    assert "Geheim" not in json.dumps(found)


def test_the_record_holds_all_releases_and_compiles_them(client: Client, awarded: Any) -> None:
    ranked, decision = awarded
    made_final(decision)
    pack = client.get(address(ranked, "record.json")).json()
    (record,) = pack["records"]
    assert {"uri", "publisher", "publishedDate", "version"} <= set(pack)
    assert record["releases"] == releases(client, ranked)
    compiled, last = record["compiledRelease"], record["releases"][-1]
    assert compiled["tag"] == ["compiled"]
    same = [name for name in last if name not in ("id", "tag")]
    assert {name: compiled[name] for name in same} == {name: last[name] for name in same}


def test_subcontractors_of_the_register_stand_beside_the_award(client: Client, awarded: Any) -> None:
    ranked, decision = awarded
    made_final(decision)
    award = decision.awards.order_by("pk").first()
    contract = signed_contract(
        "C-1", ranked.segment_round.segment, award=award, contractor=award.entry.submission.organisation
    )
    helper = OrganisationFactory(name="Hulp Onderaannemer")
    for organisation, start in ((helper, "2022-07-01"), (OrganisationFactory(name="Komt Later"), "2090-01-01")):
        Subcontractor.objects.create(
            contract=contract, organisation=organisation, part_of_work="Begeleiding", start=start
        )
    last = releases(client, ranked)[-1]
    told_of = next(found for found in last["awards"] if found["id"] == f"award-{award.pk}")
    (part,) = told_of["subcontracting"]["subcontracts"]
    assert part["subcontractor"]["name"] == "Hulp Onderaannemer"
    assert any(party["roles"] == ["subcontractor"] for party in last["parties"])


def test_the_table_has_the_documented_columns(client: Client, awarded: Any) -> None:
    ranked, decision = awarded
    made_final(decision)
    answer = client.get(address(ranked, "tabel.csv"))
    lines = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    assert tuple(lines[0]) == HEADINGS
    assert [line["supplier_name"] for line in lines] == ["Zorg Aan De Slinge", "Coöperatie Buurtkracht"]
    assert {line["award_status"] for line in lines} == {"active"}
    page = client.get("/open-data/").content.decode()
    assert all(f">{name}<" in page for name in HEADINGS)


def test_marks_put_in_all_that_is_not_public_come_out_nowhere(client: Client, awarded: Any) -> None:
    """Names, reasons, grounds and notes carry a mark; the whole of the open data has none of it."""
    ranked, decision = awarded
    for entry in ranked.entries:
        entry.submission.organisation.name = f"MERK {entry.pk}"
        entry.submission.organisation.save()
        entry.consensus_scores.update(reason="MERK score")
        type(entry).objects.filter(pk=entry.pk).update(status_reason="MERK uitval")
    decision.college_decisions.update(reservation="MERK voorbehoud")
    type(decision).objects.filter(pk=decision.pk).update(note="MERK toelichting", mandate="MERK mandaat")
    SegmentRound.objects.filter(pk=ranked.segment_round.pk).update(draw_seed="MERK zaad", assignment_seed="MERK")
    Objection.objects.create(
        decision=decision, organisation=ranked.entries[2].submission.organisation, kind=ObjectionKind.COMPLAINT,
        number="MERK-1", grounds="MERK gronden", suspends=False, received_at=NOW, registered_by=ranked.lead,
    )  # fmt: skip
    ranked.segment_round.draws.create(kind="physical", account="MERK loting", held_at=NOW, held_by=ranked.lead)
    paths = ["/open-data/", "/open-data/ocds/", *(address(ranked, end) for end in ("", "record.json", "tabel.csv"))]
    everything = "".join(client.get(path).content.decode() for path in paths)
    assert "MERK" not in everything
    made_final(decision)
    after = client.get(address(ranked)).content.decode()
    winners = [f"MERK {entry.pk}" for entry in ranked.entries[:2]]
    assert [name for name in (*winners, f"MERK {ranked.entries[2].pk}") if f'"{name}"' in after] == winners
    for name in winners:
        after = after.replace(name, "")
    assert "MERK" not in after


def test_what_was_never_published_is_not_there_and_who_has_it_gets_304(client: Client, awarded: Any) -> None:
    ranked, decision = awarded
    draft = TenderFactory(status="draft", published_at=None)
    for ending in ("", "record.json", "tabel.csv"):
        assert client.get(f"/open-data/ocds/{draft.slug}/{ending}").status_code == 404
        path = address(ranked, ending)
        first = client.get(path)
        assert client.get(path, headers={"If-None-Match": first["ETag"]}).status_code == 304
    taken_back(decision)
    assert client.get(path, headers={"If-None-Match": first["ETag"]}).status_code == 200


def test_the_number_of_queries_does_not_grow(client: Client, django_assert_num_queries: Any, awarded: Any) -> None:
    ranked, _decision = awarded
    for ending, queries in (("", TENDER), ("record.json", TENDER), ("tabel.csv", TENDER - 1)):
        with django_assert_num_queries(queries):
            client.get(address(ranked, ending))
    many, more = told(bids=tuple((f"Zorg {n}", ("8", "6"), "selected") for n in range(6)), municipalities=4)
    made_final(more)
    with django_assert_num_queries(TENDER):
        client.get(address(many))


TENDER = 28
