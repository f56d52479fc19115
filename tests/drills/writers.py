"""People who go on while things break: each sends the next text once the one before was acknowledged, never sooner."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlencode

SECTION = "operation-summary"
FIELD = f"{SECTION}/infrastructure-rationale/compliance"
TOKEN = "t" * 32


class Someone(threading.Thread):
    """A browser that asks again and again; ``answers`` counts what it got, by status, 0 for nothing."""

    def __init__(self, port: int, told: dict[str, Any]) -> None:
        super().__init__(daemon=True)
        self.port, self.record, self.session = port, told["record"], told["session"]
        self.ended = threading.Event()
        self.answers: Counter[int] = Counter()
        self.last_good = 0.0

    def post(self, address: str, form: dict[str, str]) -> tuple[int, bytes]:
        """The status and the body; 0 and nothing where nobody answered to the end."""
        headers = {
            "Accept": "application/json",
            "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": f"sessionid={self.session}; csrftoken={TOKEN}",
            "X-CSRFToken": TOKEN,
        }
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("POST", address, urlencode(form), headers)
            response = connection.getresponse()
            status, body = response.status, response.read()
        except (OSError, HTTPException):
            status, body = 0, b""
        finally:
            connection.close()
        self.answers[status] += 1
        if status in (200, 302):
            self.last_good = time.monotonic()
        else:
            self.ended.wait(0.05)
        return status, body

    def stop(self) -> None:
        self.ended.set()
        self.join(60)
        assert not self.is_alive()


class Writer(Someone):
    """Saves a text that counts up. ``acknowledged`` was told to be saved; ``sent`` may or may not have been."""

    acknowledged = sent = 0

    def run(self) -> None:
        address = f"/records/{self.record}/sections/{SECTION}/"
        while not self.ended.is_set():
            self.sent = self.acknowledged + 1
            form = {"version": "1", "page": f"writer-{self.record}", FIELD: f"Text {self.sent}"}
            status, body = self.post(address, form)
            if status == 200 and "saved" in json.loads(body):
                self.acknowledged = self.sent


class Sender(Someone):
    """Sends a plan for review and takes it back, which is mail each time."""

    def run(self) -> None:
        while not self.ended.is_set():
            self.post(f"/records/{self.record}/check/", {})
            self.post(f"/records/{self.record}/withdraw/", {})
            self.ended.wait(0.2)
