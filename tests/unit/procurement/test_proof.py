"""What can be proven of a receipt afterwards, by anybody: nothing altered passes, nothing right is refused."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procurement.domain import proof
from procurement.domain.proof import (
    DIFFERENT,
    EXTRA,
    MISSING,
    OK,
    UNCHECKED,
    Unreadable,
    canonical,
    check_folder,
    check_receipt,
    digest_of,
    inclusion_proof,
    merkle_root,
    verify_inclusion,
)
from tests.unit.procurement.receipts import FILES, manifest, own_package


def digest(number: int) -> str:
    return "sha256:" + hashlib.sha256(str(number).encode()).hexdigest()


digests = st.sets(st.binary(min_size=32, max_size=32), min_size=1, max_size=40).map(
    lambda found: ["sha256:" + content.hex() for content in found]
)


# The tree.


def rfc_root(leaves: list[bytes]) -> bytes:
    """RFC 6962, 2.1, as it stands there."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    half = max(2**power for power in range(10) if 2**power < len(leaves))
    return hashlib.sha256(b"\x01" + rfc_root(leaves[:half]) + rfc_root(leaves[half:])).digest()


@pytest.mark.parametrize("size", range(71))
def test_each_receipt_of_a_round_is_proven_to_be_in_it(size: int) -> None:
    held = [digest(number) for number in range(size)]
    root = merkle_root(held)
    assert root == "sha256:" + rfc_root(sorted(bytes.fromhex(found[7:]) for found in held)).hex()
    for found in held:
        made = inclusion_proof(held, found)
        assert made["root"] == root
        assert verify_inclusion(found, json.loads(json.dumps(made)), root)


def test_the_root_of_nothing_is_the_hash_of_nothing() -> None:
    assert merkle_root([]) == "sha256:" + hashlib.sha256(b"").hexdigest()
    with pytest.raises(ValueError, match="not in list"):
        inclusion_proof([], digest(1))


@given(digests, st.randoms())
def test_the_order_in_which_receipts_were_made_does_not_matter(held: list[str], chance: Any) -> None:
    shuffled = list(held)
    chance.shuffle(shuffled)
    assert merkle_root(shuffled) == merkle_root(held)


@given(digests, st.data())
def test_another_set_of_receipts_has_another_root(held: list[str], data: st.DataObject) -> None:
    left_out = data.draw(st.sampled_from(held))
    fewer = [found for found in held if found != left_out]
    assert merkle_root(fewer) != merkle_root(held)
    assert not verify_inclusion(left_out, inclusion_proof(held, left_out), merkle_root(fewer))


@given(digests, st.data())
def test_a_proof_serves_no_other_digest_and_no_other_root(held: list[str], data: st.DataObject) -> None:
    found = data.draw(st.sampled_from(held))
    made = inclusion_proof(held, found)
    other = (
        "sha256:" + data.draw(st.binary(min_size=32, max_size=32).filter(lambda b: "sha256:" + b.hex() != found)).hex()
    )
    assert not verify_inclusion(other, made, merkle_root(held))
    assert not verify_inclusion(found, made, other)


@given(digests, st.data())
def test_an_altered_proof_is_refused(held: list[str], data: st.DataObject) -> None:
    found = data.draw(st.sampled_from(held))
    made = inclusion_proof(held, found)
    wrong = [
        {**made, "format": "something else"},
        {**made, "path": [*made["path"], "00" * 32]},
        {**made, "path": [*made["path"], "no number"]},
        {**made, "index": made["size"]},
        {**made, "index": -1},
        {**made, "path": None},
        {**made, "index": "0"},
        {},
        [],
        None,
    ]
    for position, step in enumerate(made["path"]):
        bent = format(int(step, 16) ^ 1, "064x")
        wrong.append({**made, "path": [*made["path"][:position], bent, *made["path"][position + 1 :]]})
        wrong.append({**made, "path": made["path"][:position]})
    for claim in wrong:
        assert not verify_inclusion(found, claim, merkle_root(held))


@given(st.sets(st.binary(min_size=32, max_size=32), min_size=2, max_size=40))
def test_a_node_is_no_receipt(contents: set[bytes]) -> None:
    """Second preimage: what stands inside the tree cannot be shown as if it were one of its receipts."""
    held = ["sha256:" + content.hex() for content in contents]
    made = inclusion_proof(held, "sha256:" + min(contents).hex())
    first, second = (hashlib.sha256(b"\x00" + content).digest() for content in sorted(contents)[:2])
    node = hashlib.sha256(b"\x01" + first + second).digest()
    shorter = {**made, "index": 0, "size": (made["size"] + 1) // 2, "path": made["path"][1:]}
    for forged in (node, first, first + second):
        assert not verify_inclusion("sha256:" + forged.hex(), shorter, merkle_root(held))
        assert not verify_inclusion("sha256:" + forged.hex(), made, merkle_root(held))


@pytest.mark.parametrize("text", ["", "sha256:", "sha256:" + "0" * 63, "sha256:" + "G" * 64, "0" * 64, None, 7])
def test_what_is_no_digest_is_refused(text: Any) -> None:
    with pytest.raises(ValueError, match="digest"):
        proof.raw(text)
    assert not verify_inclusion(text, inclusion_proof([digest(1)], digest(1)), digest(1))


# A receipt, its files and its answers.


def test_a_receipt_has_the_same_digest_however_it_was_saved() -> None:
    found = manifest()
    pretty = json.dumps(found, indent=2, ensure_ascii=True).encode()
    assert check_receipt(canonical(found)).digest == digest_of(found)
    assert check_receipt(b"\xef\xbb\xbf" + pretty + b"\n").digest == digest_of(found)


@given(st.data())
def test_one_byte_changed_in_a_receipt_changes_its_digest_or_makes_it_unreadable(data: st.DataObject) -> None:
    content = canonical(manifest())
    place = data.draw(st.integers(0, len(content) - 1))
    altered = bytearray(content)
    altered[place] ^= data.draw(st.integers(1, 255))
    try:
        assert check_receipt(bytes(altered)).digest != digest_of(manifest())
    except Unreadable:
        return


@pytest.mark.parametrize(
    "content",
    [
        b"", b"\xff", b"[]", b"null", b"{}", b"[" * 100_000, b'{"format":"submission-manifest/1"}',
        canonical({**manifest(), "answers": 7}), canonical({**manifest(), "answers": [7]}),
        canonical({**manifest(), "answers": [{"segment": "", "question": "V1"}]}),
        canonical({**manifest(), "requirements": {"segment": ""}}), canonical({**manifest(), "receipt": 1}),
        canonical({**manifest(), "answers": [{**manifest()["answers"][0], "file_size": [1]}]}),
        canonical(manifest()).replace(b'"format":', b'"format":"submission-manifest/2","format":'),
        canonical(manifest()).replace(b'"number":', b'"more":1.5,"number":'),
        canonical(manifest()).replace(b'"number":', b'"more":NaN,"number":'),
        canonical(manifest()).replace(b'"number":"', b'"number":"\\ud800'),
    ],
)  # fmt: skip
def test_what_is_no_receipt_or_can_be_read_in_two_ways_is_refused(content: bytes) -> None:
    with pytest.raises(Unreadable):
        check_receipt(content)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What a bidder keeps: the files as they were sent in, and the answers with their salts."""
    made = tmp_path / "mijn inzending"
    (made / "bijlagen").mkdir(parents=True)
    for name, content in FILES.items():
        (made / "bijlagen" / name).write_bytes(content)
    (made / "answers.json").write_text(json.dumps(own_package(), indent=1))
    return made


def statuses(folder: Path) -> dict[str, str]:
    return {line.code or Path(line.name).name: line.status for line in check_folder(manifest(), folder)}


def test_a_folder_as_it_was_sent_in_is_right_in_every_line(folder: Path) -> None:
    assert statuses(folder) == dict.fromkeys(["V4", "V5", "V1", "V2", "W3", "E1", "E2"], OK)


def test_files_are_known_by_their_content_not_by_their_name(folder: Path) -> None:
    (folder / "bijlagen" / "plan.pdf").rename(folder / "versie 3 (def).pdf")
    assert statuses(folder)["V4"] == OK


@given(data=st.data())
def test_one_byte_changed_in_a_file_is_found(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    kept = tmp_path_factory.mktemp("map")
    victim = data.draw(st.sampled_from(sorted(FILES)))
    for name, content in FILES.items():
        altered = bytearray(content)
        if name == victim:
            altered[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
        (kept / name).write_bytes(altered)
    lines = [line for line in check_folder(manifest(), kept) if line.kind == "file"]
    assert sorted(line.status for line in lines) == [DIFFERENT, OK]
    assert next(Path(line.name).name for line in lines if line.wrong) == victim


def test_a_file_that_was_made_longer_is_known_by_its_name_in_the_package(folder: Path) -> None:
    """Also where the package that one downloads has put a number before the name."""
    with (folder / "bijlagen" / "plan.pdf").open("ab") as stream:
        stream.write(b"x")
    assert statuses(folder)["V4"] == DIFFERENT
    (folder / "bijlagen" / "plan.pdf").rename(folder / "1-plan.pdf")
    assert statuses(folder)["V4"] == DIFFERENT


def test_a_file_that_is_gone_is_missing_and_one_too_many_is_no_fault(folder: Path) -> None:
    (folder / "bijlagen" / "plan.pdf").unlink()
    (folder / "brief.txt").write_text("Beste mensen")
    assert statuses(folder) == {
        **dict.fromkeys(["V5", "V1", "V2", "W3", "E1", "E2"], OK),
        "V4": MISSING,
        "brief.txt": EXTRA,
    }
    wrong = [line.code for line in check_folder(manifest(), folder) if line.wrong]
    assert wrong == ["V4"]


def test_what_the_portal_adds_to_a_package_is_not_called_a_stranger(folder: Path) -> None:
    before = statuses(folder)
    (folder / "LEESMIJ.txt").write_text("Dit is uw eigen pakket.")
    (folder / f"{manifest()['receipt']}.json").write_bytes(canonical(manifest()))
    assert statuses(folder) == before


@given(data=st.data())
def test_another_answer_or_salt_does_not_fit_the_commitment(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    package = own_package()
    kind = data.draw(st.sampled_from(["answers", "requirements"]))
    line = data.draw(st.sampled_from([found for found in package[kind] if "salt" in found]))
    name = data.draw(st.sampled_from(["salt", "value" if kind == "answers" else "explanation"]))
    line[name] = data.draw(st.text(max_size=20).filter(lambda text: text != line[name] and text.isprintable()))
    kept = tmp_path_factory.mktemp("map")
    (kept / "answers.json").write_bytes(canonical(package))
    wrong = [found for found in check_folder(manifest(), kept) if found.kind != "file" and found.wrong]
    assert [(found.status, found.code) for found in wrong] == [
        (DIFFERENT, line.get("question") or line.get("requirement"))
    ]


def test_a_statement_turned_round_is_found(folder: Path) -> None:
    package = own_package()
    package["requirements"][0]["meets"] = False
    (folder / "answers.json").write_bytes(canonical(package))
    assert statuses(folder)["E1"] == DIFFERENT


def test_an_answer_left_out_or_put_in_is_found(folder: Path) -> None:
    package = own_package()
    package["answers"] = [line for line in package["answers"] if line["question"] != "W3"]
    package["answers"].append({"segment": "", "question": "V9", "kind": "text", "salt": "aa", "value": "extra"})
    (folder / "answers.json").write_bytes(canonical(package))
    found = statuses(folder)
    assert (found["W3"], found["V9"]) == (MISSING, EXTRA)
    assert {line.code for line in check_folder(manifest(), folder) if line.wrong} == {"W3", "V9"}


def test_without_the_package_answers_are_not_checked_and_not_called_right(folder: Path) -> None:
    (folder / "answers.json").unlink()
    found = statuses(folder)
    assert {found[code] for code in ("V1", "V2", "W3", "E1", "E2")} == {UNCHECKED}
    assert {found["V4"], found["V5"]} == {OK}


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", canonical({**own_package(), "answers": [{"segment": "", "question": "V1"}]}),
     canonical({**own_package(), "answers": [{"segment": "", "question": "V1", "file": "plan.pdf"}]})],
)  # fmt: skip
def test_a_broken_package_is_said_to_be_broken(folder: Path, content: bytes) -> None:
    (folder / "answers.json").write_bytes(content)
    with pytest.raises(Unreadable):
        check_folder(manifest(), folder)


# The file alone, without the portal: isolated, and without any installed package.


@pytest.fixture
def alone(folder: Path) -> Path:
    """The tool and the receipt beside a bidder's own folder."""
    place = folder.parent
    shutil.copy(str(proof.__file__), place / "proof.py")
    (place / "receipt.json").write_bytes(canonical(manifest()))
    return place


def tool(place: Path, *arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-I", "-S", "proof.py", *arguments], cwd=place, capture_output=True, text=True, check=False
    )
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout + done.stderr


def test_the_tool_alone_finds_a_right_folder_right(alone: Path) -> None:
    code, said = tool(alone, "receipt.json", "mijn inzending", "--digest", digest_of(manifest()))
    assert code == 0, said
    assert "Alles wat is nagekeken klopt." in said
    assert "Organisatie: Zorg én Zo" in said


def test_the_tool_alone_finds_one_changed_byte(alone: Path) -> None:
    altered = bytearray(FILES["plan.pdf"])
    altered[-1] ^= 1
    (alone / "mijn inzending" / "bijlagen" / "plan.pdf").write_bytes(altered)
    code, said = tool(alone, "receipt.json", "mijn inzending")
    assert code == 1
    assert "ANDERS: bestand V4 (ambulant)" in said
    assert "Er klopt iets niet." in said


def test_the_tool_alone_checks_the_published_root(alone: Path) -> None:
    mine = digest_of(manifest())
    held = [mine, *map(digest, range(5))]
    (alone / "bewijs.json").write_text(json.dumps(inclusion_proof(held, mine)))
    assert tool(alone, "receipt.json", "--root", merkle_root(held), "--proof", "bewijs.json")[0] == 0
    code, said = tool(alone, "receipt.json", "--root", merkle_root(held[1:]), "--proof", "bewijs.json")
    assert code == 1
    assert "FOUT: zit niet in het gezamenlijke controlegetal" in said


def test_the_tool_alone_finds_an_altered_receipt(alone: Path) -> None:
    (alone / "receipt.json").write_bytes(canonical({**manifest(), "received_at": "2026-01-01T00:00:00+00:00"}))
    code, said = tool(alone, "receipt.json", "--digest", digest_of(manifest()))
    assert code == 1
    assert "ANDERS: dit is niet het controlegetal dat u gaf" in said


@pytest.mark.parametrize(
    "arguments",
    [[], ["weg.json"], ["proof.py"], ["receipt.json", "weg"], ["receipt.json", "--root", "x"], ["--wat"],
     ["receipt.json", "--root", "x", "--proof", "receipt.json"]],
)  # fmt: skip
def test_what_cannot_be_checked_is_said_so_in_plain_words(alone: Path, arguments: list[str]) -> None:
    code, said = tool(alone, *arguments)
    assert code == 2
    assert said.strip()
    assert "klopt" not in said


def test_a_receipt_prints_nothing_that_moves_the_cursor(alone: Path) -> None:
    (alone / "receipt.json").write_bytes(canonical({**manifest(), "organisation": "Zorg\x1b[2J\nAlles klopt"}))
    _code, said = tool(alone, "receipt.json")
    assert "\x1b" not in said
    assert "Organisatie: Zorg?[2J?Alles klopt" in said
