"""Lines of an answer: how bullets, free text and fences hold any text so that it can't reach beyond them (law 3).

A backslash is put before what would open a block that reaches beyond the answer, and before what already looks
so escaped; reading takes one away, so every function has an exact inverse (law 2). Text that holds nothing
suspicious, nearly all text, is written as it is and never parsed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise

from records.document.tree import Block, read_tree

_FENCE_RUN = re.compile(r"`+|~+")


def fence_for(text: str, like: str = "```") -> str:
    """A run of signs as in ``like``, as long and longer than any such run inside ``text``."""
    longest = max((len(run[0]) for run in _FENCE_RUN.finditer(text) if run[0][0] == like[0]), default=0)
    return like[0] * max(len(like), longest + 1)


def fenced(text: str, info: str = "", indent: str = "", like: str = "```") -> str:
    """``text`` (LF line ends) as a fenced block, indented by ``indent``, ending with a line end.

    The fence is one as in ``like``, and longer than any such run inside, so nothing in ``text`` can close it. Empty
    lines are not indented: a fence ignores their indentation, and files stay free of trailing blanks.
    """
    # A tilde that begins the info string would make a run of tildes longer, which then nothing closes.
    fence = fence_for(text, "```" if info.startswith("~") else like)
    body = text.split("\n") if text else []
    lines = [f"{fence}{info}", *body, fence]
    return "".join(f"{indent if line else ''}{line}\n" for line in lines)


# What opens a block when a line begins with it; VT and FF are white space after a marker to some parsers only.
_END = r"(?![^\n])"
_BLANK = rf"(?:[ \t\v\f]|{_END})"
_OPENER = (
    rf"#{{1,6}}{_BLANK}|=+[ \t]*{_END}|[-*+]{_BLANK}|[-*_][-*_ \t]*{_END}|>|`{{3}}|~{{3}}|<[A-Za-z/!?]"
    rf"|\[(?:[^\[\]\\\n]|\\.|\\{_END})*(?:\]:|{_END})"
)
# A line that opens a block, after any backslashes; in a numbered one they stand before the dot.
_STARTER = re.compile(
    rf"(?P<start>[ \t]*)(?P<slashes>\\*)(?={_OPENER})|(?P<number>[ \t]*\d{{1,9}})(?P<dots>\\*)(?=[.)]{_BLANK})"
)
# What makes it worth asking the parser: a line that begins like one that opens a block, or with a backslash.
_SUSPECT = re.compile(rf"^[ \t]*(?:\\|{_OPENER}|\d{{1,9}}\\*[.)])", re.MULTILINE)


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


class _Embedding:
    """Finds the lines of a text that need a backslash in a context, by asking the parser.

    ``place`` puts lines into the context; the text's line ``n`` then stands at line ``n + above``.
    ``reaching`` names the lines (counted so) at which something reaches beyond the answer.
    """

    def __init__(
        self, place: Callable[[list[str]], str], reaching: Callable[[Block], set[int]], above: int, first: int
    ) -> None:
        self.place, self.reaching, self.above, self.first = place, reaching, above, first

    def written(self, text: str, *, strict: bool) -> list[str]:
        lines = text.split("\n")
        can = {n for n in range(self.first, len(lines)) if _STARTER.match(lines[n])}
        marked: set[int] = set()
        for _ in range(0 if strict else 6):
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


# ---------------------------------------------------------------- bullets and items


def _bullet_embedding(lead: str, label: str) -> _Embedding:
    indent = " " * len(lead)
    # Four blanks before a bullet are code unless it stands in an item that is as wide.
    width = len(lead) - len(lead.lstrip(" "))
    outer = f"{'1' * (width - 2)}. x\n" if width >= 4 else ""

    def place(lines: list[str]) -> str:
        rest = (f"{indent}{line}\n" if line else "\n" for line in lines[1:])
        return f"{outer}{lead}{label}{lines[0]}\n{''.join(rest)}"

    return _Embedding(place, _headings_and_definitions, above=1 if outer else 0, first=1)


def in_bullet(text: str, lead: str, label: str, *, strict: bool = False) -> str:
    """``text`` as the value of the bullet or item that begins ``lead`` + ``label``, with its line end.

    Further lines are indented to the bullet's content, which contains any block. Only headings and link
    definitions reach beyond it, and what looks escaped already. With ``strict``, where parts of its own stand
    under the bullet, no line opens a block: the text is paragraphs and indented code.
    """
    lines = text.split("\n")
    if len(lines) > 1 and _SUSPECT.search(text, len(lines[0])):
        lines = _bullet_embedding(lead, label).written(text, strict=strict)
    indent = " " * len(lead)
    return "".join([f"{lead}{label}{lines[0]}\n", *(f"{indent}{x}\n" if x else "\n" for x in lines[1:])])


def from_bullet(lines: list[str], lead: str, label: str) -> str:
    """The text of a bullet whose content lines, without lead, label and indentation, are ``lines``."""
    return _bullet_embedding(" " * (len(lead) - len(lead.lstrip())) + lead.lstrip(), label).text(lines)


# ---------------------------------------------------------------- free text

_SENTINEL = "# end"


def open_block(text: str) -> Block | None:
    """The block in which ``text`` ends, if it would take along whatever stands behind it."""
    return _swallowing(read_tree(_before_sentinel([text])))


def _swallowing(tree: Block) -> Block | None:
    last = tree.children[-1]
    return None if last.kind == "heading" and last.source.startswith(_SENTINEL) else last


def _unclosed(tree: Block) -> set[int]:
    """Where the block opens that swallowed the sentinel; empty if none did."""
    last = _swallowing(tree)
    return {last.first} if last else set()


def _in_free(tree: Block) -> set[int]:
    found = _headings_and_definitions(tree) | _unclosed(tree)
    if not _unclosed(tree):
        found.discard(tree.children[-1].first)
    for block in tree.children:
        if block.kind in ("rule", "bullets", "numbered"):
            found.add(block.first)
            # All items at once, else the next one opens the list anew.
            found |= {child.first for child in block.children if child.kind == "item"}
    return found


def _before_sentinel(lines: list[str]) -> str:
    return "\n".join([*lines, "", _SENTINEL, ""])


def _free_embedding() -> _Embedding:
    return _Embedding(_before_sentinel, _in_free, above=0, first=0)


# A blank line of a stanza, or what looks so written already.
_GLUE = re.compile(r"^(?=\\*[ \t]*$)", re.MULTILINE)
_GLUED = re.compile(r"^\\(?=\\*[ \t]*$)", re.MULTILINE)
# The blank that a text begins with, or what looks so written already.
_BLANK_TOLD = re.compile(r"(?P<slashes>\\*)&#(?P<sign>32|9);")


def in_free(text: str, shape: str, *, after_list: bool = False) -> str:
    """``text`` as free paragraphs under a heading, without a final line end.

    Headings, rules, lists, link definitions and whatever is left unclosed are escaped; in a ``paragraph``, where
    other blocks of the group stand beside it, fences, quotes and HTML too. A ``stanza`` has more paragraphs after
    it, so it must not hold a blank line: there stands a backslash instead, which Markdown shows as a line break.
    ``after_list`` says that it follows a list, whose last item would take it along if it began with a blank.
    """
    if shape == "stanza" and "\n" in text:
        text = _GLUE.sub(r"\\", text)
    if shape != "text" and _BLANK_TOLD.match(text):
        text = f"\\{text}"
    elif after_list and text.startswith((" ", "\t")):
        text = f"&#{ord(text[0])};{text[1:]}"
    return "\n".join(_free_embedding().written(text, strict=shape != "text")) if _SUSPECT.search(text) else text


def from_free(written: str, shape: str) -> str:
    """The text that ``in_free`` wrote."""
    text = _free_embedding().text(written.split("\n"))
    if shape != "text" and (m := _BLANK_TOLD.match(text)):
        text = text[1:] if m["slashes"] else chr(int(m["sign"])) + text[m.end() :]
    return _GLUED.sub("", text) if shape == "stanza" and "\n" in text else text


# ---------------------------------------------------------------- Markdown that is edited as Markdown


def in_markdown(text: str, deepest: int) -> str:
    """``text``, which may hold any block, without what would cut the record anew or swallow what follows.

    Headings up to level ``deepest``, a rule before bold words (a footer) and what is left unclosed get a backslash,
    which stays in the text when it is read again.
    """
    if not _SUSPECT.search(text):
        return text
    lines = text.split("\n")
    for _ in range(8):
        found = _cutting(read_tree(_before_sentinel(lines)), deepest)
        if not found:
            return "\n".join(lines)
        lines = [_add_slash(line) if n in found else line for n, line in enumerate(lines)]
    return "\n".join(map(_add_slash, lines))


def _cutting(tree: Block, deepest: int) -> set[int]:
    found = _unclosed(tree)
    blocks = [block for block in tree.children if block.kind != "blank"]
    for block, following in pairwise(blocks):
        footer = block.kind == "rule" and following.kind == "paragraph" and following.content.startswith(("**", "__"))
        if footer or (block.kind == "heading" and block.level <= deepest):
            found.add(block.end - 1)
    return found
