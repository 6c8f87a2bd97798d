"""The public register and its API with 1,000 providers and 20 versions, beside bare Django views of as many rows."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from dataclasses import replace

from django.test.utils import override_settings

from contracts.bench.registry import Row, Sizes, benchmark, medians


@benchmark("register")
def register(sizes: Sizes) -> Iterator[Row]:
    """Requests a second in this process, through every middleware; how the list grows; and answers that say 304.

    The floor is a view without any middleware: one query of the main contractors, as many as the answer shows.
    """
    # Here, since a new process that makes letters imports this module before Django is set up.
    from contracts.bench.register_pages import rates
    from contracts.bench.register_scene import scene
    from contracts.selectors.register import register_on

    smaller = max(1, sizes.providers // 4)
    with scene(sizes.versions) as made, override_settings(API_RATE=0):
        # As the web processes do (achterhoek/wsgi.py).
        gc.collect()
        gc.freeze()
        gc.set_threshold(20_000, 20, 20)
        taken = []
        for providers in (smaller, sizes.providers):
            made.grow_to(providers)
            [seconds] = medians(sizes.runs, lambda: register_on(made.days[-1]))
            taken.append(seconds)
        made.publish()
        yield from rates(replace(sizes, runs=sizes.runs * 2), made)
    yield Row(
        f"list of a day, from {smaller} to {sizes.providers} providers", taken[1], "s",
        taken[0] * sizes.providers / smaller, f"{sizes.providers / smaller:g} x the time for {smaller}",
    )  # fmt: skip
