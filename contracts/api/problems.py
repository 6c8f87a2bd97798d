"""What went wrong, as a program reads it (RFC 9457)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from django.http import HttpResponse
from pydantic import BaseModel, Field

CONTENT_TYPE = "application/problem+json"


class InvalidParameter(BaseModel):
    """A parameter that cannot be, and why."""

    name: str
    reason: str


class Problem(BaseModel):
    """An error. `title` is the same for each status; `detail` says what to do about it."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    invalid_params: list[InvalidParameter] = Field(default_factory=list)


def problem(
    status: int, detail: str, *, invalid: Sequence[InvalidParameter] = (), headers: dict[str, str] | None = None
) -> HttpResponse:
    """An answer that says what went wrong."""
    said: dict[str, Any] = Problem(
        title=HTTPStatus(status).phrase, status=status, detail=detail, invalid_params=list(invalid)
    ).model_dump()
    return HttpResponse(
        json.dumps(said, ensure_ascii=False), status=status, content_type=CONTENT_TYPE, headers=headers or {}
    )
