"""Open data: a valid OCDS 1.1 release package of what is published, and not a word of what is sealed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from contracts.enums import ContractStatus
from contracts.models import Contract, ContractTerm
from contracts.services.parties import open_contract
from procurement.enums import AwardStatus, DecisionStatus, Stage
from procurement.models import Award, Decision, Entry, Ranking, Segment
from tests.factories import (
    ConsortiumFactory,
    OrganisationFactory,
    RoundFactory,
    SegmentRoundFactory,
    TenderFactory,
    UserFactory,
    submitted_entry,
)

pytestmark = pytest.mark.django_db

# The closed codelists of OCDS 1.1 that are used here.
CODES = {
    "tag": {
        "tender",
        "tenderUpdate",
        "tenderAmendment",
        "tenderCancellation",
        "award",
        "awardUpdate",
        "awardCancellation",
        "contract",
        "contractTermination",
    },
    "tender_status": {"planning", "planned", "active", "cancelled", "unsuccessful", "complete", "withdrawn"},
    "award_status": {"pending", "active", "cancelled", "unsuccessful"},
    "contract_status": {"pending", "active", "cancelled", "terminated"},
    "milestone": {"scheduled", "met", "notMet", "partiallyMet"},
    "method": {"open", "selective", "limited", "direct"},
}


def package(client: Client) -> Any:
    answer = client.get("/open-data/ocds/")
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("application/json")
    return answer.json()


def values(node: Any, name: str) -> Iterator[Any]:
    """Every value under this name, however deep."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key == name:
                yield value
            yield from values(value, name)
    elif isinstance(node, list):
        for item in node:
            yield from values(item, name)


def faults(pack: Any) -> list[str]:
    """What the standard asks: required fields, codes, dates, unique ids, and references that lead somewhere."""
    wrong = [f"package: {key}" for key in ("uri", "publishedDate", "publisher", "releases") if key not in pack]
    wrong += ["package: version"] if pack["version"] != "1.1" else []
    ids = [release["id"] for release in pack["releases"]]
    wrong += ["release ids"] if len(set(ids)) != len(ids) else []
    for release in pack["releases"]:
        where, tender = release["ocid"], release["tender"]
        wrong += [f"{where}: {key}" for key in ("id", "date", "tag", "initiationType") if not release.get(key)]
        parties = [party["id"] for party in release["parties"]]
        lots = {lot["id"] for lot in tender["lots"]}
        awards = {award["id"] for award in release.get("awards", [])}
        wrong += [f"{where}: party twice"] if len(set(parties)) != len(parties) else []
        wrong += [f"{where}: tag"] if not CODES["tag"].issuperset(release["tag"]) else []
        wrong += [f"{where}: status"] if tender["status"] not in CODES["tender_status"] else []
        wrong += [f"{where}: method"] if tender.get("procurementMethod", "open") not in CODES["method"] else []
        for award in release.get("awards", []):
            wrong += [f"{where}: award status"] if award["status"] not in CODES["award_status"] else []
            wrong += [f"{where}: award lot"] if not lots.issuperset(award["relatedLots"]) else []
        for contract in release.get("contracts", []):
            wrong += [f"{where}: contract status"] if contract["status"] not in CODES["contract_status"] else []
            wrong += [f"{where}: contract award"] if contract["awardID"] not in awards else []
        for name in ("buyer", "procuringEntity"):
            wrong += [f"{where}: {name}" for found in values(release, name) if found["id"] not in parties]
        wrong += [f"{where}: milestone" for m in tender.get("milestones", []) if m["status"] not in CODES["milestone"]]
        wrong += [f"{where}: lot of {m['id']}" for m in tender.get("milestones", []) if not lots >= {*m["relatedLots"]}]
        for suppliers in (*values(release, "suppliers"), *values(release, "tenderers")):
            wrong += [f"{where}: supplier" for found in suppliers if found["id"] not in parties]
        for name in (
            "date",
            "startDate",
            "endDate",
            "maxExtentDate",
            "dateSigned",
            "publishedDate",
            "dueDate",
            "dateMet",
            "datePublished",
        ):
            wrong += [f"{where}: {name} {v}" for v in values(release, name) if not _is_moment(v)]
        wrong += [f"{where}: empty {name}" for name in _empty(release)]
    return wrong


def _is_moment(text: str) -> bool:
    return datetime.fromisoformat(text).utcoffset() is not None


def _empty(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        yield from (key for key, value in node.items() if value in (None, "", [], {}))
        for value in node.values():
            yield from _empty(value)
    elif isinstance(node, list):
        for item in node:
            yield from _empty(item)


def award_for(entry: Entry, *, decision_status: str, award_status: str) -> Award:
    """An award with the decision it rests on, in the state asked."""
    rules = entry.segment.segment_rounds.get(round=entry.submission.round)
    ranking = Ranking.objects.create(
        segment_round=rules, sequence=1, dossier="{}", digest="sha256:0", result="{}", code_version="1"
    )
    now = timezone.now()
    decision = Decision.objects.create(
        segment_round=rules,
        ranking=ranking,
        status=decision_status,
        proposed_by=UserFactory(),
        adopted_at=now,
        signed_by=UserFactory(),
        mandate="Mandaatbesluit, artikel 4",
        sent_at=now,
        final_at=now if decision_status == DecisionStatus.FINAL else None,
    )
    return Award.objects.create(decision=decision, entry=entry, status=award_status)


@pytest.fixture
def entry() -> Entry:
    """A bid in an opened award stage, of a bidder with a name one would recognise."""
    tender = TenderFactory()
    round = RoundFactory(tender=tender, stage=Stage.AWARD, vault_opened=True)
    return submitted_entry(
        SegmentRoundFactory(round=round, segment__tender=tender),
        organisation=OrganisationFactory(name="Stichting Herkenbaar", kvk_number="98765432"),
    )


def test_the_regions_are_published_without_a_fault(client: Client) -> None:
    call_command("load_region", "achterhoek", "alkmaar")
    pack = package(client)
    assert faults(pack) == []
    assert len(pack["releases"]) == 5
    release = next(r for r in pack["releases"] if r["ocid"].endswith("achterhoek-inkoop-2022"))
    assert release["tender"]["procurementMethod"] == "selective"
    lot = next(lot for lot in release["tender"]["lots"] if lot["id"] == "dyslexiezorg")
    assert lot["secondStage"]["maximumCandidates"] == 12
    assert lot["contractPeriod"]["startDate"].startswith("2021-08-01")
    assert sum(n["number"] for c in lot["awardCriteria"]["criteria"] for n in c["numbers"] if "weight" in n) == 100
    assert {p["name"] for p in release["parties"]} >= {"Gemeente Doetinchem", "Sociaal Domein Achterhoek"}


def test_a_draft_and_a_sealed_round_are_not_in_it(client: Client) -> None:
    TenderFactory(title="Nog geheim", status="draft", published_at=None)
    round = RoundFactory()
    before = client.get("/open-data/ocds/")
    entry = submitted_entry(SegmentRoundFactory(round=round, segment__tender=round.tender))
    answer = client.get("/open-data/ocds/")
    text = answer.content.decode()
    assert "Nog geheim" not in text
    assert entry.submission.organisation.name not in text
    assert entry.submission.organisation.kvk_number not in text
    assert "numberOfTenderers" not in text
    # Neither the mark of the version nor its moment betrays that somebody submitted something.
    assert (answer["ETag"], answer.get("Last-Modified")) == (before["ETag"], before.get("Last-Modified"))


@pytest.mark.parametrize("status", [DecisionStatus.PROPOSED, DecisionStatus.ADOPTED])
def test_an_award_that_was_not_sent_is_not_in_it(client: Client, entry: Entry, status: str) -> None:
    award_for(entry, decision_status=status, award_status=AwardStatus.PENDING)
    (release,) = package(client)["releases"]
    assert "awards" not in release
    assert "Herkenbaar" not in str(release)


def test_a_provisional_award_is_told_without_the_name(client: Client, entry: Entry) -> None:
    award_for(entry, decision_status=DecisionStatus.SENT, award_status=AwardStatus.PENDING)
    pack = package(client)
    assert faults(pack) == []
    (award,) = pack["releases"][0]["awards"]
    assert award["status"] == "pending"
    assert "suppliers" not in award
    assert "Herkenbaar" not in str(pack)
    assert "98765432" not in str(pack)


def test_a_final_award_has_its_name_and_its_contract(client: Client, entry: Entry) -> None:
    award = award_for(entry, decision_status=DecisionStatus.FINAL, award_status=AwardStatus.ACTIVE)
    contract = signed_contract("C-1", entry.segment, award=award, contractor=entry.submission.organisation)
    Contract.objects.create(number="C-2", segment=entry.segment, contractor=OrganisationFactory(), start="2027-01-01")
    pack = package(client)
    assert faults(pack) == []
    (release,) = pack["releases"]
    assert release["tag"] == ["tender", "award", "contract"]
    assert release["awards"][0]["suppliers"] == [{"id": "NL-KVK-98765432", "name": "Stichting Herkenbaar"}]
    (told,) = release["contracts"]
    assert told["id"] == contract.number
    assert told["period"]["endDate"].startswith("2025-06-30")
    assert told["period"]["maxExtentDate"].startswith("2027-06-30")


def test_a_contract_from_before_this_portal_names_every_party_of_a_consortium(client: Client) -> None:
    call_command("load_region", "achterhoek")
    segment = Segment.objects.get(tender__slug="inkoop-2022", slug="wmo-wonen")
    consortium = ConsortiumFactory()
    signed_contract("H-7", segment, consortium=consortium, contractor=consortium.lead)
    pack = package(client)
    assert faults(pack) == []
    release = next(r for r in pack["releases"] if r["ocid"].endswith("inkoop-2022"))
    assert release["awards"][0]["suppliers"][0]["name"] == consortium.lead.name
    assert release["contracts"][0]["awardID"] == "award-H-7"


def test_a_contract_names_who_is_in_it_today(client: Client) -> None:
    call_command("load_region", "achterhoek")
    segment = Segment.objects.get(tender__slug="inkoop-2022", slug="wmo-wonen")
    consortium = ConsortiumFactory()
    gone, joined = OrganisationFactory(), OrganisationFactory()
    consortium.consortium_members.create(organisation=gone)
    contract = signed_contract("H-8", segment, consortium=consortium, contractor=consortium.lead)
    contract.parties.filter(organisation=gone).update(end="2024-06-30")
    contract.parties.create(organisation=joined, start="2024-07-01")
    pack = package(client)
    assert faults(pack) == []
    release = next(r for r in pack["releases"] if r["ocid"].endswith("inkoop-2022"))
    (award,) = release["awards"]
    names = {one["name"] for one in award["suppliers"]}
    assert {consortium.lead.name, joined.name} <= names
    assert gone.name not in names


def signed_contract(number: str, segment: Segment, **fields: Any) -> Contract:
    contract = Contract.objects.create(
        number=number,
        segment=segment,
        status=ContractStatus.ACTIVE,
        start="2022-07-01",
        signed_at=timezone.now(),
        **fields,
    )
    ContractTerm.objects.create(contract=contract, sequence=1, start="2022-07-01", end="2025-06-30", status="committed")
    ContractTerm.objects.create(contract=contract, sequence=2, start="2025-07-01", end="2027-06-30", status="open")
    open_contract(Contract.objects.get(pk=contract.pk))
    return contract


def test_who_has_the_newest_one_gets_304_until_something_is_published(client: Client) -> None:
    TenderFactory()
    first = client.get("/open-data/ocds/")
    again = client.get("/open-data/ocds/", headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304
    assert client.get("/open-data/ocds/", headers={"If-Modified-Since": first["Last-Modified"]}).status_code == 304
    TenderFactory()
    assert client.get("/open-data/ocds/", headers={"If-None-Match": first["ETag"]}).status_code == 200


def test_ids_stay_the_same_as_long_as_nothing_changes(client: Client) -> None:
    tender = TenderFactory()
    (first,) = package(client)["releases"]
    assert package(client)["releases"] == [first]
    tender.summary = "Iets anders."
    tender.save(update_fields=["summary"])
    (second,) = package(client)["releases"]
    assert second["ocid"] == first["ocid"]
    assert second["id"] != first["id"]


def test_it_takes_a_fixed_number_of_queries(client: Client, django_assert_num_queries: Any) -> None:
    call_command("load_region", "achterhoek")
    with django_assert_num_queries(28):
        client.get("/open-data/ocds/")
    call_command("load_region", "alkmaar")
    SegmentRoundFactory.create_batch(3)
    with django_assert_num_queries(28):
        client.get("/open-data/ocds/")
