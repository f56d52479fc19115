"""Everything on one machine, started and stopped together: `python -m opsrecords.run`.

Prepares database, static files and demo content, then runs the web server and the worker until Ctrl-C. Leaves no
process behind, whichever way it ends.
"""

import contextlib
import io
import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from queue import SimpleQueue
from typing import Any
from urllib.parse import urlsplit

import django
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command, get_commands
from django.db import connections

HOST = "127.0.0.1"
PATIENCE = 10.0  # seconds that a child has for ending by itself
STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
ANSWERED = "answered"

Child = subprocess.Popen[bytes]


class CannotStart(Exception):
    """Why nothing was started, in a sentence."""


def main() -> int:
    """Run the site until told to stop; 0 if it was, 1 if it could not start or a part of it ended."""
    try:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "opsrecords.settings")
        django.setup()
        with listen(settings.PORT) as door:
            welcome = prepare()
            return supervise(door, welcome)
    except (CannotStart, ImproperlyConfigured, CommandError) as why:
        say(f"Not started: {why}")
        return 1
    except KeyboardInterrupt:
        say("Stopped.")
        return 0


def say(text: str) -> None:
    print(text, flush=True)


def listen(port: int) -> socket.socket:
    """The socket that the web server will answer on. Held from the start, so that nobody takes the port meanwhile."""
    door = socket.socket()
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        door.bind((HOST, port))
    except OSError as error:
        door.close()
        raise CannotStart(
            f"port {port} can't be used ({error.strerror}). Choose another one: make run PORT={port + 1}"
        ) from error
    door.listen(128)
    return door


def prepare() -> str:
    """Bring database, static files and, in a demo, its content up to date; answers what the demo says of itself."""
    welcome = io.StringIO()
    say(f"Bringing the database in {settings.DATA_DIR} up to date.")
    call_command("migrate", interactive=False, verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    if settings.DEMO and "demo" in get_commands():
        say("Looking for the demo; on the first start it is lived through now, which takes some seconds.")
        call_command("demo", stdout=welcome)
    say("Starting web server and worker.")
    connections.close_all()
    return welcome.getvalue().strip()


def supervise(door: socket.socket, welcome: str) -> int:
    """Start the children and wait for what comes first: a signal, or the end of one of them."""
    events: SimpleQueue[Any] = SimpleQueue()
    for number in (*STOPS, signal.SIGCHLD):
        signal.signal(number, lambda number, _: events.put(number))
    children: dict[str, Child] = {}
    try:
        children["web server"] = start(web_server(door.fileno()), keep=door.fileno())
        children["worker"] = start(worker())
        threading.Thread(target=first_page, args=(events,), daemon=True).start()
        while (event := events.get()) not in STOPS:
            if event == ANSWERED:
                say(f"\nhttp://{HOST}:{settings.PORT}\n\n{welcome}\n\nCtrl-C stops it.".replace("\n\n\n\n", "\n\n"))
            elif ended := [(name, child.returncode) for name, child in children.items() if child.poll() is not None]:
                name, code = ended[0]
                say(f"The {name} ended by itself ({exit_words(code)}); stopping the rest.")
                return 1
        say("Stopping.")
        return 0
    finally:
        stop(list(children.values()))


def web_server(door: int) -> list[str]:
    return [
        *("gunicorn", "--config", "python:opsrecords.web_server", "opsrecords.wsgi"),
        *("--bind", f"fd://{door}", "--graceful-timeout", "5"),
    ]


def worker() -> list[str]:
    return [
        *("celery", "--app", "opsrecords", "--quiet", "worker", "--pool", "solo", "--loglevel", "WARNING"),
        *("--beat", "--schedule", str(settings.DATA_DIR / "celerybeat-schedule")),
        *("--without-gossip", "--without-mingle", "--without-heartbeat"),
    ]


def start(command: list[str], keep: int | None = None) -> Child:
    """A module of this Python as a child in a process group of its own: Ctrl-C reaches it through us alone."""
    return subprocess.Popen(
        # In a container everybody is root; the worker takes JSON alone, which is what that warning is about.
        [sys.executable, "-W", "ignore:You're running the worker", "-m", *command],
        cwd=settings.BASE_DIR,
        pass_fds=() if keep is None else (keep,),
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )


def first_page(events: "SimpleQueue[Any]") -> None:
    """Ask for the first page. The socket listens already: the request waits in it until the web server takes it."""
    # In production the site answers to its own name alone; the proxy says that it was asked over https.
    headers = {"Host": urlsplit(settings.SITE_URL).netloc, "X-Forwarded-Proto": "https"}
    request = urllib.request.Request(f"http://{HOST}:{settings.PORT}/", headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=120):
            events.put(ANSWERED)
    except urllib.error.HTTPError:
        events.put(ANSWERED)
    except OSError:
        return  # the end of the web server is told by its signal


def exit_words(code: int) -> str:
    return f"exit code {code}" if code >= 0 else f"signal {signal.Signals(-code).name}"


def stop(children: list[Child]) -> None:
    """Ask each child to end, wait for all of them, and end by force what is left of their groups."""
    for child in children:
        if child.poll() is None:
            child.terminate()
    for child in children:
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(PATIENCE)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()


if __name__ == "__main__":
    sys.exit(main())
