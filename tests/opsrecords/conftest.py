"""Servers on this machine that stand for those outside, and records that mail is about."""

from __future__ import annotations

import base64
import os
import subprocess
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from records.models import Operation, OperationTemplate, State
from tests import make
from tests.opsrecords.repositories import Remote, make_finalized
from tests.people import Cast

QUICKLY = 0.01  # seconds until a server that is asked to end looks up; by itself it takes half of one


class GitOverHttp(BaseHTTPRequestHandler):
    """git's own http-backend for one folder, behind a name and a password."""

    folder: Path
    wanted = "Basic " + base64.b64encode(b"site:right/one").decode()

    def do_GET(self) -> None:
        if self.headers["Authorization"] != self.wanted:
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="git"')
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        path, _, query = self.path.partition("?")
        told = {
            "PATH": os.environ["PATH"],
            "GIT_PROJECT_ROOT": str(self.folder),
            "GIT_HTTP_EXPORT_ALL": "1",
            "REQUEST_METHOD": self.command,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REMOTE_USER": "site",
            "GIT_CONFIG_COUNT": "2",
            "GIT_CONFIG_KEY_0": "safe.directory",
            "GIT_CONFIG_VALUE_0": "*",
            "GIT_CONFIG_KEY_1": "http.receivepack",
            "GIT_CONFIG_VALUE_1": "true",
            "CONTENT_TYPE": self.headers["Content-Type"] or "",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_CONTENT_ENCODING": self.headers["Content-Encoding"] or "",
        }
        done = subprocess.run(["git", "http-backend"], env=told, input=self.body(), capture_output=True, check=True)
        head, _, body = done.stdout.partition(b"\r\n\r\n")
        lines = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
        self.send_response(int(lines.pop("Status", "200").split()[0]))
        for name, value in {**lines, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def body(self) -> bytes:
        if self.headers["Transfer-Encoding"] != "chunked":
            return self.rfile.read(int(self.headers["Content-Length"] or 0))
        parts = []
        while size := int(self.rfile.readline(), 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is said."""


@pytest.fixture
def git_over_http() -> Iterator[Callable[..., str]]:
    """Makes the address of a bare repository, served on this machine, with a password as the address spells it."""
    servers: list[ThreadingHTTPServer] = []

    def serve(bare: Path, *, password: str) -> str:
        handler = type("Handler", (GitOverHttp,), {"folder": bare.parent})
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, args=(QUICKLY,), daemon=True).start()
        servers.append(server)
        return f"http://site:{password}@127.0.0.1:{server.server_address[1]}/{bare.name}"

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


class Receiver:
    """A program on this machine that is told what happens, and answers as ``answers`` says, one after the other."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[int] = []
        self.location = ""
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(receiver.answers.pop(0) if receiver.answers else 204)
                if receiver.location:
                    self.send_header("Location", receiver.location)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Nothing is said."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=(QUICKLY,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/hook?room=1"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.server.shutdown()
    receiver.server.server_close()


@pytest.fixture
def remote(tmp_path: Path, settings) -> Remote:
    remote = Remote(tmp_path)
    settings.DATA_DIR = tmp_path / "data"
    settings.PUBLISH_URL = str(remote.bare)
    return remote


@pytest.fixture
def finalized(cast: Cast, template: OperationTemplate, remote: Remote) -> Operation:
    return make_finalized(cast, template)


@pytest.fixture
def draft(cast: Cast, template: OperationTemplate) -> Operation:
    return make.make_in(State.DRAFT, cast, template)


@pytest.fixture
def in_review(draft: Operation) -> Operation:
    Operation.objects.filter(pk=draft.pk).update(state=State.IN_REVIEW)
    return make.fresh(draft)
