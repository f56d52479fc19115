"""What a frozen revision holds, read: its document, its plan facts, the people it names."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from records.document.exchange import from_json
from records.document.outline import Document
from records.models import Revision
from records.reading.rendering import has_unseen
from records.reading.unseen import visible_command


@dataclass(frozen=True, slots=True)
class Frozen:
    """A revision as read. ``facts`` are the plan facts of its rows ("row.estimate" to text); ``people`` are ids."""

    document: Document
    facts: Mapping[str, str] = field(default_factory=dict)
    people: Mapping[str, tuple[int, ...]] = field(default_factory=dict)


def frozen(revision: Revision) -> Frozen:
    """What ``revision`` holds."""
    return _read(bytes(revision.content), bytes(revision.annex))


# The same bytes are read again by each of a revision's readers, and in every comparison with it.
@lru_cache(maxsize=32)
def _read(content: bytes, annex: bytes) -> Frozen:
    return with_annex(from_json(json.loads(content), Document), annex)


def with_annex(document: Document, annex: bytes) -> Frozen:
    """``document`` with the plan facts and the people in ``annex``."""
    told = json.loads(annex or b"{}")
    facts = {
        f"{row}.{name}": _fact_text(value)
        for rows in told.get("rows", {}).values()
        for row, values in rows.items()
        for name, value in values.items()
    }
    people = {
        role: tuple(value) if isinstance(value, list) else (value,) if value else ()
        for role, value in told.get("people", {}).items()
    }
    return Frozen(document, facts, people)


def _fact_text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def hides(revision: Revision) -> bool:
    """Whether its plan text or a plan fact beside it holds characters that nobody would see."""
    # As they are read: JSON spells a control character in signs that everybody sees.
    facts = frozen(revision).facts
    # The name of a machine is taken as literally as a command.
    hosts = "\n".join(text for key, text in facts.items() if key.endswith(".host"))
    return _hides(text_of(revision), "\n".join(facts.values()), hosts)


@lru_cache(maxsize=32)
def _hides(plan_text: str, facts: str, hosts: str) -> bool:
    return has_unseen(plan_text) or has_unseen(facts) or visible_command(hosts) != hosts


def text_of(revision: Revision) -> str:
    """The plan text as it was frozen."""
    return bytes(revision.plan_text).decode()
