"""Lines of the log: for people on one machine, as JSON in production; each names its request and its record.

No line holds what somebody wrote, an address as it was asked, or the message of an exception, which may hold either:
an exception is told by its kind and by where it was raised.
"""

from __future__ import annotations

import json
import logging
import re
import traceback
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

MORE = ("method", "status", "ms")
# Looked for where a word begins, so that a long one is read once.
_ADDRESS = re.compile(r"(?<![^\s<>\"'@:/…])[^\s<>\"'@:/…]+@[^\s<>\"'@:/,;)]+")
_CREDENTIALS = re.compile(r"://[^\s/@]*@")


@dataclass(slots=True)
class Followed:
    """The request that is being answered: its number, and once that is known its view's name and the record."""

    number: str
    view: str = ""
    record: object = None


followed: ContextVar[Followed | None] = ContextVar("followed", default=None)


def message_of(line: logging.LogRecord) -> str:
    """What a line says, without the address of a request and without mail addresses and passwords of services."""
    if hasattr(line, "request") and line.args:  # Django's own: what happened, and the path that was asked
        first = line.args[0] if isinstance(line.args, tuple) else line.msg
        return str(first)
    return _ADDRESS.sub("…@…", _CREDENTIALS.sub("://…@", line.getMessage()))


class Json(logging.Formatter):
    """A line as one JSON object: at, level, logger, message, and what is known of request, record and exception."""

    def format(self, line: logging.LogRecord) -> str:
        told: dict[str, object] = {
            "at": datetime.fromtimestamp(line.created, UTC).isoformat(timespec="milliseconds"),
            "level": line.levelname.lower(),
            "logger": line.name,
            "message": message_of(line),
        }
        if of := followed.get():
            told |= {"request": of.number, "view": of.view, "record": of.record}
        told |= {name: getattr(line, name) for name in (*MORE, "record", "task") if hasattr(line, name)}
        if line.exc_info and line.exc_info[1]:
            told |= {"exception": _kinds(line.exc_info[1]), "where": _where(line.exc_info[1])}
        return json.dumps({key: value for key, value in told.items() if value not in ("", None)}, default=str)


class Line(logging.Formatter):
    """A line for people, with the request's number at its end; exceptions whole: this is a machine of one's own."""

    def format(self, line: logging.LogRecord) -> str:
        of = followed.get()
        return super().format(line) + (f" [{of.number}]" if of else "")


def _kinds(error: BaseException) -> list[str]:
    """The exception and those that led to it, by kind."""
    kinds: list[str] = []
    one: BaseException | None = error
    while one and len(kinds) < 5:
        kinds.append(f"{type(one).__module__}.{type(one).__qualname__}")
        one = one.__cause__ or one.__context__
    return kinds


def _where(error: BaseException) -> list[str]:
    """The innermost places that it went through, each as file:line function."""
    frames = traceback.extract_tb(error.__traceback__)[-12:]
    return [f"{'/'.join(frame.filename.split('/')[-3:])}:{frame.lineno} {frame.name}" for frame in frames]


def logging_of(demo: bool) -> dict[str, Any]:
    """Django's LOGGING: what is worth a line, and how it is written for whoever reads it."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "lines": {
                "()": "opsrecords.logs.Line",
                "format": "{asctime} {levelname} {name}: {message}",
                "style": "{",
            },
            "json": {"()": "opsrecords.logs.Json"},
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines" if demo else "json"}},
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        "loggers": {
            "django": {"handlers": [], "level": "WARNING", "propagate": True},
            # A page that isn't there or may not be seen is answered, not logged; a request that can't be read is logged
            # in one line by the page that answers it.
            "django.request": {"level": "ERROR"},
            "django.security": {"level": "CRITICAL"},
            # It names whoever failed to sign in; those are kept in its table.
            "axes": {"level": "ERROR"},
            # The embedded broker has no host name to supply.
            "kombu.connection": {"level": "ERROR"},
            "opsrecords": {"level": "INFO"},
            # A line for each request: where programs read them.
            "opsrecords.access": {"level": "WARNING" if demo else "INFO"},
            "approvals": {"level": "INFO"},
            "records": {"level": "INFO"},
        },
    }
