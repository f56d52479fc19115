"""The site's settings as the tests see them: data in a folder of their own, a broker that nobody listens to.

The database is a SQLite file, or the one that DATABASE_URL names (`tests/with_postgresql.py` does).
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

# The first process of a test run makes the folder; its xdist workers inherit it by environment.
if "TEST_DATA_DIR" not in os.environ:
    os.environ["TEST_DATA_DIR"] = tempfile.mkdtemp(prefix="opsrecords-tests-")
    atexit.register(shutil.rmtree, os.environ["TEST_DATA_DIR"], ignore_errors=True)
os.environ["DATA_DIR"] = os.environ["TEST_DATA_DIR"]
os.environ["STATIC_ROOT"] = str(Path(os.environ["DATA_DIR"], "static"))
os.environ["CELERY_BROKER_URL"] = "memory://"
for name in (
    "DEBUG",
    "SECRET_KEY",
    "ALLOWED_HOSTS",
    "SECRET_KEY_FALLBACKS",
    "SITE_URL",
    "CLIENT_HEADER",
    "PORT",
    "EMAIL_URL",
    "DEFAULT_FROM_EMAIL",
    "CACHE_URL",
    "AUDIT_CHECKPOINTS",
    "METRICS_TOKEN",
    "PUBLISH_URL",
    "PUBLISH_BRANCH",
    "WEBHOOKS_INTERNAL",
):
    os.environ.pop(name, None)

from opsrecords.settings import *  # noqa: E402, F403
from opsrecords.settings import DATA_DIR, DATABASES, STORAGES  # noqa: E402

ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
# Nothing is collected for the tests: the live server reads static files where they are.
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, not memory: races and the live server's threads meet the locks that people meet.
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
