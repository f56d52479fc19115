"""`make bench`: every measure as a ratio to its floor, in one table for the documentation.

With MILLION=1 also what lists and search take among a million records, on a PostgreSQL of their own: some minutes more.
"""

from __future__ import annotations

import json
import os
import sys

from tests.bench.measures import Ratio, table
from tests.bench.pages import APPS, Servers, measured


def inside() -> list[Ratio]:
    """What is measured without a web server."""
    alone = Servers(APPS)
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

        found += million.measured()
    print(table(found))
    return 0 if all(one.is_reached for one in found) else 1


if __name__ == "__main__":
    sys.exit(main())
