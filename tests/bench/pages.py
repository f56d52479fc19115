"""Site and floor as web servers on one database, and their pages asked in turn."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.bench.measures import ROUNDS, Ratio, compared
from tests.compose import ROOT
from tests.drills.writers import FIELD, SECTION, TOKEN
from tests.processes import free_port, processes_with, until

APPROVALS = 3
APPS = {"site": "opsrecords", "floor": "tests.bench.floor"}


class Servers:
    """Two of them, by name, each with the package of its settings; ``databases`` where each has its own."""

    def __init__(self, apps: Mapping[str, str], databases: Mapping[str, str] | None = None) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="opsrecords-bench-"))
        self.apps, self.databases = apps, databases or {}
        self.ports = {name: free_port() for name in apps}
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def environment(self, name: str) -> dict[str, str]:
        own = {
            "DATA_DIR": str(self.folder),
            "STATIC_ROOT": str(self.folder / "static"),
            "BENCH": f"{name}-{self.folder}",
        }
        own |= {"DATABASE_URL": self.databases[name]} if name in self.databases else {}
        own |= {"DJANGO_SETTINGS_MODULE": f"{self.apps[name]}.settings", "STATEMENT_TIMEOUT": "0"}
        return {"PATH": os.environ["PATH"]} | own

    def run(self, app: str, *words: str) -> str:
        """What a module or a script of this Python says in the surroundings of one of them."""
        command = [sys.executable, *words]
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment(app), stdout=subprocess.PIPE, text=True, check=True
        )
        return done.stdout

    def start(self, name: str) -> float:
        """Seconds until the first page was there."""
        command = [sys.executable, "-m", "gunicorn", "--config", "python:opsrecords.web_server"]
        command += [f"{self.apps[name]}.wsgi", "--bind", f"127.0.0.1:{self.ports[name]}"]
        began = time.monotonic()
        self.running[name] = subprocess.Popen(command, cwd=ROOT, env=self.environment(name))
        until(lambda: self._answers(name))
        return time.monotonic() - began

    def _answers(self, name: str) -> bool:
        with contextlib.suppress(OSError):
            return self.ask(name, "GET", "/sign-in/")[0] == 200
        return False

    def stop(self, name: str) -> None:
        process = self.running.pop(name)
        process.terminate()
        process.wait(30)

    def end(self) -> None:
        """Both end, and nothing of them is left."""
        for name in list(self.running):
            self.stop(name)
        shutil.rmtree(self.folder, ignore_errors=True)

    def memory(self, name: str) -> float:
        """MB that its processes hold together, what they share counted once."""
        rollups = [
            Path(f"/proc/{number}/smaps_rollup").read_text() for number in processes_with(f"BENCH={name}-{self.folder}")
        ]
        return sum(int(re.findall(r"^Pss:\s+(\d+)", one, re.MULTILINE)[0]) for one in rollups) / 1000

    def worked(self, name: str) -> float:
        """Seconds that its processes have had of a processor by now, to the nanosecond."""
        family = processes_with(f"BENCH={name}-{self.folder}")
        threads = [one for number in family for one in Path(f"/proc/{number}/task").glob("*/schedstat")]
        return sum(int(one.read_text().split()[0]) for one in threads) / 1e9

    def ask(self, name: str, method: str, address: str, session: str = "", **form: str) -> tuple[int, str]:
        headers = {"Cookie": f"sessionid={session}; csrftoken={TOKEN}", "X-CSRFToken": TOKEN}
        headers |= {"Content-Type": "application/x-www-form-urlencoded"}
        if "page" in form:
            headers["Accept"] = "application/json"
        connection = HTTPConnection("127.0.0.1", self.ports[name], timeout=60)
        connection.request(method, address, urlencode(form), headers)
        with connection.getresponse() as response:
            body = response.read().decode()
        connection.close()
        return response.status, body


@contextlib.contextmanager
def servers() -> Iterator[tuple[Servers, dict[str, Any], Ratio]]:
    """Both, started, with what they serve, and how long the first page took."""
    both = Servers(APPS)
    try:
        both.run("site", "manage.py", "migrate", "--no-input", "-v0")
        both.run("site", "manage.py", "collectstatic", "--no-input", "-v0")
        told = json.loads(both.run("site", "-m", "tests.bench.prepare", str(ROUNDS * APPROVALS + 1)))
        starts = []
        for turn in range(3):
            took = {name: both.start(name) for name in APPS}
            starts.append(took["site"] / took["floor"])
            if turn < 2:
                for name in APPS:
                    both.stop(name)
        yield both, told, Ratio("First page after a cold start", sorted(starts)[1], min(starts), max(starts), 3)
    finally:
        both.end()


def measured() -> list[Ratio]:
    """Every page against its floor."""
    with servers() as (both, told, cold):
        mara, draft = told["mara"], told["draft"]
        section = f"/records/{draft}/sections/{SECTION}/"
        numbers, versions, waiting = count(1), ["1"], iter(told["waiting"])

        def get(name: str, address: str) -> None:
            status, _page = both.ask(name, "GET", address, mara)
            assert status == 200, address

        def save() -> None:
            # As a page that stays open does: each save stands on the version that the last one answered.
            form = {"version": versions[-1], "page": "bench", FIELD: f"Text {next(numbers)}"}
            status, answer = both.ask("site", "POST", section, mara, **form)
            assert status == 200
            versions.append(str(json.loads(answer)["version"]))

        def approve() -> None:
            one = next(waiting)
            form = {"digest": one["digest"], "decision": "approve", "reason": "", "password": told["password"]}
            status, _page = both.ask("site", "POST", f"/records/{one['record']}/decide/", told["tomas"], **form)
            assert status == 302

        def floor(address: str, session: str, status: int, **form: str) -> None:
            assert both.ask("floor", "POST", address, session, **form)[0] == status

        def worked(is_own: bool) -> float:
            return both.worked("site" if is_own else "floor")

        fields = len(re.findall(r"<(?:textarea|select|input type=.text)", both.ask("site", "GET", section, mara)[1]))
        found = [
            compared(
                "Record overview, against a page of 134 values",
                lambda: get("site", f"/records/{draft}/"),
                lambda: get("floor", f"/values/{draft}/"),
                2,
                worked=worked,
            ),
            compared(
                "List, against as many rows of a plain template",
                lambda: get("site", "/records/"),
                lambda: get("floor", "/list/"),
                1.5,
                worked=worked,
            ),
            compared(
                f"Section page, against a plain crispy form of {fields} fields",
                lambda: get("site", section),
                lambda: get("floor", f"/form/{fields}/"),
                2,
                worked=worked,
            ),
            compared(
                "Saving a section, against one field and an audit row",
                save,
                lambda: floor(f"/save/{draft}/", mara, 200, text=f"Text {next(numbers)}"),
                2.5,
                worked=worked,
            ),
            compared(
                "Approving, against the password, one field and an audit row",
                approve,
                lambda: floor(f"/approve/{draft}/", told["tomas"], 302, text="x", password=told["password"]),
                3,
                each=APPROVALS,
                worked=worked,
            ),
            cold,
        ]
        memory = both.memory("site")
        found.append(Ratio("Memory of the web server's processes", memory, memory, memory, 200, unit="MB"))
        return found
