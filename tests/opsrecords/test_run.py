"""One command starts everything, and nothing is left of it afterwards."""

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from opsrecords import run
from tests.processes import PATIENCE, free_port, processes_with, until

ROOT = Path(__file__).parent.parent.parent


class Site:
    """`python -m opsrecords.run` with data and port of its own."""

    def __init__(self, folder: Path, port: int) -> None:
        self.port = port
        self.mark = f"DATA_DIR={folder}\0"
        environment = {
            "PATH": os.environ["PATH"],
            "DATA_DIR": str(folder),
            "STATIC_ROOT": str(folder / "static"),
            "PORT": str(port),
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "opsrecords.run"],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def read_until(self, words: str) -> str:
        """What it said up to and with the line that holds the words."""
        assert self.process.stdout
        lines = []
        for line in self.process.stdout:
            lines.append(line)
            if words in line:
                return "".join(lines)
        raise AssertionError("it ended, and said only: " + "".join(lines))

    def running(self) -> dict[int, str]:
        return processes_with(self.mark)

    def worker(self) -> int:
        """The worker's process: the first of those that run celery."""
        return min(number for number, command in self.running().items() if "celery" in command)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all: the second start is the quicker one."""
    return tmp_path_factory.mktemp("site")


@pytest.fixture
def site(folder: Path) -> Iterator[Site]:
    site = Site(folder, free_port())
    yield site
    for number in site.running():
        os.kill(number, signal.SIGKILL)
    site.process.wait()
    assert site.process.stdout
    site.process.stdout.close()


@pytest.mark.parametrize("number", [pytest.param(signal.SIGINT, marks=pytest.mark.long), signal.SIGTERM])
def test_it_answers_and_a_signal_leaves_nothing(site, number):
    said = site.read_until("Ctrl-C stops it")
    assert f"http://127.0.0.1:{site.port}\n" in said
    with urllib.request.urlopen(f"http://127.0.0.1:{site.port}/sign-in/") as page:
        assert page.status == 200
    commands = " ".join(site.running().values())
    assert "gunicorn" in commands
    assert "celery" in commands
    site.process.send_signal(number)
    site.read_until("Warm shutdown")  # asked to end, not killed
    assert site.process.wait(PATIENCE) == 0
    assert site.running() == {}
    with socket.socket() as door:
        assert door.connect_ex(("127.0.0.1", site.port)) != 0


def test_a_signal_to_all_at_once_leaves_nothing(site):
    site.read_until("Ctrl-C stops it")
    for number in site.running():
        os.kill(number, signal.SIGINT)
    site.process.wait(PATIENCE)
    until(lambda: site.running() == {})


def test_a_dead_part_ends_the_rest_and_is_named(site):
    site.read_until("Ctrl-C stops it")
    os.kill(site.worker(), signal.SIGKILL)
    site.read_until("The worker ended by itself (signal SIGKILL)")
    assert site.process.wait(PATIENCE) == 1
    assert site.running() == {}


def test_a_taken_port_is_said_before_anything_is_started(tmp_path):
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        door.listen()
        port = door.getsockname()[1]
        site = Site(tmp_path, port)
        said, _ = site.process.communicate(timeout=PATIENCE)
    assert site.process.returncode == 1
    assert f"Not started: port {port} can't be used (Address already in use)" in said
    assert f"PORT={port + 1}" in said
    assert not (tmp_path / "celerybeat-schedule").exists()


@pytest.mark.parametrize(
    ("demo", "expected"), [(True, ["migrate", "collectstatic", "demo"]), (False, ["migrate", "collectstatic"])]
)
def test_demo_content_is_for_a_demo_alone_and_each_part_is_said_before_it(
    settings, monkeypatch, capsys, demo, expected
):
    called = []

    def call(name: str, **options: object) -> None:
        called.append(name)
        if name == "demo":
            options["stdout"].write("Sign in as mara\n")

    monkeypatch.setattr(run, "call_command", call)
    monkeypatch.setattr(run, "get_commands", lambda: {"demo": "records"})
    settings.DEMO = demo
    assert run.prepare() == ("Sign in as mara" if demo else "")
    assert called == expected
    said = capsys.readouterr().out
    assert "Bringing the database" in said and "Starting web server and worker." in said
    assert ("Looking for the demo" in said) == demo
