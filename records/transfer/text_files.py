"""Files from outside as text: whatever is wrong with one is said in a sentence that names it."""

from __future__ import annotations

from pathlib import Path

from django.utils.translation import gettext as _

from records.document.escape import refuse_unstorable
from records.refusals import Unusable

MEBIBYTE = 1024 * 1024
MARKDOWN_BYTES = 2 * MEBIBYTE
JSON_BYTES = 16 * MEBIBYTE
MOST_LINES = 20_000
BYTE_ORDER_MARK = "\ufeff"


def read_text(path: Path, *, at_most: int = MARKDOWN_BYTES) -> str:
    """The text of a UTF-8 file, with its own line ends. Raises Unusable, in words, for anything else."""
    try:
        with path.open("rb") as file:
            data = file.read(at_most + 1)
    except FileNotFoundError as error:
        raise Unusable(_("There is no file %(path)s.") % {"path": path}) from error
    except IsADirectoryError as error:
        raise Unusable(_("%(path)s is a folder, not a file.") % {"path": path}) from error
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise Unusable(_("%(path)s can't be read: %(why)s.") % {"path": path, "why": why}) from error
    if len(data) > at_most:
        size = at_most // MEBIBYTE
        raise Unusable(_("%(path)s is larger than %(size)s MiB.") % {"path": path, "size": size})
    return decoded(data, str(path), lines=MOST_LINES if at_most == MARKDOWN_BYTES else at_most)


def decoded(data: bytes, name: str, *, lines: int = MOST_LINES) -> str:
    """``data`` as text. Raises Unusable, in words that call it ``name``, if it is no text that can be stored.

    Nor is one of more than ``lines`` lines, which no record has and no reader should be kept busy with.
    """
    if max(data.count(b"\n"), data.count(b"\r")) > lines:
        raise Unusable(_("%(name)s has more than %(lines)s lines.") % {"name": name, "lines": lines})
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unusable(_("%(name)s is UTF-16, not UTF-8. Save it as UTF-8 and try again.") % {"name": name})
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        words = _("%(name)s is not UTF-8: byte 0x%(byte)02x in line %(line)s. Save it as UTF-8 and try again.")
        raise Unusable(words % {"name": name, "byte": data[error.start], "line": line}) from error
    try:
        refuse_unstorable(text)
    except Unusable as error:
        raise Unusable(_("%(name)s can't be taken: %(why)s") % {"name": name, "why": error}) from error
    return text
