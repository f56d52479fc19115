"""A site in a process of its own, which can be killed, on the database of the test."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from django.db import connection

from tests.make import ROOT
from tests.processes import free_port, until


@dataclass
class OwnServer:
    """The process, and its address."""

    flag: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] = field(init=False)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        database = f"sqlite:///{connection.settings_dict['NAME']}"
        own = {"DATABASE_URL": database, "DIES_BY": str(self.flag), "SITE_PORT": str(self.port)}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.journeys.mortal_site"], cwd=ROOT, env=os.environ | own
        )
        until(self._answers)

    def _answers(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        except OSError:
            return False
        return True


@contextmanager
def own_server(flag: Path) -> Iterator[OwnServer]:
    """The site while the journey lasts; the file ``flag`` says when it dies (``mortal_site``)."""
    site = OwnServer(flag)
    site.start()
    try:
        yield site
    finally:
        site.process.kill()
        site.process.wait()
