"""The basis of a consensus score: the individual scores that were on the table when the committee set it.

Where these change afterwards (a member was replaced, an interest came to light), the consensus rests on something that
is no longer there: it is stale, and is set again before the scores can be fixed.
"""

import hashlib
from collections.abc import Iterable
from decimal import Decimal

from procurement.domain.score_scale import plain_text

# Who gave which score, and why.
BasisRow = tuple[int, Decimal, str]


def basis_digest(rows: Iterable[BasisRow]) -> str:
    """`sha256:` and the digest of these scores; their order does not matter, nor trailing zeros.

    A score is a line `<who>:<value>:<sha256 of the reason>`; the lines stand in the order of who gave them.
    """
    return digest_of_lines(
        "\n".join(
            f"{who}:{plain_text(value)}:{hashlib.sha256(reason.encode()).hexdigest()}"
            for who, value, reason in sorted(rows)
        )
    )


def digest_of_lines(lines: str) -> str:
    """The digest of lines that were already made: by the database, which is quicker for thousands of scores."""
    return f"sha256:{hashlib.sha256(lines.encode()).hexdigest()}"
