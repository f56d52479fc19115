"""Real processes in tests: which are there, and waiting for what they are to become."""

import socket
import time
from collections.abc import Callable
from pathlib import Path

# Seconds that something may take which is sure to come: a machine that many use is slow, no law of ours is about that.
PATIENCE = 90.0


def until(condition: Callable[[], bool], *, seconds: float = PATIENCE, pause: float = 0.02) -> None:
    """Wait for a condition; fails when it doesn't come true in time. A look that starts a process wants a ``pause``
    after it: else the looks take the time of what they wait for."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(pause)


def processes_with(text: str) -> dict[int, str]:
    """Number and command of the processes whose environment holds the text: a family, whoever its parent is now."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if text.encode() in (folder / "environ").read_bytes():
                found[int(folder.name)] = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
    return found


def free_port() -> int:
    """A port that nobody uses at this moment."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])
