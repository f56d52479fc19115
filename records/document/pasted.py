"""Markdown as people have it in a runbook, to steps: from lists, headings and fences, and nothing of it dropped.

Looser than the grammar of a record: a list's item is a step also without a bold title, a heading with what stands
under it is one too, and a fence belongs to the step before it however it is indented.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from records.document.inline import code_spans, from_line
from records.document.lines import split_lines
from records.document.shapes import BULLET, LEAD, TITLED
from records.document.spans import columns, dedented, without_ends
from records.document.tree import Block, read_tree

LONGEST_TITLE = 100
_BOX = re.compile(r"\[[ xX]\][ \t]+")
# "Step 3", "3." and "3)" count, whatever else is pasted; a bare number only where the headings count on.
_COUNTS = re.compile(r"\Astep\s+\d{1,4}(?:\.\d{1,4})*[.):]?\s+|\A\d{1,4}[.)]\s+", re.IGNORECASE)
_NUMBER = re.compile(r"\A(?:step\s+)?(?P<number>\d{1,4}(?:\.\d{1,4})*)[.):]?\s+", re.IGNORECASE)
# Bold that no path or pattern of files is: "logs/**/old/**" is none.
_BOLD = re.compile(r"(?<![a-zA-Z0-9_/.*\\])\*\*(?=[^\s*/.]).+?(?<=[^\s*/])\*\*(?![a-zA-Z0-9_/*])")
# "(5 min)" or "(1 h 30 min)", at the end of a title or the beginning of what follows it.
_MINUTES = r"\d{1,3}\s?m(?:ins?|inutes?)?"
_ESTIMATE = re.compile(rf"\(\s*(?P<time>\d{{1,2}}\s?h(?:ours?)?(?:\s?{_MINUTES})?|{_MINUTES})\s*\)", re.IGNORECASE)
_LANGUAGE = re.compile(r"[\w+#.-]{1,20}")
# "Expected: 3 rows" on a line of its own; in bold it is a detail, which the record's text has a place for.
_EXPECTED = re.compile(r"(?:[-*+]\s+)?expect(?:ed)?(?:\s(?:results?|output))?\s?:\s*(?P<what>\S[^\n]*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PastedPart:
    """A part of a step: commands with their language, a detail with its label, or a note, as Markdown."""

    kind: str
    label: str
    text: str


@dataclass(slots=True)
class Pasted:
    """A step as pasted: its title, its text, the parts under it in order, how long it takes and what is to be seen."""

    title: str
    text: str = ""
    parts: list[PastedPart] = field(default_factory=list)
    estimate: str = ""
    expected: str = ""

    @property
    def is_bare(self) -> bool:
        """Whether there is nothing but a title."""
        return not self.text and not self.parts and not self.expected

    def expects(self, text: str) -> bool:
        """Take what is expected, if ``text`` says it of a step that has begun; the first time only."""
        said = _EXPECTED.fullmatch(text)
        if not said or self.expected or not (self.title or self.text or self.parts):
            return False
        self.expected = said["what"].rstrip()
        return True

    def say(self, text: str) -> None:
        """Add words: what is expected, once; else to the text as long as nothing else follows it, else as a note."""
        if self.expects(text):
            return
        if self.parts:
            self.parts.append(PastedPart("note", "", text))
        else:
            self.text = f"{self.text}\n\n{text}" if self.text else text


def steps_in(text: str) -> list[Pasted]:
    """The steps that ``text`` tells, in its order."""
    steps: list[Pasted] = []
    heading: Pasted | None = None
    blocks = list(_blocks(text))
    titles = iter(_unnumbered([_plain(block.content) for block in blocks if block.kind == "heading"]))
    for block in blocks:
        if block.kind == "heading":
            heading = Pasted(next(titles))
            steps.append(heading)
        elif block.kind == "numbered" or (block.kind == "bullets" and not steps):
            items = [_step(item) for item in block.children if item.kind == "item"]
            if heading is not None and heading.is_bare and items:
                # A heading over a list of steps is no step of its own.
                steps.remove(heading)
                items[0] = _under(heading.title, _estimated(_titled(items[0])))
            heading = None
            steps += items
        else:
            if not steps:
                steps.append(Pasted(""))
            _add(steps[-1], block)
    return [_estimated(_titled(step)) for step in steps]


def _under(heading: str, step: Pasted) -> Pasted:
    """``step`` with the words that stood above it before its own: a record has no place for them among its parts."""
    return replace(step, text=f"{heading}\n\n{step.text}" if step.text else heading)


def _blocks(text: str) -> Iterable[Block]:
    return (block for block in read_tree(text).children if block.kind not in ("blank", "rule"))


def _step(item: Block) -> Pasted:
    lines = without_ends(split_lines(item.source))
    lead = LEAD.match(lines[0])
    width = columns(lead[0]) if lead else 2
    titled = TITLED.fullmatch(lines[0])
    if titled:
        step, first = Pasted(from_line(titled["label"])), titled["value"].strip()
    else:
        step, first = Pasted(""), lines[0][lead.end() if lead else 0 :]
    inside = [_BOX.sub("", first, count=1), *(dedented(line, width) for line in lines[1:])]
    for block in _blocks("\n".join(inside)):
        _add(step, block)
    return step


def _add(step: Pasted, block: Block) -> None:
    """Put ``block`` where it belongs in ``step``."""
    if block.kind in ("fence", "indented_code"):
        language = block.info.split(" ")[0] if _LANGUAGE.fullmatch(block.info.split(" ")[0]) else ""
        step.parts.append(PastedPart("commands", language, block.content.removesuffix("\n")))
    elif block.kind == "bullets":
        _add_bullets(step, block)
    else:
        step.say(block.source.strip("\r\n"))


def _add_bullets(step: Pasted, block: Block) -> None:
    loose: list[str] = []
    for item in (child for child in block.children if child.kind == "item"):
        lines = without_ends(split_lines(item.source.rstrip()))
        m = BULLET.fullmatch(lines[0])
        if not m and step.expects("\n".join(lines)):
            continue
        if not m:
            loose.append("\n".join(lines))
            continue
        _flush(step, loose)
        width = columns(m["lead"])
        value = "\n".join([m["value"], *(dedented(line, width) for line in lines[1:])])
        step.parts.append(PastedPart("detail", from_line(m["label"]), value))
    _flush(step, loose)


def _flush(step: Pasted, loose: list[str]) -> None:
    if loose:
        step.parts.append(PastedPart("note", "", "\n".join(loose)))
        loose.clear()


def _titled(step: Pasted) -> Pasted:
    """``step`` with a title: its own, or the first line of its text, which stays whole where it is too long for one."""
    if step.title or not step.text:
        return step
    first, _end, rest = step.text.partition("\n")
    plain = _plain(first).rstrip(":")
    if len(plain) <= LONGEST_TITLE:
        return replace(step, title=plain, text=rest.strip("\n"))
    return replace(step, title=_cut(plain))


def _estimated(step: Pasted) -> Pasted:
    """``step`` with the time that stands in brackets behind its title as its estimate."""
    found = list(_ESTIMATE.finditer(step.title))
    if found and not step.title[found[-1].end() :].strip(" .:") and step.title[: found[-1].start()].strip():
        title = step.title[: found[-1].start()].rstrip()
        return replace(step, title=title, estimate=found[-1]["time"])
    if step.title and (m := _ESTIMATE.match(step.text)):
        return replace(step, text=step.text[m.end() :].lstrip(" :").strip("\n"), estimate=m["time"])
    return step


def _unnumbered(headings: Sequence[str]) -> list[str]:
    """``headings`` without the numbers that count them: "10.0.0.5 failover" begins with none."""
    numbers = [tuple(map(int, m["number"].split("."))) for m in map(_NUMBER.match, headings) if m]
    count_on = len(numbers) > 1 and set(numbers[0]) == {1} and all(_follows(*both) for both in pairwise(numbers))
    return [(_NUMBER if count_on else _COUNTS).sub("", heading, count=1) for heading in headings]


def _follows(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    """Whether the ``other`` number comes next: 2 and 1.1 after 1, 1.2 after 1.1."""
    same = next((at for at, both in enumerate(zip(one, other, strict=False)) if both[0] != both[1]), len(one))
    begins = one[same] + 1 if same < len(one) else 1
    return other[same : same + 1] == (begins,) and set(other[same + 1 :]) <= {1}


def _plain(text: str) -> str:
    """Inline text in one line, without bold; every other character stays, since commands may stand among the words."""
    line = " ".join(one.strip() for one in without_ends(split_lines(text)))
    words = line
    for start, end in code_spans(line):
        words = words[:start] + "`" * (end - start) + words[end:]
    for bold in reversed(list(_BOLD.finditer(words))):
        line = line[: bold.start()] + line[bold.start() + 2 : bold.end() - 2] + line[bold.end() :]
    return line


def _cut(text: str) -> str:
    return text[: LONGEST_TITLE - 1].rsplit(" ", 1)[0] + "…"
