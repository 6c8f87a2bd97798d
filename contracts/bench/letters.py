"""Letters a second, as the workers make and send them, beside bare WeasyPrint on the same HTML; what made one cheap.

Counted in processor time, so that what else the machine does is not measured; beside it the same by the clock, which
tells something on a machine that does nothing else.
"""

from __future__ import annotations

import base64
import gc
import io
import multiprocessing
import os
import statistics
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from django.conf import settings

from contracts.bench.registry import Row, Sizes, benchmark
from contracts.bench.scratch import address, scratch_portal

FOLDER = settings.VAR_DIR / "bench"
SEEDS = (2022, 2023)
AT_A_TIME = 8
BARE = "bare WeasyPrint, same HTML"


@benchmark("letters")
def letters(sizes: Sizes) -> Iterator[Row]:
    """The letters of an award (rejections, three winners) by the very task that the portal's workers run, in one and in
    two processes, until they are sent; and a letter of two pages with a table of twelve rows and a picture, before and
    after what we did, and in one and in two processes.

    With `full`, batches of 200 letters while worker, queue, database and mail server are killed twenty times.
    """
    if sizes.full:
        yield from _killed(sizes)
        return
    with scratch_portal(), workers(sizes.processes) as pool:
        _round(pool, sizes.runs, replace(sizes, letters=2))  # templates and connections
        rounds = [_round(pool, number, sizes) for number in range(sizes.runs)]
        plain = [_round_of_two_pages(pool, sizes) for _ in range(sizes.runs)]
    one, bare, clock_one, clock_all, together = (statistics.median(column) for column in zip(*rounds, strict=True))
    yield Row("letters, 1 worker", one, "letters/s", bare, f"{BARE} (processor time)")
    yield Row(
        f"letters, {sizes.processes} workers", together, "letters/s", one * sizes.processes,
        f"1 worker x {sizes.processes} (processor time)",
    )  # fmt: skip
    yield Row(
        f"letters, {sizes.processes} workers, by the clock", clock_all, "letters/s", clock_one * sizes.processes,
        f"1 worker x {sizes.processes} (by the clock)",
    )  # fmt: skip
    yield from _two_pages(plain, sizes)
    yield from _cheap(sizes)


# The worker's path ---------------------------------------------------------------------------------------


@contextmanager
def workers(count: int) -> Iterator[ProcessPoolExecutor]:
    """So many processes on the database of this measurement, as a Celery worker has them. One that cannot begin ends
    the measurement (BrokenProcessPool).
    """
    fresh = multiprocessing.get_context("spawn")
    before = dict(os.environ)
    os.environ["DATABASE_URL"] = address()
    try:
        with ProcessPoolExecutor(count, fresh, _prepare, (fresh.Barrier(count),)) as pool:
            yield pool
    finally:
        os.environ.clear()
        os.environ.update(before)


def _round(pool: ProcessPoolExecutor, number: int, sizes: Sizes) -> tuple[float, float, float, float, float]:
    """Letters a second of one worker and of bare WeasyPrint, of one and of all by the clock, and of all workers."""
    count = sizes.letters * sizes.processes
    alone, shared = _batch(f"alleen-{number}", sizes.letters), _batch(f"samen-{number}", count)
    cpu, clock, bare = pool.submit(_work, alone, 1).result()
    both = _together(pool, _work, shared, sizes.processes)
    rate = count / sum(each[0] for each in both) * sizes.processes
    return (
        sizes.letters / cpu,
        sizes.letters / bare,
        sizes.letters / clock,
        count / max(each[1] for each in both),
        rate,
    )


def _together(
    pool: ProcessPoolExecutor, work: Callable[[int, int], tuple[float, float, float]], what: int, processes: int
) -> list[tuple[float, float, float]]:
    """What each process says that did this work at the same time as the others."""
    begun = [pool.submit(work, what, processes) for _ in range(processes)]
    return [each.result() for each in begun]


def _batch(name: str, count: int) -> int:
    """A batch whose letters are asked for."""
    from contracts.bench.letters_scene import signed_award
    from procurement.models import LetterBatch
    from procurement.services.decisions import request_sending

    decision, lead = signed_award(name, count)
    request_sending(decision=decision, by=lead)
    return LetterBatch.objects.get(decision=decision).pk


_barrier: Any = None


def _prepare(barrier: Any) -> None:
    """A worker's process: Django, the press warm, and a queue that nobody reads."""
    import django

    global _barrier
    _barrier = barrier
    django.setup()
    from celery import current_app

    current_app.conf.update(broker_url="memory://", broker_transport_options={})
    from procurement.services.letter_pdf import html_to_pdf

    html_to_pdf(two_pages(0))


def _work(batch_id: int, together: int) -> tuple[float, float, float]:
    """Run the task until nothing is left to do: by the processor, by the clock; and bare WeasyPrint on as many. Who
    made the last letter sends them all.
    """
    from achterhoek.jobs.models import Job
    from procurement.models import Letter
    from procurement.tasks.letters import send_letters

    job, user_id = Job.objects.values_list("pk", "created_by").get(key=f"letters:{batch_id}")
    if together > 1:
        _barrier.wait(60)
    cpu, clock = time.process_time(), time.perf_counter()
    while send_letters(batch_id, user_id, str(job)) == "waiting" and _letters_left(batch_id):
        pass
    cpu, clock = time.process_time() - cpu, time.perf_counter() - clock
    if together > 1:
        return cpu, clock, 0.0
    entries = Letter.objects.filter(batch=batch_id).order_by("entry_id").values_list("entry_id", flat=True)
    return cpu, clock, _bare_on(batch_id, list(entries))


def _letters_left(batch_id: int) -> bool:
    """Whether a letter waits that the other process does not have in hand."""
    from django.db import transaction

    from procurement.enums import LetterStatus
    from procurement.services.letter_work import letters_to_make

    with transaction.atomic():
        return letters_to_make(batch_id).filter(status=LetterStatus.QUEUED).first() is not None


def _bare_on(batch_id: int, entries: list[int]) -> float:
    """Processor time of WeasyPrint alone on the HTML of these letters."""
    from django.utils import timezone

    from procurement.selectors.letters import batch_source, letter_content
    from procurement.services.letter_pdf import render_html

    source = batch_source(batch_id)
    today = timezone.localdate()
    pages = [render_html(letter_content(source, entry, on=today)) for entry in entries]
    return _taken(_bare, pages)


def _bare(page: str) -> bytes:
    from weasyprint import HTML

    from procurement.services.letter_pdf import press

    shared = press()
    made: bytes = HTML(string=page, url_fetcher=shared.fetcher).write_pdf(
        stylesheets=[shared.css], font_config=shared.fonts, pdf_variant="pdf/ua-1"
    )
    return made


# A letter of two pages -----------------------------------------------------------------------------------


def _round_of_two_pages(pool: ProcessPoolExecutor, sizes: Sizes) -> tuple[float, ...]:
    """Letters a second of bare WeasyPrint, of one process, of all by the processor; of one and of all by the clock."""
    cpu, clock, bare = pool.submit(_set, sizes.letters, 1).result()
    both = _together(pool, _set, sizes.letters, sizes.processes)
    count = sizes.letters * sizes.processes
    return (
        sizes.letters / bare,
        sizes.letters / cpu,
        count / sum(each[0] for each in both) * sizes.processes,
        sizes.letters / clock,
        count / max(each[1] for each in both),
    )


def _set(count: int, together: int) -> tuple[float, float, float]:
    """Set so many letters of two pages: by the processor, by the clock; and bare WeasyPrint on as many."""
    from procurement.services.letter_pdf import html_to_pdf

    pages = [two_pages(number) for number in range(count)]
    if together > 1:
        _barrier.wait(60)
    cpu, clock = time.process_time(), time.perf_counter()
    for page in pages:
        html_to_pdf(page)
    cpu, clock = time.process_time() - cpu, time.perf_counter() - clock
    if together > 1:
        return cpu, clock, 0.0
    return cpu, clock, _taken(_bare, pages)


def _two_pages(rounds: list[tuple[float, ...]], sizes: Sizes) -> Iterator[Row]:
    bare, one, all_, clock_one, clock_all = (statistics.median(column) for column in zip(*rounds, strict=True))
    times = f"1 process x {sizes.processes}"
    yield Row("two pages, 1 process", one, "letters/s", bare, f"{BARE} (processor time)")
    yield Row("two pages, 1 process, by the clock", clock_one, "letters/s", one, "1 process (processor time)")
    yield Row(
        f"two pages, {sizes.processes} processes", all_, "letters/s", one * sizes.processes, f"{times} (processor time)"
    )
    yield Row(
        f"two pages, {sizes.processes} processes, by the clock", clock_all, "letters/s",
        clock_one * sizes.processes, f"{times} (by the clock)",
    )  # fmt: skip


# What made it cheap --------------------------------------------------------------------------------------


def _cheap(sizes: Sizes) -> Iterator[Row]:
    """A letter of two pages: as everybody would make it, and after each thing that we did; in turns, a few at a time,
    since what one letter leaves behind is cleared away during the next."""
    from procurement.services.letter_pdf import html_to_pdf

    pages = [two_pages(number) for number in range(min(sizes.letters, AT_A_TIME))]
    html_to_pdf(pages[0])
    ways: dict[str, Callable[[str], object]] = {
        "naive: fonts subset in Python, styles read each time": _naive,
        "with libharfbuzz-subset": _read_each_time,
        "and styles and fonts read once": _bare,
        "and no search for garbage meanwhile: ours": html_to_pdf,
    }
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _turn in range(max(sizes.runs, 3)):
        for name, way in ways.items():
            gc.collect()
            taken[name].append(_taken(way, pages) / len(pages))
    naive = 1 / statistics.median(taken["naive: fonts subset in Python, styles read each time"])
    for name, each in taken.items():
        yield Row(f"two pages, {name}", 1 / statistics.median(each), "letters/s", naive, "naive, processor time")


def _taken(way: Callable[[str], object], pages: list[str]) -> float:
    """Processor time that these pages take this way."""
    began = time.process_time()
    for page in pages:
        way(page)
    return time.process_time() - began


def _read_each_time(page: str) -> bytes:
    from weasyprint import CSS, HTML
    from weasyprint.text.fonts import FontConfiguration

    from procurement.services.letter_pdf import LETTER_SHEET, fonts_folder, press

    fonts, fetcher = FontConfiguration(), press().fetcher
    source = (settings.BASE_DIR / "templates" / LETTER_SHEET).read_text(encoding="utf-8")
    css = CSS(string=source, base_url=f"{fonts_folder().as_uri()}/", font_config=fonts, url_fetcher=fetcher)
    made: bytes = HTML(string=page, url_fetcher=fetcher).write_pdf(
        stylesheets=[css], font_config=fonts, pdf_variant="pdf/ua-1"
    )
    return made


def _naive(page: str) -> bytes:
    from weasyprint.pdf import fonts

    there = fonts.harfbuzz_subset
    fonts.harfbuzz_subset = None
    try:
        return _read_each_time(page)
    finally:
        fonts.harfbuzz_subset = there


def two_pages(number: int) -> str:
    """A letter of two pages in our styles, with a table of twelve rows and a picture."""
    from contracts.bench.letters_scene import REASON

    rows = "".join(
        f'<tr><th scope="row">Criterium {row}</th><td class="nlds-number">{row * 5}</td>'
        f'<td class="nlds-number">{row % 5 * 2}</td><td class="nlds-number">{row},50</td></tr>'
        for row in range(1, 13)
    )
    text = "".join(f"<h2>Onderdeel {part}</h2><p>{REASON} {REASON}</p>" for part in range(1, 7))
    return (
        f'<!DOCTYPE html><html lang="nl"><head><meta charset="utf-8"><title>Brief {number}</title></head><body>'
        f'<div class="letterhead"><img alt="Logo" width="120" height="40" src="{_picture()}">'
        '<p class="letterhead__name">Regio Voorbeeld</p></div>'
        f'<p class="address">Zorgaanbieder {number} B.V.<br>Voorbeeldstraat 1<br>7001 AA Doetinchem</p>'
        f"<h1>Besluit {number}</h1><p>{REASON}</p><table><caption>Uw scores</caption><thead><tr>"
        '<th scope="col">Criterium</th><th scope="col">Gewicht</th><th scope="col">Score</th>'
        f'<th scope="col">Punten</th></tr></thead><tbody>{rows}</tbody></table>{text}</body></html>'
    )


def _picture() -> str:
    from PIL import Image

    made = io.BytesIO()
    Image.linear_gradient("L").resize((360, 120)).convert("RGB").save(made, "PNG")
    return f"data:image/png;base64,{base64.b64encode(made.getvalue()).decode()}"


# Killed --------------------------------------------------------------------------------------------------


def _killed(sizes: Sizes) -> Iterator[Row]:
    """Whole batches while everything under them dies; raises where anything is not as it must be."""
    from contracts.bench.letters_killed import batch_killed, keep, prepare
    from contracts.bench.rush_stack import stack

    outcomes = []
    with stack(FOLDER) as portal:
        prepare(portal)
        for seed in SEEDS:
            found = batch_killed(portal, letters=sizes.killed_letters, kills=sizes.kills // len(SEEDS), seed=seed)
            outcomes.append(found)
            keep(outcomes, FOLDER)
            if found.problems:
                raise RuntimeError(f"seed {seed}: {found.problems}")
            came = f"no problem; {found.doubled} came twice, under one Message-ID"
            yield Row(f"{found.letters} letters, {len(found.killed)} killed", found.seconds, "s", found.seconds, came)
