"""Two people at once: work in threads of their own, with their own connections and real row locks."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.utils import translation


def at_once(*works: Callable[[], Any]) -> list[Exception | None]:
    """Run each in a thread, started together; its exception in its place, None where it went well."""
    barrier = threading.Barrier(len(works))
    results: list[Exception | None] = [None] * len(works)

    def run(index: int, work: Callable[[], Any]) -> None:
        translation.activate("nl")
        try:
            barrier.wait()
            work()
        except Exception as error:
            results[index] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
