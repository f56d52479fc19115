"""The site in a process that dies in the middle of a save or of a press in a run, once the file that DIES_BY names says
when: "before" or "after" its commit; "press before", "press after".
"""

from __future__ import annotations

import os
import signal
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
django.setup()

from django.core.wsgi import get_wsgi_application  # noqa: E402

from records.views import run as run_page  # noqa: E402
from records.writing import saving, section_saves  # noqa: E402

FLAG = Path(os.environ["DIES_BY"])
write_changed, save_section = saving.write_changed, section_saves.save_section
act_or_note, once = run_page.act_or_note, run_page.once


def die_if(moment: str) -> None:
    if FLAG.exists() and FLAG.read_text() == moment:
        os.kill(os.getpid(), signal.SIGKILL)


def written_then_dead(*args: Any, **kwargs: Any) -> Any:
    saved = write_changed(*args, **kwargs)
    die_if("before")
    return saved


def committed_then_dead(*args: Any, **kwargs: Any) -> Any:
    saved = save_section(*args, **kwargs)
    die_if("after")
    return saved


def worked_then_dead(*args: Any) -> Any:
    told = act_or_note(*args)
    die_if("press before")
    return told


def counted_then_dead(*args: Any, **kwargs: Any) -> Any:
    counted = once(*args, **kwargs)
    die_if("press after")
    return counted


class Silent(WSGIRequestHandler):
    def log_message(self, *args: Any) -> None:
        """Nobody reads it."""


class Threaded(ThreadingMixIn, WSGIServer):
    daemon_threads = True


saving.write_changed = written_then_dead
section_saves.save_section = committed_then_dead
run_page.act_or_note, run_page.once = worked_then_dead, counted_then_dead
make_server(
    "127.0.0.1", int(os.environ["SITE_PORT"]), get_wsgi_application(), server_class=Threaded, handler_class=Silent
).serve_forever()
