"""Writers of saved searches: filters of a work list under a name, for oneself or for the team."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

from django.db import transaction
from django.utils.translation import gettext as _

from achterhoek.accounts.enums import Role
from achterhoek.accounts.models import User
from achterhoek.accounts.roles import has_role
from achterhoek.errors import NotAllowed, RuleViolation
from contracts.models import SavedSearch

MAX_QUERY = 1000
# What belongs to one look at the list, not to the search: the page one is on, and what went wrong.
PASSING = frozenset({"p", "all", "e", "_popup", "_to_field"})


@transaction.atomic
def save_search(*, page: str, name: str, query: str, shared: bool, by: User) -> SavedSearch:
    """Keep the filters of a list; under a name that this person used already they take the place of the old ones.

    Raises `NotAllowed` for who does not work with the list, `RuleViolation` without a name or without filters.
    """
    if not has_role(by, Role.CLM):
        raise NotAllowed(_("Only Team CLM keeps searches here."))
    filters = clean_query(query)
    if not name.strip():
        raise RuleViolation(_("Give this search a name."), "name")
    if not filters:
        raise RuleViolation(_("Choose a filter or a word to search for first, and save that."))
    if len(filters) > MAX_QUERY:
        raise RuleViolation(_("These filters are too long to save. Choose fewer."))
    kept, _made = SavedSearch.objects.update_or_create(
        owner=by, page=page, name=name.strip(), defaults={"query": filters, "shared": shared}
    )
    return kept


def clean_query(query: str) -> str:
    """Only the filters, written as an address writes them; nothing that leads away from the list."""
    pairs = parse_qsl(query.lstrip("?"), keep_blank_values=False)
    return urlencode(sorted((name, value) for name, value in pairs if name not in PASSING and "\x00" not in value))


@transaction.atomic
def forget_search(*, search: SavedSearch, by: User) -> None:
    """Throw one's own search away. Raises `NotAllowed` for somebody else's."""
    if search.owner_id != by.pk:
        raise NotAllowed(_("Only who saved this search can throw it away."))
    search.delete()
