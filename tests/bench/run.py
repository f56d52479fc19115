"""`make bench`: every measure as a ratio to its floor, in one table for the documentation.

With MILLION=1, on a PostgreSQL of their own, also writing and verifying there, and what lists and search take among a
million records: some minutes more.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping

from tests.bench.measures import Ratio, table
from tests.bench.pages import APPS, Servers, measured


def inside(databases: Mapping[str, str] | None = None) -> list[Ratio]:
    """What is measured without a web server; on SQLite, unless ``databases`` names another one for the site."""
    alone = Servers(APPS, databases)
    try:
        alone.run("site", "manage.py", "migrate", "--no-input", "-v0")
        return [Ratio(**one) for one in json.loads(alone.run("site", "-m", "tests.bench.inside"))]
    finally:
        alone.end()


def main() -> int:
    """Measure, print; 1 if a goal isn't reached."""
    found = measured()
    print(table(found), flush=True)
    found += inside()
    if os.environ.get("MILLION"):
        from tests.bench import million

        found += inside({"site": os.environ["DATABASE_URL"]}) + million.measured()
    print(table(found))
    return 0 if all(one.is_reached for one in found) else 1


if __name__ == "__main__":
    sys.exit(main())
