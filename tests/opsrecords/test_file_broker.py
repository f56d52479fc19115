"""The embedded broker: whoever looks at any moment sees whole messages, and each goes to one reader."""

from __future__ import annotations

import threading
from pathlib import Path
from queue import Empty

import pytest
from kombu import Connection

from opsrecords import file_broker
from opsrecords.celery import app


@pytest.fixture
def connection(tmp_path: Path):
    folders = {"data_folder_in": str(tmp_path), "data_folder_out": str(tmp_path), "control_folder": str(tmp_path / "c")}
    with Connection("filesystem://", transport_options=folders) as made:
        yield made


def test_the_address_means_this_broker(connection: Connection) -> None:
    assert isinstance(connection.transport, file_broker.Transport)
    assert app.main == "opsrecords"


def test_a_message_that_is_being_written_is_not_there_yet(connection: Connection, monkeypatch) -> None:
    """Seen from inside the writing: the reader finds nothing, not half of it."""
    channel = connection.channel()
    found: list[object] = []
    written = Path.write_text

    def half(path: Path, text: str) -> int:
        length = written(path, text[: len(text) // 2])
        try:
            found.append(channel._get("q"))
        except Empty:
            found.append(None)
        return length and written(path, text)

    monkeypatch.setattr(Path, "write_text", half)
    channel._put("q", {"body": "x" * 1000})
    assert found == [None]
    assert channel._get("q") == {"body": "x" * 1000}


def test_readers_beside_writers_get_every_message_once(connection: Connection) -> None:
    channels = [connection.channel() for _ in range(4)]
    got: list[int] = []

    def write(own: int) -> None:
        for number in range(50):
            channels[own]._put("q", {"number": own * 50 + number, "body": "x" * 5000})

    def read(own: int, writers: list[threading.Thread]) -> None:
        while True:
            last = not any(writer.is_alive() for writer in writers)
            try:
                got.append(channels[own]._get("q")["number"])
            except Empty:
                if last:
                    return

    writers = [threading.Thread(target=write, args=(own,)) for own in (0, 1)]
    readers = [threading.Thread(target=read, args=(own, writers)) for own in (2, 3)]
    for thread in [*writers, *readers]:
        thread.start()
    for thread in [*writers, *readers]:
        thread.join(60)
    assert sorted(got) == list(range(100))
