"""The log: each line names its request and its record, and holds nothing that somebody wrote."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator

import pytest
from django.test import Client

from opsrecords.logs import Json
from records.models import OperationTemplate, Person, State
from tests.make import make_in
from tests.people import PASSWORD, Cast

Lines = Callable[[], list[dict[str, object]]]


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Iterator[Lines]:
    """What production's log holds by now."""
    written: list[str] = []

    class Kept(logging.Handler):
        def emit(self, line: logging.LogRecord) -> None:
            written.append(Json().format(line))

    handler = Kept()
    loggers = [logging.getLogger(name) for name in ("", "opsrecords.access")]
    loggers[0].addHandler(handler)
    with caplog.at_level(logging.INFO, "opsrecords.access"):
        yield lambda: [json.loads(line) for line in written]
    loggers[0].removeHandler(handler)


def test_a_line_names_request_view_and_record(cast: Cast, template: OperationTemplate, lines: Lines) -> None:
    draft = make_in(State.DRAFT, cast, template)
    client = Client()
    client.force_login(cast.mara)
    response = client.get(f"/records/{draft.pk}/", headers={"X-Request-ID": "from-the-proxy-1"})
    assert response["X-Request-ID"] == "from-the-proxy-1"
    [line] = [one for one in lines() if one["logger"] == "opsrecords.access"]
    assert line.pop("ms") and line.pop("at")
    assert line == {
        "level": "info",
        "logger": "opsrecords.access",
        "message": "answered",
        "request": "from-the-proxy-1",
        "view": "record",
        "record": draft.pk,
        "method": "GET",
        "status": 200,
    }


@pytest.mark.parametrize("given", ["", "short", "x" * 65, "two words here", 'a"b"c"d"e', "a\r\nb: c d e f"])
def test_a_number_that_could_forge_a_line_is_not_taken_case_22(db: None, given: str) -> None:
    number = Client().get("/sign-in/", headers={"X-Request-ID": given})["X-Request-ID"]
    assert number != given
    assert len(number) == 16


@pytest.mark.urls("tests.opsrecords.faulty_urls")
def test_an_exception_is_told_by_kind_and_place_without_its_words(db: None, lines: Lines) -> None:
    client = Client(raise_request_exception=False)
    client.get("/broken/?name=mara@example.com&next=hunter2")
    [fault] = [one for one in lines() if one["logger"] == "django.request"]
    assert fault["exception"] == ["builtins.RuntimeError"]
    assert str(fault["where"]).endswith(" broken']")
    assert fault["message"] == "Internal Server Error"
    assert not [one for one in lines() if any(text in str(one) for text in ("secret", "hunter2", "mara@", "/broken/"))]


def test_wrong_passwords_write_neither_name_nor_password(db: None, lines: Lines) -> None:
    Person.objects.create_user("mara", name="Mara Lindqvist", password=PASSWORD)
    for _ in range(7):
        Client().post("/sign-in/", {"username": "mara", "password": "hunter2-hunter2"})
    told = lines()
    assert "A sign-in was locked out" in [one["message"] for one in told]
    assert not [one for one in told if "mara" in str(one).lower() or "hunter2" in str(one)]


def test_what_a_service_answered_is_masked() -> None:
    said = "SMTP refused mara@example.com, redis://user:secret@redis:6379/0 is away"
    line = logging.LogRecord("x", logging.WARNING, "x.py", 1, said, None, None)
    assert json.loads(Json().format(line))["message"] == "SMTP refused …@…, redis://…@redis:6379/0 is away"


def test_what_forges_a_line_stays_in_its_line_case_22() -> None:
    line = logging.LogRecord("x", logging.WARNING, "x.py", 1, "%s", ('a\n{"level": "error"}\x1b[2K',), None)
    written = Json().format(line)
    assert "\n" not in written and "\x1b" not in written
