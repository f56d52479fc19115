"""How gunicorn runs the site, here and in the image: `gunicorn --config python:opsrecords.web_server …`."""

from __future__ import annotations

import os
import shutil
import tempfile
from typing import Any

from gunicorn.glogging import Logger

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "opsrecords.settings")

from django.conf import settings

from opsrecords.logs import Json

# Each process counts its requests in a file of its own here, of this server on this machine alone.
_counts = tempfile.mkdtemp(prefix="opsrecords-metrics-")
os.environ["PROMETHEUS_MULTIPROC_DIR"] = _counts


class OwnLines(Logger):  # type: ignore[misc]
    """Its own few lines look like those of the site."""

    def setup(self, cfg: Any) -> None:
        """Set it up; in production its lines are JSON."""
        super().setup(cfg)
        for handler in () if settings.DEMO else self.error_log.handlers:
            handler.setFormatter(Json())


worker_class = "gthread"
workers = 2
threads = 4
loglevel = "warning"
logger_class = OwnLines
control_socket_disable = True


def on_exit(server: Any) -> None:
    """What was counted ends with the server."""
    shutil.rmtree(_counts, ignore_errors=True)


def child_exit(server: Any, worker: Any) -> None:
    """What only a living process can say goes with it."""
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]
