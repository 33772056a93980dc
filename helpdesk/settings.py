"""Settings of one deployment, from the environment alone. Behaviour of the product stands beside its rules.

HELPDESK_DATA            folder of the embedded desk (default: .desk beside manage.py)
HELPDESK_SECRET_KEY      default: a random key in the data folder
HELPDESK_HOSTS           names under which the desk may be called, separated by commas
HELPDESK_PRODUCTION      1: HTTPS only, as behind a proxy that ends TLS
HELPDESK_TRUSTED_PROXIES addresses of proxies whose X-Forwarded-… headers count, separated by commas
HELPDESK_API_RATE        requests a minute and token that the API answers (default 600)
HELPDESK_DEBUG           1: Django's debug pages; never on a desk that others can reach
DATABASE_URL, REDIS_URL  real servers in place of SQLite and the embedded Valkey
"""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Any, Literal

import dj_database_url
from celery.schedules import crontab
from csp.constants import NONCE, NONE, SELF
from django.utils.functional import SimpleLazyObject
from django.utils.log import CallbackFilter
from django.utils.translation import gettext_lazy as _

from helpdesk import folder, services


def _flag(name: str) -> bool:
    return os.environ.get(name, "").lower() in {"1", "true", "yes", "on"}


def _names(name: str) -> list[str]:
    return [word.strip() for word in os.environ.get(name, "").split(",") if word.strip()]


BASE_DIR = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.get("HELPDESK_DATA") or BASE_DIR / ".desk").expanduser().resolve()
DATA.mkdir(mode=0o700, parents=True, exist_ok=True)
DEBUG = _flag("HELPDESK_DEBUG")
PRODUCTION = _flag("HELPDESK_PRODUCTION")

# Read when first needed, so that a command that signs nothing leaves no key behind.
SECRET_KEY: Any = os.environ.get("HELPDESK_SECRET_KEY") or SimpleLazyObject(lambda: folder.secret_key(DATA))

# --- What it is made of ---------------------------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "heroicons",
    "csp",
    "tickets",
    "playbooks",
    "helpdesk",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "helpdesk.limits.RequestName",
    "helpdesk.limits.BodyLimit",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "helpdesk.idempotency.Idempotency",
]
ROOT_URLCONF = "helpdesk.urls"
WSGI_APPLICATION = "helpdesk.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
            ],
        },
    },
]
AUTH_USER_MODEL = "tickets.Agent"
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "/"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Rows -----------------------------------------------------------------------------------------
SQLITE_OPTIONS = {
    # A transaction that began by reading may not turn into a writer once another has written: with
    # DEFERRED, a few writers at once meet "database is locked" in spite of the timeout.
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL",
}
EMBEDDED_DATABASE = not os.environ.get("DATABASE_URL")
DATABASES: dict[str, Any] = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": DATA / folder.DATABASE}}
if not EMBEDDED_DATABASE:
    DATABASES["default"] = dj_database_url.parse(os.environ["DATABASE_URL"])
DATABASES["default"] |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"].setdefault("OPTIONS", {}).update(SQLITE_OPTIONS)
elif DATABASES["default"]["ENGINE"].endswith("postgresql"):
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 3)

# --- Broker, cache, pub/sub -----------------------------------------------------------------------
# Only a process whose data folder was named looks for an embedded broker: manage.py names it, a test
# run does not, and so never talks to the desk that happens to run beside it.
REDIS_URL = services.broker_url(DATA) if {"HELPDESK_DATA", "REDIS_URL"} & os.environ.keys() else None
CACHES: dict[str, Any] = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "KEY_PREFIX": "helpdesk"}
}
if REDIS_URL:
    CACHES["default"] |= {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"socket_timeout": 2, "socket_connect_timeout": 2},
    }

CELERY_BROKER_URL = services.celery_url(REDIS_URL) if REDIS_URL else "memory://"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # for ever: the supervisor brings the broker back
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 900, "socket_timeout": 30, "socket_connect_timeout": 5}
CELERY_TIMEZONE = "UTC"
CELERY_TASK_IGNORE_RESULT = True  # results are rows
CELERY_TASK_ACKS_LATE = True  # a lost worker does not lose the task; every task can be repeated
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 300  # well within the visibility timeout
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_PUBLISH_RETRY = False  # a web answer never hangs on a dead broker: the sweep repairs
CELERY_TASK_CREATE_MISSING_QUEUES = True
CELERY_TASK_DEFAULT_QUEUE = "clocks"
CELERY_TASK_ROUTES = {
    "playbooks.run_experiment": {"queue": "experiments"},  # minutes of pure computing: never beside the clocks
    "playbooks.*": {"queue": "clocks"},
    "tickets.*": {"queue": "outgoing"},
}
CELERY_WORKER_POOL = "threads"
CELERY_WORKER_CONCURRENCY = 8
CELERY_WORKER_PREFETCH_MULTIPLIER = 1  # no clock waits behind another worker's hoard
CELERY_BEAT_SCHEDULER = "helpdesk.celery:Scheduler"  # intervals need no memory, and a file could break
CELERY_BEAT_SCHEDULE = {
    "every-half-second-advance-due-clocks": {
        "task": "playbooks.sweep",
        "schedule": 0.5,
        # A worker that comes back must not meet a heap of old ticks.
        "options": {"expires": 1, "queue": "clocks"},
    },
    "every-minute-give-lost-tickets-a-run": {
        "task": "playbooks.give_runs",
        "schedule": crontab(),
        "options": {"expires": 50, "queue": "clocks"},
    },
    "every-two-seconds-fold-rollups": {
        "task": "playbooks.fold_rollups",
        "schedule": 2.0,
        "options": {"expires": 2, "queue": "clocks"},
    },
    "every-second-wake-experiments": {
        "task": "playbooks.wake_experiments",
        "schedule": 1.0,
        "options": {"expires": 1, "queue": "clocks"},
    },
}

# --- REST -----------------------------------------------------------------------------------------
API_REQUESTS_A_MINUTE = int(os.environ.get("HELPDESK_API_RATE") or 600)
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["helpdesk.access.BearerAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_THROTTLE_CLASSES": ["helpdesk.throttling.TokenThrottle"],
    "DEFAULT_PARSER_CLASSES": ["helpdesk.parsers.BoundedJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.CursorPagination",
    "PAGE_SIZE": 50,
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "helpdesk.errors.api_exception_handler",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Kujo desk",
    "DESCRIPTION": "Tickets of a complaint desk, the playbooks they are handled by, and what came of it.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_AUTHENTICATION": [],
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "POSTPROCESSING_HOOKS": ["drf_spectacular.hooks.postprocess_schema_enums", "helpdesk.api_document.describe_edges"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "tryItOutEnabled": True, "validatorUrl": None},
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}

# --- Languages and time ---------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("ko", _("Korean")), ("ja", _("Japanese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "helpdesk" / "locale"]
LANGUAGE_COOKIE_AGE = 365 * 86_400
LANGUAGE_COOKIE_SAMESITE: Literal["Lax"] = "Lax"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# --- Files that browsers load ---------------------------------------------------------------------
STATIC_URL = "static/"
WHITENOISE_USE_FINDERS = True  # straight from the packages: nothing to collect
WHITENOISE_ALLOW_ALL_ORIGINS = False

# --- Who may call, and what a page may do ---------------------------------------------------------
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", *(_names("HELPDESK_HOSTS") or [socket.gethostname()])]
CSRF_TRUSTED_ORIGINS = [f"https://{name}" for name in _names("HELPDESK_HOSTS")] if PRODUCTION else []
TRUSTED_PROXIES = _names("HELPDESK_TRUSTED_PROXIES")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
if PRODUCTION:
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^healthz$"]  # asked from inside, without TLS
    SECURE_HSTS_SECONDS = 365 * 86_400
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    LANGUAGE_COOKIE_SECURE = True

# --- What goes wrong ------------------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        # Whoever watches /healthz asks every second: its 503 is an answer, not a failure of the web server.
        "no_503": {"()": CallbackFilter, "callback": lambda record: getattr(record, "status_code", None) != 503},
    },
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["no_503"]}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"django": {"handlers": ["console"], "level": "WARNING", "propagate": False}},
}
