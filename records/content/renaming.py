"""Keys of a record on its way through versions of its template, which may call the same parts otherwise.

Sections, rows and phases are put under their new keys; what was written down before and never changes (the history of
fields, revisions) is found through the names that each move left in ``Operation.renamings``.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db.models import Manager

from records.content.assembly import Loaded
from records.content.frozen import Frozen
from records.document.moving_keys import key_in, rekeyed
from records.document.outline import Document, Rows
from records.models import LogEntry, Operation, Phase, RollbackPlan, Section
from records.models.row import Row


@dataclass(frozen=True, slots=True)
class Renaming:
    """A move on which parts were called otherwise: when, old keys to new, the fields that it marked, and the versions
    that sections have since then, by their new keys.
    """

    at: dt.datetime
    names: Mapping[str, str]
    marked: tuple[str, ...] = ()
    versions: Mapping[str, int] = field(default_factory=dict)

    def to_json(self) -> dict[str, object]:
        """As ``Operation.renamings`` keeps it."""
        told = {"marked": list(self.marked), "versions": dict(self.versions)}
        return {"at": self.at.isoformat(), "names": dict(self.names), **told}


def renamings_of(operation: Operation) -> list[Renaming]:
    """The moves of a record on which parts were called otherwise, oldest first."""
    return [
        Renaming(dt.datetime.fromisoformat(one["at"]), one["names"], tuple(one["marked"]), one["versions"])
        for one in operation.renamings
    ]


def key_now(operation: Operation, key: str, since: dt.datetime | None = None) -> str:
    """What ``key``, as it was called at ``since`` (None: ever), is called now."""
    for one in renamings_of(operation):
        if since is None or since < one.at:
            key = key_in(one.names, key)
    return key


def is_called_otherwise(operation: Operation, section: str, version: int) -> bool:
    """Whether a page that was opened at ``version`` of a section may call its fields as they were called before."""
    return any(version < one.versions.get(section, 0) for one in renamings_of(operation)[-1:])


def earlier_keys(operation: Operation, key: str) -> list[str]:
    """What ``key`` was called before, itself first."""
    found = [key]
    for one in reversed(renamings_of(operation)):
        found.append(key_in({new: old for old, new in one.names.items()}, found[-1]))
    return list(dict.fromkeys(found))


def under_names_of(
    plan: Frozen, operation: Operation, *, since: dt.datetime, until: dt.datetime | None = None
) -> Frozen:
    """``plan``, frozen at ``since``, with the keys that ``operation`` had at ``until`` (None: now) for its parts."""
    outline = operation.outline
    headings = {section.key: section.heading for section in outline.document.sections} if outline else {}
    for one in renamings_of(operation):
        if since < one.at and (until is None or one.at <= until):
            facts = {key_in(one.names, key): text for key, text in plan.facts.items()}
            plan = replace(plan, document=rekeyed(plan.document, one.names, headings), facts=facts)
    return plan


def put_under_names(
    operation: Operation, loaded: Sequence[Loaded], names: Mapping[str, str], document: Document
) -> list[Loaded]:
    """Put the sections, phases and rows of a record under ``names``, and what was noted to rows in a run that was
    called off; ``document`` is the record under them.
    """
    if not names:
        return list(loaded)
    for own in loaded:
        own.section.carried = [key_in(names, key) for key in own.section.carried]
    _rename([own.section for own in loaded], names, "carried")
    sections = {own.section.key: own.section for own in loaded}
    for one in document.sections:
        if one.key not in sections:  # it begins with what went there from another section
            sections[one.key] = Section.objects.create(
                operation=operation, key=one.key, kind=one.kind, title=one.title[:300], position=0, version=0
            )
    found = {one.key: Loaded(sections[one.key], one) for one in document.sections}
    homes = dict(_homes(document))
    rows: dict[type[Row], list[Row]] = defaultdict(list)
    for own in loaded:
        for row in (*own.rows.values(), *own.phases.values()):
            home = sections[homes[key_in(names, row.key)]]
            row.block = key_in(names, row.block)
            if row.section_id != home.pk:
                row.section = home
                _put_into_plan(row, home)
            rows[type(row)].append(row)
    for model, of_model in rows.items():
        _rename(of_model, names, "block", "section", *(["plan"] if hasattr(model, "plan") else []))
        for row in of_model:
            home_of_row = found[homes[row.key]]
            if isinstance(row, Phase):
                home_of_row.phases[row.key] = row
            else:
                home_of_row.rows[row.key] = row
    noted = list(operation.log.exclude(step_key=""))
    for entry in noted:
        entry.step_key = key_in(names, entry.step_key)
    LogEntry.objects.bulk_update(noted, ["step_key"])
    return list(found.values())


def _rename(rows: Sequence[Section] | Sequence[Row], names: Mapping[str, str], *columns: str) -> None:
    """Write ``rows`` under their new keys, and ``columns`` of them; two of one key at a time the database refuses."""
    objects: Manager[Any] = type(rows[0])._default_manager
    before = {row.key for row in rows}
    after = {row.pk: key_in(names, row.key) for row in rows}
    if any(after[row.pk] != row.key and after[row.pk] in before for row in rows):
        for row in rows:
            row.key = f"~{row.pk}"
        objects.bulk_update(rows, ["key"])
    for row in rows:
        row.key = after[row.pk]
    objects.bulk_update(rows, ["key", *columns])


def _homes(document: Document) -> Iterator[tuple[str, str]]:
    """The key of each phase and row, and that of its section."""
    for section in document.sections:
        for group in section.groups:
            yield group.key, section.key
            for block in group.blocks:
                if isinstance(block, Rows):
                    yield from ((row.key, section.key) for row in block.rows)


def _put_into_plan(row: Row, section: Section) -> None:
    """A row of one section's rollback plan belongs to that of the other one now."""
    if getattr(row, "plan_id", None) is not None:
        row.plan = RollbackPlan.objects.get_or_create(section=section)[0]  # type: ignore[attr-defined]
