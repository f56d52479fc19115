"""An uploaded archive of Markdown files as texts, read within limits: nothing goes to disk, nothing is trusted."""

from __future__ import annotations

import io
import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from records.refusals import Unusable
from records.transfer.text_files import MARKDOWN_BYTES, MEBIBYTE, MOST_LINES, decoded

ARCHIVE_BYTES = MEBIBYTE
MOST_FILES = 50
MOST_BYTES = 16 * MEBIBYTE
PLAIN = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
ENCRYPTED = 0x1


@dataclass(frozen=True, slots=True)
class Unzipped:
    """One file of an archive: its text, or why it can't be taken."""

    name: str
    text: str = ""
    problem: str = ""


def unzipped(data: bytes) -> list[Unzipped]:
    """The files in ``data``, in the order of the archive, folders left out.

    A file that is no Markdown is listed with its problem. Raises Unusable, in words, for an archive that is none,
    that is too large once unpacked, or in which any name leads outside or is a link.
    """
    if len(data) > ARCHIVE_BYTES:
        raise Unusable(_("The archive is larger than 1 MiB. Bring the records in with several smaller ones."))
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            _refuse_odd(entries)
            return list(_read(archive, entries))
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OverflowError) as error:
        raise Unusable(_("This is no .zip archive, or it is damaged.")) from error


def _refuse_odd(entries: list[zipfile.ZipInfo]) -> None:
    if not entries:
        raise Unusable(_("There is no file in this archive."))
    if len(entries) > MOST_FILES:
        words = _("The archive holds %(files)s files; at most %(most)s come in at once.")
        raise Unusable(words % {"files": len(entries), "most": MOST_FILES})
    for entry in entries:
        name = {"name": entry.filename[:120]}
        if _leads_outside(entry.orig_filename) or _leads_outside(entry.filename):
            raise Unusable(_("The name “%(name)s” leads outside of the archive; nothing was taken from it.") % name)
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise Unusable(_("“%(name)s” is a link, not a file; nothing was taken from the archive.") % name)
        if entry.flag_bits & ENCRYPTED:
            raise Unusable(_("“%(name)s” is encrypted; nothing was taken from the archive.") % name)
        if entry.compress_type not in PLAIN:
            raise Unusable(_("“%(name)s” is packed in a way that is not read here.") % name)


def _leads_outside(name: str) -> bool:
    return "\0" in name or "\\" in name or name.startswith("/") or name[1:2] == ":" or ".." in name.split("/")


def _read(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> Iterator[Unzipped]:
    """Each file as far as it is allowed to grow: what an entry says of its own size is not believed."""
    left, lines = MOST_BYTES, 0
    for entry in entries:
        with archive.open(entry) as file:
            data = file.read(MARKDOWN_BYTES + 1)
        left -= len(data)
        if left < 0:
            raise Unusable(_("Unpacked, the archive is larger than 16 MiB; nothing was taken from it."))
        # Reading takes time by the line: what one record may have is enough for all of an archive.
        lines += max(data.count(b"\n"), data.count(b"\r"))
        if lines > MOST_LINES:
            words = _(
                "The files of this archive have more than %s lines in all. Bring them in with several smaller ones."
            )
            raise Unusable(words % MOST_LINES)
        yield _unzipped(entry.filename, data)


def _unzipped(name: str, data: bytes) -> Unzipped:
    if not name.lower().endswith((".md", ".markdown")):
        return Unzipped(name, problem=_("no Markdown file"))
    if len(data) > MARKDOWN_BYTES:
        return Unzipped(name, problem=_("larger than 2 MiB"))
    try:
        text = decoded(data, name)
    except Unusable as error:
        return Unzipped(name, problem=str(error))
    return Unzipped(name, text) if text.strip() else Unzipped(name, problem=_("empty"))
