"""What the editors of one section share: the record's texts, the template's, and what this person may write."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from records.content.assembly import Loaded
from records.document.answers import Empty, is_constant
from records.document.fields import fields_of, table_of
from records.document.outline import FREE
from records.forms.controls import Control, Opened, anchor_of, hint_of, stated
from records.forms.marks import ANSWERS
from records.forms.remarks import remark_on
from records.models import Operation, Outline
from records.reading.rendering import render_free
from records.rights import Right
from records.times import when_named
from records.writing.plan_warnings import vague_word
from records.writing.proposals import Offered
from records.writing.readiness import judged, path_of, shown, state_of
from records.writing.section_status import parts_now
from records.writing.section_writing import is_plan

WORDS = frozenset({"title", "line", "name"})
LINES = WORDS | {"value", "window"}
# Plan facts beside a row that are a few words.
WORDY = ("host", "ask_before")


@dataclass(slots=True)
class Sheet:
    """A section that is shown for editing. ``written`` are the keys of the fields that people write in.

    ``posted`` are texts that were sent and not stored; they win over the stored ones. ``problems`` are words by
    field. ``at`` is the key of the row that should stand open. ``proposals`` are offered beside empty fields, by key;
    ``previewed`` is the long text that is shown rendered.
    """

    operation: Operation
    outline: Outline | None
    loaded: Loaded
    edit_plan: Right
    edit_rest: Right
    posted: Mapping[str, str] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    opened: Opened = field(default_factory=Opened)
    at: str = ""
    all_open: bool = False
    proposals: Mapping[str, Offered] = field(default_factory=dict)
    previewed: str = ""
    table: dict[str, str] = field(init=False)
    facts: dict[str, str] = field(init=False)
    written: frozenset[str] = field(init=False)
    later: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        fields = fields_of(self.loaded.document)
        self.table, self.facts = table_of(self.loaded.document), self.loaded.annex()
        self.written = frozenset(field.key for field in fields if field.shape != "structure")
        self.later = self._later()

    def _later(self) -> dict[str, str]:
        """When each field is due that isn't asked for next, by key: what the section is counted without."""
        if self.outline is None:
            return {}
        words = {"open": _("Due before the start"), "close": _("Due after the run")}
        now = parts_now(self.loaded.section, self.outline, self.operation.state)
        found = judged(self.loaded.document, self.outline, self.level)
        return {one.field.key: words[one.part] for one in found if one.part not in now}

    def problems_told(self) -> list[tuple[str, str]]:
        """Where each problem is, and its words; of fields that are gone, which the page shows apart, once."""
        there = {*self.table, *self.facts}
        told = ((f"#{anchor_of(key)}" if key in there else "", words) for key, words in self.problems.items())
        return list(dict.fromkeys(told))

    @property
    def level(self) -> str:
        """The record's risk level, as written."""
        return self.operation.risk_level

    def template(self, key: str) -> str:
        """The template's text of a field; empty where it has none."""
        return self.outline.texts.get(key, "") if self.outline else ""

    def is_locked(self, key: str) -> bool:
        """Whether this person can't write the field now."""
        return not (self.edit_plan if is_plan(key, self.outline) else self.edit_rest)

    def structure(self, key: str) -> tuple[str, str]:
        """A structure field and its list: the order of rows, parts or phases."""
        return key, self.posted.get(key) or self.table[key]

    def is_asked(self, key: str) -> bool:
        """Whether the record's risk level asks for the field."""
        return self.outline is None or self.outline.settings.is_asked(path_of(key), self.level)

    def _is_left_over(self, key: str, text: str) -> bool:
        """Whether a field says that nothing is asked of it, from a lower risk level, and something is."""
        return bool(self.outline and self.outline.settings.is_filler(text)) and self.is_asked(key)

    def is_empty(self, key: str, text: str, shape: str) -> bool:
        """Whether a field is unanswered."""
        return isinstance(state_of(self.posted.get(key, text), shape, self.template(key)), Empty)

    def control(self, key: str, label: str, text: str, shape: str, kind: str = "") -> Control:
        """The control of a field that holds ``text``."""
        template = self.template(key)
        text = template if self._is_left_over(key, text) else text
        value = self.posted.get(key, shown(text, shape, template))
        hint, sample = ("", "") if shape in ("title", "name") and key != "title" else hint_of(template)
        control = Control(
            key=key,
            label=label,
            value=value,
            kind=kind or ("line" if shape in LINES else "cmd" if shape == "commands" else "text"),
            hint=hint if hint not in (label, value.strip()) else "",
            sample=sample,
            error=self.problems.get(key, ""),
            asked=self.is_asked(key),
            tools=shape in ANSWERS and key != "title",
            locked=self.is_locked(key),
            carried=key in self.loaded.section.carried,
            later=self.later.get(key, ""),
            is_words=shape in WORDS,
            is_fenced=shape == "fence",
        )
        if shape == "commands" and hint:
            control.hint, control.sample = "", hint
        if value.strip():
            control.sample = ""
        control.starts = shape == "check" and not value.strip()
        control.prefilled = bool(value) and value == template
        if template and is_constant(template) and shape in ANSWERS:
            control.tools = False
            if text == template and shape in ("line", "bullet"):
                control.kind, control.value, control.hint = "fixed", text, ""
        if self.opened.key == key:
            control.opened = self.opened
        if control.carried and self.operation.cloned_from_id and shape != "window":
            control.dated = when_named(value)
        if not value.strip() and not control.locked:
            control.proposal = self.proposals.get(key)
        control.is_long = shape in FREE and control.kind == "text"
        if control.is_long and self.previewed == key:
            control.rendered = render_free(value, shape)
        control.vague = bool(vague_word(value))
        control.warning = remark_on(key, value, self.outline, unit=self._unit(key), shape=shape)
        # Commands are shown as they are, in a state or not: the words stand in a comment that can be written over.
        return control if shape == "commands" else stated(control, value, template)

    def annex(self, key: str, name: str, label: str, kind: str = "line", hint: str = "") -> Control:
        """The control of a plan fact of a row that the template has no line for."""
        full = f"{key}.{name}"
        value = self.posted.get(full, self.facts.get(full, ""))
        return Control(
            key=full,
            label=label,
            value=value,
            kind=kind,
            hint=hint,
            error=self.problems.get(full, ""),
            warning=remark_on(full, value, self.outline, unit=self._unit(full)),
            locked=self.is_locked(full),
            is_words=name in WORDY,
        )

    def _unit(self, key: str) -> str:
        """The unit of the row that a value stands in."""
        unit = f"{key.rpartition('.')[0]}.unit"
        return self.posted.get(unit, self.table.get(unit, ""))
