"""A batch of letters while everything under it dies: worker, queue, database and mail server, at random moments.

The parts are the real ones, as `./run demo` starts them, with a mail server of our own beside them
(`mail_server.py`). Which part dies when follows from a seed.
"""

from __future__ import annotations

import contextlib
import json
import random
import socket
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil
import psycopg

from achterhoek.embedded.supervise import Child
from contracts.bench.mail_server import accepted
from contracts.bench.rush_stack import HOST, Stack

SERVER = Path(__file__).with_name("mail_server.py")
BEFORE_ANSWERING = "mail, before it answered"
VICTIMS = ("worker", "process", "valkey", "postgres", "mail", BEFORE_ANSWERING)
ASK_EVERY = 0.1
HOW_FAR = """
    SELECT count(*) FILTER (WHERE letter.status <> 'queued'), count(*) FILTER (WHERE message.status = 'sent')
    FROM procurement_letter letter LEFT JOIN mail_outboxmessage message ON message.id = letter.message_id
    WHERE letter.batch_id = %s
"""
# With so many kills waited for, a batch that is not sent by then is stuck.
PATIENCE = 240.0
# What takes minutes in the portal takes seconds here.
HASTE = {"MAIL_CLAIM_SECONDS": "8", "MAIL_PAUSE_SECONDS": "1", "EMAIL_TIMEOUT": "3", "BENCH_BEAT_SECONDS": "2"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one batch; `problems` must be empty. `doubled`: mails that came twice, under the same Message-ID."""

    seed: int
    letters: int
    killed: list[str]
    seconds: float
    doubled: int
    problems: list[str]


def prepare(portal: Stack) -> None:
    """Worker, clock and mail server, and no web."""
    with socket.socket() as trial:
        trial.bind((HOST, 0))
        port = trial.getsockname()[1]
    mail = Child("mail", [sys.executable, "-I", str(SERVER), str(port), str(_log(portal))])
    mail.logs, mail.environment = portal.home, portal.environment
    portal.environment |= {**HASTE, "EMAIL_URL": f"smtp://{HOST}:{port}"}
    portal.children.append(mail)
    for child in portal.children:
        child.nice = 0  # nobody else is to go first here
    portal.django("letters_scene", {"do": "prepare"})
    portal.start_without_web()


def batch_killed(portal: Stack, *, letters: int, kills: int, seed: int) -> Outcome:
    """Have a batch made and sent while so many parts are killed, and check everything once it is quiet."""
    chance = random.Random(seed)  # noqa: S311 - repeatable, nothing secret
    began = time.monotonic()
    arrived, killed = len(accepted(_log(portal))), len(portal.killed)
    batch = portal.django("letters_scene", {"do": "make", "name": f"ronde-{seed}", "letters": letters})["batch"]
    for counted, count in _moments(letters, kills, chance):
        _wait(portal, batch, counted, count)
        time.sleep(chance.random() / 5)
        _kill(portal, chance.choice(VICTIMS))
    _wait(portal, batch, "mailed", letters)
    time.sleep(2 * int(HASTE["BENCH_BEAT_SECONDS"]))  # nothing more comes
    told = portal.django("letters_scene", {"do": "check", "batch": batch, "accepted": accepted(_log(portal))[arrived:]})
    return Outcome(
        seed=seed, letters=letters, killed=portal.killed[killed:], seconds=time.monotonic() - began,
        doubled=told["doubled"], problems=told["problems"],
    )  # fmt: skip


def keep(outcomes: list[Outcome], folder: Path) -> Path:
    """Write down what came of them."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "letters-killed.json"
    path.write_text(json.dumps([asdict(one) for one in outcomes], indent=2) + "\n", encoding="utf-8")
    return path


def _moments(letters: int, kills: int, chance: random.Random) -> list[tuple[str, int]]:
    """When something dies: when so many are made, or mailed. Three of four while they are made, which takes longest."""
    mailed = kills // 4
    made = sorted(chance.sample(range(letters), kills - mailed))
    return [("made", n) for n in made] + [("mailed", n) for n in sorted(chance.sample(range(letters), mailed))]


def _log(portal: Stack) -> Path:
    return portal.home / "accepted.jsonl"


def _kill(portal: Stack, what: str) -> None:
    if what == BEFORE_ANSWERING:
        _log(portal).with_name("accepted.jsonl.die").touch()
        portal.killed.append(what)
        return
    # One that is just being started again after the last time has nothing to kill.
    with contextlib.suppress(psutil.Error, RuntimeError, OSError, ValueError):
        portal.kill(what)


def _wait(portal: Stack, batch: int, counted: str, count: int) -> None:
    """Until so many are made, or mailed."""
    end = time.monotonic() + PATIENCE
    while True:
        found = _state(portal, batch)
        if found is not None and found[counted] >= count:
            return
        if time.monotonic() > end:
            raise RuntimeError(f"batch {batch} is stuck: {found}")
        time.sleep(ASK_EVERY)


def _state(portal: Stack, batch: int) -> dict[str, int] | None:
    """How many letters are made and mailed; None where the database does not answer."""
    try:
        with psycopg.connect(portal.environment["DATABASE_URL"], connect_timeout=2) as connection:
            row = connection.execute(HOW_FAR, [batch]).fetchone()
    except psycopg.Error:
        return None
    return None if row is None else {"made": row[0], "mailed": row[1]}
