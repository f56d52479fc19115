"""Rows with a title and parts: steps and procedures, risks with their measures, triggers, validations."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from records.document.outline import Answer, Commands, Group, Item, Loose, Part, Rows
from records.forms.answers import Fields, folded, loose
from records.forms.controls import Control, row_anchor
from records.forms.sheet import Sheet
from records.time_words import HINTS

STEPS = "steps"


def words_of(kind: str) -> tuple[str, str]:
    """What a row of ``kind`` is called, alone and behind "Add"."""
    words = {
        "steps": (_("step"), _("Add a step")),
        "risks": (_("risk"), _("Add a risk")),
        "triggers": (_("trigger"), _("Add a trigger")),
        "validations": (_("validation"), _("Add a validation")),
        "checks": (_("check"), _("Add a check")),
        "metrics": (_("metric"), _("Add a metric")),
    }
    return words[kind]


@dataclass(slots=True)
class ItemShown:
    """One row: its own controls, those of its parts, its facts, and what its closed line says."""

    key: str
    number: str
    what: str
    title: Control
    text: Control | None
    parts: Fields
    facts: list[Control] = field(default_factory=list)
    flags: list[Control] = field(default_factory=list)
    structure: tuple[str, str] = ("", "")
    summary: str = ""
    missing: int = 0
    open: bool = False
    first: bool = False
    last: bool = False
    locked: bool = False
    loose: Control | None = None
    asks_for_text: bool = False

    @property
    def anchor(self) -> str:
        """Where links to the row lead."""
        return row_anchor(self.key)

    @property
    def lacks(self) -> set[str]:
        """Which plan facts nobody wrote that the run works with: a step's "estimate" and "host"."""
        return {one.key.rpartition(".")[2] for one in self.facts[:2] if not one.value.strip()}

    @property
    def is_unasked(self) -> bool:
        """Whether the risk level asks for nothing in it, and nobody wrote anything there."""
        told = [*self.parts.controls, *self.parts.unasked, *([self.text] if self.text else [])]
        return bool(told) and not any(one.asked or not one.is_unanswered or one.state for one in told)

    @property
    def name(self) -> str:
        """What the closed row shows: its title, or the first line of Markdown that fits no shape."""
        return self.title.value.strip().split("\n")[0] or _("New %s") % self.what

    @property
    def pill(self) -> tuple[str, str, str]:
        """Tint, icon and words of how far the row is."""
        parts = [*self.parts.controls, *self.parts.unasked, *([self.text] if self.text else [])]
        told = [*parts, *self.facts, *self.flags]
        is_blank = not any(c.value.strip() not in ("", "no") for c in told if c.kind != "fixed")
        if self.missing:
            return ("", "empty", _("Not started")) if is_blank else ("info", "half", _("In progress"))
        if any(control.carried for control in parts):
            return "warn", "copy", _("Carried over, check")
        if parts and not any(control.value.strip() for control in parts):
            return ("plain", "empty", _("Not asked")) if self.is_unasked else ("plain", "empty", _("Empty"))
        return "plain", "check", _("Complete")

    @property
    def has_more(self) -> bool:
        """Whether something is written, or wrong, in what is asked of few steps."""
        text = [self.text] if self.text and not self.asks_for_text else []
        controls = [*text, *self.facts[2:], *self.flags]
        return any(c.error or c.opened or (c.value and c.value != "no") for c in controls)


@dataclass(slots=True)
class Items:
    """The rows of a block. ``fields_only`` rows (triggers, validations) are short and never folded."""

    key: str
    kind: str
    rows: list[ItemShown]
    structure: tuple[str, str]
    add: str
    what: str
    locked: bool
    short: bool

    @property
    def partial(self) -> str:
        """The partial that draws the rows."""
        return "records/section/_shorts.html" if self.short else "records/section/_items.html"


def items(sheet: Sheet, group: Group, block: Rows, number: str = "") -> Items:
    """The editor of ``block``; ``number`` is that of the phase it stands in."""
    what, add = words_of(block.kind)
    locked = sheet.is_locked(f"{block.key}.rows")
    short = _is_short(block)
    rows = [
        _row(sheet, block, row, f"{number}.{at}" if number else str(at), what)
        for at, row in enumerate(block.rows, 1)
        if isinstance(row, Item | Loose)
    ]
    before, behind = _phases_around(sheet, group)
    for at, row in enumerate(rows):
        row.first, row.last = at == 0 and not before, at == len(rows) - 1 and not behind
        row.locked = locked
        row.open = row.open or short
    return Items(block.key, block.kind, rows, sheet.structure(f"{block.key}.rows"), add, what, locked, short)


def _phases_around(sheet: Sheet, group: Group) -> tuple[bool, bool]:
    """Whether a phase stands before and behind this one: the first and the last step move on into it."""
    if group.phase is None:
        return False, False
    order = [one.key for one in sheet.loaded.document.groups if one.phase]
    return group.key != order[0], group.key != order[-1]


def _is_short(block: Rows) -> bool:
    """Triggers and validations are a name and a line; so are risks of a level that asks for no measures."""
    if block.kind in ("triggers", "validations"):
        return True
    return block.kind == "risks" and not any(row.parts for row in block.rows if isinstance(row, Item))


def _row(sheet: Sheet, block: Rows, row: Item | Loose, number: str, what: str) -> ItemShown:
    if isinstance(row, Loose):
        control = loose(sheet, row)
        return ItemShown(row.key, number, what, control, None, Fields([], [], ""), loose=control, open=True)
    title = sheet.control(f"{row.key}.title", _title_label(what), row.title, "title")
    parts = folded(sheet, [_part(sheet, part) for part in row.parts])
    shown = ItemShown(
        key=row.key,
        number=number,
        what=what,
        title=title,
        text=_text(sheet, row, block.kind),
        parts=parts,
        structure=sheet.structure(f"{row.key}.parts"),
    )
    if block.kind == STEPS:
        shown.facts, shown.flags = _facts(sheet, row.key)
        shown.asks_for_text = bool(sheet.template(f"{row.key}.text"))
    shown.missing = _missing(sheet, row, shown)
    shown.summary = _summary(row, shown, block.kind)
    shown.open = bool(shown.missing) or _is_looked_at(sheet, shown)
    return shown


def _title_label(what: str) -> str:
    return {_("step"): _("Step title"), _("risk"): _("Risk"), _("trigger"): _("Trigger")}.get(what, _("Title"))


def _text(sheet: Sheet, row: Item, kind: str) -> Control | None:
    label = _("Threshold") if kind == "triggers" else _("Description")
    control = sheet.control(f"{row.key}.text", label, row.text, "bullet")
    control.tools = bool(sheet.template(f"{row.key}.text")) or kind in ("triggers", "validations")
    # A step says what it does in its title: an empty text is offered, never asked.
    if kind == STEPS and not sheet.template(control.key):
        control.label, control.hint = _("In a sentence"), _("If the title does not say it all")
    return control


def _part(sheet: Sheet, part: Part) -> Control:
    match part:
        case Commands():
            control = sheet.control(part.key, _("Commands"), part.text, "commands")
            control.hint = _("Shown with a copy button during the run")
        case Answer():
            control = sheet.control(part.key, part.label, part.text, part.shape)
        case Loose():
            control = loose(sheet, part)
            control.label, control.hint = _("Note"), _("Markdown, kept where it stands. Emptied, it is removed.")
    control.removable = "" if control.locked else part.key
    return control


def _facts(sheet: Sheet, key: str) -> tuple[list[Control], list[Control]]:
    facts = [
        sheet.annex(key, "estimate", _("Time estimate"), hint=str(HINTS["estimate"])),
        sheet.annex(key, "host", _("Runs on"), hint=_("Host or system")),
        sheet.annex(key, "expected", _("Expected result"), "text", _("What the person at the keyboard should see")),
    ]
    flags = [
        sheet.annex(
            key, "ask_before", _("Ask before"), hint=_("Whom to ask, and what; the log quotes it. Empty: nobody")
        ),
        sheet.annex(key, "point_of_no_return", _("Point of no return"), "flag"),
        sheet.annex(key, "witness", _("Needs a witness: a second person who looks on"), "flag"),
    ]
    return facts, flags


def _controls(shown: ItemShown) -> list[Control]:
    own = [shown.title, *([shown.text] if shown.text else [])]
    return [*own, *shown.parts.controls, *shown.parts.unasked, *shown.facts, *shown.flags]


def _missing(sheet: Sheet, row: Item, shown: ItemShown) -> int:
    """How many of the row's fields are asked for and not answered."""
    texts = {f"{row.key}.title": (row.title, "title"), f"{row.key}.text": (row.text, "text")}
    texts |= {p.key: (p.text, "commands" if isinstance(p, Commands) else "bullet") for p in row.parts}
    count = 0
    for control in (shown.title, shown.text, *shown.parts.controls):
        if control is None or not control.asked or control.kind == "fixed":
            continue
        text, shape = texts.get(control.key, ("", ""))
        if control.key.endswith(".text") and not sheet.template(control.key):
            continue
        if shape == "title" and text == sheet.template(control.key):
            continue
        count += shape != "" and sheet.is_empty(control.key, text, shape)
    return count


def _is_looked_at(sheet: Sheet, shown: ItemShown) -> bool:
    keys = {sheet.at, sheet.opened.key} - {""}
    return sheet.all_open or shown.key in keys or any(c.error or c.key in keys for c in _controls(shown))


def _summary(row: Item, shown: ItemShown, kind: str) -> str:
    words = [shown.facts[0].value] if shown.facts and shown.facts[0].value else []
    if kind == STEPS and shown.pill[1] == "check":
        lacks = {"estimate": _("no estimate"), "host": _("no host")}
        words += [told for name, told in lacks.items() if name in shown.lacks]
    if kind == STEPS:
        lines = sum(len(_commands(c.value)) for c in shown.parts.controls if c.kind == "cmd")
        words += [ngettext("%d command", "%d commands", lines) % lines] if lines else []
    elif kind == "risks":
        found = len(shown.parts.controls)
        words += [ngettext("%d measure", "%d measures", found) % found] if found else []
    return ", ".join(words)


def _commands(text: str) -> list[str]:
    return [line for line in text.split("\n") if line.strip() and not line.lstrip().startswith("#")]
