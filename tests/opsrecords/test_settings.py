"""Settings are read from the environment, and say loudly what is wrong with it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PRODUCTION = {"DEBUG": "false", "SECRET_KEY": "x" * 50, "ALLOWED_HOSTS": "records.example.com, records"}
READ = """
import json
from django.conf import settings
print(json.dumps({name: getattr(settings, name) for name in dir(settings) if name.isupper()}, default=str))
"""


def start(tmp_path: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    """A fresh Python that reads the settings in nothing but this environment and prints them."""
    return subprocess.run(
        [sys.executable, "-c", READ],
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "DATA_DIR": str(tmp_path / "data"),
            "DJANGO_SETTINGS_MODULE": "opsrecords.settings",
            **environment,
        },
        capture_output=True,
        text=True,
    )


def read(tmp_path: Path, **environment: str) -> dict[str, object]:
    result = start(tmp_path, **environment)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def demo_secret() -> str:
    from opsrecords.settings import DEMO_SECRET

    return DEMO_SECRET


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY must be set"),
        ({"SECRET_KEY": demo_secret()}, "SECRET_KEY must not be the one of the demo"),
        ({"ALLOWED_HOSTS": " "}, "ALLOWED_HOSTS must be set"),
        ({"DEBUG": "perhaps"}, "DEBUG must be true or false, not 'perhaps'"),
        ({"PORT": "80a"}, "PORT must be a number from 1 to 65535, not '80a'"),
        ({"PORT": "70000"}, "PORT must be a number from 1 to 65535"),
        ({"ALLOWED_HOSTS": " , "}, "ALLOWED_HOSTS must be set"),
        ({"SITE_URL": "https://[::1"}, "SITE_URL can't be used: an address of this site is https://"),
        ({"SITE_URL": "records.example.com"}, "SITE_URL can't be used: an address of this site is https://"),
        ({"DATABASE_URL": "mysql://root@db/records"}, "DATABASE_URL must name SQLite"),
        ({"DATABASE_URL": "records.db"}, "DATABASE_URL can't be understood; it is like postgres://"),
        (
            {"DATABASE_URL": "postgres://db/records", "STATEMENT_TIMEOUT": "30s"},
            "STATEMENT_TIMEOUT must be a number from 0 to 86400, not '30s'",
        ),
        ({"CLIENT_HEADER": "X_Forwarded_For:"}, "CLIENT_HEADER can't be used: a header is letters, digits and dashes"),
        ({"CACHE_URL": "memcache.example.com"}, "CACHE_URL can't be understood; it is like redis://"),
        ({"EMAIL_URL": "mail.example.com"}, "EMAIL_URL can't be understood; it is like smtp+tls://"),
    ],
)
def test_it_refuses_to_start_and_says_why(tmp_path, changed, said):
    result = start(tmp_path, **{**PRODUCTION, **changed})
    assert result.returncode != 0
    assert f"ImproperlyConfigured: {said}" in result.stderr or f"ImproperlyConfigured: With DEBUG=false, {said}" in (
        result.stderr
    )


@pytest.mark.parametrize("name", ["DATABASE_URL", "EMAIL_URL", "CACHE_URL"])
@pytest.mark.parametrize("address", ["smtp://mail:hush-hush", "kept://me:hush-hush@there/records"])
def test_a_password_in_an_address_that_cannot_be_read_is_not_repeated(tmp_path, name, address):
    result = start(tmp_path, **PRODUCTION, **{name: address})
    assert f"ImproperlyConfigured: {name}" in result.stderr
    assert "hush-hush" not in result.stderr


def test_what_is_empty_is_not_set(tmp_path):
    names = ("SITE_URL", "DEFAULT_FROM_EMAIL", "STATEMENT_TIMEOUT", "PUBLISH_BRANCH", "EMAIL_URL", "CACHE_URL")
    postgresql = {**PRODUCTION, "DATABASE_URL": "postgres://db/records"}
    assert read(tmp_path, **postgresql, **dict.fromkeys(names, "")) == read(tmp_path, **postgresql)
    demo = dict.fromkeys(("DEBUG", "SECRET_KEY", "ALLOWED_HOSTS", "SITE_URL", "DATABASE_URL", "DATA_DIR"), "")
    assert read(tmp_path, **demo)["ALLOWED_HOSTS"] == ["127.0.0.1", "localhost", "[::1]"]


def test_one_machine_needs_no_environment(tmp_path):
    settings = read(tmp_path)
    assert (settings["DEMO"], settings["DEBUG"], settings["PORT"]) == (True, False, 8000)
    assert settings["DATABASES"]["default"]["NAME"] == str(tmp_path / "data" / "db.sqlite3")
    assert settings["CELERY_BROKER_URL"] == "filesystem://"
    assert settings["EMAIL_BACKEND"] == "django.core.mail.backends.filebased.EmailBackend"
    assert settings["SESSION_COOKIE_NAME"] == "sessionid"
    assert settings["SECURE_HSTS_SECONDS"] == 0


def test_production_is_strict(tmp_path):
    settings = read(tmp_path, **PRODUCTION)
    assert (settings["DEMO"], settings["DEBUG"]) == (False, False)
    assert settings["ALLOWED_HOSTS"] == ["records.example.com", "records"]
    assert settings["SITE_URL"] == "https://records.example.com"
    assert settings["SECURE_HSTS_SECONDS"] > 0
    for cookie in ("SESSION", "CSRF"):
        assert settings[f"{cookie}_COOKIE_SECURE"] is True
        assert settings[f"{cookie}_COOKIE_NAME"].startswith("__Host-")
    assert settings["EMAIL_BACKEND"] == "django.core.mail.backends.smtp.EmailBackend"


def test_former_secret_keys_are_a_list_and_an_empty_one_is_none(tmp_path):
    assert read(tmp_path, **PRODUCTION, SECRET_KEY_FALLBACKS=" , ")["SECRET_KEY_FALLBACKS"] == []
    former = read(tmp_path, **PRODUCTION, SECRET_KEY_FALLBACKS="a-former-key, an-older-one")["SECRET_KEY_FALLBACKS"]
    assert former == ["a-former-key", "an-older-one"]


def test_the_check_for_production_has_nothing_to_say(tmp_path):
    checked = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "INFO"],
        cwd=ROOT,
        env={
            **PRODUCTION,
            "PATH": os.environ["PATH"],
            "DATA_DIR": str(tmp_path),
            "SECRET_KEY": "".join(map(chr, range(40, 110))),
        },
        capture_output=True,
        text=True,
    )
    assert (checked.returncode, checked.stderr) == (0, "")


def test_a_folder_with_odd_characters_is_a_folder(tmp_path):
    odd = tmp_path / "a b?c#d%2Fe@f"
    settings = read(tmp_path, DATA_DIR=str(odd))
    assert settings["DATABASES"]["default"]["NAME"] == str(odd / "db.sqlite3")
    assert odd.is_dir()


def test_a_socket_folder_reaches_postgresql(tmp_path):
    database = read(tmp_path, DATABASE_URL="postgres://me@/records?host=/run/pg")["DATABASES"]["default"]
    assert (database["NAME"], database["OPTIONS"]["host"]) == ("records", "/run/pg")
    assert database["OPTIONS"]["pool"]
