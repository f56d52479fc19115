"""How an answer is embedded in Markdown so that it can't change the structure around it (law 3).

Every function has an exact inverse (law 2). A backslash is put before what would open a block or an inline
that reaches beyond the answer, and before what already looks so escaped; reading takes one away. Text that
holds nothing suspicious, nearly all text, is written as it is and never parsed.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from records.document.lines import is_blank
from records.document.tree import Block, read_tree

# ---------------------------------------------------------------- fences

_BACKTICK_RUN = re.compile(r"`+")


def fence_for(text: str) -> str:
    """A run of backticks longer than any inside ``text``, at least three."""
    longest = max((len(run) for run in _BACKTICK_RUN.findall(text)), default=0)
    return "`" * max(3, longest + 1)


def fenced(text: str, info: str = "", indent: str = "") -> str:
    """``text`` (LF line ends) as a fenced block, indented by ``indent``, ending with a line end.

    The fence is longer than any run of backticks inside, so nothing in ``text`` can close it. Empty lines
    are not indented: a fence ignores their indentation, and files stay free of trailing blanks.
    """
    fence = fence_for(text)
    body = text.split("\n") if text else []
    lines = [f"{fence}{info}", *body, fence]
    return "".join(f"{indent if line else ''}{line}\n" for line in lines)


# ---------------------------------------------------------------- inline: header and footer lines, bold titles

_INLINE = "\\`*_[]<>~&"
_SLASHED = re.compile(rf"\\([{re.escape(_INLINE)}])")


def _code_spans(text: str) -> list[tuple[int, int]]:
    """Where code spans stand in one line of ``text``, as (start, end); backslashes hide openers only."""
    spans, at = [], 0
    while at < len(text):
        if text[at] == "\\":
            at += 2
        elif text[at] != "`":
            at += 1
        else:
            run = _BACKTICK_RUN.match(text, at)
            assert run is not None
            closing = next((m for m in _BACKTICK_RUN.finditer(text, run.end()) if m[0] == run[0]), None)
            if closing:
                spans.append((at, closing.end()))
            at = closing.end() if closing else run.end()
    return spans


def _outside_code(text: str, change: Callable[[str], str]) -> str:
    pieces, at = [], 0
    for start, end in _code_spans(text):
        pieces += [change(text[at:start]), text[start:end]]
        at = end
    return "".join([*pieces, change(text[at:])])


def in_line(text: str, also: str = "") -> str:
    """One line of ``text`` so that no inline construct in it reaches beyond it.

    Whole code spans stay; outside them a lone backtick, and any emphasis, link or HTML opener that is not
    closed again, is escaped. Characters of ``also`` are escaped in any case. Raises ValueError for a line end.
    """
    if "\n" in text or "\r" in text:
        raise ValueError("This answer has to stay on one line.")
    if not any(sign in text for sign in _INLINE):
        return text
    signs = "".join(sign for sign in _INLINE[1:] if sign in also or not _closed(text, sign))
    written = _outside_code(text, lambda piece: _slash(piece, signs))
    if from_line(written) != text or any(sign in "".join(_code(written)) for sign in also):
        return _slash(text, _INLINE)
    return written


def from_line(written: str) -> str:
    """The text that ``in_line`` wrote."""
    return _outside_code(written, lambda piece: _SLASHED.sub(r"\1", piece))


def _slash(piece: str, signs: str) -> str:
    piece = re.sub(rf"\\(?=[{re.escape(_INLINE)}]|\Z)", r"\\\\", piece)
    return re.sub(rf"[{re.escape(signs)}]", r"\\\g<0>", piece) if (signs := signs.replace("\\", "")) else piece


def _code(text: str) -> list[str]:
    return [text[start:end] for start, end in _code_spans(text)]


def _closed(text: str, sign: str) -> bool:
    """Whether every ``sign`` outside code is part of a pair that closes within ``text``, simply nested."""
    rest: list[str] = []
    _outside_code(text, lambda piece: rest.append(piece) or "")  # type: ignore[func-returns-value]
    bare = "\n".join(rest)
    if sign == "`":
        return "`" not in bare
    if sign in "*_~":
        paired = re.sub(rf"(?<!\w)(\{sign}{{1,2}})(?=\S)(?:[^\{sign}\n]*[^\s\{sign}\n])?\1(?!\w)", "", bare)
        return sign not in paired
    if sign in "[]":
        return "[" not in (gone := re.sub(r"\[[^\[\]\n]*\]", "", bare)) and "]" not in gone
    if sign in "<>":
        return "<" not in re.sub(r"<[^<>\s]+>", "", bare)
    return True


_HEADING_END = re.compile(r"(?:^|(?<=[ \t]))(\\*#+[ \t]*)\Z")


def in_heading(text: str) -> str:
    """``text`` as the end of an ATX heading: a closing run of # would be swallowed, so it is escaped."""
    if "\n" in text or "\r" in text:
        raise ValueError("A title has to stay on one line.")
    return _HEADING_END.sub(r"\\\1", text)


def from_heading(written: str) -> str:
    """The text that ``in_heading`` wrote."""
    return re.sub(r"(^|[ \t])\\(\\*#+[ \t]*)\Z", r"\1\2", written)


# ---------------------------------------------------------------- blocks: bullets and free text

# A line that opens a block, after any backslashes; in a numbered one they stand before the dot.
_STARTER = re.compile(
    r"(?P<start>[ \t]*)(?P<slashes>\\*)(?=[#=\-*+>_`~<\[])|(?P<number>[ \t]*\d{1,9})(?P<dots>\\*)(?=[.)])"
)
# What makes it worth asking the parser: an opener of something that reaches further, or a backslash.
_SUSPECT = re.compile(r"^[ \t>*+\-\d.)]*(?:#|=+[ \t]*$|-+[ \t]*$|\[|\\)", re.MULTILINE)
_SUSPECT_FREE = re.compile(r"^[ \t>*+\-\d.)]*(?:#|=+[ \t]*$|[-_*][-_* \t]*$|\[|\\|`{3}|~{3}|<)", re.MULTILINE)
_SUSPECT_STRICT = re.compile(r"^[ \t]*(?:[#=\-*+>_`~<\[\\]|\d{1,9}\\*[.)])", re.MULTILINE)


def _add_slash(line: str) -> str:
    m = _STARTER.match(line)
    if not m:
        return line
    at = m.end("start") if m["start"] is not None else m.end("number")
    return f"{line[:at]}\\{line[at:]}"


def _has_slash(line: str) -> bool:
    m = _STARTER.match(line)
    return bool(m and (m["slashes"] or m["dots"]))


def _drop_slash(line: str) -> str:
    m = _STARTER.match(line)
    at = (m.end("start") if m["start"] is not None else m.end("number")) if m and _has_slash(line) else None
    return line if at is None else line[:at] + line[at + 1 :]


def strictly(text: str, first: int = 0) -> str:
    """``text`` with every line from ``first`` on that would open any block escaped: nothing but paragraphs."""
    if not _SUSPECT_STRICT.search(text):
        return text
    lines = text.split("\n")
    return "\n".join([*lines[:first], *(_add_slash(line) for line in lines[first:])])


def from_strictly(written: str, first: int = 0) -> str:
    """The text that ``strictly`` wrote."""
    if "\\" not in written:
        return written
    lines = written.split("\n")
    return "\n".join([*lines[:first], *(_drop_slash(line) for line in lines[first:])])


class _Embedding:
    """Finds the lines of a text that need a backslash in a context, by asking the parser.

    ``place`` puts lines into the context; the text's line ``n`` then stands at line ``n + above``.
    ``reaching`` names the lines (counted so) at which something reaches beyond the answer.
    """

    def __init__(
        self, place: Callable[[list[str]], str], reaching: Callable[[Block], set[int]], above: int, first: int
    ) -> None:
        self.place, self.reaching, self.above, self.first = place, reaching, above, first

    def written(self, text: str) -> list[str]:
        lines = text.split("\n")
        can = {n for n in range(self.first, len(lines)) if _STARTER.match(lines[n])}
        marked: set[int] = set()
        for _ in range(4):
            tree = read_tree(self.place(self._with(lines, marked)))
            code = self._code(tree)
            wanted = self._wanted(tree, marked) | {n for n in can - code if _has_slash(lines[n])}
            if not (wanted & can) - marked:
                if not marked & code and not wanted - can:
                    return self._with(lines, marked)
                break
            marked |= wanted & can
        # Everything that opens a block is escaped: what is left are paragraphs and indented code, whose
        # extent no backslash changes; so only the lines outside code carry one.
        return self._with(lines, can - self._code(read_tree(self.place(self._with(lines, can)))))

    def text(self, written: list[str]) -> str:
        if not any(_has_slash(line) for line in written[self.first :]):
            return "\n".join(written)
        code = self._code(read_tree(self.place(written)))
        drop = (n for n in range(self.first, len(written)) if n not in code)
        lines = list(written)
        for n in drop:
            lines[n] = _drop_slash(lines[n])
        return "\n".join(lines)

    def _with(self, lines: list[str], marked: set[int]) -> list[str]:
        return [_add_slash(line) if n in marked else line for n, line in enumerate(lines)]

    def _wanted(self, tree: Block, marked: set[int]) -> set[int]:
        return {n - self.above for n in self.reaching(tree)} - marked

    def _code(self, tree: Block) -> set[int]:
        blocks = (b for b in tree.walk() if b.kind in ("fence", "indented_code"))
        # The fence's own first line may be marked; what is inside may not.
        return {
            n - self.above for b in blocks for n in range(b.first + (b.kind == "fence"), b.end) if n - self.above >= 0
        }


def _headings_and_definitions(tree: Block) -> set[int]:
    found: set[int] = set()
    for block in tree.walk():
        if block.kind == "definition":
            found |= set(range(block.first, block.end))
        elif block.kind == "heading":
            found.add(block.end - 1)
    return found


def _bullet_embedding(lead: str, label: str) -> _Embedding:
    indent = " " * len(lead)
    # Four blanks before a bullet are code unless it stands in an item that is as wide.
    width = len(lead) - len(lead.lstrip(" "))
    outer = f"{'1' * (width - 2)}. x\n" if width >= 4 else ""

    def place(lines: list[str]) -> str:
        rest = (f"{indent}{line}\n" if line else "\n" for line in lines[1:])
        return f"{outer}{lead}{label}{lines[0]}\n{''.join(rest)}"

    return _Embedding(place, _headings_and_definitions, above=1 if outer else 0, first=1)


def in_bullet(text: str, lead: str, label: str) -> str:
    """``text`` as the value of the bullet that begins ``lead`` + ``label``, with its line end.

    Further lines are indented to the bullet's content, which contains any block. Only headings and link
    definitions reach beyond it, and what looks escaped already.
    """
    lines = text.split("\n")
    if len(lines) > 1 and _SUSPECT.search(text, len(lines[0])):
        lines = _bullet_embedding(lead, label).written(text)
    indent = " " * len(lead)
    return "".join([f"{lead}{label}{lines[0]}\n", *(f"{indent}{x}\n" if x else "\n" for x in lines[1:])])


def from_bullet(lines: list[str], lead: str, label: str) -> str:
    """The text of a bullet whose content lines, without lead, label and indentation, are ``lines``."""
    return _bullet_embedding(" " * (len(lead) - len(lead.lstrip())) + lead.lstrip(), label).text(lines)


_SENTINEL = "# end"


def _free_reaching(strict: bool) -> Callable[[Block], set[int]]:
    def reaching(tree: Block) -> set[int]:
        found = _headings_and_definitions(tree)
        *blocks, last = tree.children
        if last.kind == "heading" and last.source.startswith(_SENTINEL):
            found.discard(last.first)
        else:
            found.add(last.first)
        for block in blocks:
            if block.kind == "rule" or (strict and block.kind not in ("paragraph", "blank", "indented_code")):
                found.add(block.first)
        return found

    return reaching


def _free_embedding(strict: bool) -> _Embedding:
    def place(lines: list[str]) -> str:
        return "\n".join([*lines, "", _SENTINEL, ""])

    return _Embedding(place, _free_reaching(strict), above=0, first=0)


def in_free(text: str, *, strict: bool = False) -> str:
    """``text`` as free paragraphs under a heading, without a final line end.

    Headings, rules, link definitions and whatever is left unclosed are escaped; with ``strict``, where other
    blocks of the group follow, lists, fences, quotes and HTML too.
    """
    suspect = _SUSPECT_STRICT if strict else _SUSPECT_FREE
    if not suspect.search(text):
        return text
    return "\n".join(_free_embedding(strict).written(text))


def from_free(written: str, *, strict: bool = False) -> str:
    """The text that ``in_free`` wrote."""
    return _free_embedding(strict).text(written.split("\n"))


def normal(text: str, shape: str) -> str:
    """``text`` as an answer of ``shape`` is stored: LF line ends, no blank lines where Markdown has no place.

    Commands and fences keep every character but the line ends (law 5).
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if shape in ("title", "line", "value", "window", "language"):
        return " ".join(text.split("\n")).strip()
    if shape == "name":
        return " ".join(text.split("\n")).strip() or "[…]"
    if shape in ("bullet", "text"):
        lines = text.split("\n")
        while lines and is_blank(lines[-1]):
            lines.pop()
        while lines and shape == "text" and is_blank(lines[0]):
            lines.pop(0)
        return "\n".join(lines)
    return text


def refuse_unstorable(text: str) -> None:
    """Raises ValueError, in words, for what no database keeps alike: NUL and lone surrogates (law 8)."""
    if "\0" in text:
        raise ValueError("This text holds a NUL character, which can't be stored.")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValueError("This text holds half a character (a lone surrogate), which can't be stored.") from error
