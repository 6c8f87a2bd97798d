"""Long work is done by one worker at a time; one that fails lets go of it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from achterhoek.queue import alone


def tried() -> bool:
    """Whether another worker, with a connection of its own, gets the work."""

    def work() -> bool:
        try:
            with alone("test", 7) as mine:
                return mine
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()


@pytest.mark.django_db
def test_only_one_worker_has_the_work() -> None:
    with alone("test", 7) as mine:
        assert mine
        assert not tried()
        with alone("test", 8) as other:
            assert other
    assert tried()


@pytest.mark.django_db
def test_work_that_fails_lets_go() -> None:
    with pytest.raises(ZeroDivisionError), alone("test", 7):
        raise ZeroDivisionError
    assert tried()
