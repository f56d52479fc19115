"""Everything that shows what was signed about a record, as one archive that can be checked without this site.

The bytes of revisions and final texts, the decisions, the record's own entries of the trail with the hash before each,
what was said about the plan, the evidence kept in the run and the log that tells of it, and ``verify.py``, which needs
nothing but Python and shares no code with the site.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from django.utils import translation

from approvals import bundle_verifier
from approvals.bundle_verifier import EVIDENCE
from approvals.decisions import COLUMNS, decisions_on
from approvals.models import Decision
from records.audit import START
from records.decided import said_on
from records.document.digest import sha256
from records.life_cycle import acting
from records.models import AuditEntry, AuditHead, Evidence, Operation
from records.run.emergency import unapproved_words
from records.transfer.account import moment, said_as_json
from records.transfer.companion import companion_of

SCHEMA = 2
VERIFIER = "verify.py"
DATE = (1980, 1, 1, 0, 0, 0)


def bundle_of(operation: Operation) -> bytes:
    """The archive. The same record gives the same bytes, but for where the whole trail ends."""
    # The record as it is at one moment: an act in between would look as if something had been left out.
    with acting(operation) as locked:
        kept = list(Evidence.objects.filter(logentry__operation=locked).order_by("pk").values_list("pk", flat=True))
        files = told_files(locked, kept)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in sorted(files.items()):
            archive.writestr(_entry(name), data)
        # Photos are large: one after another.
        for pk in kept:
            one = Evidence.objects.get(pk=pk)
            archive.writestr(_entry(f"{EVIDENCE}{one.name}"), bytes(one.content))
    return out.getvalue()


def told_files(operation: Operation, kept: Sequence[int]) -> dict[str, bytes]:
    """Every file but the evidence ``kept``, by name."""
    files = dict(_files(operation))
    evidence = Evidence.objects.filter(pk__in=kept).values_list("name", "sha256")
    digests = {f"{EVIDENCE}{name}": digest for name, digest in evidence}
    manifest = {
        "schema": SCHEMA,
        "record": operation.reference,
        "number": operation.pk,
        "state": operation.state,
        "unapproved": _in_english(operation),
        "revisions": [
            {"number": one.number, "schema": one.schema, "template": one.template_digest, "digest": one.digest}
            for one in operation.revisions.order_by("number")
        ],
        "final_texts": [
            {"number": one.number, "digest": one.digest} for one in operation.final_texts.order_by("number")
        ],
        "addenda": [
            {
                "number": one.number,
                "final_text": one.final_text.digest,
                "by": one.person_name,
                "at": one.written_at.astimezone(dt.UTC).isoformat(),
                "digest": one.digest,
            }
            for one in operation.addenda.select_related("final_text").order_by("number")
        ],
        "trail_ends": AuditHead.objects.values("number", "hash").get(pk=1),
        "files": digests | {name: sha256(data) for name, data in sorted(files.items())},
    }
    files["manifest.json"] = _json(manifest)
    files[VERIFIER] = Path(bundle_verifier.__file__).read_bytes()
    return files


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, DATE)
    entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
    return entry


def _in_english(operation: Operation) -> str:
    """That nobody approved it beforehand; empty for what was approved."""
    with translation.override("en"):
        return unapproved_words(operation)


def _files(operation: Operation) -> Iterator[tuple[str, bytes]]:
    for revision in operation.revisions.order_by("number"):
        folder = f"revisions/{revision.number}"
        yield f"{folder}/plan.md", bytes(revision.plan_text)
        for name in ("annex", "rule", "content"):
            yield f"{folder}/{name}.json", bytes(getattr(revision, name))
    for final in operation.final_texts.order_by("number"):
        yield f"final-texts/{final.number}.md", bytes(final.text)
    for addendum in operation.addenda.order_by("number"):
        yield f"addenda/{addendum.number}.md", bytes(addendum.text)
    if operation.started_at:
        yield f"{operation.reference}.log.md", companion_of(operation)
    yield "comments.json", _json([said_as_json(one) for one in said_on(operation)])
    yield "decisions.json", _json([_decision(one) for one in _decisions(operation)])
    yield "trail.json", _json(_trail(operation))


def _decisions(operation: Operation) -> list[Decision]:
    found = decisions_on(operation).select_related("revision", "final_text", "addendum")
    return list(found.order_by("pk"))


def _decision(one: Decision) -> dict[str, Any]:
    on = one.revision or one.final_text or one.addendum
    assert on is not None
    return {
        "decision": one.pk,
        "kind": one.kind,
        COLUMNS[type(on)]: on.number,
        "digest": one.digest,
        "person": one.person_id,
        "name": one.person_name,
        "role": one.role,
        "roles": one.roles,
        "at": moment(one.at),
        "reason": one.reason,
    }


def _trail(operation: Operation) -> list[dict[str, Any]]:
    """The record's entries as they were chained; of the entry before each, only its hash."""
    own = list(AuditEntry.objects.filter(operation=operation).order_by("number"))
    before = dict(AuditEntry.objects.filter(number__in=[one.number - 1 for one in own]).values_list("number", "hash"))
    return [
        {"number": one.number, "before": before.get(one.number - 1, START), "entry": one.entry, "hash": one.hash}
        for one in own
    ]


def _json(data: object) -> bytes:
    return (json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()
