"""The rush of a whole tender: its deadline passes during it, and parts of the portal are killed meanwhile."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from contracts.bench.rush_stack import Stack, finish

# By how much the deadline comes before the last one would be done, so that some are late.
SHARE_IN_TIME = 0.85
KILLED = ("web", "postgres", "worker", "web")
# A part that was killed is back within this; meanwhile nothing moves.
BACK_SECONDS = 4.0


@dataclass(frozen=True, slots=True)
class Crowd:
    """Who submits: so many providers, their files, and how many are at it at once.

    The latecomers begin when the deadline has passed. With `spread` the others begin one after another until then.
    """

    providers: int
    files: int
    size: int
    clients: int
    latecomers: int = 2
    spread: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it; `problems` must be empty."""

    crowd: dict[str, Any]
    killed: list[str]
    seconds: float
    sent_bytes: int
    whole: list[float]
    found: dict[str, Any]

    @property
    def problems(self) -> list[str]:
        return list(self.found["problems"])


def deadline_rush(portal: Stack, crowd: Crowd, *, kill: Sequence[str] = (), seconds: float = 0) -> Outcome:
    """Let this crowd submit, kill what is to be killed, wait for the deadline, and check everything.

    The deadline is `seconds` after the first one begins; unless given, as a rehearsal says.
    """
    made = {"do": "make", "files": crowd.files, "size": crowd.size, "home": str(portal.home)}
    seconds = seconds or _rehearse(portal, crowd, made) + BACK_SECONDS * len(kill)
    scene = portal.django("rush_scene", {**made, "name": "deadline", "providers": crowd.providers})
    ends = portal.django("rush_scene", {"do": "deadline", "round": scene["round"], "seconds": seconds})
    others = crowd.providers - crowd.latecomers
    for number, one in enumerate(scene["providers"]):
        late = number >= others
        one["not_before"] = ends if late else time.time() + SHARE_IN_TIME * seconds * number / others * crowd.spread
    plan = {**scene, "clients": crowd.clients, "pages": False, "keep": True, "patience": 30, "give_up": ends + 120}
    began = time.monotonic()
    clients = portal.rush(plan)
    for number, what in enumerate(kill, start=1):
        time.sleep(max(began + seconds * number / (len(kill) + 1) - time.monotonic(), 0))
        portal.kill(what)
    told = finish(clients)
    path = portal.home / "told.json"
    path.write_text(json.dumps(told))
    time.sleep(max(ends - time.time(), 0) + 0.2)
    found = portal.django("rush_check", {"round": scene["round"], "told": str(path), "late": scene["late"]})
    return Outcome(
        crowd=asdict(crowd),
        killed=list(portal.killed),
        seconds=told["seconds"],
        sent_bytes=sum(len(one["files"]) for one in told["providers"]) * crowd.size,
        whole=[one["seconds"] for one in told["providers"] if one["receipt"]],
        found=found,
    )


def _rehearse(portal: Stack, crowd: Crowd, made: dict[str, Any]) -> float:
    """How long until the deadline, for most of them to be in time and some to be late."""
    count = min(crowd.clients, crowd.providers)
    scene = portal.django("rush_scene", {**made, "name": "rehearsal", "providers": count})
    plan = {**scene, "clients": count, "pages": False, "keep": False, "patience": 60, "give_up": time.time() + 600}
    told = finish(portal.rush(plan))
    return float(told["seconds"] / count * crowd.providers * SHARE_IN_TIME)


def keep(outcome: Outcome, folder: Path, name: str) -> Path:
    """Write down what came of it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.json"
    path.write_text(json.dumps(asdict(outcome), indent=2) + "\n", encoding="utf-8")
    return path
