"""Keeping evidence of a run: pasted output byte for byte, screenshots and photos, each with its SHA-256."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from records import audit
from records.document.digest import sha256
from records.life_cycle import acting, said
from records.models import Evidence, LogEntry, Operation, Person
from records.refusals import Incomplete
from records.run.logbook import MINUTE, check_writable, log, moment_of

OUTPUT_BYTES = 256 * 1024
PICTURE_BYTES = 8 * 1024 * 1024
NAME_LENGTH = 120
TEXT = "text/plain"
# What a picture's bytes begin with; a name proves nothing.
SIGNATURES = {
    "image/png": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "image/jpeg": re.compile(rb"\xff\xd8\xff"),
    "image/gif": re.compile(rb"GIF8[79]a"),
    "image/webp": re.compile(rb"RIFF....WEBP", re.DOTALL),
}


@dataclass(frozen=True, slots=True)
class Brought:
    """A file as it came in; a pasted output has no name."""

    content: bytes
    name: str = ""


def keep_evidence(
    operation: Operation,
    *,
    files: Sequence[Brought],
    by: Person,
    note: str = "",
    step_key: str = "",
    happened: dt.datetime | None = None,
    at: dt.datetime | None = None,
) -> list[LogEntry]:
    """Keep ``files`` with the log, perhaps with a step, each in a line of its own; ``note`` stands in the first.

    Texts are at most 256 KiB, pictures 8 MiB. The same file again within a minute is a second click, but for one of
    another time, or with other words. Raises Incomplete, in words, for what is neither, or too large, or nothing.
    """
    at = at or timezone.now()
    told = [(one, _media_type(one)) for one in files]
    with acting(operation) as locked:
        check_writable(locked, by)
        if not told:
            raise Incomplete([_("an output, a screenshot or a photo")])
        words = said(note, _("what to note")) if note.strip() else ""
        moment = moment_of(locked, happened, at)
        recent = locked.log.filter(person=by, step_key=step_key, written_at__gt=at - MINUTE)
        recent = recent.filter(at__gt=moment - MINUTE, at__lt=moment + MINUTE)
        entries = []
        for brought, media_type in told:
            digest = sha256(brought.content)
            known = recent.filter(evidence__sha256=digest)
            entries.append(
                (known.filter(text=words) if words else known).first()
                or _kept(locked, brought, media_type, digest, words, by=by, at=at, happened=happened, key=step_key)
            )
            words = ""
    return entries


def _kept(
    operation: Operation,
    brought: Brought,
    media_type: str,
    digest: str,
    words: str,
    *,
    by: Person,
    at: dt.datetime,
    happened: dt.datetime | None,
    key: str,
) -> LogEntry:
    number = operation.log.filter(evidence__isnull=False).count() + 1
    evidence = Evidence.objects.create(
        name=_safe_name(brought.name, number, media_type),
        media_type=media_type,
        size=len(brought.content),
        sha256=digest,
        content=brought.content,
    )
    entry = log(operation, "evidence", by=by, at=at, happened=happened, text=words, step_key=key)
    entry.evidence = evidence
    entry.save(update_fields=["evidence"])
    facts = {"name": evidence.name, "sha256": digest, "size": evidence.size, "type": media_type}
    audit.record("evidence", operation=operation, person=by, at=at, step=key, text=words, **facts)
    return entry


def _media_type(brought: Brought) -> str:
    name = brought.name or _("The output")
    found = next((kind for kind, begins in SIGNATURES.items() if begins.match(brought.content)), "")
    limit = PICTURE_BYTES if found else OUTPUT_BYTES
    if len(brought.content) > limit:
        size = _("8 MiB") if found else _("256 KiB")
        raise Incomplete(
            [_("%(name)s, which is larger than %(size)s, in smaller pieces") % {"name": name, "size": size}]
        )
    if found:
        return found
    try:
        text = brought.content.decode("utf-8")
    except UnicodeDecodeError:
        text = "\0"
    if not text.strip() or "\0" in text:
        raise Incomplete([_("%(name)s as a picture (PNG, JPEG, GIF, WebP) or as UTF-8 text") % {"name": name}])
    return TEXT


def _safe_name(name: str, number: int, media_type: str) -> str:
    """A name for a file system and a header: the last part of what it was called, in harmless characters."""
    kind = "txt" if media_type == TEXT else media_type.removeprefix("image/")
    last = re.split(r"[/\\]", name)[-1]
    safe = re.sub(r"[^\w.-]+", "-", last, flags=re.ASCII).strip(".-")
    if not safe or safe.startswith("."):
        return f"output-{number}.{kind}" if kind == "txt" else f"picture-{number}.{kind}"
    stem = safe.rpartition(".")[0] or safe
    return f"{number}-{stem[: NAME_LENGTH - 20]}.{kind}"
