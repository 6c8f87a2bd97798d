"""Sessions in the database, as Django's own; each request reads one, so the SQL of that is written once."""

from __future__ import annotations

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.utils import timezone

from achterhoek.prepared import Prepared

_sessions = Prepared(lambda key: Session.objects.filter(session_key=key), str)


class SessionStore(db.SessionStore):
    """Reads the row by its key; whether it still holds is judged here."""

    def _get_session_from_db(self) -> Session | None:
        found = _sessions.first(str(self.session_key))
        if found is not None and found.expire_date > timezone.now():
            return found
        self._session_key = None
        return None
