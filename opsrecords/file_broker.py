"""The embedded broker: messages as files of a folder, each of which appears whole or not at all.

The file-system transport of kombu opens a message's file and then writes it, so a worker that looks in between
takes an empty message and dies of it; the same goes for the file that says which queues there are.
"""

from __future__ import annotations

import fcntl
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Any

from kombu.exceptions import ChannelError
from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils import json

NAME = "filesystem"


class Channel(filesystem.Channel):
    """kombu's channel, with messages that are renamed into their place once they are written."""

    def _put(self, queue: str, payload: dict[str, Any], **kwargs: Any) -> None:  # type: ignore[override]
        name = f"{round(monotonic() * 1000)}_{uuid.uuid4()}.{queue}.msg"
        folder = Path(self.data_folder_out)
        # No queue's name ends so; what a killed sender leaves is never read.
        unfinished = folder / f"{name}.unfinished"
        try:
            unfinished.write_text(json.dumps(payload))  # type: ignore[no-untyped-call]
            os.replace(unfinished, folder / name)
        except OSError as error:
            raise ChannelError(f"The message can't be put into {folder}: {error}.") from error

    def _queue_bind(self, *args: Any) -> None:
        with self._queues_locked(fcntl.LOCK_EX):
            super()._queue_bind(*args)  # type: ignore[no-untyped-call]

    def get_table(self, exchange: str) -> list[Any]:
        with self._queues_locked(fcntl.LOCK_SH):
            return list(super().get_table(exchange))  # type: ignore[no-untyped-call]

    @contextmanager
    def _queues_locked(self, how: int) -> Iterator[None]:
        self.control_folder.mkdir(exist_ok=True)
        with (self.control_folder / "lock").open("a") as lock:
            fcntl.flock(lock, how)
            yield


class Transport(filesystem.Transport):
    """kombu's transport with the channel above."""

    Channel = Channel


def install() -> None:
    """Have addresses ``filesystem://`` mean this broker."""
    TRANSPORT_ALIASES[NAME] = f"{__name__}:Transport"
