"""The services of docker-compose.yml as processes of this machine: started by its own commands, killed, started again.

PostgreSQL and Redis are Debian's, with folders of their own; nothing is shared with what else runs here.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg
import redis

from tests.compose import TOLD, image_environment, instructions, services
from tests.processes import PATIENCE, free_port, processes_with, until
from tests.with_postgresql import find_binaries

BIN = Path(sys.executable).parent
SITE = ("web", "worker", "beat")


class Stack:
    """PostgreSQL, Redis, web, worker and beat around the code in ``code``; all of it is gone after ``stop``."""

    def __init__(self, code: Path, **more: str) -> None:
        # Not TMPDIR: PostgreSQL's own user has to reach it, and the path of a socket is short.
        self.home = Path(tempfile.mkdtemp(prefix="opsrecords-stack-", dir="/tmp"))
        self.home.chmod(0o755)
        self.code, self.more = code, more
        self.port, self.redis_port = free_port(), free_port()
        self.data = self.home / "data"
        self.data.mkdir()
        self.mark = f"STACK={self.home}"
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.told = services(**TOLD, SUBNET="127.0.0.0/8")
        binaries = find_binaries()
        assert binaries, "PostgreSQL is not installed: make system-packages"
        self.binaries = binaries

    # ------------------------------------------------------------ what is started, and how

    @property
    def database_url(self) -> str:
        return f"postgres://opsrecords@/opsrecords?host={self.home}"

    @property
    def broker_url(self) -> str:
        return f"redis://127.0.0.1:{self.redis_port}/0"

    def environment(self, name: str = "web") -> dict[str, str]:
        """What the service is told, with the addresses that services have here; nothing else."""
        path = f"{BIN}:{self.binaries}:{os.environ['PATH']}"
        own = {"PATH": path, "STACK": str(self.home), "HOME": str(self.home)}
        if name not in (*SITE, "migrate"):
            return own
        here = {
            "DATABASE_URL": self.database_url,
            "CELERY_BROKER_URL": self.broker_url,
            "CACHE_URL": f"redis://127.0.0.1:{self.redis_port}/1",
            "DATA_DIR": str(self.data),
        }
        return {**image_environment(), **self.told[name]["environment"], **here, **own, **self.more}

    def command(self, name: str) -> list[str]:
        """The service's own command, with the ports and folders that it has here."""
        if name == "postgres":
            server = [str(self.binaries / "postgres"), "-D", str(self.home / "pg"), "-k", str(self.home)]
            return as_postgres([*server, "-c", "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=60"])
        if name == "web":
            words = json.loads(instructions("CMD")[0])
            return [word.replace("0.0.0.0:8000", f"127.0.0.1:{self.port}") for word in words]
        words = shlex.split(self.told[name]["command"])
        if name == "redis":
            return [*words, "--port", str(self.redis_port), "--bind", "127.0.0.1", "--dir", str(self.home)]
        return [word.replace("/tmp/", f"{self.home}/") for word in words]

    def is_healthy(self, name: str) -> bool:
        """Whether the service's own health check says so; without one, whether it runs."""
        check = self.told[name].get("healthcheck")
        if not check:
            return self.running[name].poll() is None
        words = [re.sub(r"\b8000\b", str(self.port), word) for word in check["test"][1:]]
        more = {"postgres": ["--host", str(self.home)], "redis": ["-p", str(self.redis_port)]}.get(name, [])
        words[1:1] = more
        return subprocess.run(words, env=self.environment(name), capture_output=True, check=False).returncode == 0

    def start(self, *names: str, healthy: bool = True) -> None:
        """Start services, in this order, and wait until each is healthy."""
        for name in names:
            if name == "postgres" and not (self.home / "pg").exists():
                self._make_cluster()
            log = (self.home / f"{name}.log").open("ab")
            self.running[name] = subprocess.Popen(
                self.command(name),
                cwd=self.code if name in SITE else "/",
                env=self.environment(name),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
            log.close()
            if healthy:
                until(lambda name=name: self.is_healthy(name), pause=0.3)  # type: ignore[misc]

    def start_all(self) -> None:
        """All of it, in the order that the file asks for."""
        self.start("postgres", "redis")
        self.make_database()
        self.run(*shlex.split(self.told["migrate"]["command"]))
        self.start(*SITE)

    def make_database(self) -> None:
        """The empty database of the site, as the image of PostgreSQL makes it."""
        with psycopg.connect(host=str(self.home), user="opsrecords", dbname="postgres", autocommit=True) as connection:
            connection.execute("CREATE DATABASE opsrecords")

    def run(self, *words: str) -> str:
        """What a command says that is run as the site; fails if it does."""
        done = subprocess.run(
            words, cwd=self.code, env=self.environment("migrate"), capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def kill(self, name: str) -> None:
        """kill -9 of the service and of every process that it started, those too that it was just starting: a backend
        that outlives its server would write beside the next one.
        """
        while family := self._family(name):
            for number in family:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(number, signal.SIGKILL)
        self.running.pop(name).wait(PATIENCE)
        if name == "postgres":
            # Its number may still be somebody's, dead and not yet buried: the next server would believe it alive.
            for lock in (self.home / "pg/postmaster.pid", self.home / ".s.PGSQL.5432.lock"):
                lock.unlink(missing_ok=True)

    def restart_postgres(self) -> None:
        """As an administrator does: those who are connected lose their connection."""
        self._tell_postgres(signal.SIGINT)
        self.running.pop("postgres").wait(PATIENCE)
        self.start("postgres")

    def _tell_postgres(self, number: int) -> bool:
        """A signal to the server itself: whoever started it as another user doesn't hand it on."""
        try:
            os.kill(int((self.home / "pg/postmaster.pid").read_text().split()[0]), number)
        except (OSError, ValueError, IndexError):
            return False
        return True

    def _family(self, name: str) -> list[int]:
        group = self.running[name].pid
        there = self._all().items()
        server = {number for number, at in there if name == "postgres" and at == self.home / "pg"}
        return [number for number, _at in there if os_group(number) == group or number in server]

    def _all(self) -> dict[int, Path | None]:
        """Every process of the stack, and where it works: some overwrite what shows their environment."""
        found: dict[int, Path | None] = dict.fromkeys(processes_with(self.mark))
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                at = (folder / "cwd").readlink()
                if at.is_relative_to(self.home):
                    found[int(folder.name)] = at
        return found

    def redis(self, base: int = 0) -> Any:
        """A client of its Redis."""
        return redis.Redis(port=self.redis_port, db=base)

    def memory(self, name: str) -> int:
        """Bytes that the service's processes hold together, what they share counted once."""
        total = 0
        for number in self._family(name):
            with contextlib.suppress(OSError):
                rollup = Path(f"/proc/{number}/smaps_rollup").read_text()
                total += int(re.findall(r"^Pss:\s+(\d+)", rollup, re.MULTILINE)[0]) * 1024
        return total

    def _make_cluster(self) -> None:
        folder = self.home / "pg"
        if os.geteuid() == 0:
            shutil.chown(self.home, "postgres")
        make = [str(self.binaries / "initdb"), "-D", str(folder), "-U", "opsrecords", "-A", "trust", "-E", "UTF8"]
        subprocess.run(
            as_postgres([*make, "--locale=C.UTF-8", "--no-sync"]), cwd="/", check=True, stdout=subprocess.DEVNULL
        )

    def stop(self) -> dict[str, int]:
        """Ask every service to end, the site first; their exit codes. Nothing is left, whatever happened before."""
        codes = {}
        for name in [*SITE, "redis", "postgres"]:
            if process := self.running.pop(name, None):
                if name != "postgres" or not self._tell_postgres(signal.SIGINT):
                    process.terminate()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    codes[name] = process.wait(PATIENCE)
        deadline = time.monotonic() + PATIENCE
        while left := self._all():
            for number in left:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(number, signal.SIGKILL)
            assert time.monotonic() < deadline, left
            time.sleep(0.05)
        shutil.rmtree(self.home, ignore_errors=True)
        return codes


def os_group(number: int) -> int:
    """The process group of a process; 0 if it is gone."""
    try:
        return os.getpgid(number)
    except ProcessLookupError:
        return 0


def as_postgres(command: list[str]) -> list[str]:
    """PostgreSQL refuses to run as root."""
    return ["runuser", "-u", "postgres", "--", *command] if os.geteuid() == 0 else command
