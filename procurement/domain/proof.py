"""Proof of what was submitted: manifests, digests, and the tree over all receipts of a round.

Only the standard library, and nothing of the portal: whoever doubts it can read this file and run it alone.

A manifest is canonical JSON (keys sorted, no spaces, UTF-8); its sha256 is the digest on the receipt. Files stand in
it with their sha256. Other answers stand in it with a commitment: the sha256 of a random salt and the answer, so that
nobody can find a price by trying; the salts are in the bidder's own package.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

PREFIX = "sha256:"


def canonical(content: Any) -> bytes:
    """The one spelling that a digest is over."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest_of(manifest: Any) -> str:
    """The digest that a receipt shows: sha256 of the canonical manifest."""
    return PREFIX + hashlib.sha256(canonical(manifest)).hexdigest()


def commitment(salt: str, value: str) -> str:
    """What a manifest says of an answer that is not a file: sha256 of `salt:value`, in hexadecimal.

    The answer is as text: a number in plain digits, `true` or `false`, and for a minimum requirement the canonical
    JSON of `{"explanation": ..., "meets": ...}`.
    """
    return hashlib.sha256(f"{salt}:{value}".encode()).hexdigest()
