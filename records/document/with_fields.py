"""A flat table of fields back into its section: what a form posted, a history kept or a clone changed."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from records.document.answers import Empty, answer_in
from records.document.apart import refuse_new_keys
from records.document.escape import normal
from records.document.kept_markdown import settled
from records.document.lists import text_before_parts
from records.document.open_ends import closed
from records.document.outline import (
    FREE,
    Answer,
    Block,
    Check,
    Commands,
    Group,
    Heading,
    Item,
    Loose,
    Metric,
    Part,
    Phase,
    Row,
    Rows,
    Section,
)
from records.document.plan import AFTER
from records.document.unusable import Unusable

TITLE, TEXT, CHECK, NAME, BEFORE, WINDOW = "[Title]", "[Text]", "[Check]", "[Name]", "[before]", "HH:MM-HH:MM"


class _Values:
    """The posted texts over a section, each in its normal form; an empty one falls back to the template's.

    Forms show a placeholder beside its field, which is sent empty: nobody changed it.
    """

    def __init__(self, values: Mapping[str, str], template: Mapping[str, str], rows: Mapping[str, Row]) -> None:
        self.values, self.template = values, template
        # The rows of the whole section, and those that have their place already: one may have gone to another list.
        self.rows, self.placed = rows, set[str]()

    def text(self, key: str, own: str, shape: str, empty: str = "") -> str:
        if key not in self.values:
            return own
        posted = normal(self.values[key], shape)
        if posted == normal(own, shape):
            return own  # equal up to line ends: the stored characters stay (law 5)
        if posted.strip():
            return posted
        return own if isinstance(answer_in(own, ""), Empty) else self.template.get(key, empty)

    def markdown(self, block: Loose) -> Loose:
        """Markdown that fits no shape is shown as it is, whatever it holds; emptied, it is gone, or the template's."""
        posted = normal(self.values.get(block.key, block.text), "markdown")
        same = posted == normal(block.text, "markdown")
        return block if same else replace(block, text=posted if posted.strip() else self.template.get(block.key, ""))

    def row_of(self, kind: str, key: str) -> Row | None:
        """A step that stands in another phase until now."""
        row = self.rows.get(key)
        return row if kind == "steps" and isinstance(row, Item | Loose) else None

    def names(self, key: str, own: Sequence[str]) -> list[str]:
        """The keys in a list field: as posted, each once. Raises Unusable if it is no list of keys."""
        if key not in self.values:
            return list(own)
        names = _json_list(self.values[key])
        if not all(isinstance(name, str) and name for name in names):
            raise Unusable(f"{key} has to be a list of keys.")
        return list(dict.fromkeys(str(name) for name in names))


def _json_list(text: str) -> list[object]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unusable("A list of rows came in that can't be read.") from error
    if not isinstance(value, list):
        raise Unusable("A list of rows came in that is no list.")
    return value


def with_fields(section: Section, values: Mapping[str, str], template: Mapping[str, str] | None = None) -> Section:
    """``section`` with the fields in ``values`` (key to text); what is not in it stays.

    ``template`` is the table of the template's section: an emptied field goes back to its text. A key in a
    structure field that no row has makes a new row; a step may move to the list of another phase. Raises Unusable,
    in words, for what can't be stored, and for a key that no new row can have. What would take along all that stands
    behind it is closed.
    """
    rows = {row.key: row for block in section.blocks() if isinstance(block, Rows) for row in block.rows}
    table = _Values(values, template or {}, rows)
    groups = [_group(group, table) for group in section.groups]
    changed = replace(section, groups=tuple(_phases(section, groups, table)))
    refuse_new_keys(section, changed, table.template)
    return closed(settled(changed, table.template))


def _phases(section: Section, groups: list[Group], table: _Values) -> list[Group]:
    own = {group.key: group for group in groups if group.phase}
    if f"{section.key}.phases" not in table.values:
        return groups
    wanted = table.names(f"{section.key}.phases", list(own))
    word = next((g.phase.word for g in own.values() if g.phase), "Phase")
    phases = [own.get(key) or _group(_new_phase(key, word, at), table) for at, key in enumerate(wanted, 1)]
    first = next((at for at, group in enumerate(groups) if group.phase), len(groups))
    others = [group for group in groups if not group.phase]
    before = sum(1 for group in groups[:first] if not group.phase)
    return [*others[:before], *phases, *others[before:]]


def _new_phase(key: str, word: str, number: int) -> Group:
    rows = Rows(f"{key}/steps", "steps", (), tail="\n")
    return Group(key, Heading("", ""), (rows,), Phase(word, number, TITLE, WINDOW))


def _group(group: Group, table: _Values) -> Group:
    blocks = [_block(block, table) for block in group.blocks]
    phase = group.phase
    if phase:
        title = table.text(f"{group.key}.title", phase.title, "line", TITLE)
        window = table.text(f"{group.key}.window", phase.window, "window", WINDOW)
        phase = replace(phase, title=title, window=window)
    kept = tuple(block for block in blocks if not (isinstance(block, Loose) and not block.text))
    return replace(group, blocks=kept, phase=phase)


def _block(block: Block, table: _Values) -> Block:
    match block:
        case Answer():
            return _answer(block, table)
        case Loose():
            return table.markdown(block)
    names = [
        key for key in table.names(f"{block.key}.rows", [row.key for row in block.rows]) if key not in table.placed
    ]
    table.placed.update(names)
    own = {row.key: row for row in block.rows}
    rows = [own.get(key) or table.row_of(block.kind, key) or _new_row(block, key) for key in names]
    changed = [_ROWS[type(row)](row, table) for row in rows]
    return replace(block, rows=tuple(row for row in changed if not (isinstance(row, Loose) and not row.text)))


def _answer(answer: Answer, table: _Values) -> Answer:
    empty = TEXT if answer.shape in FREE else ""
    return replace(answer, text=table.text(answer.key, answer.text, answer.shape, empty))


def _new_row(block: Rows, key: str) -> Row:
    if block.kind == "checks":
        return Check(key, CHECK)
    if block.kind == "metrics":
        compared = any(isinstance(row, Metric) and row.after is not None for row in block.rows)
        return Metric(key, NAME, BEFORE, AFTER) if compared or "→" in block.opening else Metric(key, NAME, BEFORE)
    return Item(key, TITLE, "")


def _item(row: Item, table: _Values) -> Item:
    own = {part.key: part for part in row.parts}
    parts = list(row.parts)
    if f"{row.key}.parts" in table.values:
        parts = [_part_named(entry, own) for entry in _json_list(table.values[f"{row.key}.parts"])]
    changed = [_part(part, table) for part in parts]
    text, told = _with_first_notes(
        table.text(f"{row.key}.text", row.text, "bullet"),
        [part for part in changed if not (isinstance(part, Loose) and not part.text)],
    )
    return replace(row, title=table.text(f"{row.key}.title", row.title, "line", TITLE), text=text, parts=tuple(told))


def _with_first_notes(text: str, parts: list[Part]) -> tuple[str, list[Part]]:
    """The ``text`` and ``parts`` of an item, as they are read: what comes first and is no list or fence is its text."""
    while parts and isinstance(note := parts[0], Loose):
        own, rest = text_before_parts(note.text)
        if not own.strip():
            break
        text = f"{text}\n\n{own}" if text else own
        parts = [*([replace(note, text=rest, source="", read_as="")] if rest else []), *parts[1:]]
    return text, parts


def _part_named(entry: object, own: Mapping[str, Part]) -> Part:
    if not (isinstance(entry, list) and len(entry) == 3 and all(isinstance(item, str) for item in entry)):
        raise Unusable("A step's parts came in that can't be read.")
    kind, key, label = entry
    if key in own:
        return own[key]
    if kind == "commands":
        return Commands(key, normal(label, "language") or "bash", "")
    if kind == "detail":
        return Answer(key, normal(label, "line") or "Detail", "", "bullet")
    return Loose(key, "")


def _part(part: Part, table: _Values) -> Part:
    if isinstance(part, Answer):
        return _answer(part, table)
    if isinstance(part, Loose):
        return table.markdown(part)
    return replace(part, text=table.text(part.key, part.text, "fence"))


def _check(row: Check, table: _Values) -> Check:
    return replace(row, text=table.text(f"{row.key}.text", row.text, "bullet", CHECK))


def _metric(row: Metric, table: _Values) -> Metric:
    after = row.after
    if after is not None:
        after = table.text(f"{row.key}.after", after, "line", AFTER)
    return replace(
        row,
        name=table.text(f"{row.key}.name", row.name, "line", NAME),
        before=table.text(f"{row.key}.before", row.before, "line", BEFORE),
        after=after,
        unit=table.text(f"{row.key}.unit", row.unit, "unit"),
    )


_ROWS: dict[type, Callable[..., Row]] = {
    Item: _item,
    Check: _check,
    Metric: _metric,
    Loose: lambda row, table: table.markdown(row),
}
