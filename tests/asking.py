"""A browser for those who ask for every page of the portal as everybody: the same questions, for less time.

Half the time of a refusal goes into reading, once more, who asks; and most of the rest into making the same page again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from copy import copy
from typing import Any
from unittest.mock import patch

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client
from django.test.client import ClientHandler
from django.utils.translation import get_language
from django.views import defaults

from achterhoek import urls
from achterhoek.accounts.models import User
from achterhoek.accounts.roles import roles_of


class _Handler(ClientHandler):
    """Who asks is read when the browser is made, with the roles; not again with every question."""

    user: User | None = None

    def get_response(self, request: HttpRequest) -> Any:
        if self.user is not None:
            request._cached_user = copy(self.user)  # type: ignore[attr-defined]
        return super().get_response(request)


class Asking(Client):
    """A browser of this person, or of nobody. A fault of ours is a page, as it is for a visitor.

    Its answers have no `context`: to keep what each template was given takes longer than to read the page.
    """

    def __init__(self, user: Any) -> None:
        super().__init__(raise_request_exception=False)
        self.handler = _Handler(enforce_csrf_checks=False)
        if user is not None:
            self.force_login(user)
            self.handler.user = User.objects.get(pk=user.pk)
            roles_of(self.handler.user)

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
