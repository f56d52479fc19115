"""Records as nobody would write them: every answer may hold whatever opens something in Markdown.

A record is drawn by changing a template's document: any answers filled, rows, parts and phases added, removed
and moved. Texts pass ``normal`` first, as every editor of the site does; that defines the normal records over
which the laws hold.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from difflib import unified_diff
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from records.document.escape import normal
from records.document.outline import (
    Answer,
    Check,
    Commands,
    Document,
    Group,
    Item,
    Loose,
    Metric,
    Part,
    Phase,
    Row,
    Rows,
    Section,
)
from records.document.read import read_template
from records.document.shapes import NUMBERISH, metric_line
from records.document.template_guesses import completed
from records.document.template_settings import TemplateSettings, parse_settings
from records.document.write import write

HERE = Path(__file__)
DATA = HERE.parents[2] / "data"
SHIPPED = HERE.parents[3] / "records" / "operation_templates" / "infrastructure-operation.md"
TEMPLATE_FILES = [SHIPPED, *sorted((DATA / "templates").glob("*.md"))]
MESSY_FILES = sorted((DATA / "messy").glob("*.md"))


def text_in(path: Path) -> str:
    """A file's text with its own line ends."""
    return path.read_bytes().decode()


def settings_beside(path: Path) -> TemplateSettings:
    """The settings of a template's TOML, if it has one, with what can be guessed."""
    toml = path.with_suffix(".toml")
    told = parse_settings(text_in(toml)) if toml.exists() else TemplateSettings()
    return completed(told, read_template(text_in(path), told.kind))


SETTINGS = {path.stem: settings_beside(path) for path in TEMPLATE_FILES}
TEMPLATES = {path.stem: read_template(text_in(path), SETTINGS[path.stem].kind) for path in TEMPLATE_FILES}

# ---------------------------------------------------------------- texts

# class: lines that belong to it. The proof that each class occurs (test_laws) asks CLASSES for them.
NASTY: dict[str, list[str]] = {
    "backtick fence": ["```", "````sh", "`````` x", "```\ncode\n```"],
    "tilde fence": ["~~~", "~~~~ x", "~~~\n```\n~~~"],
    "heading": ["# Heading", "## Fake section", "### Fake group", "###### x #", "#", "##", "####### no", "#\ttab"],
    "setext underline": ["===", "=", "-", "--", "word\n===", "word\n---", "  ===  "],
    "rule": ["---", "***", "___", "- - -", "* * *", " ---", "_ _ _"],
    "dash list": ["- item", "-", "- - x", "-\titem", "- # x", "- > x", "- ```"],
    "other list": ["* item", "+ item", "+", "*", "+ # x"],
    "numbered list": ["1. step", "1) step", "2. x", "10. x", "0. x", "999999999. x", "1. **Title**", "1.", "1. # x"],
    "labelled bullet": ["- **X**: y", "- **Resources**: y", "  - **Distributed by**: z", "* **Y:** z", "**Z**: w"],
    "check box": ["- [ ] open", "- [x] done", "[ ] x"],
    "quote": ["> quote", ">", "> # x", "> ```", ">- x", "> > x\ny"],
    "link definition": [
        *("[a]: /b", "> [a]: /b", "[a]:\n/b\n'title'", "[b]: <c> 'd'", "[e]:", "[f\ng]: /h", "[j]: javascript:x")
    ],
    "comment": ["<!--", "-->", "<!-- x -->", "<!-->"],
    "script": ["<script>", "</script>", "<pre>", "<style>x", "<textarea>"],
    "block tag": ["<div>", "</div>", "<details><summary>x</summary>", "<h2>Fake</h2>"],
    "any tag": ["<b>", "<x-y z='1'>", "</i>", "<a href='"],
    "processing": ["<?php", "?>", "<?>"],
    "cdata": ["<![CDATA[", "]]>", "<!X y>", "<!X"],
    "backslash": ["\\", "\\\\", "\\# x", "\\- x", "a\\", "\\`", "\\[", "1\\. x", "\\\\---", "\\)"],
    "backtick": ["`", "``", "`a`", "`` ` ``", "a`b", "`a\nb`", "`<", "<http://`>`"],
    "emphasis": ["*", "**", "_", "*a", "**b", "c**", "__d__", "*e*", "***f***", "a*b*c", "_g", "👍*(a)*", "~~", "*a**"],
    "bracket": ["[", "]", "[a]", "[a](b)", "![", "](", "[a](", "'x')", "[a][", "[[x]]"],
    "entity": ["&#10;", "&amp;", "&#35; x", "&", "&#x2028;"],
    "tab": ["\tx", "a\tb", "-\tx", "  \t- y", "\t\tcode"],
    "trailing blank": ["x ", "x  ", "x\t", "x \\ "],
    "leading blank": [" x", "  x", "   # x"],
    "blank line": ["", "a\n\nb", "\n\n", " "],
    "indented": ["    code", "     - x", "    # x", "      1. x", "        deep"],
    "lazy": ["> a\nlazy", "- a\nlazy", "1. a\nlazy\n---"],
    "pipe": ["|", "a | b", "|a|b|\n|-|-|", "\\|"],
    "emoji": ["⚠️", "✅ done", "👩‍🚒", "🔴"],
    "line separator": ["a\u2028b", "\u2029", "a\x85b", "\x85"],
    "form feed": ["\x0c", "a\x0bb", "\x1c", "\x0c# x", "-\x0cx", "#\x0bx"],
    "bidirectional": ["\u202eabc", "\u2066x\u2069", "\u200b", "\ufeff", "\u200b# x"],
    "no-break blank": ["\u00a0", "\u00a0# x", "x\u00a0", "\u3000- x"],
    "state": ["Not applicable: one node", "To confirm by 2026-11-27: x"],
    "placeholder": ["[Brief Description]", "YYYY-MM-DD", "HH:MM-HH:MM", "[before]% → [after]%", "[…]"],
    "arrow": ["→", "a → b", "1 ms → 2 ms", "→ x", "x →"],
    "colon": [":", "a: b", ": x", "\\:", "Caption:"],
    "parenthesis": ["(22:00-23:00)", "x (08:28)", "(22)", ")", "(", "(DNS only)", "Phase 2: x (10:00-11:00)"],
    "number": ["5", "5ms", "~0.3 %", "1,5", "[after]ms"],
    "carriage return": ["a\r\nb", "a\rb", "\r"],
    "words": ["plain", "two words", "é", "naïve – dash"],
}  # fmt: skip
_FRAGMENTS = [line for lines in NASTY.values() for line in lines]
# NUL and surrogates never reach a record: ``refuse_unstorable`` (law 8).
_signs = st.characters(exclude_characters="\0", exclude_categories=["Cs"])
_of_a_class = st.sampled_from(sorted(NASTY)).flatmap(lambda name: st.sampled_from(NASTY[name]))
_of_signs = st.text(st.sampled_from("`~#-=*_+>[]()<!\\:&1.) \tax|→"), max_size=8)
_fragment = st.one_of(
    _of_a_class, _of_a_class, _of_a_class, st.sampled_from(_FRAGMENTS), _of_signs, st.text(_signs, max_size=6)
)
_line = st.builds("{}{}{}".format, st.sampled_from(["", "", "", "", "  ", "   ", "    ", "\t", "> ", "- "]), _fragment,
                  st.sampled_from(["", "", "", " ", "  ", "\\"]))  # fmt: skip
one_line = st.lists(_fragment, min_size=1, max_size=4).map(lambda parts: " ".join(parts).replace("\n", " "))
texts = st.lists(_line, min_size=1, max_size=8).map("\n".join)


def normal_texts(shape: str) -> st.SearchStrategy[str]:
    """Texts as an answer of ``shape`` may hold them."""
    raw = one_line | texts.map(lambda text: text.replace("\n", "")) if shape in ONE_LINE else texts | one_line
    return raw.map(lambda text: normal(text, shape))


ONE_LINE = ("title", "line", "name", "value", "window", "language")

# ---------------------------------------------------------------- places in a document

Path_ = tuple[tuple[str, int], ...]
LEAVES = (Answer, Item, Check, Metric, Commands, Phase, Loose)


def places(value: Any, *kinds: type, path: Path_ = ()) -> list[tuple[Path_, Any]]:
    """Where values of ``kinds`` stand in a document, in the order of the text."""
    found: list[tuple[Path_, Any]] = []
    if isinstance(value, kinds):
        found.append((path, value))
    for name in _names(type(value)):
        inner = getattr(value, name)
        if isinstance(inner, tuple):
            for at, item in enumerate(inner):
                found += places(item, *kinds, path=(*path, (name, at)))
        elif _names(type(inner)):
            found += places(inner, *kinds, path=(*path, (name, -1)))
    return found


@cache
def _names(kind: type) -> tuple[str, ...]:
    """The fields of a kind of value, if it has any."""
    return tuple(field.name for field in fields(kind)) if is_dataclass(kind) else ()


def put(value: Any, path: Path_, new: Any) -> Any:
    """``value`` with ``new`` at ``path``."""
    if not path:
        return new
    (name, at), rest = path[0], path[1:]
    inner = getattr(value, name)
    if at < 0:
        return replace(value, **{name: put(inner, rest, new)})
    return replace(value, **{name: (*inner[:at], put(inner[at], rest, new), *inner[at + 1 :])})


# ---------------------------------------------------------------- changes

Draw = Callable[[st.SearchStrategy[Any]], Any]


windows = st.sampled_from(["22:00-23:30", "(08:28)", "22:", "22", "TBD", "", "HH:MM-HH:MM", "22:00 – open end"]).map(
    lambda text: normal(text, "window")
) | normal_texts("window")


units = st.sampled_from(["", "%", "ms", "TB", " s", " req/sec", "/10min", " per second"])


def with_texts(leaf: Any, text: Callable[[str], str]) -> Any:
    """``leaf`` with other texts: ``text`` gives one for a shape of ``normal``, or for "item", an item's own."""
    match leaf:
        case Answer(shape="text" | "paragraph" | "stanza" as shape):
            # An empty free text is no text: the template's own words stand for it.
            return replace(leaf, text=text(shape) or leaf.text)
        case Answer(shape=shape):
            return replace(leaf, text=text(shape))
        case Item():
            return replace(leaf, title=text("name"), text=text("item"))
        case Check():
            return replace(leaf, text=text("bullet"))
        case Metric():
            before, after = text("value"), None if leaf.after is None else text("value")
            # Words have no unit: that of the row is the one that its value before shows.
            unit = text("unit") if after is not None and NUMBERISH.fullmatch(before) else leaf.unit
            return replace(leaf, name=text("name"), before=before, after=after, unit=unit)
        case Commands():
            return replace(leaf, language=text("language"), text=text("fence"))
        case Phase():
            return replace(leaf, title=text("name"), window=text("window"))
    raise AssertionError(leaf)


def filled(draw: Draw, leaf: Any) -> Any:
    """``leaf`` with texts that are drawn, and perhaps a tick."""
    special = {
        "item": normal_texts("bullet") | st.just(""),
        "unit": units,
        "language": st.sampled_from(["", "bash", "sql"]) | normal_texts("language"),
        "window": windows,
    }
    new = with_texts(leaf, lambda shape: draw(special[shape] if shape in special else normal_texts(shape)))
    return replace(new, ticked=draw(st.booleans())) if isinstance(new, Check) else new


_keys = st.integers(0, 10**6).map("new-{}".format)


def new_part(draw: Draw) -> Part:
    """A block of commands or a detail that no template has."""
    if draw(st.booleans()):
        return Commands(draw(_keys), "bash", draw(normal_texts("fence")))
    return Answer(draw(_keys), draw(normal_texts("name")), draw(normal_texts("bullet")), "bullet")


def new_row(draw: Draw, rows: Rows) -> Row:
    """A row as a person adds one to ``rows``."""
    key = draw(_keys)
    if rows.kind == "checks":
        return Check(key, draw(normal_texts("bullet")), draw(st.booleans()))
    if rows.kind == "metrics":
        compared = next((row.after is not None for row in rows.rows if isinstance(row, Metric)), False)
        name, before = draw(normal_texts("name")), draw(normal_texts("value"))
        after, unit = (draw(normal_texts("value")), draw(units)) if compared else (None, "")
        return Metric(key, name, before, after, unit)
    parts = tuple(new_part(draw) for _ in range(draw(st.integers(0, 2)))) if rows.kind in ("steps", "risks") else ()
    return Item(key, draw(normal_texts("name")), draw(normal_texts("bullet") | st.just("")), parts)


def moved(draw: Draw, items: tuple[Any, ...]) -> tuple[Any, ...]:
    """``items`` with one of them somewhere else."""
    at, to = draw(st.integers(0, len(items) - 1)), draw(st.integers(0, len(items) - 1))
    rest = [*items[:at], *items[at + 1 :]]
    return (*rest[:to], items[at], *rest[to:])


def change_rows(draw: Draw, document: Document) -> Document:
    """A row added, removed or moved; all of them removed; or a part of one."""
    with_rows = places(document, Rows)
    if not with_rows:
        return document
    path, rows = draw(st.sampled_from(with_rows))
    items = [n for n, row in enumerate(rows.rows) if isinstance(row, Item)]
    act = draw(st.sampled_from(["add", "add", "remove", "move", "part", "empty"]))
    if act == "empty":
        return put(document, path, replace(rows, rows=()))
    if act == "part" and items and rows.kind in ("steps", "risks"):
        at = draw(st.sampled_from(items))
        parts = changed(draw, rows.rows[at].parts, new_part)
        return put(document, (*path, ("rows", at)), replace(rows.rows[at], parts=parts))
    return put(document, path, replace(rows, rows=changed(draw, rows.rows, lambda d: new_row(d, rows), act)))


def changed(draw: Draw, items: tuple[Any, ...], new: Callable[[Draw], Any], act: str = "") -> tuple[Any, ...]:
    """``items`` with one more, one less, or one moved."""
    act = act or draw(st.sampled_from(["add", "remove", "move"]))
    if act == "remove" and items:
        at = draw(st.integers(0, len(items) - 1))
        return (*items[:at], *items[at + 1 :])
    if act == "move" and items:
        return moved(draw, items)
    at = draw(st.integers(0, len(items)))
    return (*items[:at], new(draw), *items[at:])


def change_phases(draw: Draw, document: Document) -> Document:
    """A phase added, removed or moved."""
    with_phases = [(path, s) for path, s in places(document, Section) if any(g.phase for g in s.groups)]
    if not with_phases:
        return document
    path, section = draw(st.sampled_from(with_phases))
    at = [n for n, group in enumerate(section.groups) if group.phase]
    inner = section.groups[at[0] : at[-1] + 1]
    if not all(group.phase for group in inner) or len(inner) != len(at):
        return document

    def new(draw: Draw) -> Group:
        key = f"{section.key}/{draw(_keys)}"
        word = inner[0].phase.word if inner[0].phase else ""
        phase = Phase(word, 0, draw(normal_texts("name")), draw(windows))
        empty = Rows(f"{key}/steps", "steps", ())
        rows = replace(empty, rows=tuple(new_row(draw, empty) for _ in range(draw(st.integers(0, 2)))))
        return Group(key, None, (rows,), phase)

    groups = changed(draw, inner, new)
    groups = groups or inner
    section = replace(section, groups=(*section.groups[: at[0]], *groups, *section.groups[at[-1] + 1 :]))
    return put(document, path, section)


def fill_one(draw: Draw, document: Document) -> Document:
    """One leaf with other texts, if there is any."""
    leaves = places(document, *(kind for kind in LEAVES if kind is not Loose))
    if not leaves:
        return document
    path, leaf = draw(st.sampled_from(leaves))
    return put(document, path, filled(draw, leaf))


_CHANGES = [fill_one, fill_one, fill_one, change_rows, change_phases]


class Case:
    """A record and the template it came from; a failing example shows how their texts differ."""

    def __init__(self, record: Document, template: Document) -> None:
        self.record, self.template = record, template

    def __repr__(self) -> str:
        old, new = write(self.template).split("\n"), write(self.record).split("\n")
        return "\n".join(["", *unified_diff(old, new, "template", "record", lineterm="", n=1), ""])


@st.composite
def records(draw: Draw, template: Document, most: int = 10) -> Case:
    """Records of ``template``: up to ``most`` changes."""
    record = template
    for change in draw(st.lists(st.sampled_from(_CHANGES), max_size=most)):
        record = change(draw, record)
    return Case(record, template)


def any_record() -> st.SearchStrategy[Case]:
    """Records of any template; the short one most often, since it shrinks and runs fastest."""
    return st.sampled_from([*TEMPLATES.values(), TEMPLATES["quick-change"]]).flatmap(records)


# What takes along all that comes behind it until somebody closes it.
_OPEN = st.sampled_from(["```", "~~~~ sh\nx\n", "<!-- todo", "<pre>\n\nx", "<?php", "<details>", "> ```", "- ```"])
_INDENT = st.sampled_from(["", "   ", "   ", "     "])


def roughened(draw: Draw, text: str) -> str:
    """``text`` as other hands leave it: lines put in anywhere, lost or moved, blank ones too, other line ends."""
    lines = text.split("\n")
    for _ in range(draw(st.integers(1, 4))):
        acts = ["put", "put", "open", "behind", "lose", "move", "tighten"]
        at, act = draw(st.integers(0, len(lines) - 1)), draw(st.sampled_from(acts))
        if act == "tighten":
            at = next((n for n in range(at, len(lines) - 1) if not lines[n].strip()), at)
        if act == "behind":
            at = next((n + 1 for n in range(at, len(lines)) if lines[n].strip() in ("```", "~~~")), at)
            lines.insert(at, "Then tell them.")
        elif act == "open":
            indent = draw(_INDENT)
            lines[at:at] = [f"{indent}{line}" if line else "" for line in draw(_OPEN).split("\n")]
        elif act == "put" or len(lines) < 2:
            lines[at:at] = draw(texts).split("\n")
        else:
            line = lines.pop(at)
            if act == "move":
                lines.insert(draw(st.integers(0, len(lines))), line)
    ends = draw(st.sampled_from(["\n", "\n", "\r\n", "\r", "some"]))
    if ends != "some":
        return ends.join(lines)
    at = draw(st.integers(0, len(lines)))
    return "\n".join(lines[:at]) + draw(st.sampled_from(["\r", "\r\n", "\n\r"])) + "\n".join(lines[at:])


@st.composite
def any_text(draw: Draw) -> tuple[str, Document]:
    """A text that came from a record of some template, and the template along which it is read."""
    case = draw(any_record())
    return roughened(draw, write(case.record)), case.template


# ---------------------------------------------------------------- what a record says


def content(value: Any) -> Any:
    """What a document says, without keys of rows, slices, gaps and numbers; no rows are the same as none."""
    match value:
        case Document():
            return tuple(content(section) for section in value.sections)
        case Section():
            return value.kind, value.title, tuple(content(group) for group in value.groups)
        case Group(phase=None):
            return value.key, value.title, _blocks(value)
        case Group():
            assert value.phase
            return value.phase.word, value.phase.title, value.phase.window, _blocks(value)
        case Rows():
            return value.kind, tuple(content(row) for row in value.rows)
        case Answer(shape="bullet"):
            return value.label, value.text
        case Answer():
            return value.label, value.text, value.shape
        case Item():
            return value.title, value.text, tuple(content(part) for part in value.parts)
        case Check():
            return value.text, value.ticked
        case Metric():
            return metric_line(value.name, value.before, value.after, value.unit)
        case Commands():
            return value.language, value.text
        case Phase():
            return value.title, value.window
    return ("markdown", value.text)


def _blocks(group: Group) -> tuple[Any, ...]:
    kept = (b for b in group.blocks if not (isinstance(b, Rows) and not b.rows and b.kind != "metrics"))
    return tuple(content(block) for block in kept)


def field_keys(document: Document) -> list[str]:
    """The keys of the answers that are not in rows, in the order of the text."""
    return [answer.key for section in document.sections for answer in section.answers()]


def nasty_in(text: str) -> set[str]:
    """The classes of NASTY of which a line stands in ``text``, whatever stands around it on its line."""
    return {name for name, pattern in _STANDING.items() if pattern.search(text)}


def _standing(line: str) -> str:
    return re.escape(line) if line.strip() else rf"{re.escape(line)}[ \\\\]*$"


_STANDING = {
    name: re.compile(rf"(?m)^[ \t>-]*(?:{'|'.join(_standing(line) for line in lines)})")
    for name, lines in NASTY.items()
}


TEXTS_OF_A_LEAF = ("title", "name", "text", "before", "after", "window", "language")


def written_in(case: Case) -> str:
    """The texts of a record that its template does not hold: what somebody wrote into it."""
    given = {leaf for _, leaf in places(case.template, *LEAVES)}
    own = [leaf for _, leaf in places(case.record, *LEAVES) if leaf not in given]
    return "\n".join(getattr(leaf, name, None) or "" for leaf in own for name in TEXTS_OF_A_LEAF)
