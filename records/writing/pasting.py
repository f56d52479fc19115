"""Steps that somebody pastes: added behind those that a phase, or the way back, has already."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence

from django.utils import timezone
from django.utils.translation import gettext as _

from records.content.assembly import load
from records.document.escape import refuse_unstorable
from records.document.fields import table_of
from records.document.outline import Rows
from records.document.outline import Section as DocumentSection
from records.document.pasted import Pasted, steps_in
from records.document.phases import phase_names
from records.forms.buttons import short_key
from records.models import Operation, Person, Section
from records.refusals import Unusable
from records.writing.saving import save_section

MOST = 100


def understood(text: str) -> list[Pasted]:
    """The steps in ``text``. Raises Unusable, in words, where there is none, or more than anybody runs in one go."""
    refuse_unstorable(text)
    steps = steps_in(text)
    if not steps:
        raise Unusable(_("There is no step in this text yet. Paste a list, or headings with commands under them."))
    if len(steps) > MOST:
        words = _("These are %(count)s steps; at most %(most)s come in at once.")
        raise Unusable(words % {"count": len(steps), "most": MOST})
    return steps


def paste_steps(
    operation: Operation, *, section: str, block: str, text: str, by: Person, at: dt.datetime | None = None
) -> str:
    """Add the steps in ``text`` to ``block`` of ``section``; the key of the first one.

    Raises Unusable as ``understood`` does and for a block that takes no steps, and all that ``save_section`` raises.
    """
    own = Section.objects.get(operation=operation, key=section)
    document = load([own])[0].document
    if block not in places_for_steps(document):
        raise Unusable(_("Somebody removed the phase that these steps were for. Choose another one."))
    values, first = _fields(understood(text), block, json.loads(table_of(document)[f"{block}.rows"]))
    save_section(operation=operation, key=section, version=own.version, values=values, by=by, at=at or timezone.now())
    return first


def places_for_steps(section: DocumentSection) -> dict[str, str]:
    """The blocks of ``section`` that steps can be added to, by key: what each is called."""
    names = phase_names(section)
    return {
        block.key: f"{names[group.key]}: {group.phase.title}" if group.phase else group.title
        for group in section.groups
        for block in group.blocks
        if isinstance(block, Rows) and block.kind == "steps"
    }


def _fields(steps: Sequence[Pasted], block: str, rows: Sequence[str]) -> tuple[Mapping[str, str], str]:
    """The fields of a section that hold ``steps`` as new rows behind ``rows``, and the key of the first."""
    values: dict[str, str] = {}
    keys = [f"{block}/{short_key()}" for _step in steps]
    for key, step in zip(keys, steps, strict=True):
        parts = [[part.kind, f"{key}/{short_key()}", part.label] for part in step.parts]
        values |= {f"{key}.title": step.title, f"{key}.text": step.text, f"{key}.parts": json.dumps(parts)}
        facts = {"estimate": step.estimate, "expected": step.expected}
        values |= {f"{key}.{name}": text for name, text in facts.items() if text}
        values |= {name: part.text for (_kind, name, _label), part in zip(parts, step.parts, strict=True)}
    return {f"{block}.rows": json.dumps([*rows, *keys])} | values, keys[0]
