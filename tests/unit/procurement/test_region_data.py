"""The data files say what the code may not: who buys, what, when, from whom.

Each file is held against its schema, and the files against each other, so that a loader never
meets a name that leads nowhere. Sources: the seeds named in the files themselves.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import date
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator, FormatChecker

DATA = Path(__file__).resolve().parents[3] / "procurement" / "data"
REGIONS = sorted(path.parent for path in DATA.glob("regions/*/region.yaml"))
TENDERS = sorted(DATA.glob("regions/*/tenders/*.yaml"))


# The C parser where PyYAML has it: the files are long.
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@cache
def load(path: Path) -> Any:
    """A file as JSON would give it: dates as ISO text."""
    parsed = yaml.load(path.read_text(encoding="utf-8"), LOADER)
    return json.loads(json.dumps(parsed, default=lambda value: value.isoformat()))


def demo(name: str) -> Any:
    return load(DATA / "demo" / f"{name}.yaml")


def faults(document: Any, schema_name: str) -> list[str]:
    schema = json.loads((DATA / "schema" / f"{schema_name}.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema, format_checker=FormatChecker())
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(document)]


def label(path: Path) -> str:
    return str(path.relative_to(DATA))


def partner(row: dict[str, Any]) -> str:
    return str(row.get("provider") or row["consortium"])


def inkoop() -> Any:
    return load(DATA / "regions" / "achterhoek" / "tenders" / "inkoop-2022.yaml")


@pytest.mark.parametrize("path", [region / "region.yaml" for region in REGIONS], ids=label)
def test_a_region_follows_its_schema(path: Path) -> None:
    assert faults(load(path), "region") == []


@pytest.mark.parametrize("path", TENDERS, ids=label)
def test_a_tender_follows_its_schema(path: Path) -> None:
    assert faults(load(path), "tender") == []


@pytest.mark.parametrize("name", ["accounts", "history", "practice", "providers", "texts", "years"])
def test_a_demo_file_follows_its_schema(name: str) -> None:
    assert faults(demo(name), name) == []


@pytest.mark.parametrize("path", REGIONS, ids=label)
def test_municipalities_are_distinct_and_share_no_tile(path: Path) -> None:
    towns = load(path / "region.yaml")["municipalities"]
    assert len({town["slug"] for town in towns}) == len(towns)
    assert len({tuple(town["tile"]) for town in towns}) == len(towns)


@pytest.mark.parametrize("path", TENDERS, ids=label)
def test_a_tender_names_only_what_exists(path: Path) -> None:
    tender = load(path)
    towns = {town["slug"] for town in load(path.parents[1] / "region.yaml")["municipalities"]}
    segments = {segment["slug"] for segment in tender["segments"]}
    assert tender["tender"]["slug"] == path.stem
    assert len(segments) == len(tender["segments"])
    assert {segment["lot"] for segment in tender["segments"]} <= {lot["slug"] for lot in tender["lots"]}
    assert set(tender["participation"]) == segments
    for row in tender["participation"].values():
        assert set(row) == towns
    for session in tender["dialogue_sessions"]:
        assert session["audience"] in segments | {"all"}


@pytest.mark.parametrize("path", TENDERS, ids=label)
def test_replans_form_an_unbroken_chain(path: Path) -> None:
    """A date may move many times; each move starts where the one before ended, so none is lost."""
    tender = load(path)
    for item in [*tender["phases"], *tender["milestones"]]:
        current: dict[str, str] = {}
        for replan in item["replans"]:
            field = replan["field"]
            assert replan["from"] == current.get(field, item[field]), item["title"]
            current[field] = replan["to"]


@pytest.mark.parametrize("path", TENDERS, ids=label)
def test_rounds_are_complete(path: Path) -> None:
    tender = load(path)
    segments = {segment["slug"] for segment in tender["segments"]}
    for stage, section in tender["rounds"].items():
        criteria = {criterion["code"] for criterion in section["criteria"]}
        assert section["stage"] == stage
        assert sum(Fraction(criterion["weight"]) for criterion in section["criteria"]) == 100
        assert set(section["tie_break"]) <= criteria
        for question in section["questions"]:
            assert question["segment"] in segments | {"all", "once"}
            assert question["criterion"] is None or question["criterion"] in criteria
        for requirement in section["requirements"]:
            assert requirement["general"] == ("segment" not in requirement)
            assert requirement.get("segment", "") in segments | {""}


def test_the_facts_of_inkoop_2022() -> None:
    """The replans of 002_6dfa1213d0e534a1.txt and 003_eeadaa3a24afdf34.txt, and the separate dyslexia start."""
    tender = inkoop()
    moved = {
        item["code"]: [item["date"], *[replan["to"] for replan in item["replans"]]] for item in tender["milestones"]
    }
    assert moved["contract_start"] == ["2021-01-01", "2021-04-01", "2022-01-01", "2022-07-01"]
    assert moved["publication"] == ["2020-08-26", "2020-09-23", "2021-04-01"]
    assert moved["information_day"] == ["2020-08-31", "2020-09-07"]
    starts = {segment["slug"]: segment["start_date"] for segment in tender["segments"]}
    assert starts["dyslexiezorg"] == "2021-08-01"
    assert tender["tender"]["dialogue_count"] == 52
    outside = {
        (segment, town)
        for segment, row in tender["participation"].items()
        for town, cell in row.items()
        if cell is not True
    }
    assert outside == {
        ("integrale-ambulante-jeugdhulp", "oude-ijsselstreek"),
        ("wmo-integrale-ondersteuning", "oude-ijsselstreek"),
    }


def test_every_named_provider_exists_and_numbers_are_unique() -> None:
    people = demo("providers")
    keys = [provider["key"] for provider in people["providers"]]
    assert len(set(keys)) == len(keys)
    for number in ("kvk", "agb"):
        assert len({provider["registration"][number] for provider in people["providers"]}) == len(keys)
    for consortium in people["consortia"]:
        assert set(consortium["members"]) <= set(keys)
        assert consortium["lead"] in consortium["members"]
    numbered = {p["demo_account"]: p["key"] for p in people["providers"] if "demo_account" in p}
    assert sorted(numbered) == list(range(1, 13))
    accounts = {account["email"]: account for account in demo("accounts")["accounts"]}
    for number, key in numbered.items():
        assert accounts[f"provider{number}@demo.example"]["provider"] == key


def test_history_has_about_seventy_partners_one_place_each() -> None:
    people, tender = demo("providers"), inkoop()
    members = {c["key"]: c["members"] for c in people["consortia"]}
    known = {provider["key"] for provider in people["providers"]}
    segments = {segment["slug"]: segment for segment in tender["segments"]}
    partners: set[str] = set()
    for section in demo("history")["segments"]:
        segment = segments[section["segment"]]
        assert len(section["contracts"]) == segment["places_award"]
        taking_part: Counter[str] = Counter()
        for contract in section["contracts"]:
            key = partner(contract)
            partners.add(key)
            taking_part.update(members.get(key, [key]))
            for row in contract["subcontractors"]:
                assert row["provider"] in known
                assert set(row.get("subsegments", [])) <= {s["slug"] for s in segment["subsegments"]}
                assert row["from"] >= section["start"]
                assert row.get("until", "9999") > row["from"]
        assert set(taking_part) <= known
        assert max(taking_part.values()) == 1, "a provider stands twice in one segment"
    assert len(partners) == 70


def test_history_shows_both_outcomes_of_the_extension() -> None:
    outcomes = {
        (extension["outcome"], extension["ends_on"])
        for section in demo("history")["segments"]
        for extension in section["extensions"]
    }
    assert ("declined", "2025-06-30") in outcomes
    assert ("exercised", "2027-06-30") in outcomes


def test_a_practice_tender_for_each_open_stage() -> None:
    stages = [tender["stage"] for tender in demo("practice")["tenders"]]
    assert stages == ["open_for_requests", "vault_to_open", "scoring", "consensus", "award", "standstill"]


def test_practice_rows_point_to_existing_texts_and_providers() -> None:
    people, texts, practice = demo("providers"), demo("texts"), demo("practice")
    known = {row["key"] for row in [*people["providers"], *people["consortia"]]}
    paragraphs = {question: {item["id"]: item for item in items} for question, items in texts["paragraphs"].items()}
    for tender in practice["tenders"]:
        for row in [*tender["requests"], *tender["bids"]]:
            assert partner(row) in known
            assert row["segment"] in {segment["segment"] for segment in tender["segments"]}
            for question, ids in row["answers"].items():
                for paragraph in ids:
                    text = paragraphs[question][paragraph]["text"]
                    text.format(name="", city="", segment="", **row["fill"])
        for row in tender.get("objections", []):
            assert (row["provider"], row["segment"]) in {(partner(bid), bid["segment"]) for bid in tender["bids"]}
            assert tender["days"]["letters_sent"] < row["days"] < row["taken_up"] < row.get("ended", 0) <= 0


def test_practice_scores_are_whole_rubric_steps_with_a_reason_in_the_pool() -> None:
    texts = demo("texts")
    for tender in demo("practice")["tenders"]:
        for row in [*tender["requests"], *tender["bids"]]:
            for criterion, score in row.get("scores", {}).items():
                for value in [*score["individual"], score["consensus"]]:
                    assert value is None or value in texts["evaluator_reasons"][criterion]
                assert (score["consensus"] is None) == ("motivation" not in score)


def test_practice_timelines_keep_the_legal_periods() -> None:
    """Requests at least 30 days (Aw 2.71), bids 35 with electronic submission (2.74b), nota 10 days before (2.54)."""
    for tender in demo("practice")["tenders"]:
        days = tender["days"]
        assert days["requests_deadline"] - days["publication"] >= 30
        assert days["requests_deadline"] - days["nota"] >= 10
        if "invitation" in days:
            assert days["bids_deadline"] - days["invitation"] >= 35
        if tender["stage"] == "standstill":
            assert -20 < days["letters_sent"] < 0


def test_who_bids_is_who_was_selected() -> None:
    """In the award stages the bidders are exactly the best of the selection, on the template's own weights."""
    selection = inkoop()["rounds"]["selection"]
    weights = {c["code"]: Fraction(c["weight"]) for c in selection["criteria"]}
    for tender in demo("practice")["tenders"]:
        if not tender["bids"]:
            continue
        for place in tender["segments"]:
            totals = {}
            for row in tender["requests"]:
                scores = {code: Fraction(score["consensus"]) for code, score in row["scores"].items()}
                total = sum(weights[code] * value / 10 for code, value in scores.items())
                if row["segment"] == place["segment"] and total >= 60 and min(scores.values()) >= 4:
                    totals[partner(row)] = (total, scores["S1"], scores["S2"])
            best = sorted(totals, key=lambda key: totals[key], reverse=True)[: place["places_selection"]]
            bidders = {partner(row) for row in tender["bids"] if row["segment"] == place["segment"]}
            assert bidders == set(best)


def test_no_date_in_history_is_impossible() -> None:
    for match in re.findall(r"\d{4}-\d{2}-\d{2}", json.dumps([demo("history"), inkoop()])):
        assert date.fromisoformat(match)
