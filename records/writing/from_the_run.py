"""The plan of an emergency, written after the work: the steps that were recorded are written into it, and those of the
template in which nobody wrote anything go.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Sequence

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from records import audit
from records.content.assembly import Loaded, document_of, load_all
from records.content.facts import bound_text
from records.document.exchange import from_json
from records.document.fields import table_of
from records.document.outline import Commands, Document, Group, Rows
from records.document.outline import Section as DocumentSection
from records.forms.buttons import short_key
from records.models import AuditEntry, Operation, Person, Step
from records.refusals import WrongOrder
from records.run.emergency import unwritten_rows
from records.times import start_in, window_in
from records.writing.saving import save_section
from records.writing.section_writing import write_fields
from records.writing.who_wrote import tell_who_wrote

ADD = "add_step"


def recorded_steps(operation: Operation) -> list[Step]:
    """The steps that were added in the run, and are not yet steps of the plan."""
    added = Step.in_run.filter(section__operation=operation, unplanned=True, written_as="")
    return list(added.select_related("worked_by").order_by("position"))


def same_title(first: str, second: str) -> bool:
    """Whether two titles most likely name the same step: one is the other, or its beginning."""
    one, other = (" ".join(title.casefold().split()) for title in (first, second))
    return bool(one and other) and (one.startswith(other) or other.startswith(one))


def to_write(operation: Operation) -> list[Step]:
    """Those of ``recorded_steps`` that nobody has written into the plan under their title."""
    written = list(Step.objects.filter(section__operation=operation, loose=False).values_list("title", flat=True))
    return [step for step in recorded_steps(operation) if not any(same_title(step.title, one) for one in written)]


def write_recorded_steps(operation: Operation, *, by: Person, at: dt.datetime | None = None) -> None:
    """Write the steps of ``to_write`` into the first phase of the plan, those of the way back into its procedures; the
    template's own steps in their place go. Saved like anybody's writing, by whoever may write the plan now; whoever
    recorded them has written them too.

    Raises WrongOrder where there is nothing to write, or no place for it, and all that ``save_section`` raises.
    """
    at = at or timezone.now()
    with transaction.atomic():
        waiting, sections = to_write(operation), load_all(operation)
        blank = unwritten_rows(operation, Document(tuple(own.document for own in sections)))
        wrote = False
        for is_back in (False, True):
            steps = [step for step in waiting if (step.plan_id is not None) is is_back]
            places = ((own, *found) for own in sections for found in _step_blocks(own.document, is_back=is_back))
            own, group, block = next(places, (None, None, None))
            if not steps or own is None or group is None or block is None:
                continue
            values = _written(steps, block, blank)
            if group.phase:
                values = _without_steps(own.document, blank, taken=block.key) | values | _window(operation, group)
            key, version = own.section.key, own.section.version
            save_section(operation=operation, key=key, version=version, values=values, by=by, at=at)
            own.section.version += 1
            tell_who_wrote(operation, _recorders(operation, steps), at=at, through=ADD)
            wrote = True
        if not wrote:
            raise WrongOrder(_("Every step that was recorded stands in the plan already."))


def _recorders(operation: Operation, steps: Sequence[Step]) -> set[int]:
    keys = {step.key for step in steps}
    entries = AuditEntry.objects.filter(operation=operation, act=ADD, person__isnull=False)
    return {one.person_id or 0 for one in entries if audit.facts_in(one).get("step") in keys}


def take_out_unwritten_steps(operation: Operation, *, by: Person, at: dt.datetime) -> None:
    """Take the template's steps in which nobody wrote anything out of the phases, with phases that have no others.

    Part of completing the plan: nobody planned them, and nobody did them. Where no step was written at all they stay,
    and are asked for.
    """
    sections: list[Loaded] = load_all(operation)
    blank = unwritten_rows(operation, Document(tuple(own.document for own in sections)))
    for own in sections:
        rows = {row.key for _group, block in _step_blocks(own.document) for row in block.rows}
        if rows - blank and rows & blank:
            write_fields(operation, own.section.key, _without_steps(own.document, blank), by=by, at=at)


def _step_blocks(section: DocumentSection, *, is_back: bool = False) -> Iterator[tuple[Group, Rows]]:
    for group in section.groups:
        for block in group.blocks:
            if isinstance(block, Rows) and block.kind == "steps" and (group.phase is None) is is_back:
                yield group, block


def _window(operation: Operation, group: Group) -> dict[str, str]:
    """The field with the window of a phase that has none yet: the time in which it was done, in the record's zone."""
    document = document_of(operation)
    start = start_in(*(bound_text(document, operation.outline, fact) for fact in ("date", "time")))
    begun, over = operation.started_at, operation.finished_at
    if not (group.phase and start and begun and over) or window_in(group.phase.window):
        return {}
    # What took seconds has a window too: from a minute to itself would be none.
    over = max(over, begun + dt.timedelta(minutes=1))
    clocks = [f"{at.astimezone(start.at.tzinfo):%H:%M}" for at in (begun, over)]
    return {f"{group.key}.window": "-".join(clocks)}


def _written(steps: Sequence[Step], block: Rows, blank: frozenset[str]) -> dict[str, str]:
    """The fields that hold ``steps`` behind what somebody wrote into ``block``."""
    values: dict[str, str] = {}
    keys = [row.key for row in block.rows if row.key not in blank]
    for step in steps:
        key = f"{block.key}/{short_key()}"
        commands = [from_json(part, Commands).text for part in step.parts]
        parts = [["commands", f"{key}/{short_key()}", ""] for _text in commands]
        values |= {f"{key}.title": step.title, f"{key}.text": "", f"{key}.parts": json.dumps(parts)}
        values |= {name: text for (_kind, name, _label), text in zip(parts, commands, strict=True)}
        keys.append(key)
    return {f"{block.key}.rows": json.dumps(keys), **values}


def _without_steps(section: DocumentSection, blank: frozenset[str], taken: str = "") -> dict[str, str]:
    """The fields of ``section`` that leave the rows in ``blank`` out, and phases (but for ``taken``) without others."""
    values: dict[str, str] = {}
    gone: set[str] = set()
    for group, block in _step_blocks(section):
        kept = [row.key for row in block.rows if row.key not in blank]
        values[f"{block.key}.rows"] = json.dumps(kept)
        if block.rows and not kept and block.key != taken:
            gone.add(group.key)
    phases = json.loads(table_of(section).get(f"{section.key}.phases", "[]"))
    left = [key for key in phases if key not in gone]
    return values | ({f"{section.key}.phases": json.dumps(left)} if gone else {})
