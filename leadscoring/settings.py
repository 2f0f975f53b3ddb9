"""All settings, from environment variables; docs/settings.md lists them.

Without any variable set this is a development system on one machine: SQLite and an embedded
queue under var/. ENVIRONMENT=production refuses to start with what is safe on one machine only.
"""

import hashlib
import os
import tempfile
from pathlib import Path
from typing import Any

import django_stubs_ext
from django.core.exceptions import ImproperlyConfigured
from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from leadscoring.environment import (
    env_bool,
    env_database,
    env_email,
    env_int,
    env_list,
    env_networks,
    env_path,
    env_redis,
    env_str,
)
from leadscoring.failpoints import read_failpoints

# Makes Field[...], ModelAdmin[...] and the like, which the type checker wants, run as well.
django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent

# --- What kind of system this is -------------------------------------------------------------

ENVIRONMENT = env_str("ENVIRONMENT", "development", choices=("development", "production"))
PRODUCTION = ENVIRONMENT == "production"
VAR_DIR = env_path("VAR_DIR", default=BASE_DIR / "var", base=BASE_DIR)

DEBUG = env_bool("DEBUG", False)
SECRET_KEY = env_str("SECRET_KEY", "" if PRODUCTION else "for development on one machine only")
SECRET_KEY_FALLBACKS = env_list("SECRET_KEY_FALLBACKS")
ALLOWED_HOSTS = env_list("ALLOWED_HOSTS", () if PRODUCTION else ("localhost", "127.0.0.1", "[::1]"))
CSRF_TRUSTED_ORIGINS = env_list("CSRF_TRUSTED_ORIGINS")

if PRODUCTION:
    if len(SECRET_KEY) < 50 or len(set(SECRET_KEY)) < 5:
        raise ImproperlyConfigured(
            "SECRET_KEY is missing or too short; with ENVIRONMENT=production it must be a random "
            "text of at least 50 characters, such as `python -c 'import secrets; "
            "print(secrets.token_urlsafe(64))'` prints."
        )
    if DEBUG:
        raise ImproperlyConfigured(
            "DEBUG is on; with ENVIRONMENT=production it must be off: its pages show settings."
        )
    if not ALLOWED_HOSTS or "*" in ALLOWED_HOSTS:
        raise ImproperlyConfigured(
            f"ALLOWED_HOSTS is {','.join(ALLOWED_HOSTS)!r}; with ENVIRONMENT=production it must "
            "be the host names of this site, separated by commas, and not '*'."
        )

# How this site is reached from outside: for the links in messages.
SITE_URL = env_str("SITE_URL", "http://127.0.0.1:8000").rstrip("/")

# --- What it is made of ----------------------------------------------------------------------

INSTALLED_APPS = [
    # Templates and widgets only; the site itself is leadscoring.site.LeadScoringAdminSite.
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "leadscoring.apps.LeadScoringAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_rq",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "contacts",
    "scoring",
]

MIDDLEWARE = [
    "scoring.api.problems.middleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "leadscoring.refusals.middleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "leadscoring.urls"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # Here and not in the apps: a template of Unfold would shadow an app's own.
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# --- Database --------------------------------------------------------------------------------

DATABASES: dict[str, dict[str, Any]] = {
    "default": env_database("DATABASE_URL", default=VAR_DIR / "db.sqlite3", base=BASE_DIR)
}
# Ids of 4 bytes, on purpose: they are most of the size of the indexes that the engine scans.
# Activity, the one table that may outgrow them, has 8 bytes of its own.
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"

TEST_DATABASE_NAME = env_str("TEST_DATABASE_NAME")
if TEST_DATABASE_NAME:
    DATABASES["default"]["TEST"]["NAME"] = TEST_DATABASE_NAME
elif DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A file and not memory, which knows no WAL and no second process; its own for every run.
    DATABASES["default"]["TEST"]["NAME"] = str(
        Path(tempfile.gettempdir()) / f"leadscoring-test-{os.getpid()}.sqlite3"
    )

# --- Queue -----------------------------------------------------------------------------------


def socket_path(folder: Path) -> Path:
    """Where the embedded queue listens; a socket's path may not exceed about 100 bytes."""
    path = folder / "valkey.sock"
    if len(os.fsencode(path)) <= 100:
        return path
    digest = hashlib.sha256(os.fsencode(path)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"leadscoring-{digest}" / "valkey.sock"


QUEUE_SOCKET = socket_path(VAR_DIR)
REDIS_URL = env_redis("REDIS_URL")
QUEUE_IS_EMBEDDED = not REDIS_URL

RQ_QUEUES: dict[str, dict[str, Any]] = {
    "default": {
        "URL": REDIS_URL or f"unix://{QUEUE_SOCKET}",
        "DEFAULT_TIMEOUT": 120,
        # RQ's default is pickle: whoever can write to the queue could run any code.
        "SERIALIZER": "rq.serializers.JSONSerializer",
    }
}
RQ = {"JOB_CLASS": "leadscoring.queue.AllowedJob", "COMMIT_MODE": "auto"}
# django-rq's pages let any staff user read, delete and requeue jobs; we have none of them.
RQ_SHOW_ADMIN_LINK = False

# --- Faults on purpose -----------------------------------------------------------------------

# For tests only; see leadscoring/failpoints.py.
CHAOS_FAILPOINTS = read_failpoints(
    env_str("CHAOS_FAILPOINTS"), production=PRODUCTION, permitted=env_bool("CHAOS_OK", False)
)

# --- API -------------------------------------------------------------------------------------

# How many proxies of our own stand before the site, each adding to X-Forwarded-For: only so
# much of that header is believed.
NUM_PROXIES = env_int("NUM_PROXIES", 0, least=0, most=10)
API_WRONG_KEYS_A_MINUTE = env_int("API_WRONG_KEYS_A_MINUTE", 20, least=1, most=1_000_000)

REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [],
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "scoring.api.negotiation.OneFormat",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "scoring.api.problems.handle",
    "UNICODE_JSON": False,
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Lead scoring",
    "DESCRIPTION": "Send what contacts do and who they are; read their scores and the reasons.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_AUTHENTICATION": [],
    "POSTPROCESSING_HOOKS": ["scoring.api.schema.document.add_components"],
    # The pages' own files, from this site and not from a CDN.
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

# --- Languages and time ----------------------------------------------------------------------

LANGUAGES = [("en", _("English")), ("es", _("Spanish"))]
LANGUAGE_CODE = env_str("LANGUAGE_CODE", "en", choices=("en", "es"))
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["leadscoring.formats"]
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
# Everything is stored and computed in UTC; this is the zone in which pages show it.
TIME_ZONE = "UTC"
USE_TZ = True

# --- Security --------------------------------------------------------------------------------

SSL_REDIRECT = env_bool("SSL_REDIRECT", PRODUCTION)
SECURE_SSL_REDIRECT = SSL_REDIRECT
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = SSL_REDIRECT
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if SSL_REDIRECT else 0
# Other subdomains, and browsers' preload lists, are not ours to decide about.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
# "__Host-" makes a browser refuse the cookie from another subdomain; it needs https.
SESSION_COOKIE_NAME = "__Host-sessionid" if SSL_REDIRECT else "sessionid"
CSRF_COOKIE_NAME = "__Host-csrftoken" if SSL_REDIRECT else "csrftoken"
if env_bool("TRUST_PROXY_HEADERS", False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# Eight hours after the log-in, whatever is done: nothing extends a session.
SESSION_COOKIE_AGE = 8 * 3600
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
# A condition of a hundred tests in groups of their own has so many fields in its form.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 3_000
# Activities that are visits: what the forecast begins with.
VISIT_TYPES = env_list("VISIT_TYPES", ("page_view",))
IMPORT_MAX_BYTES = env_int("IMPORT_MAX_MB", 50, least=1, most=10_000) * 1_048_576

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = reverse_lazy("admin:login")
LOGIN_REDIRECT_URL = reverse_lazy("admin:index")

# --- What goes out ---------------------------------------------------------------------------

# "sink" keeps every message here, where the admin shows what would have gone out.
DELIVERY = env_str("DELIVERY", "live" if PRODUCTION else "sink", choices=("sink", "live"))
_MAIL = env_email("EMAIL_URL")
EMAIL_HOST, EMAIL_PORT = _MAIL.host, _MAIL.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _MAIL.user, _MAIL.password
EMAIL_USE_TLS, EMAIL_USE_SSL = _MAIL.starttls, _MAIL.tls
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env_str("DEFAULT_FROM_EMAIL", "leadscoring@localhost")
WEBHOOK_ALLOW_HTTP = env_bool("WEBHOOK_ALLOW_HTTP", False)
WEBHOOK_ALLOW_PRIVATE_NETS = env_networks("WEBHOOK_ALLOW_PRIVATE_NETS")

# --- Files -----------------------------------------------------------------------------------

# Workbooks are read by defusedxml, which refuses what is meant to harm, also where lxml is
# installed: openpyxl would then take that.
os.environ["OPENPYXL_LXML"] = "False"
STATIC_URL = "static/"
# In production `manage.py collectstatic` gathers the files here, once; elsewhere they are
# served from where they lie.
STATIC_ROOT = BASE_DIR / "staticfiles" if PRODUCTION else None
WHITENOISE_USE_FINDERS = not PRODUCTION
WHITENOISE_AUTOREFRESH = DEBUG
STATICFILES_DIRS = [BASE_DIR / "static"] if (BASE_DIR / "static").is_dir() else []
# What is uploaded is never served: it is read by an import and then deleted.
MEDIA_ROOT = VAR_DIR / "uploads"
FILE_UPLOAD_HANDLERS = [
    "contacts.imports.uploads.LimitedUpload",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "whitenoise.storage.CompressedManifestStaticFilesStorage"
            if PRODUCTION
            else "django.contrib.staticfiles.storage.StaticFilesStorage"
        )
    },
}

# --- Log -------------------------------------------------------------------------------------

LOG_LEVEL = env_str("LOG_LEVEL", "INFO", choices=("DEBUG", "INFO", "WARNING", "ERROR"))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "leadscoring.logs.OneLine"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        "django": {"handlers": [], "level": LOG_LEVEL, "propagate": True},
        # The lines of `runserver`, which have the whole address, pass our formatter too.
        "django.server": {"handlers": ["console"], "level": LOG_LEVEL, "propagate": False},
        # They tell of each step of each PDF, and of each font.
        "weasyprint": {"level": "ERROR"},
        "fontTools": {"level": "ERROR"},
    },
}

# --- Admin pages -----------------------------------------------------------------------------

UNFOLD = {
    "SITE_TITLE": _("Lead scoring"),
    "SITE_HEADER": _("Lead scoring"),
    "SITE_SYMBOL": "leaderboard",
    "SITE_FAVICONS": [
        {
            "rel": "icon",
            "type": "image/svg+xml",
            "href": lambda request: static("leadscoring/favicon.svg"),
        }
    ],
    "SITE_URL": None,
    "SHOW_LANGUAGES": True,
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_BACK_BUTTON": True,
    "STYLES": [
        lambda request: static("leadscoring/admin.css"),
        lambda request: static("leadscoring/scoring.css"),
        lambda request: static("leadscoring/automations.css"),
        lambda request: static("leadscoring/sequences.css"),
        lambda request: static("leadscoring/agreement.css"),
        lambda request: static("leadscoring/impact.css"),
        lambda request: static("leadscoring/workshop.css"),
        lambda request: static("leadscoring/qualification.css"),
        lambda request: static("leadscoring/editor.css"),
        lambda request: static("leadscoring/lead.css"),
        lambda request: static("leadscoring/sales.css"),
        lambda request: static("leadscoring/home.css"),
        lambda request: static("leadscoring/conditions.css"),
        lambda request: static("leadscoring/assigning.css"),
        lambda request: static("leadscoring/merging.css"),
        lambda request: static("leadscoring/personal.css"),
        lambda request: static("leadscoring/reports.css"),
        lambda request: static("leadscoring/review.css"),
        lambda request: static("leadscoring/feedback.css"),
        lambda request: static("leadscoring/board.css"),
        lambda request: static("leadscoring/calls.css"),
    ],
    "DASHBOARD_CALLBACK": "scoring.engine.admin.home.dashboard",
    "ACCOUNT": {
        "navigation": [
            {"title": _("My settings"), "link": reverse_lazy("admin:pipeline_settings")},
            {"title": _("Change password"), "link": reverse_lazy("admin:password_change")},
        ]
    },
    "SIDEBAR": {
        "show_search": True,
        "show_all_applications": False,
        "navigation": "leadscoring.site.navigation",
    },
}
