"""The last minutes before a deadline, through the whole portal: how many submissions a second, and how long each takes.

The floor is what the machine itself can do in the same run, with as many at once: write the same bytes, wait for the
disk, commit one row.
"""

from __future__ import annotations

import os
import secrets
import statistics
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
from django.conf import settings

from contracts.bench.registry import Row, Sizes, benchmark
from contracts.bench.rush_deadline import KILLED, Crowd, deadline_rush, keep
from contracts.bench.rush_stack import Stack, finish, stack

FOLDER = settings.VAR_DIR / "bench"
MEGABYTE = 1024 * 1024
PATIENCE = 60


@dataclass(frozen=True, slots=True)
class Rush:
    """What came of one."""

    rate: float
    whole: list[float]
    requests: dict[str, list[float]]
    cpu: dict[str, float]


@dataclass(frozen=True, slots=True)
class Floor:
    """How often a second, and how long one takes."""

    rate: float
    each: list[float]


@benchmark("rush")
def rush(sizes: Sizes) -> Iterator[Row]:
    """32 providers at once each send a PDF of 1 MB, save the answers of a section, and submit.

    Then the same with the pages that a browser loads in between, and the same again with ten times as many
    submissions in the round: that must make no difference. With `full` it is the whole tender, with its deadline.
    """
    if sizes.full:
        yield from _whole_tender(sizes)
        return
    with stack(FOLDER) as portal:
        portal.django("rush_scene", {"do": "prepare"})
        portal.start()
        made = {"do": "make", "files": 1, "size": MEGABYTE, "home": str(portal.home), "providers": sizes.rush}
        run(portal, portal.django("rush_scene", {**made, "name": "warm", "providers": sizes.rush_clients}), sizes)
        floor = floor_of(portal, sizes)
        lean = run(portal, portal.django("rush_scene", {**made, "name": "lean"}), sizes)
        yield from _rows("upload, save, submit", lean, floor)
        pages = run(portal, portal.django("rush_scene", {**made, "name": "pages"}), sizes, pages=True)
        yield from _rows("with all pages", pages, floor)
        scene = portal.django("rush_scene", {**made, "name": "later"})
        portal.django("rush_scene", {"do": "fill", "round": scene["round"], "count": sizes.rush_before})
        later = run(portal, scene, sizes)
        name = f"submissions, {sizes.rush_before} in the round before"
        yield Row(name, later.rate, "/s", lean.rate, "the same in an empty round")


def _rows(name: str, found: Rush, floor: Floor) -> Iterator[Row]:
    is_floor = "write 1 MB + fsync + commit, as many at once"
    yield Row(f"submissions ({name})", found.rate, "/s", floor.rate, is_floor)
    yield Row("  one of them, median", statistics.median(found.whole), "s", statistics.median(floor.each), is_floor)
    yield Row("  one of them, p95", p95(found.whole), "s", p95(floor.each), is_floor)
    for request, seconds in found.requests.items():
        yield Row(f"  {request}, p95", p95(seconds), "s", p95(floor.each), is_floor)
    total = sum(found.cpu.values()) / len(found.whole)
    parts = ", ".join(f"{part} {seconds / len(found.whole) * 1000:.0f}" for part, seconds in found.cpu.items())
    yield Row("  processor time of one", total, "s", total, f"itself; in ms: {parts}")


def _whole_tender(sizes: Sizes) -> Iterator[Row]:
    """A deadline that passes during the rush; then again, while parts of the portal are killed."""
    crowd = Crowd(sizes.full_providers, sizes.full_files, 2 * MEGABYTE, sizes.full_clients)
    for name, kill in (("deadline", ()), ("deadline, parts killed", KILLED)):
        with stack(FOLDER) as portal:
            portal.django("rush_scene", {"do": "prepare"})
            portal.start()
            floor = floor_of(portal, sizes)
            outcome = deadline_rush(portal, crowd, kill=kill)
        keep(outcome, FOLDER, f"rush-{'killed' if kill else 'deadline'}")
        if outcome.problems:
            raise RuntimeError("\n".join(outcome.problems))
        found = outcome.found
        megabytes = outcome.sent_bytes / MEGABYTE / outcome.seconds
        yield Row(f"{name}: {found['accepted']} in time, {found['refused_as_late']} late", megabytes, "MB/s",
                  floor.rate, "write 1 MB + fsync + commit, as many at once")  # fmt: skip
        yield Row("  a submission of theirs, p95", p95(outcome.whole), "s", outcome.seconds, "the whole rush")


def run(portal: Stack, scene: dict[str, Any], sizes: Sizes, *, pages: bool = False) -> Rush:
    """One rush, from the first client's begin to the last one's end."""
    before = portal.cpu()
    plan = {**scene, "clients": sizes.rush_clients, "pages": pages, "keep": False, "patience": PATIENCE, "give_up": 0}
    told = finish(portal.rush(plan))
    after = portal.cpu()
    requests: dict[str, list[float]] = defaultdict(list)
    for one in told["providers"]:
        for name, seconds in one["took"]:
            requests[name].append(seconds)
    failed = [one for one in told["providers"] if not one["receipt"]]
    if failed:
        raise RuntimeError(f"{len(failed)} were not accepted, the first: {failed[0]}")
    return Rush(
        rate=len(told["providers"]) / told["seconds"],
        whole=[one["seconds"] for one in told["providers"]],
        requests=requests,
        cpu={name: after[name] - before.get(name, 0) for name in after} | {"clients": told["cpu"]},
    )


def p95(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=20)[-1] if len(seconds) > 1 else seconds[0]


def floor_of(portal: Stack, sizes: Sizes) -> Floor:
    """The machine itself: write 1 MB, wait for the disk, commit a row; with as many at once."""
    content = os.urandom(MEGABYTE)
    count = max(sizes.rush // sizes.rush_clients, 1)
    each: list[float] = []
    address = portal.environment["DATABASE_URL"]
    with psycopg.connect(address, autocommit=True) as link:
        link.execute("CREATE TABLE IF NOT EXISTS bench_floor (name text)")

    def work() -> None:
        with psycopg.connect(address, autocommit=True) as link:
            for _ in range(count):
                began = time.perf_counter()
                path = portal.home / f"floor-{secrets.token_hex(8)}"
                handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
                os.write(handle, content)
                os.fsync(handle)
                os.close(handle)
                link.execute("INSERT INTO bench_floor VALUES (%s)", [path.name])
                each.append(time.perf_counter() - began)
                path.unlink()

    threads = [threading.Thread(target=work) for _ in range(sizes.rush_clients)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Floor(rate=len(each) / (time.perf_counter() - began), each=each)
