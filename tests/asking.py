"""A browser for those who ask for every page of the portal as everybody: the same questions, for less time.

Half the time of a refusal goes into reading, once more, who asks; and most of the rest into making the same page again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from copy import copy
from functools import lru_cache
from typing import Any
from unittest.mock import patch

from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client
from django.test.client import ClientHandler
from django.utils.translation import get_language
from django.views import defaults

from achterhoek import urls
from achterhoek.accounts.models import User
from achterhoek.accounts.roles import roles_of

WORD = re.compile(r"\w+")
READS = ("SELECT", "SAVEPOINT", "RELEASE", "ROLLBACK")
# These also ask Valkey, which counts who asked and is not looked after here.
NOT_KEPT = ("/readyz", "/verifieer")
# Each browser has its own.
TOKENS = {"sessionid", "csrftoken"}
# That somebody logged in changes no page of anybody else.
FINGERPRINT = """
    SELECT '{0}', md5(string_agg(one, '\n' ORDER BY one))
    FROM (SELECT (to_jsonb(row) - 'last_login')::text AS one FROM "{0}" row) rows
"""


class Memory:
    """Answers that cannot have become others: of what was read for them nothing changed since.

    A page is made of who asks what, and of what stands in the tables that are read for it. `look` finds out which
    tables changed, and forgets the answers for which one of them was read. Never kept is what writes something, comes
    in pieces, or gives the browser something to show on its next page.
    """

    def __init__(self) -> None:
        self._kept: dict[Any, tuple[Any, frozenset[str]]] = {}
        self._tables = connection.introspection.table_names()
        self._state: dict[str, str] = {}

    def look(self) -> None:
        """To be called before everybody is asked again."""
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(FINGERPRINT.format(table) for table in self._tables))
            now = dict(cursor.fetchall())
        changed = {table for table in self._tables if now[table] != self._state.get(table)}
        self._state = now
        self._kept = {key: known for key, known in self._kept.items() if not known[1] & changed}

    def answer(self, key: Any, ask: Callable[[], Any]) -> Any:
        if key in self._kept:
            return self._kept[key][0]
        statements: set[str] = set()

        def noted(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
            statements.add(sql)
            return execute(sql, *rest)

        with connection.execute_wrapper(noted):
            answer = ask()
        only_read = all(sql.lstrip().startswith(READS) for sql in statements)
        if only_read and answer.status_code < 500 and not answer.streaming and answer.cookies.keys() <= TOKENS:
            words = frozenset().union(*map(_words, statements))
            self._kept[key] = answer, words & frozenset(self._tables)
        return answer


@lru_cache(maxsize=10_000)
def _words(sql: str) -> frozenset[str]:
    return frozenset(WORD.findall(sql))


class _Handler(ClientHandler):
    """Who asks is read when the browser is made, with the roles; not again with every question."""

    user: User | None = None

    def get_response(self, request: HttpRequest) -> Any:
        if self.user is not None:
            request._cached_user = copy(self.user)  # type: ignore[attr-defined]
        return super().get_response(request)


class Asking(Client):
    """A browser of this person, or of nobody. A fault of ours is a page, as it is for a visitor.

    Its answers have no `context`: to keep what each template was given takes longer than to read the page. With a
    `memory` it does not ask again what can only be answered in the same way.
    """

    def __init__(self, user: Any, memory: Memory | None = None) -> None:
        super().__init__(raise_request_exception=False)
        self.memory = memory
        self.handler = _Handler(enforce_csrf_checks=False)
        if user is not None:
            self.force_login(user)
            self.handler.user = User.objects.get(pk=user.pk)
            roles_of(self.handler.user)

    def generic(self, method: str, path: str, data: Any = "", *rest: Any, **more: Any) -> Any:
        def ask() -> Any:
            return Client.generic(self, method, path, data, *rest, **more)

        if self.memory is None or path.startswith(NOT_KEPT):
            return ask()
        return self.memory.answer((self._who(), method, path, data, repr((rest, more))), ask)

    def _who(self) -> str:
        """The person, with roles as they are; and what the browser keeps for the next question."""
        user = self.handler.user
        person = user and {name: value for name, value in vars(user).items() if name not in ("_state", "last_login")}
        cookies = {name: kept.value for name, kept in self.cookies.items() if name not in TOKENS}
        return repr((person, cookies))

    def request(self, **request: Any) -> Any:
        with patch("django.test.client.store_rendered_templates", _keep_nothing):
            return super().request(**request)


def _keep_nothing(*args: Any, **kwargs: Any) -> None:
    pass


@contextmanager
def refusals_made_once() -> Iterator[None]:
    """As long as nothing changes, the page of a refusal is the same for one person and one reason, at every address."""
    made: dict[Any, tuple[bytes, int, dict[str, str]]] = {}

    def once(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        def page(request: HttpRequest, exception: PermissionDenied | Http404) -> HttpResponse:
            key = view, request.user.pk, get_language(), type(exception), _reason(exception)
            if key not in made:
                answer = view(request, exception)
                made[key] = answer.content, answer.status_code, dict(answer.items())
            content, status, headers = made[key]
            return HttpResponse(content, status=status, headers=headers)

        return page

    with ExitStack() as meanwhile:
        for name, view in (("handler403", defaults.permission_denied), ("handler404", defaults.page_not_found)):
            meanwhile.enter_context(patch.object(urls, name, once(view), create=True))
        yield


def _reason(exception: Exception) -> str:
    """What the page may say of it. An address that does not exist at all comes with all those that do."""
    return "".join(argument for argument in exception.args if isinstance(argument, str))
