"""The one place that reads the environment. A bad value stops the start with the variable's name.

Every secret may also be given as ``NAME_FILE``. The embedded default (no variables at all) runs on SQLite,
a disk broker and local files below ``var/`` and makes its own keys there; production refuses those keys. What no
environment changes stands in ``lms.constants``.
"""

import base64
import binascii
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured
from environ.fileaware_mapping import FileAwareMapping

from lms.constants.api import *  # noqa: F403
from lms.constants.apps import *  # noqa: F403
from lms.constants.editor import *  # noqa: F403
from lms.constants.files import *  # noqa: F403
from lms.constants.logs import *  # noqa: F403
from lms.constants.pages import *  # noqa: F403
from lms.constants.queue import *  # noqa: F403
from lms.constants.sign_in import *  # noqa: F403
from lms.secrets_store import embedded_secret

BASE_DIR = Path(__file__).resolve().parent.parent


def refuse(name: str, why: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(f"{name}: {why}")


class _Variables(FileAwareMapping):  # type: ignore[misc]
    """Variables, and secrets in files whose last line ends as an editor leaves it."""

    def __getitem__(self, name: str) -> str:
        try:
            value: str = super().__getitem__(name)
        except (OSError, UnicodeError):
            raise refuse(f"{name}_FILE", "can't be read as text") from None
        return value.rstrip("\r\n") if self.env.get(f"{name}_FILE") else value


class _Environment(environ.FileAwareEnv):  # type: ignore[misc]
    ENVIRON = _Variables()


env = _Environment()


def boolean(name: str, default: bool) -> bool:
    raw = env.str(name, default="")
    if not raw:
        return default
    if raw.lower() not in {"1", "0", "true", "false", "yes", "no", "on", "off"}:
        raise refuse(name, "give true or false")
    return raw.lower() in {"1", "true", "yes", "on"}


def whole_number(name: str, default: int) -> int:
    raw = env.str(name, default="")
    if raw and not (raw.isdecimal() and int(raw)):
        raise refuse(name, "give a number from 1")
    return int(raw or default)


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

BEHIND_PROXY = boolean("BEHIND_PROXY", False)
if BEHIND_PROXY:
    MIDDLEWARE = ["lms.people.addresses.ProxyAddressMiddleware", *MIDDLEWARE]  # noqa: F405

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
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "celerybeat-schedule")

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

# Addresses --------------------------------------------------------------------------------------------------------
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SECURE_SSL_REDIRECT = SECURE
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
WAGTAILADMIN_BASE_URL = PUBLIC_BASE_URL
LOCALE_PATHS = [BASE_DIR / "locale"]

# Recordings -------------------------------------------------------------------------------------------------------
# How many recordings are cut at once by all workers together: each keeps one processor busy.
RENDITIONS_AT_ONCE = whole_number("RENDITIONS_AT_ONCE", 1)

# Learning records, mail, errors -----------------------------------------------------------------------------------
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

SENTRY_DSN = env.str("SENTRY_DSN", default="")
if SENTRY_DSN:
    import sentry_sdk

    sentry_sdk.init(dsn=SENTRY_DSN, send_default_pii=False, include_local_variables=False)

if DEBUG and not LOCAL:
    raise refuse("DEBUG", "is not allowed when PUBLIC_BASE_URL is not this machine")
