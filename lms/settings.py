"""The one place that reads the environment. A bad value stops the start with the variable's name.

Every secret may also be given as ``NAME_FILE``. The embedded default (no variables at all) runs on SQLite,
a disk broker and local files below ``var/`` and makes its own keys there; production refuses those keys.
"""

import base64
import binascii
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
import structlog
from celery.schedules import crontab
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from lms.secrets_store import embedded_secret

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.FileAwareEnv()


def refuse(name: str, why: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(f"{name}: {why}")


def boolean(name: str, default: bool) -> bool:
    raw = env.str(name, default="")
    if not raw:
        return default
    if raw.lower() not in {"1", "0", "true", "false", "yes", "no", "on", "off"}:
        raise refuse(name, "give true or false")
    return raw.lower() in {"1", "true", "yes", "on"}


VAR_DIR = Path(env.str("VAR_DIR", default="") or BASE_DIR / "var")
VAR_DIR.mkdir(parents=True, exist_ok=True)
KEYS_DIR = VAR_DIR / "keys"

DEBUG = boolean("DEBUG", False)
PUBLIC_BASE_URL = env.str("PUBLIC_BASE_URL", default="http://127.0.0.1:8000").rstrip("/")
_public = urlsplit(PUBLIC_BASE_URL)
if _public.scheme not in {"http", "https"} or not _public.hostname:
    raise refuse("PUBLIC_BASE_URL", "give an address such as https://lms.example.gov.cn")
LOCAL = _public.hostname in {"127.0.0.1", "localhost"}
SECURE = _public.scheme == "https"
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", _public.hostname, "testserver"])
CSRF_TRUSTED_ORIGINS = [PUBLIC_BASE_URL] if SECURE else []


def secret(name: str) -> str:
    """The secret from the environment, or the embedded one; never the embedded one in production."""
    given: str = env.str(name, default="")
    if given:
        return given
    if not LOCAL:
        raise refuse(name, "is required when PUBLIC_BASE_URL is not this machine; embedded keys are not for production")
    return embedded_secret(KEYS_DIR, name.lower())


SECRET_KEY = secret("SECRET_KEY")


def identity_keys() -> dict[int, bytes]:
    """``IDENTITY_KEYS``: ``version:base64`` pairs separated by commas, 32 bytes each; the highest version writes."""
    raw = env.str("IDENTITY_KEYS", default="") or f"1:{secret('IDENTITY_KEY')}"
    keys: dict[int, bytes] = {}
    for pair in raw.split(","):
        version, _colon, encoded = pair.strip().partition(":")
        try:
            key = base64.urlsafe_b64decode(encoded)
            number = int(version)
        except (ValueError, binascii.Error):
            raise refuse("IDENTITY_KEYS", "give version:base64 pairs separated by commas") from None
        if len(key) != 32 or number < 1 or number in keys:
            raise refuse("IDENTITY_KEYS", "each version is a positive number used once, with a key of 32 bytes")
        keys[number] = key
    return keys


if not env.str("IDENTITY_KEYS", default="") and not LOCAL:
    raise refuse("IDENTITY_KEYS", "is required when PUBLIC_BASE_URL is not this machine")
IDENTITY_KEYS = identity_keys()
# Verifications that anyone may ask of the list of bans are keyed apart from what encrypts identities.


def existing_file(name: str) -> str:
    """The path in the variable ``name``; it stops the start where it names no file."""
    path: str = env.str(name, default="")
    if path and not Path(path).is_file():
        raise refuse(name, "names no file")
    return path


# Faces for names no packaged face can draw, asked before Debian's.
RARE_FONT_FILES = [each.strip() for each in env.list("RARE_FONT_FILES", default=[]) if each.strip()]
for _file in RARE_FONT_FILES:
    if not Path(_file).is_file():
        raise refuse("RARE_FONT_FILES", f"{_file} is no file")

# The key that signs papers: in a file, or in hardware behind a PKCS#11 module.
SIGNING_KEY_FILE = existing_file("SIGNING_KEY_FILE")
SIGNING_KEY_PASSWORD = env.str("SIGNING_KEY_PASSWORD", default="")
SIGNING_CERTIFICATE_FILE = existing_file("SIGNING_CERTIFICATE_FILE")
SIGNING_CHAIN_FILE = existing_file("SIGNING_CHAIN_FILE")
SIGNING_PKCS11_MODULE = existing_file("SIGNING_PKCS11_MODULE")
SIGNING_PKCS11_TOKEN = env.str("SIGNING_PKCS11_TOKEN", default="")
SIGNING_PKCS11_KEY_LABEL = env.str("SIGNING_PKCS11_KEY_LABEL", default="")
SIGNING_PKCS11_PIN = env.str("SIGNING_PKCS11_PIN", default="")
# Who vouches for the time of a signature (RFC 3161), and the certificates that vouch for them.
TIMESTAMP_URL = env.str("TIMESTAMP_URL", default="")
if TIMESTAMP_URL and (urlsplit(TIMESTAMP_URL).scheme not in {"http", "https"} or not urlsplit(TIMESTAMP_URL).hostname):
    raise refuse("TIMESTAMP_URL", "give the http or https address of a time-stamp authority")
TIMESTAMP_CHAIN_FILE = existing_file("TIMESTAMP_CHAIN_FILE")
if SIGNING_PKCS11_MODULE:
    if SIGNING_KEY_FILE:
        raise refuse("SIGNING_PKCS11_MODULE", "papers are signed by one key: leave it or SIGNING_KEY_FILE empty")
    for _name in ("SIGNING_PKCS11_TOKEN", "SIGNING_PKCS11_KEY_LABEL"):
        if not globals()[_name]:
            raise refuse(_name, "is required with SIGNING_PKCS11_MODULE")
# PEM: the first private key (Ed25519) signs Open Badges; further keys, private or public, are published as well.
BADGE_KEY_FILE = existing_file("BADGE_KEY_FILE")
# The same for the versions of the list of bans and for files between regions.
REGISTRY_KEY_FILE = existing_file("REGISTRY_KEY_FILE")

INSTALLED_APPS = [
    # the street, from its head to its foot
    "lms.bench",
    "lms.demo",
    "cms",
    "lms.oversight",
    "lms.subsidies",
    "lms.hiring",
    "certificates",
    "courses.learning",
    "courses.classroom",
    "courses.assessment",
    "courses.catalogue",
    "lms.xapi",
    "lms.ledger",
    "lms.registry",
    "lms.policy",
    "lms.people",
    "lms.documents",
    "lms.audit",
    # third parties
    "wagtail.contrib.settings",
    "wagtail.contrib.typed_table_block",
    "wagtail.embeds",
    "wagtail.sites",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "wagtailmedia",
    "modelcluster",
    "taggit",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "django_filters",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
    "django_prometheus",
    "django_structlog",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
]

MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "lms.people.middleware.ActorMiddleware",
    "lms.documents.middleware.BodyLimitMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

BEHIND_PROXY = boolean("BEHIND_PROXY", False)
if BEHIND_PROXY:
    MIDDLEWARE.insert(0, "lms.people.addresses.ProxyAddressMiddleware")

ROOT_URLCONF = "lms.urls"
WSGI_APPLICATION = "lms.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "lms.people.context_processors.navigation",
            ],
        },
    },
]

# Database ---------------------------------------------------------------------------------------------------------
DATABASE_URL = env.str("DATABASE_URL", default="") or f"sqlite:///{VAR_DIR / 'lms.sqlite3'}"
try:
    _database: dict[str, Any] = environ.Env.db_url_config(DATABASE_URL)
except (environ.ImproperlyConfigured, ValueError):
    raise refuse("DATABASE_URL", "give sqlite:///path or postgres://user:password@host:port/name") from None
if _database.get("ENGINE") == "django.db.backends.sqlite3":
    _database["OPTIONS"] = {
        # Writers queue up at BEGIN instead of failing half-way; readers never wait (WAL).
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
    }
    # Tests that act twice at once need what the product has: a file whose writers wait for each other.
    _database["TEST"] = {"NAME": str(VAR_DIR / "test.sqlite3")}
elif _database.get("ENGINE") == "django.db.backends.postgresql":
    # A connection kept per thread, no pool: a pool's own threads do not survive the fork of a Celery worker, and its
    # patience keeps whoever asks waiting while the database is away.
    _database["OPTIONS"] = {
        "connect_timeout": 3,
        "tcp_user_timeout": 10_000,  # milliseconds until a network that swallows everything counts as broken
    }
    _database["CONN_MAX_AGE"] = 60
    _database["CONN_HEALTH_CHECKS"] = True
else:
    raise refuse("DATABASE_URL", "only SQLite and PostgreSQL are supported")
DATABASES = {"default": _database}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Queue ------------------------------------------------------------------------------------------------------------
CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default="filesystem://")
if CELERY_BROKER_URL.startswith("filesystem://"):
    _queue = VAR_DIR / "queue"
    for _part in ("messages", "control"):
        (_queue / _part).mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(_queue / "messages"),
        "data_folder_out": str(_queue / "messages"),
        "control_folder": str(_queue / "control"),
    }
elif urlsplit(CELERY_BROKER_URL).scheme not in {"amqp", "amqps", "pyamqp", "redis", "rediss", "memory"}:
    raise refuse("CELERY_BROKER_URL", "give amqp://…, redis://… or leave it empty for the disk broker")
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = {
    "lms.documents.*": {"queue": "documents"},
    "certificates.*": {"queue": "documents"},
    "cms.tasks.*": {"queue": "media"},
    "lms.hiring.*": {"queue": "screening"},
    "lms.xapi.*": {"queue": "xapi"},
}
CELERY_TIMEZONE = "Asia/Shanghai"
CELERY_WORKER_MAX_TASKS_PER_CHILD = 200  # WeasyPrint grows in a long-lived process
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0.1, "interval_max": 0.2}
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "celerybeat-schedule")
# Sweeps: each re-queues rows whose wake-up was lost. Apps add nothing here but a name and a rhythm.
CELERY_BEAT_SCHEDULE = {
    "seal-audit": {"task": "lms.audit.tasks.seal", "schedule": 5.0},
    "sweep-statements": {"task": "lms.xapi.tasks.sweep", "schedule": 30.0},
    "sweep-certificates": {"task": "certificates.tasks.sweep", "schedule": 20.0},
    "sweep-issue-batches": {"task": "certificates.tasks.sweep_batches", "schedule": 20.0},
    "sweep-recalls": {"task": "certificates.tasks.sweep_recalls", "schedule": 60.0},
    "remind-expiring": {"task": "certificates.tasks.remind", "schedule": crontab(minute="20", hour="8-20")},
    "sweep-receipts": {"task": "lms.hiring.tasks.sweep", "schedule": 20.0},
    "sweep-webhooks": {"task": "lms.hiring.tasks.deliver_webhooks", "schedule": 10.0},
    "sweep-renditions": {"task": "cms.tasks.sweep", "schedule": 60.0},
    "sweep-ledger": {"task": "lms.ledger.tasks.sweep", "schedule": 30.0},
    "sweep-learning": {"task": "courses.learning.tasks.sweep", "schedule": 60.0},
    "remind-assignments": {"task": "courses.learning.tasks.remind", "schedule": crontab(minute="5", hour="8-20")},
    "sweep-letters": {"task": "lms.people.tasks.post", "schedule": 30.0},
    "sweep-timetable": {"task": "cms.timetable.sweep", "schedule": 20.0},
}

# Cache ------------------------------------------------------------------------------------------------------------
CACHE_URL = env.str("CACHE_URL", default="")
if CACHE_URL and urlsplit(CACHE_URL).scheme not in {"redis", "rediss"}:
    raise refuse("CACHE_URL", "give redis://host:port/number or leave it empty")
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": CACHE_URL}
    if CACHE_URL
    # Counters of limits are kept here: with the few entries of the default, a crowd would wash them out.
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "OPTIONS": {"MAX_ENTRIES": 20_000}}
}

# Files ------------------------------------------------------------------------------------------------------------
STORAGE_URL = env.str("STORAGE_URL", default="")
_storage = urlsplit(STORAGE_URL)
if STORAGE_URL and _storage.scheme not in {"s3", "file"}:
    raise refuse("STORAGE_URL", "give s3://bucket?endpoint=… or file:///directory")
MEDIA_ROOT = Path(_storage.path) if _storage.scheme == "file" else VAR_DIR / "media"
# Served to those who may see them, by cms.views.files.
MEDIA_URL = "/cms/files/"


def _files(area: str) -> dict[str, Any]:
    """``media`` is shown to people who may see it; ``archive`` (PDF, decisions) is never served by address."""
    if _storage.scheme == "s3":
        options = {"bucket_name": _storage.netloc, "location": area, "querystring_auth": True, "file_overwrite": False}
        for pair in filter(None, _storage.query.split("&")):
            key, _equals, value = pair.partition("=")
            options["endpoint_url" if key == "endpoint" else key] = value
        return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
    options = {"location": str(MEDIA_ROOT if area == "media" else MEDIA_ROOT.with_name("archive"))}
    if area == "media":
        options["base_url"] = MEDIA_URL
    return {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": options}


STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATIC_ROOT.mkdir(exist_ok=True)
NODE_MODULES = BASE_DIR / "node_modules"
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "cms.finders.PackageFinder",  # the few files of npm packages that pages use
]
STORAGES = {
    "default": _files("media"),
    "archive": _files("archive"),
    "staticfiles": {
        "BACKEND": "cms.static_files.ManifestStorage"
        if boolean("STATIC_MANIFEST", not LOCAL)
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = LOCAL
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
UPLOAD_LIMITS = {  # bytes
    "video": 1024 * 1024 * 1024,
    "audio": 256 * 1024 * 1024,
    "package": 200 * 1024 * 1024,
    "document": 20 * 1024 * 1024,
    "certificate": 5 * 1024 * 1024,  # handed in to be verified; ours have a fiftieth of that
    "workbook": 30 * 1024 * 1024,
    "picture": 5 * 1024 * 1024,
}

# Sign-in ----------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "lms.people.backends.SignInBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "welcome"
ACCOUNT_ADAPTER = "lms.people.adapters.AccountAdapter"
ACCOUNT_FORMS = {"login": "lms.people.sign_in.LoginForm"}
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/5m/key", "login": "60/m/ip"}
MFA_ADAPTER = "lms.people.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "托育人才培训与认证"
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_IPWARE_META_PRECEDENCE_ORDER = ["REMOTE_ADDR"]
AXES_LOCKOUT_TEMPLATE = "429.html"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "lms.people.views.errors.csrf_failure"
SECURE_SSL_REDIRECT = SECURE
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz|metrics)$"]  # probes ask from inside, without TLS
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "SAMEORIGIN"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "media-src": [SELF, "blob:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [SELF],
    }
}

# Language and time ------------------------------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("简体中文")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

# Wagtail ----------------------------------------------------------------------------------------------------------
WAGTAIL_SITE_NAME = "托育人才培训与认证"
WAGTAILADMIN_BASE_URL = PUBLIC_BASE_URL
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_I18N_ENABLED = False
# The last approval publishes, or waits for the hour the college asked for.
WAGTAIL_FINISH_WORKFLOW_ACTION = "cms.publishing.finish"
# A form handed in while its first autosave is still on the way would become two courses.
WAGTAIL_AUTOSAVE_INTERVAL = 0
# One door to sign in by, with its second factor; Wagtail's own would be a way around it.
WAGTAILADMIN_LOGIN_URL = "/accounts/login/"
WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = False
WAGTAIL_PASSWORD_RESET_ENABLED = False
WAGTAIL_EMAIL_MANAGEMENT_ENABLED = False
WAGTAILEMBEDS_FINDERS: list[dict[str, str]] = []
WAGTAILIMAGES_IMAGE_FORM_BASE = "cms.file_forms.PictureForm"
WAGTAILDOCS_DOCUMENT_FORM_BASE = "cms.file_forms.DocumentForm"
WAGTAILIMAGES_MAX_UPLOAD_SIZE = UPLOAD_LIMITS["document"]
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "wagtail.search.backends.database"}}
WAGTAILADMIN_PERMITTED_LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
# How many recordings are cut at once by all workers together: each keeps one processor busy.
RENDITIONS_AT_ONCE = env.int("RENDITIONS_AT_ONCE", default=1)
WAGTAILMEDIA = {
    "MEDIA_MODEL": "cms.CourseMedia",
    "MEDIA_FORM_BASE": "cms.media_forms.CourseMediaForm",
    "AUDIO_EXTENSIONS": ["mp3", "m4a"],
    "VIDEO_EXTENSIONS": ["mp4", "webm", "mov"],
}

# API --------------------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "lms.people.api.ApiKeyAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.CursorPagination",
    "PAGE_SIZE": 50,
    "EXCEPTION_HANDLER": "lms.people.problems.problem_details",
    "DEFAULT_THROTTLE_RATES": {
        "hiring-checks": "120/min",
        "verification": "60/min",
        "verify-file": "12/min",
        "credentials": "120/min",
    },
    "UNAUTHENTICATED_USER": None,
    "NUM_PROXIES": 0,  # REMOTE_ADDR is the address: see lms.people.addresses
}
SPECTACULAR_SETTINGS = {
    "TITLE": "托育人才培训与认证 API",
    "DESCRIPTION": "Hiring checks, standing and certificates.",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SERVE_INCLUDE_SCHEMA": False,
    # Its module also tells how a key is shown.
    "PREPROCESSING_HOOKS": ["lms.people.schema.only_public"],
}

# Learning records, mail, logs -------------------------------------------------------------------------------------
EXTERNAL_LRS_URL = env.str("EXTERNAL_LRS_URL", default="")
EXTERNAL_LRS_KEY = env.str("EXTERNAL_LRS_KEY", default="")
EXTERNAL_LRS_SECRET = env.str("EXTERNAL_LRS_SECRET", default="")
if EXTERNAL_LRS_URL and urlsplit(EXTERNAL_LRS_URL).scheme not in {"http", "https"}:
    raise refuse("EXTERNAL_LRS_URL", "give the LRS endpoint, such as https://lrs.example.org/xapi/")
try:
    vars().update(environ.Env.email_url_config(env.str("EMAIL_URL", default="") or "consolemail://"))
except (environ.ImproperlyConfigured, KeyError, ValueError):
    raise refuse("EMAIL_URL", "give smtp://user:password@host:port or leave it empty") from None
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="noreply@localhost")
EMAIL_TIMEOUT = 15  # seconds; a mail server that doesn't answer holds a worker no longer

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"},
        "event": {"format": "%(message)s"},
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line"},
        "events": {"class": "logging.StreamHandler", "formatter": "event"},
    },
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "lms": {"level": "INFO"},
        "courses": {"level": "INFO"},
        "certificates": {"level": "INFO"},
        # Whoever hands in a strange file fills no log; what counts is in the examination.
        "pyhanko.sign.validation": {"level": "CRITICAL"},
        "django_structlog": {"handlers": ["events"], "level": "INFO", "propagate": False},
        # The sweeps of every few seconds would drown what matters.
        "django_structlog.celery": {"level": "WARNING"},
    },
}
DJANGO_STRUCTLOG_CELERY_ENABLED = True
# Tracebacks without the values of local variables: those may be identity numbers.
structlog.configure(
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
    processors=[
        structlog.stdlib.filter_by_level,
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
    ],
)

SENTRY_DSN = env.str("SENTRY_DSN", default="")
if SENTRY_DSN:
    import sentry_sdk

    sentry_sdk.init(dsn=SENTRY_DSN, send_default_pii=False, include_local_variables=False)

# Wagtail shows previews in a frame of our own origin.
SILENCED_SYSTEM_CHECKS = ["security.W019", "wagtailadmin.W003"]

if DEBUG and not LOCAL:
    raise refuse("DEBUG", "is not allowed when PUBLIC_BASE_URL is not this machine")
