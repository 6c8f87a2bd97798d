"""Tests: the same PostgreSQL and Valkey as everywhere, in a cluster of their own."""

import os
import tempfile
from secrets import token_urlsafe

from achterhoek.sealing.age import new_identity

os.environ.setdefault("EMBEDDED_FSYNC", "off")
# Every process that a test starts gets the same keys.
os.environ.setdefault("SEALING_KEYS", new_identity())
os.environ.setdefault("AUDIT_KEYS", token_urlsafe())

from achterhoek.settings.local import *  # noqa: F403
from achterhoek.settings.local import BASE_DIR, CACHES, DATABASES, STORAGES

SECRET_KEY = "only-for-tests"  # noqa: S105
# A suite is one long rush; the tests of it set these themselves.
RUSH_EVENTS = 0
API_RATE = 0
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
_suffix = os.environ.get("TEST_DB_SUFFIX", "")
DATABASES["default"]["TEST"] = {"NAME": f"test_achterhoek{'_' + _suffix if _suffix else ''}"}
DATABASES["default"]["CONN_MAX_AGE"] = 0
# Each test process has its own key space, so that runs side by side never see each other's cache.
# The same for the queue: a worker that a test starts gets its parent's name, and nobody else's tasks.
TEST_SPACE = os.environ.get("TEST_SPACE", f"test-{os.getpid()}")
CACHES["default"]["KEY_PREFIX"] = TEST_SPACE
CELERY_BROKER_TRANSPORT_OPTIONS = {"global_keyprefix": f"{TEST_SPACE}-"}

# No test leaves a file behind: the folder goes with the process. A started worker shares its parent's.
TEST_FILES = os.environ.get("TEST_FILES", "")
if not TEST_FILES:
    _files = tempfile.TemporaryDirectory(prefix="achterhoek-test-files-")
    TEST_FILES = _files.name
STORAGES["default"] = {
    "BACKEND": "achterhoek.documents.storage.DurableFileSystemStorage",
    "OPTIONS": {"location": TEST_FILES, "fsync": False},
}
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
LOCALE_PATHS = [BASE_DIR / "locale"]
