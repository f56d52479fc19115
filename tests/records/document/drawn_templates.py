"""Operations templates as other houses write them, each with what a reader has to see in it.

A template is drawn from the grammar of document.md, in whatever form is odd but legal. What it asks for is put down
while it is drawn, in the order of the text, so that the reader is not asked what is right.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeVar

from hypothesis import strategies as st
from markdown_it import MarkdownIt

from records.document.outline import Document
from records.document.template_settings import TemplateSettings, parse_settings
from tests.records.document.drawn_words import (
    COLONS,
    COMMANDS,
    KINDS,
    LABELS,
    LEVELS,
    LOOSE,
    PHASES,
    RULES,
    TABLES,
    TITLES,
    TREATMENTS,
    VALUES,
    WINDOWS,
)
from tests.records.document.judges import JUDGES

T = TypeVar("T")
Seen = tuple[str, ...]
Drawn = tuple[list[str], list[Seen]]
Draw = Callable[[st.SearchStrategy[Any]], Any]


@dataclass(frozen=True)
class DrawnTemplate:
    """A template's ``text``, and what is ``seen`` in it."""

    text: str
    seen: list[Seen]

    def __repr__(self) -> str:
        return f"{self.text!r}\n----\n{self.text}----\n" + "\n".join(map(str, self.seen))


def chance(draw: Draw, of: int = 3) -> bool:
    """Once in so many times; an example shrinks to what is usual."""
    return bool(draw(st.integers(0, of - 1)) == of - 1)


def one(draw: Draw, of: Sequence[T]) -> T:
    return draw(st.sampled_from(of))  # type: ignore[no-any-return]


def many(draw: Draw, least: int, most: int, new: Callable[[Draw], T]) -> list[T]:
    return [new(draw) for _ in range(draw(st.integers(least, most)))]


def apart(draw: Draw, pieces: Sequence[Drawn]) -> Drawn:
    """Pieces with a blank line between them; or without one, where any parser sees the same without it."""
    lines = list(pieces[0][0]) if pieces else []
    for (before, _), (own, _) in pairwise(pieces):
        tight = _page([*before, *own]) == _page([*before, "", *own]) and chance(draw, 2)
        lines += own if tight else ["", *own]
    return lines, [what for _lines, seen in pieces for what in seen]


def _page(lines: Sequence[str]) -> list[str]:
    parsers = [*JUDGES.values(), MarkdownIt("commonmark").render]
    return [parser("\n".join(lines)) for parser in parsers]


def indented(lines: Sequence[str], by: str) -> list[str]:
    return [f"{by}{line}" if line else "" for line in lines]


# ---------------------------------------------------------------- header and footer


def title(draw: Draw) -> Drawn:
    kind = one(draw, KINDS)
    forms = ["{}: [Brief Description]", "{}: [Brief Description]", "{}", "[What is done]", "{} – [What]", "{}: fixed"]
    form = one(draw, [*forms, "{} [What]", "{} : [Quoi]", "{}：[何]", "({}) [What] of [Whom]"])
    words = form.format(kind)
    spelled = one(draw, [["# {}"], ["# {}"], ["# {} #"], ["#  {}"], ["{}", "==="]])
    return [line.format(words) for line in spelled], [("title", words)]


def line(draw: Draw, shape: str = "line") -> Drawn:
    label, value = one(draw, LABELS), one(draw, VALUES)
    bold = one(draw, COLONS)
    end = one(draw, ["", "", "  "])
    return [bold.format(label, value) + end], [(shape, label, value)]


def paragraph_of_lines(draw: Draw) -> Drawn:
    """Labelled lines in one paragraph; perhaps with a line of other words among them."""
    pieces = many(draw, 1, 4, line)
    if chance(draw, 5):
        other = one(draw, ["Fill in before review.", "[free words]", "*(all times in UTC)*"])
        pieces.insert(draw(st.integers(0, len(pieces))), ([other], [("markdown", other)]))
    return [text for lines, _ in pieces for text in lines], [what for _, seen in pieces for what in seen]


def kept(draw: Draw, texts: Sequence[str]) -> Drawn:
    text = one(draw, texts)
    return text.split("\n"), [("markdown", text)]


def header(draw: Draw) -> Drawn:
    pieces = [title(draw)] if not chance(draw, 12) else []
    if chance(draw, 12):
        pieces.insert(0, kept(draw, ["<!-- of the house -->", "[link]: https://example.org"]))
    if pieces and chance(draw, 5):
        pieces.append(kept(draw, RULES))
    for _ in range(draw(st.integers(0, 3))):
        pieces.append(paragraph_of_lines(draw))
        if chance(draw, 6):
            pieces.append(kept(draw, [*RULES, "Words for whoever fills this in.", "> a\n> b", "- a list"]))
    return apart(draw, pieces)


def footer(draw: Draw) -> Drawn:
    pieces: list[Drawn] = [([one(draw, RULES)], [("footer",)]), *many(draw, 1, 3, paragraph_of_lines)]
    if chance(draw, 4):
        guidance = one(draw, ["How to fill this in.", "## How to\n\n- **Fill**: [in]", "**Never**: [asked]", "- [ ] a"])
        pieces.append(([one(draw, RULES), "", *guidance.split("\n")], [("guidance",)]))
    return apart(draw, pieces)


# ---------------------------------------------------------------- blocks


def free(draw: Draw) -> Drawn:
    text = one(
        draw, ["[Free words]", "[Two\nlines]", "Said words.", "Words with [a hole] in them.", "`x` [y]", *TABLES]
    )
    return text.split("\n"), [("text", text)]


def fence(draw: Draw, texts: Sequence[str] = ("[component] — [version]", "a\n\n[b]", "# [x]\n## y", "")) -> Drawn:
    text = one(draw, texts)
    mark = one(draw, ["```", "```text", "~~~", "````", "~~~~ x"])
    return [mark, *(text.split("\n") if text else []), mark.split(" ")[0].removesuffix("text")], [("fence", text)]


def metrics(draw: Draw) -> Drawn:
    compared = chance(draw, 2)
    lines, seen = [one(draw, ["Before → After:", "Last 7 days:", "Messwerte:"])], list[Seen]()
    for _ in range(draw(st.integers(1, 3))):
        name, unit = one(draw, ["CPU", "Disk p99", "Durée", "Load (1m)", "要求"]), one(draw, ["%", "ms", " GB", ""])
        if compared:
            lines.append(f"{name}: [before]{unit} → [after]{unit}")
            seen.append(("metric", name, "[before]", "[after]", unit))
        else:
            lines.append(f"- {name}: [value{unit}]")
            seen.append(("metric", name, f"[value{unit}]", "", ""))
    mark = one(draw, ["```", "~~~"])
    return [mark, *lines, mark], seen


def fields(draw: Draw, mark: str = "") -> Drawn:
    lead = mark or one(draw, ["- ", "- ", "* ", "+ ", "-\t", "-   ", " - "])
    lines, seen = list[str](), list[Seen]()
    for _ in range(draw(st.integers(1, 4))):
        own, what = line(draw, "bullet")
        lines.append(lead + own[0])
        inner = many(draw, 1, 2, lambda d: line(d, "bullet")) if chance(draw, 6) else []
        lines += [f"{' ' * len(lead.expandtabs(4))}- {text}" for texts, _ in inner for text in texts]
        seen += [*what, *(one for _, found in inner for one in found)]
        if chance(draw, 8):
            lines.append("")
    return without_last_blank(lines), seen


def without_last_blank(lines: list[str]) -> list[str]:
    return lines[:-1] if lines and not lines[-1] else lines


def two_lists(draw: Draw) -> Drawn:
    """Two lists of fields that nothing but their signs, or something that shows nothing, keeps apart."""
    first, second = fields(draw, "- "), fields(draw, "* ")
    return first[0] + [*([""] if chance(draw, 2) else [])] + second[0], first[1] + second[1]


def checks(draw: Draw) -> Drawn:
    lead = one(draw, ["- ", "* ", "-\t"])
    lines, seen = list[str](), list[Seen]()
    for _ in range(draw(st.integers(1, 3))):
        text = one(draw, ["[service] is up", "Alarms are silent", "**Backup**: [where]", "`df` says [n]", "[x] y"])
        if chance(draw, 6):
            text += "\n- [ ] nested"
        first, *rest = text.split("\n")
        lines += [f"{lead}[ ] {first}", *indented(rest, " " * len(lead.expandtabs(4)))]
        seen.append(("check", text))
    return lines, seen


_LONG = "[how]\n\n[words]\n\n> quoted"


def item(draw: Draw, kind: str, lead: str, parts: Sequence[Callable[[Draw], Drawn]]) -> Drawn:
    """A row with a bold title, perhaps a text, and what stands under it."""
    name, text = one(draw, LABELS), one(draw, ["", "", "[how]", "fixed words", "[two]\n[lines]", _LONG])
    first, *rest = text.split("\n")
    bold = one(draw, COLONS if text else ["**{}**", "**{}**:"]).format(name, first)
    width = " " * len(lead.expandtabs(4))
    lines, seen = [f"{lead}{bold}", *indented(rest, width)], [(kind, name, text)]
    for _ in range(draw(st.integers(0, 3)) if parts else 0):
        own, what = one(draw, parts)(draw)
        if what[0][0] == "note" == seen[-1][0]:
            continue
        same = what[0][0] == "detail" and seen[-1][0] == "detail"
        tight = same or (what[0][0] != "note" and chance(draw, 2))
        lines += [*([] if tight else [""]), *indented(own, width)]
        seen += what
    return lines, seen


def commands(draw: Draw) -> Drawn:
    language = one(draw, ["", "bash", "sql"])
    lines, [(_kind, text)] = fence(draw, COMMANDS)
    mark = lines[-1]
    if mark in text:
        return commands(draw)
    return [mark + language, *lines[1:]], [("commands", language, text)]


def details(draw: Draw) -> Drawn:
    pieces = many(draw, 1, 3, lambda d: line(d, "detail"))
    return [f"- {text}" for lines, _ in pieces for text in lines], [what for _, seen in pieces for what in seen]


def plain_bullets(draw: Draw) -> Drawn:
    lines = [f"* {text}" for text in many(draw, 1, 3, lambda d: one(d, ["[sign that it worked]", "plain", "[x] y"]))]
    return lines, [("note", "\n".join(lines))]


def rows(draw: Draw, kind: str, leads: Sequence[str], parts: Sequence[Callable[[Draw], Drawn]]) -> Drawn:
    lead, spaced = one(draw, leads), chance(draw, 2)
    pieces = [item(draw, kind, lead.format(n + 1), parts) for n in range(draw(st.integers(1, 3)))]
    if spaced:
        return apart(draw, pieces)
    return [text for lines, _ in pieces for text in lines], [what for _, seen in pieces for what in seen]


def steps(draw: Draw) -> Drawn:
    return rows(draw, "steps", ["{}. ", "{}. ", "{}) ", "{}.\t", "0{}. "], [commands, commands, details, plain_bullets])


def risks(draw: Draw) -> Drawn:
    return rows(draw, "risks", ["{}. ", "- ", "* "], [details])


# ---------------------------------------------------------------- groups and sections


def under(draw: Draw, mark: str, words: str, seen: Seen, body: Drawn) -> Drawn:
    """``body`` under a heading, with a blank line after that or without."""
    spelled = one(draw, ["{} {}", "{} {}", "{} {} {}", "{}\t{}"]).format(mark, words, mark)
    if mark == "##" and not words[0].isdigit() and chance(draw, 8):
        spelled = f"{words}\n---"
    blank = [] if chance(draw, 4) else [""]
    return [*spelled.split("\n"), *blank, *body[0]], [seen, *body[1]]


def told(draw: Draw) -> Drawn:
    """A sentence, what it speaks of, perhaps directly below it, and other words; perhaps so twice."""
    told_of = one(draw, [fence, metrics, fields, checks, lambda d: kept(d, LOOSE)])
    pieces = [free(draw)]
    for _ in range(draw(st.integers(1, 2))):
        pieces += [told_of(draw), free(draw)]
    return apart(draw, pieces)


PLAIN: list[Callable[[Draw], Drawn]] = [
    *(free, fence, metrics, fields, fields, two_lists, checks, told),
    lambda draw: kept(draw, LOOSE),
]


def blocks(draw: Draw, least: int, most: int) -> Drawn:
    """Blocks of which neighbours are not the same list."""
    pieces: list[Drawn] = []
    for piece in many(draw, least, most, lambda d: one(d, PLAIN)(d)):
        if not (pieces and _is_list(pieces[-1]) and _is_list(piece)):
            pieces.append(piece)
    return apart(draw, pieces)


def _is_list(piece: Drawn) -> bool:
    return piece[0][0].lstrip()[:1] in ("-", "*", "+") or piece[0][0][:1].isdigit()


def group(draw: Draw) -> Drawn:
    words = one(draw, TITLES)
    return under(draw, "###", words, ("group", words), blocks(draw, 0, 3))


def level_of_risk(draw: Draw) -> Drawn:
    words = one(draw, LEVELS).format(*[one(draw, TREATMENTS)] * 2)
    pieces = [risks_or_steps(draw)]
    if chance(draw):
        pieces += [kept(draw, ["> quoted", "#### A heading"]), risks_or_steps(draw)]
    return under(draw, "###", words, ("group", words), apart(draw, pieces))


def risks_or_steps(draw: Draw) -> Drawn:
    lines, seen = risks(draw)
    if lines[0][0].isdigit() and all(what[0] == "risks" and not what[2] for what in seen):
        seen = [("steps", *what[1:]) for what in seen]  # titles alone, in an order
    return lines, seen


def procedures(draw: Draw) -> Drawn:
    """Steps without a window; under a treatment's parentheses, too, if they are commands or titles alone."""
    words, body = one(draw, TITLES), steps(draw)
    if any(what[0] == "commands" for what in body[1]) or all(what[0] == "steps" and not what[2] for what in body[1]):
        words += one(draw, ["", " (manual)", " (Mitigated)"])
    words += one(draw, ["", "", " (22:00-23:30)"])
    return under(draw, "###", words, ("group", words), body)


def section(draw: Draw) -> Drawn:
    words = one(draw, TITLES)
    form = one(draw, ["groups", "groups", "phases", "risks", "back"])
    pieces: list[Drawn] = [blocks(draw, 1, 2)] if form == "groups" and chance(draw) else []
    if form == "phases":
        shape = one(draw, PHASES)
        for number in range(1, draw(st.integers(1, 3)) + 1):
            name, window = one(draw, TITLES), one(draw, WINDOWS)
            seen = ("phase", shape.split(" {}")[0], str(number), name, window)
            words = shape.replace("{}_", "ABC"[number - 1], 1).format(*[number] * ("_" not in shape), name, window)
            pieces.append(under(draw, "###", words, seen, steps(draw)))
    else:
        own = {"groups": group, "risks": level_of_risk, "back": procedures}[form]
        pieces += many(draw, 0, 3, own)
    if chance(draw, 8):
        pieces.append(kept(draw, RULES))
    return under(draw, "##", words, ("section", words), apart(draw, pieces))


@st.composite
def drawn_templates(draw: Draw) -> DrawnTemplate:
    """Whole templates: a header, sections, perhaps a footer; in the line ends of some system."""
    pieces = [header(draw), *many(draw, 1, 3, section)]
    if not chance(draw, 6):
        pieces.append(footer(draw))
    lines, seen = apart(draw, pieces)
    end = one(draw, ["\n", "\n", "\n", "\r\n", "\r"])
    last = one(draw, ["", end, end, end * 2])
    first = one(draw, ["", "", "", end, end * 2])
    return DrawnTemplate(first + end.join(lines) + last, seen)


def drawn_settings(draw: Draw, template: Document) -> TemplateSettings:
    """Settings that put some of ``template`` off until it is open, or closed."""
    paths = [section.key for section in template.sections]
    paths += [group.key for section in template.sections for group in section.groups]
    paths += [answer.key for section in template.sections for answer in section.answers()]
    due = draw(st.dictionaries(st.sampled_from(paths), st.sampled_from(["plan", "open", "close"]), max_size=3))
    return parse_settings(
        "[due]\n" + "".join(f"{json.dumps(path)} = {json.dumps(part)}\n" for path, part in due.items())
    )
