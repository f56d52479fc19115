"""Many finalized records as one archive, in the folders they belong in, made while it is sent."""

from __future__ import annotations

import io
import pickle
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from typing import IO

from records.models import Evidence, FinalText, Operation
from records.models.operation import ID_SHAPE
from records.transfer.companion import companion_of

FOLDER = "records"
# Bytes of a piece; more than one waits in a temporary file.
PIECE = 2**16


class _Sink(io.RawIOBase):
    """Takes what an archive writes until it is handed on; an archive never reads or goes back here."""

    def __init__(self, kept: IO[bytes]) -> None:
        self._kept = kept

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        return self._kept.write(data)  # type: ignore[call-overload, no-any-return]

    def taken(self) -> Iterator[bytes]:
        """What was written since it was last asked, in pieces."""
        self._kept.seek(0)
        while part := self._kept.read(PIECE):
            yield part
        self._kept.seek(0)
        self._kept.truncate()


class _Entries:
    """What an archive's directory says in the end of each file, kept outside memory: it grows with every record."""

    def __init__(self, kept: IO[bytes]) -> None:
        self._kept, self._count = kept, 0

    def append(self, entry: zipfile.ZipInfo) -> None:
        pickle.dump(entry, self._kept)
        self._count += 1

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[zipfile.ZipInfo]:
        self._kept.seek(0)
        for _ in range(self._count):
            yield pickle.load(self._kept)


def zipped(operations: Iterable[Operation]) -> Iterator[bytes]:
    """The archive of ``operations`` in pieces: each final text as stored under a safe name, its log, its files."""
    with tempfile.SpooledTemporaryFile(max_size=PIECE) as waiting, tempfile.TemporaryFile() as directory:
        sink = _Sink(waiting)
        with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.filelist = _Entries(directory)  # type: ignore[assignment]
            for operation in operations:
                for entry, content in _files_of(operation):
                    archive.writestr(entry, content)
                    # Names are unique; by them it would hold every entry all the same.
                    archive.NameToInfo.clear()
                    yield from sink.taken()
        yield from sink.taken()


def _files_of(operation: Operation) -> Iterator[tuple[zipfile.ZipInfo, str | bytes]]:
    if (final := operation.final_text) is None:
        return
    path = path_of(operation)
    stem = path.removesuffix(".md")
    yield _entry(path, final), bytes(final.text)
    if operation.started_at:
        yield _entry(f"{stem}.log.md", final), companion_of(operation)
    for kept in Evidence.objects.filter(logentry__operation=operation).order_by("pk").iterator(chunk_size=1):
        yield _entry(f"{stem}.files/{kept.pk}-{kept.name}", final), bytes(kept.content)


def _entry(path: str, final: FinalText) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(path, final.frozen_at.timetuple()[:6])
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    return entry


def path_of(operation: Operation) -> str:
    """Where the record belongs: the template's folder and the operation ID; its number where the ID is no safe name."""
    folder = operation.template.outline.settings.folder if operation.template else FOLDER
    name = operation.operation_id or ""
    return f"{folder}/{name}.md" if ID_SHAPE.fullmatch(name) else f"{folder}/record-{operation.pk}.md"
