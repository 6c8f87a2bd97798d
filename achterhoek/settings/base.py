"""Settings that hold everywhere. What differs between machines comes from the environment."""

from pathlib import Path

import environ
from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from achterhoek.settings import logs
from achterhoek.settings.database import database
from achterhoek.settings.files import files_storage

BASE_DIR = Path(__file__).resolve().parent.parent.parent
VAR_DIR = BASE_DIR / "var"
env = environ.Env()

DEBUG = False
DEMO = False
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=[])
BASE_URL = env("BASE_URL", default="http://127.0.0.1:8000")
# The prefix of open contracting ids; a publisher registers its own. This one is the standard's own example.
OCDS_PREFIX = env("OCDS_PREFIX", default="ocds-213czf")
# What stands beside the portal's name in the header.
PORTAL_REGION = env("PORTAL_REGION", default="")
WSGI_APPLICATION = "achterhoek.wsgi.application"
ROOT_URLCONF = "achterhoek.urls"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "achterhoek.accounts.admin_config.PortalAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django.forms",
    "pgtrigger",
    "pghistory",
    "rules.apps.AutodiscoverRulesConfig",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "crispy_forms",
    "django_htmx",
    "csp",
    "achterhoek.nlds",
    "achterhoek.transitions",
    "achterhoek.region",
    "achterhoek.accounts",
    "achterhoek.audit",
    "achterhoek.sealing",
    "achterhoek.jobs",
    "achterhoek.documents",
    "achterhoek.mail",
    "providers",
    "procurement",
    "contracts",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "achterhoek.middleware.RequestReferenceMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "achterhoek.middleware.PrivatePagesMiddleware",
    "achterhoek.middleware.DenyByDefaultMiddleware",
    "achterhoek.documents.middleware.NotNowMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "achterhoek.nlds.context_processors.navigation",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = ["nlds"]
CRISPY_TEMPLATE_PACK = "nlds"

# What a page tells once may name a file of a draft: it goes to that person's browser, and never into a row of the
# database, as it would with sessions.
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"

# One database, everywhere: PostgreSQL. Atomic requests are off on purpose: services open their own
# transaction, so that a page that only reads never holds one.
DATABASES = {"default": database(env, default="postgres:///achterhoek")}
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True

REDIS_URL = env("REDIS_URL", default="redis://127.0.0.1:6379/0")
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}

CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "Europe/Amsterdam"
CELERY_BEAT_SCHEDULE = {
    "close-rounds": {"task": "procurement.close_due_rounds", "schedule": 60.0},
    "finish-openings": {"task": "procurement.finish_openings", "schedule": 300.0},
    "ask-interests-again": {"task": "procurement.ask_interests_again", "schedule": 300.0},
    "mail-receipts": {"task": "procurement.mail_receipts", "schedule": 60.0},
    "take-up-letters": {"task": "procurement.take_up_letters", "schedule": 60.0},
    "send-outbox": {"task": "mail.send_outbox", "schedule": 60.0},
    "make-contract-letters": {"task": "contracts.make_letters", "schedule": 300.0},
    "end-contracts": {"task": "contracts.end_due_contracts", "schedule": crontab(minute=15, hour=0)},
    "mind-reports": {"task": "contracts.mind_reports", "schedule": crontab(minute=45, hour=6)},
    "mind-options": {"task": "contracts.mind_options", "schedule": crontab(minute=30, hour=6)},
    "keep-register-versions": {"task": "contracts.keep_register_versions", "schedule": crontab(minute=5)},
    "sweep-held-evidence": {"task": "contracts.sweep_held_evidence", "schedule": crontab(minute=45, hour=2)},
    "anchor-log": {"task": "audit.anchor", "schedule": 300.0},
    "verify-log": {"task": "audit.verify", "schedule": crontab(minute=30, hour=3)},
    "remind-award-notices": {"task": "procurement.remind_award_notices", "schedule": crontab(minute=0, hour=7)},
    "check-rankings": {"task": "procurement.check_rankings", "schedule": crontab(minute=0, hour=3)},
    "finish-uploads": {"task": "documents.finish_waiting", "schedule": 60.0},
    "scan-files": {"task": "documents.scan_waiting", "schedule": 120.0},
    "draw-waiting-files": {"task": "documents.make_waiting_thumbnails", "schedule": 300.0},
    "sweep-files": {"task": "documents.sweep", "schedule": crontab(minute=45, hour=4)},
}

# The history of scores is only added to. Who and when stand in the audit log.
PGHISTORY_APPEND_ONLY = True

# So many audit events within ten seconds are a rush: pictures and mailed receipts then wait for those who still submit.
# 0: never.
RUSH_EVENTS = env.int("RUSH_EVENTS", default=60)

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "achterhoek.accounts.backends.NoDemoAccounts",
    "rules.permissions.ObjectPermissionBackend",
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "start"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_EMAIL_VERIFICATION = env("ACCOUNT_EMAIL_VERIFICATION", default="mandatory")
ACCOUNT_ADAPTER = "achterhoek.accounts.adapter.AccountAdapter"
ACCOUNT_SIGNUP_FORM_CLASS = "achterhoek.accounts.forms.SignupForm"
ACCOUNT_LOGOUT_REDIRECT_URL = "home"

LANGUAGE_CODE = "nl"
LANGUAGES = [("nl", _("Dutch")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Europe/Amsterdam"
USE_I18N = True
USE_TZ = True
USE_THOUSAND_SEPARATOR = True

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "staticfiles"
STATICFILES_DIRS = [("dist", BASE_DIR / "static" / "dist"), ("img", BASE_DIR / "static" / "img")]
STORAGES = {
    # Uploaded and made files: private, outside the web root, served by a view only.
    "default": files_storage(env, folder=VAR_DIR / "files"),
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
FILE_UPLOAD_HANDLERS = ["achterhoek.documents.handlers.ScratchUploadHandler"]
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
MAX_UPLOAD_BYTES = env.int("MAX_UPLOAD_BYTES", default=2 * 1024**3)
# What one organisation may have begun to upload and not finished: so many files, of so many bytes together.
MAX_UNFINISHED_UPLOADS = env.int("MAX_UNFINISHED_UPLOADS", default=50)
MAX_UNFINISHED_BYTES = env.int("MAX_UNFINISHED_BYTES", default=20 * 1024**3)
# Where plain content lies for as long as it is judged, in files without a name. A disk, not memory.
SCRATCH_DIR = env("SCRATCH_DIR", default="")
# The virus scanner: tcp://host:port or unix:/path. Without one nothing is scanned.
CLAMD_URL = env("CLAMD_URL", default="")

# So many requests a minute the public API answers to one visitor. 0: as many as one likes.
API_RATE = env.int("API_RATE", default=120)

# The keys of the key service (age private keys; the first wraps, all unwrap), or the program that stands for it.
SEALING_KEYS: list[str] = env.list("SEALING_KEYS", default=[])
SEALING_KEY_COMMAND = env("SEALING_KEY_COMMAND", default="")
# Secrets that vouch for the rows of the log; the first signs, all verify.
AUDIT_KEYS: list[str] = env.list("AUDIT_KEYS", default=[])

DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default="portaal@achterhoek.example")
EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
# Of one step of the conversation with the mail server. A claim on a message outlasts all of them together.
EMAIL_TIMEOUT = env.int("EMAIL_TIMEOUT", default=30)
# How long nobody else sends a message that one process is sending, or died over.
MAIL_CLAIM_SECONDS = env.int("MAIL_CLAIM_SECONDS", default=300)
# How long a message rests after it was not taken, the first time.
MAIL_PAUSE_SECONDS = env.int("MAIL_PAUSE_SECONDS", default=60)

SESSION_ENGINE = "achterhoek.accounts.sessions"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 8 * 60 * 60
CSRF_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "frame-src": [NONE],
    },
}

logs.configure()
LOGGING = logs.logging_to_console(env("LOG_LEVEL", default="INFO"))
