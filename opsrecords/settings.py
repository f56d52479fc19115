"""Settings of the site, read from the environment.

Two groups: what has a safe default for one machine, and what production must set. Production is DEBUG=false:
it refuses to start on the default secret or without hosts. Without DEBUG in the environment this is a demo on one
machine, with the pages as people see them; DEBUG=true adds Django's debug pages to that.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from opsrecords.database_settings import database
from opsrecords.deliveries.repository_address import refuse_branch, refuse_repository
from opsrecords.environment import (
    env,
    flag,
    networks,
    number,
    refuse_header,
    refuse_site,
    required,
    service,
    several,
    text,
)
from opsrecords.logs import logging_of

BASE_DIR = Path(__file__).resolve().parent.parent
DEMO_SECRET = "demo-only-secret-that-production-refuses-to-start-on"
MEBIBYTE = 1024 * 1024


# --- What has a safe default for one machine ---------------------------------------------------------------------

DEMO = flag("DEBUG", default=True)
DEBUG = flag("DEBUG", default=False)
PORT = number("PORT", default=8000, most=65535)
DATA_DIR = Path(text("DATA_DIR") or BASE_DIR / "data").resolve()
try:
    DATA_DIR.mkdir(parents=True, exist_ok=True)
except OSError as error:
    raise ImproperlyConfigured(f"DATA_DIR can't be made: {error}.") from error

# --- What production must set ------------------------------------------------------------------------------------

if DEMO:
    SECRET_KEY = text("SECRET_KEY", default=DEMO_SECRET)
    ALLOWED_HOSTS = several("ALLOWED_HOSTS", default="127.0.0.1,localhost,[::1]")
    own_address = f"http://127.0.0.1:{PORT}"
else:
    SECRET_KEY = required("SECRET_KEY", text("SECRET_KEY"), "a long random text that stays the same, told to nobody.")
    if SECRET_KEY == DEMO_SECRET:
        raise ImproperlyConfigured("With DEBUG=false, SECRET_KEY must not be the one of the demo.")
    hosts = several("ALLOWED_HOSTS")
    ALLOWED_HOSTS = required("ALLOWED_HOSTS", hosts, "the names this site is reached by, with commas between.")
    own_address = f"https://{ALLOWED_HOSTS[0]}"
SITE_URL = text("SITE_URL", default=own_address, refuse=refuse_site)
# Former keys, which sign nothing any more: sessions and calendar addresses from before hold on while they stand here.
SECRET_KEY_FALLBACKS = several("SECRET_KEY_FALLBACKS")

# --- The parts of the site ---------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "opsrecords.apps.SiteConfig",
    "approvals",
    "records",
    "crispy_forms",
    "crispy_bootstrap5",
    "js_lib_bootstrap5",
    "axes",
    "csp",
    "django.forms",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "opsrecords.static_files.LinkedStaticFiles",
]
MIDDLEWARE = [
    "opsrecords.health.before_everything",
    "opsrecords.following.FollowRequest",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "opsrecords.guards.CompressedPages",
    "opsrecords.guards.no_store",
    "opsrecords.guards.show_invisible",
    "opsrecords.guards.refuse_unreadable",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "opsrecords.by_token.known_by_token",
    "opsrecords.guards.reader_zone",
    "opsrecords.guards.say_who_asks",
    "opsrecords.devices.know_devices",
    "django.contrib.messages.middleware.MessageMiddleware",
    "records.views.refusals.Refusals",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "opsrecords.urls"
WSGI_APPLICATION = "opsrecords.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "opsrecords.guards.demo",
                "opsrecords.guards.bar",
            ]
        },
    }
]
# Controls of forms are drawn by the same engine, so that templates of ours come before Django's.
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = CRISPY_TEMPLATE_PACK = "bootstrap5"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# --- Data --------------------------------------------------------------------------------------------------------

DATABASES = {"default": database(DATA_DIR)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# A folder, not a process's memory: two web processes and the worker see the same, and the database isn't written.
CACHES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": DATA_DIR / "cache",
        "OPTIONS": {"MAX_ENTRIES": 5000},
    }
}
if cache := service("CACHE_URL", env.cache_url, like="redis://HOST:6379/1"):
    CACHES["default"] = cache
DATA_UPLOAD_MAX_MEMORY_SIZE = FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * MEBIBYTE
# Photos of a screen are larger than any form, and so is a bundle that holds them: by the name of their address.
LARGE_BODIES = {"bring_evidence": 10 * MEBIBYTE, "verify": 32 * MEBIBYTE}
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
DATA_UPLOAD_MAX_NUMBER_FILES = 10

# --- Language, time, static files ----------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
# Texts are marked for translation, and nobody has translated them yet. With the first catalogue (LOCALE_PATHS) this
# becomes True; until then every page would look up a hundred texts in vain.
USE_I18N = False
USE_TZ = True
TIME_ZONE = "UTC"
STATIC_URL = "/static/"
STATIC_ROOT = Path(text("STATIC_ROOT") or BASE_DIR / "staticfiles")
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "opsrecords.static_files.JoinedFiles",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    # Compressing takes long; the demo's first page doesn't wait for it.
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
        if DEMO
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
MEDIA_ROOT = DATA_DIR / "media"
# Best on another machine's disk: it shows a trail whose end was cut, by whoever can write to the database.
AUDIT_CHECKPOINTS = text("AUDIT_CHECKPOINTS") or DATA_DIR / "audit-checkpoints.txt"

# --- People and what protects them -----------------------------------------------------------------------------------

AUTH_USER_MODEL = "records.Person"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "records.signed_in.PersonBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "login"

AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_CLIENT_IP_CALLABLE = "opsrecords.devices.origin_of"
# In which the proxy says who asks. Without it all have one address, the proxy's; one that the proxy doesn't set
# itself would be whatever somebody who guesses at passwords writes into it.
CLIENT_HEADER = text("CLIENT_HEADER", refuse=refuse_header)
AXES_LOCKOUT_CALLABLE = "opsrecords.errors.locked_out"
AXES_RESET_ON_SUCCESS = True
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "font-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_HSTS_SECONDS = 0 if DEMO else int(timedelta(days=365).total_seconds())
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
# Whether the domain stands in the browsers' own list is for whoever owns the domain to say.
SILENCED_SYSTEM_CHECKS = ["security.W021"]
SECURE_SSL_REDIRECT = not DEMO
CSRF_FAILURE_VIEW = "opsrecords.errors.csrf_failure"
CSRF_COOKIE_HTTPONLY = True
# Browsers take a __Host- cookie over https alone: with it nobody could sign in to the demo.
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not DEMO
SESSION_COOKIE_NAME = "sessionid" if DEMO else "__Host-sessionid"
CSRF_COOKIE_NAME = "csrftoken" if DEMO else "__Host-csrftoken"

# --- Whoever watches it ---------------------------------------------------------------------------------------------

# With it Prometheus reads /metrics; without it there is no such page.
METRICS_TOKEN = text("METRICS_TOKEN")

# --- What leaves: worker and mail ------------------------------------------------------------------------------------

CELERY_BROKER_URL = text("CELERY_BROKER_URL", default="filesystem://")
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # however long it is away, the worker goes on when it is back
CELERY_BROKER_CONNECTION_TIMEOUT = 2
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_IGNORE_RESULT = True
# A broker that is down must not hold up a request: the row is the promise, the sweep finds it.
CELERY_TASK_PUBLISH_RETRY = False
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE = {
    # A sweep that nobody took before the next one is due is not worth keeping.
    "sweep deliveries": {"task": "opsrecords.deliveries.sweep", "schedule": 15.0, "options": {"expires": 15}},
    "remind of what nobody did": {
        "task": "opsrecords.deliveries.remind",
        "schedule": 300.0,
        "options": {"expires": 300},
    },
    "note where the audit trail ends": {"task": "records.checkpoint", "schedule": 600.0, "options": {"expires": 600}},
}
if CELERY_BROKER_URL.startswith("filesystem:"):
    BROKER_DIR = DATA_DIR / "broker"
    (BROKER_DIR / "messages").mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(BROKER_DIR / "messages"),
        "data_folder_out": str(BROKER_DIR / "messages"),
        "control_folder": str(BROKER_DIR / "control"),
        "polling_interval": 0.1,
    }
elif CELERY_BROKER_URL.startswith(("redis:", "rediss:", "redis+socket:")):
    CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_connect_timeout": 2, "socket_timeout": 10, "socket_keepalive": True}

DEFAULT_FROM_EMAIL = SERVER_EMAIL = text("DEFAULT_FROM_EMAIL", default="Operation records <records@localhost>")
EMAIL_TIMEOUT = 10
if mail := service("EMAIL_URL", env.email_url, like="smtp+tls://NAME:PASSWORD@HOST:587"):
    vars().update(mail)
elif DEMO:  # its mail is kept in a folder; nobody is written to
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = DATA_DIR / "mail"


# Webhooks are sent to public addresses alone, and to these.
WEBHOOKS_INTERNAL = networks("WEBHOOKS_INTERNAL")
# Finalized records are published there, if it is said: an absolute path of a bare repository, https:// or ssh://.
PUBLISH_URL = text("PUBLISH_URL", refuse=refuse_repository)
PUBLISH_BRANCH = text("PUBLISH_BRANCH", default="main", refuse=refuse_branch)

LOGGING = logging_of(DEMO)
