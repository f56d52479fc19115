"""Where the trail's chain ended, noted elsewhere from time to time: what shows that its end was cut or rewritten.

Each checkpoint goes to the log and to a file, whose lines are only added. Who runs the site keeps both where nobody
who can write to the database can write too.
"""

from __future__ import annotations

import datetime as dt
import logging
import os
import re
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings

from records.audit import START, Anchor, Fault, verify
from records.models import AuditEntry, AuditHead
from records.refusals import Unusable

logger = logging.getLogger(__name__)
CHECKPOINT = "records.checkpoint"
_LINE = re.compile(r"(?:\S+ )?(\d+):([0-9a-f]{64})")


def anchor_in(text: str) -> Anchor:
    """The anchor that ``text`` spells, as ``verify_audit`` prints it or a line of the file has it, else Unusable."""
    m = _LINE.fullmatch(text.strip())
    if not m:
        raise Unusable("An anchor is a number, a colon, and 64 hexadecimal digits, as verify_audit printed it.")
    return Anchor(int(m[1]), m[2])


def noted() -> list[Anchor]:
    """Every checkpoint in the file, oldest first. Raises Unusable, in words, for a line that is none."""
    file = _file()
    if not file.exists():
        return []
    found = []
    for number, line in enumerate(file.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
        try:
            found.append(anchor_in(line))
        except Unusable as error:
            raise Unusable(f"Line {number} of {file.name} is no checkpoint; somebody changed it.") from error
    return found


def verify_all(more: Sequence[Anchor] = ()) -> Fault | None:
    """Check the whole trail against every checkpoint, and against those in ``more``; None if all is well."""
    try:
        anchors = noted()
    except Unusable as error:
        return Fault(0, str(error))
    return verify([*anchors, *more])


def newest_fault() -> Fault | None:
    """Whether the trail still holds the furthest checkpoint: soon known, and what a cut or an older database lacks.

    At most one query.
    """
    try:
        kept = max(noted(), key=lambda one: one.number, default=None)
    except Unusable as error:
        return Fault(0, str(error))
    if kept is None or AuditEntry.objects.filter(number=kept.number, hash=kept.hash).exists():
        return None
    return Fault(kept.number, "missing, or not the one whose hash was noted elsewhere")


def note_checkpoint(*, at: dt.datetime) -> Anchor | None:
    """Note where the chain ends now; None if that is where the last checkpoint left it. Safe to be called by many."""
    head = AuditHead.objects.get(pk=1)
    end = Anchor(head.number, head.hash)
    if end.hash == START or end in noted()[-1:]:
        return None
    if fault := newest_fault():
        logger.error("The audit trail does not go on from its checkpoints: entry %s", fault.number)
    line = f"{at.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ} {end.number}:{end.hash}\n".encode()
    # One write at the end of the file: two workers at once leave two whole lines.
    where = os.open(_file(), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(where, line)
        os.fsync(where)
    finally:
        os.close(where)
    logger.info("Audit checkpoint %s:%s", end.number, end.hash)
    return end


def _file() -> Path:
    return Path(settings.AUDIT_CHECKPOINTS)
