"""Many finalized records as one archive, in the folders they belong in, made while it is sent."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator

from records.models import Evidence, FinalText, Operation
from records.models.operation import ID_SHAPE
from records.transfer.companion import companion_of

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
    """The archive of ``operations`` in pieces: each final text as stored under a safe name, its log, its files."""
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for operation in operations:
            if operation.final_text is not None:
                final, path = operation.final_text, path_of(operation)
                archive.writestr(_entry(path, final), bytes(final.text))
                yield sink.taken()
                if operation.started_at:
                    archive.writestr(_entry(f"{path.removesuffix('.md')}.log.md", final), companion_of(operation))
                    yield sink.taken()
                for kept in (
                    Evidence.objects.filter(logentry__operation=operation).order_by("pk").iterator(chunk_size=1)
                ):
                    folder = f"{path.removesuffix('.md')}.files"
                    archive.writestr(_entry(f"{folder}/{kept.pk}-{kept.name}", final), bytes(kept.content))
                    yield sink.taken()
    yield sink.taken()


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
