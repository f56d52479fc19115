"""Many finalized records as one archive, in the folders they belong in, made while it is sent."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator

from records.models import FinalText, Operation
from records.models.operation import ID_SHAPE

FOLDER = "records"


class _Sink(io.RawIOBase):
    """Takes what an archive writes and hands it on; an archive never reads or goes back here."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        part = bytes(data)  # type: ignore[call-overload]
        self.parts.append(part)
        return len(part)

    def taken(self) -> bytes:
        """What was written since it was last asked."""
        parts, self.parts = self.parts, []
        return b"".join(parts)


def zipped(operations: Iterable[Operation]) -> Iterator[bytes]:
    """The archive of ``operations`` in pieces: the stored bytes of each final text, under a safe name."""
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for operation in operations:
            if operation.final_text is not None:
                archive.writestr(_entry(operation, operation.final_text), bytes(operation.final_text.text))
                yield sink.taken()
    yield sink.taken()


def _entry(operation: Operation, final: FinalText) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(path_of(operation), final.frozen_at.timetuple()[:6])
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    return entry


def path_of(operation: Operation) -> str:
    """Where the record belongs: the template's folder and the operation ID; its number where the ID is no safe name."""
    folder = operation.template.outline.settings.folder if operation.template else FOLDER
    name = operation.operation_id or ""
    return f"{folder}/{name}.md" if ID_SHAPE.fullmatch(name) else f"{folder}/record-{operation.pk}.md"
