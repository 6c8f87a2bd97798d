"""The pages of an evaluation with 300 bids, beside a bare Django view that prints as many rows from one query."""

from __future__ import annotations

import gc
from collections.abc import Iterator

from django.db import connection
from django.test.utils import CaptureQueriesContext

from contracts.bench.registry import Row, Sizes, benchmark, medians


@benchmark("evaluation")
def evaluation(sizes: Sizes) -> Iterator[Row]:
    """Each page in this process, through every middleware, as the person who uses it.

    The floor is a view without any: one query, a template, and the nine columns that the overview has. What is saved
    is committed, in a database that is dropped afterwards.
    """
    # Here, since a new process that makes letters imports this module before Django is set up.
    from contracts.bench.evaluation_pages import bare_view, pages
    from contracts.bench.evaluation_scene import scene

    with scene(sizes) as made:
        # As the web processes do (achterhoek/wsgi.py).
        gc.collect()
        gc.freeze()
        gc.set_threshold(20_000, 20, 20)
        bare = bare_view(made)
        floor_is = f"bare view of {len(made.entries)} rows, 1 query"
        for name, ask in pages(made):
            ask()  # the first one reads templates
            with CaptureQueriesContext(connection) as asked:
                ask()
            queries = len(asked)
            figure, floor = medians(sizes.runs * 3, ask, bare)
            yield Row(f"{name}, {queries} queries", figure, "s", floor, floor_is)
