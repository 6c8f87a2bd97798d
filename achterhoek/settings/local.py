"""Demo and development: the embedded PostgreSQL and Valkey, unless the environment names others."""

from secrets import token_urlsafe

from achterhoek import embedded
from achterhoek.local_keys import local_secret
from achterhoek.sealing.age import new_identity
from achterhoek.settings.base import *  # noqa: F403
from achterhoek.settings.base import VAR_DIR, env
from achterhoek.settings.database import database

DEMO = True
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env("SECRET_KEY", default="only-for-the-demo-and-for-development-never-in-production")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["*"])
ACCOUNT_EMAIL_VERIFICATION = env("ACCOUNT_EMAIL_VERIFICATION", default="optional")
PORTAL_REGION = env("PORTAL_REGION", default="Regio Achterhoek")

DATABASES = {"default": database(env, default=embedded.database_url())}
REDIS_URL = env("REDIS_URL", default=embedded.redis_url())
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}
CELERY_BROKER_URL = env("REDIS_URL", default=embedded.celery_url())

# Beside the data, never in it: whoever takes the database and the files along has nothing.
KEYS_DIR = VAR_DIR / "keys"
SEALING_KEYS = env.list("SEALING_KEYS", default=[]) or [local_secret("sealing.key", new_identity, folder=KEYS_DIR)]
AUDIT_KEYS = env.list("AUDIT_KEYS", default=[]) or [local_secret("audit.key", token_urlsafe, folder=KEYS_DIR)]

# Mail of the demo lands in a folder, a file a message.
EMAIL_BACKEND = "achterhoek.mail.folder.EmailBackend"
EMAIL_FILE_PATH = str(VAR_DIR / "mail")
