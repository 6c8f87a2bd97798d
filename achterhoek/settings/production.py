"""Production: refuses to start where a secret or an address is missing."""

import environ

from achterhoek.settings.base import *  # noqa: F403
from achterhoek.settings.base import DATABASES, env
from achterhoek.settings.database import database

SECRET_KEY = env("SECRET_KEY")
if len(SECRET_KEY) < 50:
    raise environ.ImproperlyConfigured("SECRET_KEY must be at least 50 characters long")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS")
BASE_URL = env("BASE_URL")
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[BASE_URL])
DATABASES["default"] = {**database(env), "CONN_HEALTH_CHECKS": True}
REDIS_URL = env("REDIS_URL")
EMAIL_CONFIG = env.email_url("EMAIL_URL")
vars().update(EMAIL_CONFIG)

# Without it nothing that was sealed can ever be opened: keep a copy, in another place than the database's.
SEALING_KEYS = env.list("SEALING_KEYS", default=[])
if not SEALING_KEYS and not env("SEALING_KEY_COMMAND", default=""):
    raise environ.ImproperlyConfigured("set SEALING_KEYS or SEALING_KEY_COMMAND")
AUDIT_KEYS = env.list("AUDIT_KEYS")
if not AUDIT_KEYS or min(len(key) for key in AUDIT_KEYS) < 32:
    raise environ.ImproperlyConfigured("AUDIT_KEYS: each key must be at least 32 characters long")

SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31_536_000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
# Logging in is limited for each address. Behind a proxy that is the address it names; without this all visitors
# would share one limit, and whoever uses it up keeps every bidder out before a deadline.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXIES", default=1)
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-sessionid"
CSRF_COOKIE_NAME = "__Host-csrftoken"
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https"
