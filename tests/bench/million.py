"""Lists and search among a million records, against a thousand: on the PostgreSQL that DATABASE_URL names."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import psycopg

from tests.bench.measures import Ratio, compared
from tests.bench.pages import Servers

COUNTS = {"thousand": 1_000, "million": 1_000_000}
SESSION = (
    "from tests.bench.setting_up import set_up; set_up(); from django.test import Client; "
    "from records.models import Person; client = Client(); "
    "client.force_login(Person.objects.get(username='seeded-0')); print(client.cookies['sessionid'].value)"
)


def measured() -> list[Ratio]:
    """The list, filters, the next page and a search."""
    given = os.environ["DATABASE_URL"]
    urls = {name: urlsplit(given)._replace(path=f"/{name}").geturl() for name in COUNTS}
    both = Servers(dict.fromkeys(COUNTS, "opsrecords"), urls)
    try:
        sessions = {name: make(both, given, name) for name in COUNTS}
        for name in COUNTS:
            both.start(name)
        return [*lists(both, sessions), Ratio(**json.loads(both.run("million", "-m", "tests.bench.searching")))]
    finally:
        both.end()


def make(both: Servers, given: str, name: str) -> str:
    """The database, seeded unless it is there; somebody's session in it."""
    with psycopg.connect(given, autocommit=True) as connection:
        there = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
        if not there:
            connection.execute(f'CREATE DATABASE "{name}"')
    both.run(name, "manage.py", "migrate", "--no-input", "-v0")
    if not there:
        sys.stderr.write(both.run(name, "-m", "tests.bench.seed", str(COUNTS[name])))
    both.run(name, "manage.py", "collectstatic", "--no-input", "-v0")
    return both.run(name, "-c", SESSION).strip()


def lists(both: Servers, sessions: dict[str, str]) -> list[Ratio]:
    """The pages of the list; the next page is found as people find it, by its link."""

    def page(name: str, query: str = "") -> str:
        status, text = both.ask(name, "GET", f"/records/{query}", sessions[name])
        assert status == 200, query
        return text

    def older(name: str) -> str:
        found = re.search(r'href="([^"]*)" rel="next"', page(name))
        assert found
        return found[1].replace("&amp;", "&")

    def at(name: str, query: str) -> Callable[[], Any]:
        return lambda: page(name, query)

    queries = {
        "List": dict.fromkeys(COUNTS, ""),
        "Filter by state": dict.fromkeys(COUNTS, "?state=approved"),
        "Filter by risk level": dict.fromkeys(COUNTS, "?risk=High"),
        "Next page": {name: older(name) for name in COUNTS},
    }
    told = "{} among 1,000,000 records, against 1,000"
    return [
        compared(told.format(what), at("million", asked["million"]), at("thousand", asked["thousand"]), 1.2)
        for what, asked in queries.items()
    ]
