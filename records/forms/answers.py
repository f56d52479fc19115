"""Labelled fields and free text: the answers of a group, with choices and people where the template binds them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from records.document.answers import is_constant
from records.document.outline import Answer, Loose
from records.document.shapes import is_rule
from records.forms.controls import Control
from records.forms.sheet import Sheet
from records.time_words import hint_for

PEOPLE = ("operator", "supervisor")
# Facts that a record can't do without: no "not applicable" for them.
NEEDED = ("id", "date", "time", "operator", "supervisor", "risk", "impact", "status", "completed", "standard")


@dataclass(slots=True)
class Fields:
    """Fields that stand together; ``unasked`` are those that the risk level does not ask for and nobody answered."""

    partial = "records/section/_fields.html"
    controls: list[Control]
    unasked: list[Control]
    level: str


def fields(sheet: Sheet, blocks: Sequence[Answer | Loose], title: str) -> Fields:
    """The controls of neighbouring answers and unrecognised blocks under the heading ``title``."""
    # A rule that the template itself has there separates nothing and asks for nothing.
    blocks = [one for one in blocks if not (isinstance(one, Loose) and _is_own(sheet, one) and is_rule(one.text))]
    return folded(sheet, [answer(sheet, block, title) for block in blocks])


def folded(sheet: Sheet, controls: Iterable[Control]) -> Fields:
    """``controls`` with those apart that nobody asks for."""
    shown: list[Control] = []
    unasked: list[Control] = []
    for control in controls:
        open_ = control.asked or control.value.strip() or control.error or control.opened
        (shown if open_ else unasked).append(control)
    return Fields(shown, unasked, sheet.level)


def answer(sheet: Sheet, block: Answer | Loose, title: str) -> Control:
    """The control of one answer; without a label of its own it is called as the heading above it, which is enough."""
    if isinstance(block, Loose):
        return loose(sheet, block)
    control = sheet.control(block.key, block.label or title, block.text, block.shape)
    control.is_titled = not block.label
    if block.shape == "title":
        # A heading that is all the template's own words says what the template is called, not what to write.
        asked = control.hint if sheet.template(block.key).startswith("[") else ""
        control.label = asked or _("Title")
        if control.hint:
            control.hint = _("What this record is called everywhere")
    if not block.label and control.hint and block.shape != "title":
        asks = not is_constant(sheet.template(block.key))
        control.is_titled = not asks
        control.label, control.hint = control.hint if asks else control.label, ""
    return _bound(sheet, control, block) if sheet.outline else control


def loose(sheet: Sheet, block: Loose) -> Control:
    """Markdown that fits no shape, as text."""
    control = sheet.control(block.key, _("Markdown"), block.text, "loose", "cmd" if "```" in block.text else "text")
    control.hint, control.sample = _("Not part of the template: kept where it stands. Emptied, it is removed."), ""
    if _is_own(sheet, block):
        control.hint = _("The template's own words, which ask for nothing.")
    return control


def _is_own(sheet: Sheet, block: Loose) -> bool:
    return block.text == sheet.template(block.key)


def _bound(sheet: Sheet, control: Control, block: Answer) -> Control:
    """What a line is for, where the template's settings say so."""
    assert sheet.outline
    settings = sheet.outline.settings
    fact = sheet.outline.fact_of(block.key)
    if options := settings.choices.get(block.key):
        control.kind, control.hint = "choice", ""
        known = control.value in options or not control.value
        control.options = tuple((o, o) for o in (options if known else (*options, control.value)))
    if fact in NEEDED:
        control.tools = False
    if fact in PEOPLE:
        control.kind, control.fact = "person", fact
        control.person_id = getattr(sheet.operation, f"{fact}_id")
    if fact == "id":
        control.fact = fact
        control.value = control.value.strip("`")
        control.locked = control.locked or sheet.operation.submitted_at is not None
        control.hint = _("Names the record and its file: date, kind, a few words in small letters.")
    elif block.key in sheet.outline.written_by_acts:
        control.kind, control.tools, control.options = "fixed", False, ()
        control.value = control.value if not control.state else block.text
        control.hint = _("Written when the record is closed.")
    elif fact in ("date", "time", "end"):
        # A date that is half typed is none: the field is sent once it is left.
        control.fact, control.pick = fact, sheet.outline.asked_of(block.key)
        control.hint = hint_for(control.pick, sheet.outline.texts.get(block.key, ""))
    elif fact == "review":
        control.pick = "date"
    return control
