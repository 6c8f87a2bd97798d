"""A page of a list, with the addresses of the pages around it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from django.http import HttpRequest
from ninja.errors import HttpError

from contracts.api.schemas import Paging

T = TypeVar("T")


def page_of(
    request: HttpRequest, rows: Sequence[T], paging: Paging, say: Callable[[T], Any], **more: Any
) -> dict[str, Any]:
    """The asked part of these rows, each said in this way. Raises 404 for a page past the last."""
    size, number = paging.page_size, paging.page
    last = max(1, -(-len(rows) // size))
    if number > last:
        raise HttpError(404, f"There is no page {number}: the last one is {last}.")

    def address(page: int) -> str:
        query = request.GET.copy()
        query["page"] = str(page)
        return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")

    return {
        **more,
        "page": number,
        "page_size": size,
        "total": len(rows),
        "links": {
            "self": address(number),
            "first": address(1),
            "prev": address(number - 1) if number > 1 else None,
            "next": address(number + 1) if number < last else None,
            "last": address(last),
        },
        "results": [say(row) for row in rows[(number - 1) * size : number * size]],
    }
