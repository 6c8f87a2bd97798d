"""A receipt made by hand, as the portal writes one, with the files and the package that belong to it."""

from __future__ import annotations

import hashlib
from typing import Any

from procurement.domain.proof import canonical, commitment

# In the order of the questions V4 and V5; of different lengths.
FILES = {"plan.pdf": b"%PDF-1.7 ons plan voor afschaling", "visie.pdf": b"%PDF-1.7 onze visie"}
VALUES = (("", "V1", "number", "12.5"), ("", "V2", "boolean", "true"), ("ambulant", "W3", "price", "1240000"))
STATEMENTS = (("", "E1", True, ""), ("ambulant", "E2", False, "Wij wachten nog op de registratie."))


def _salt(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()[:32]


def own_package() -> dict[str, Any]:
    """What a bidder keeps itself (`answers.json`): values, salts, and the names of files."""
    return {
        "format": "submission-export/1",
        "answers": [
            *(
                {"segment": "ambulant", "question": code, "kind": "file", "file": _file(name)}
                for code, name in zip(("V4", "V5"), FILES, strict=True)
            ),
            *(
                {"segment": segment, "question": code, "kind": kind, "salt": _salt(code), "value": value}
                for segment, code, kind, value in VALUES
            ),
        ],
        "requirements": [
            {"segment": segment, "requirement": code, "salt": _salt(code), "meets": meets, "explanation": explanation}
            for segment, code, meets, explanation in STATEMENTS
        ],
    }


def _file(name: str) -> dict[str, Any]:
    return {"name": name, "sha256": hashlib.sha256(FILES[name]).hexdigest(), "size": len(FILES[name])}


def manifest(**other: Any) -> dict[str, Any]:
    """The manifest of that package."""
    package = own_package()
    answers = []
    for line in package["answers"]:
        head = {key: line[key] for key in ("segment", "question", "kind")}
        if "file" in line:
            answers.append({**head, "sha256": line["file"]["sha256"], "file_size": line["file"]["size"], "pages": 2})
        else:
            answers.append({**head, "sha256": commitment(line["salt"], line["value"])})
    return {
        "format": "submission-manifest/2",
        "kind": "submission",
        "nonce": "0123456789abcdef0123456789abcdef",
        "number": "V-ABCD-EFGH",
        "receipt": "V-ABCD-EFGH-1",
        "tender": "inkoop-jeugdhulp",
        "stage": "selection",
        "deadline": "2026-03-01T11:00:00.000000+00:00",
        "received_at": "2026-02-28T10:11:12.131415+00:00",
        "organisation": "Zorg én Zo",
        "kvk_number": "12345678",
        "submitted_by": "Sanne Zorg",
        "segments": ["ambulant"],
        "answers": answers,
        "requirements": [
            {
                "segment": line["segment"],
                "requirement": line["requirement"],
                "sha256": commitment(
                    line["salt"],
                    canonical({"explanation": line["explanation"], "meets": line["meets"]}).decode(),
                ),
            }
            for line in package["requirements"]
        ],
        **other,
    }
