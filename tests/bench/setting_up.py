"""Django for the scripts of this folder: the site's settings, and the quick passwords of the tests' cast."""

from __future__ import annotations

import os

import django
from django.conf import settings


def set_up() -> None:
    """Make models usable. The database is the one that DATABASE_URL names, or the file in DATA_DIR."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "opsrecords.settings")
    settings.PASSWORD_HASHERS = [*settings.PASSWORD_HASHERS, "django.contrib.auth.hashers.MD5PasswordHasher"]
    django.setup()
