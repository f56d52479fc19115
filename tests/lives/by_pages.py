"""What people do on the pages: forms, sent as a browser sends them. What has no page here is done by its act."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from typing import Any

from django.core.cache import cache
from django.test import Client

from records.forms.new_record import CARRIED_BYTES
from records.models import Operation, Person
from records.transfer.exchange import record_as_json
from tests import make
from tests.lives.by_acts import REFUSALS, WRONG_PASSWORD, ByActs
from tests.lives.clerk import Attempt
from tests.people import PASSWORD

CHOICES = ("approve", "ask_for_changes", "reject")


class Answered(Exception):
    """The site said no, in words; its status."""


class ByPages(ByActs):
    """As ``ByActs``, over HTTP wherever there is a page. An answer over 499 is no refusal: it raises AssertionError."""

    refusals = (*REFUSALS, Answered)

    def __init__(self, operation: Operation, everybody: dict[str, Person]) -> None:
        super().__init__(operation, everybody)
        cache.clear()  # wrong passwords of another life

    def do(self, attempt: Attempt) -> None:
        signed = {"digest": attempt.digest, "password": PASSWORD if attempt.password_right else WRONG_PASSWORD}
        signing_off = signed | {"note": "It went well"} | ({"actual_seen": "on"} if attempt.seen else {})
        pages: dict[str, Callable[[], tuple[str, dict[str, Any]]]] = {
            "submit": lambda: ("check/", {}),
            "withdraw": lambda: ("withdraw/", {}),
            "cancel": lambda: ("cancel/", {"reason": "Not needed"}),
            "take_back": lambda: ("take-back/", {"reason": "I erred"}),
            "change_plan": lambda: ("change-plan/", {"voids": self._voids()}),
            "reopen_run": lambda: ("close/", {"evidence": "The log"}),
            "emergency_start": lambda: ("emergency/", make.ANSWERS),
            "complete_plan": lambda: ("complete-plan/", {"left_out": "Not needed"}),
            "sign_off": lambda: ("sign-off/", signing_off),
        }
        if attempt.act in CHOICES:
            self._post(attempt, "decide/", signed | {"decision": attempt.act, "reason": "Read", "invisible_seen": "on"})
        elif attempt.act in pages:
            self._post(attempt, *pages[attempt.act]())
        else:
            super().do(attempt)

    def save(self, attempt: Attempt) -> int:
        section = attempt.key.split("/")[0]
        text = attempt.text.replace("\n", "\r\n")
        self._post(attempt, f"sections/{section}/", {"version": attempt.base, attempt.key: text, "act": "exit"})
        return int(self.now().sections.get(key=section).version)

    def bring_in(self, attempt: Attempt, kind: str) -> Operation:
        own = self.now()
        text = self.export().decode() if kind == "md" else json.dumps(record_as_json(own))
        text = text.replace(own.operation_id or "-", "2026-12-06-infrastructure-brought-in")
        if len(text.encode()) > CARRIED_BYTES:
            return super().bring_in(attempt, kind)  # with the command, as the page says
        content = base64.b64encode(text.encode()).decode()
        facts = {"content": content, "template": own.template_id, "repair": "no"}
        answer = self._client(attempt).post("/records/new/bring-in/", facts)
        self._refuse(answer.status_code, answer.get("Location", ""))
        return Operation.objects.get(pk=int(re.findall(r"/records/(\d+)/", answer["Location"])[0]))

    def _post(self, attempt: Attempt, page: str, facts: dict[str, Any]) -> None:
        answer = self._client(attempt).post(f"/records/{self.operation.pk}/{page}", facts)
        self._refuse(answer.status_code, answer.get("Location", ""))

    def _client(self, attempt: Attempt) -> Client:
        """Signed in anew: a session that began in a refused attempt was undone with it."""
        client = Client()
        client.force_login(Person.objects.get(pk=attempt.by))
        return client

    def _refuse(self, status: int, location: str) -> None:
        assert status < 500
        if status not in (302, 303) or location.startswith("/sign-in/"):
            raise Answered(f"{status} {location}")
