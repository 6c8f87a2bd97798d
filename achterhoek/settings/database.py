"""The one database: kept connections, and statements that PostgreSQL plans once for each of them."""

from __future__ import annotations

from typing import Any

from environ import Env

# A statement that a connection has sent so often is prepared: planning costs PostgreSQL more than most of our reads.
PREPARE_AFTER = 2


def database(env: Env, **given: Any) -> dict[str, Any]:
    """The database that `DATABASE_URL` names (`default=...` where nothing is named).

    Values go to the server beside the statement, not in it, so that the statement is the same the next time.
    A pooler that gives every transaction another connection cannot keep prepared statements: then
    `PREPARED_STATEMENTS=off`.
    """
    found: dict[str, Any] = env.db_url("DATABASE_URL", **given)
    prepared = env.bool("PREPARED_STATEMENTS", default=True)
    return {
        **found,
        "CONN_MAX_AGE": env.int("CONN_MAX_AGE", default=60),
        "OPTIONS": {
            **found.get("OPTIONS", {}),
            "server_side_binding": True,
            "prepare_threshold": PREPARE_AFTER if prepared else None,
        },
    }
