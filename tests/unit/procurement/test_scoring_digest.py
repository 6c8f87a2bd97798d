"""The digest binds a result to its dossier; a replay shows that the result still follows."""

import hashlib
import json

import pytest

from procurement.domain.scoring import NotJsonError, digest, dossier_text, rank, rank_json, replay
from tests.unit.procurement.dossiers import bid, dossier, graded


def sha(text: str) -> str:
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def test_canonical_form() -> None:
    """Keys by code point (not by UTF-16 unit), no white space, UTF-8 unescaped, numbers as given."""
    given = '\ufeff{ "\\u00e9": "\\u0041\\/\\n\\u007f", '
    given += '"b": [1.10, 1E5, -0, 1e-7, true, null], "\U0001f600": {}, "\uffee": 0 }'
    assert digest(given) == sha('{"b":[1.10,1E5,-0,1e-7,true,null],"é":"A/\\n\x7f","\uffee":0,"\U0001f600":{}}')
    assert digest('{"n": 123456789012345678901234567890, "a": {"z": 1, "B": 2}}') == sha(
        '{"a":{"B":2,"z":1},"n":123456789012345678901234567890}'
    )


def test_digest_depends_on_unknown_keys_and_not_on_the_order_of_keys() -> None:
    source = dossier([graded("Q")], [bid("zorg-ë \U0001f600", {"Q": "8"})])
    turned = json.dumps(dict(reversed(source.items())), indent=3)
    assert rank_json(turned).text == rank(source).to_json() == rank_json(turned.encode()).text
    assert rank(source).digest == digest(source) == sha(dossier_text(source))
    assert rank(source | {"note": 1}).digest != rank(source).digest
    assert rank(source | {"note": 1}).ranking == rank(source).ranking


def test_ids_are_shown_as_they_are() -> None:
    name = 'zorg "ë" \u2028\U0001f600\x00'
    text = rank(dossier([graded(name)], [bid(name, {name: "8"})])).to_json()
    assert json.loads(text)["ranking"][0]["bid"] == name
    assert "ë" in text
    assert "\n" not in text


def test_digest_of_what_is_not_json() -> None:
    with pytest.raises(NotJsonError):
        digest("{")


def test_replay_finds_what_was_changed() -> None:
    source = dossier([graded("Q")], [bid("A", {"Q": "8"}), bid("B", {"Q": "7"})])
    text, stored = dossier_text(source), rank(source).to_json()
    assert replay(text, stored)
    assert replay(text.encode(), stored.encode() + b"\n").differences == ()
    forged = stored.replace('"rank":2,"outcome":"reserve"', '"rank":1,"outcome":"selected"')
    assert replay(text, forged).differences == (
        "B, rank: 1 was stored, 2 follows",
        "B, outcome: 'selected' was stored, 'reserve' follows",
    )
    tampered = replay(text.replace('"7"', '"9"'), stored)
    assert not tampered
    assert tampered.differences[0].startswith("digest: ")
    assert replay(text, stored.replace(":", ": ", 1)).differences == ("only the writing differs",)
    assert replay(text, "{").differences == ("the stored result is not JSON",)
    assert replay(text, "[]").differences == ("the stored result is not an object",)
    without_b = json.dumps(json.loads(stored) | {"ranking": json.loads(stored)["ranking"][:1]})
    assert replay(text, without_b).differences == ("B: only in the new result",)


def test_a_refusal_replays_too() -> None:
    assert replay("{}", rank_json("{}").text)
