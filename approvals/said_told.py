"""Comments against the trail: what was sent is what it was then, and settled by the act of whoever could.

A script that makes a question a remark, or settles it, clears the way for an approval: it is found by that.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from approvals.models import Comment
from records.audit import Fault, facts_in, reading
from records.document.digest import canonical_json, sha256
from records.models import AuditEntry

SEND, ANSWER, SETTLE, REOPEN = "send_comments", "answer_comment", "settle_comment", "reopen_comment"


def said_digest(comment: Comment) -> str:
    """What an entry binds of a comment: all but its key, which goes with the template, and whether it is settled."""
    told = {
        "revision": comment.revision_id,
        "thread": comment.thread_id,
        "kind": comment.kind,
        "label": comment.label,
        "person": comment.person_id,
        "name": comment.person_name,
        "text": comment.text,
        "written": comment.written_at.astimezone(dt.UTC).isoformat(),
    }
    return sha256(canonical_json(told))


def not_said() -> Iterator[Fault]:
    """Comments that are not as they were sent, gone, sent by nobody, or settled or open by no act."""
    sent: dict[int, tuple[int, dt.datetime, Any]] = {}
    settled: dict[int, tuple[int, dt.datetime | None]] = {}
    early: dict[tuple[int | None, dt.datetime], int] = {}
    entries = AuditEntry.objects.filter(act__in=[SEND, ANSWER, SETTLE, REOPEN]).order_by("number")
    for entry in entries.iterator(chunk_size=2000):
        with reading(entry):
            facts, told = facts_in(entry), (entry.number, entry.at)
            if entry.act == SEND:
                digests = facts.get("said", [None] * len(facts["comments"]))
                sent |= {pk: (*told, own) for pk, own in zip(facts["comments"], digests, strict=True)}
            elif entry.act != ANSWER:
                settled[facts["comment"]] = entry.number, entry.at if entry.act == SETTLE else None
            elif "answer" in facts:
                sent[facts["answer"]] = (*told, facts["said"])
            else:  # the first release's entries don't tell which answer, nor what was said
                early[facts["comment"], entry.at] = entry.number
    for one in Comment.objects.filter(sent_at__isnull=False).order_by("pk").iterator(chunk_size=2000):
        number, at, said = sent.pop(one.pk, (early.get((one.thread_id, one.sent_at), 0), one.sent_at, None))  # type: ignore[arg-type]
        if not number:
            yield Fault(0, f"comment {one.pk} stands in the database as sent, and no entry tells of it")
        elif at != one.sent_at or said not in (None, said_digest(one)):
            yield Fault(number, f"comment {one.pk} says something else now than when it was sent")
        number, at_last = settled.get(one.pk, (number, None))
        if one.settled_at != at_last:
            yield Fault(number, f"comment {one.pk} was {'settled' if one.settled_at else 'opened again'} by no act")
    for pk, (number, _at, _said) in sent.items():
        yield Fault(number, f"comment {pk}, which it tells of, is missing")
