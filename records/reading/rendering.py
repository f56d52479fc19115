"""Markdown to safe HTML that hides nothing, once per text (document.md, law 7).

The elements are exactly those that a CommonMark renderer with task lists gives, since the same parser reads the
structure. What a browser would hide is shown as text: raw HTML, comments, link definitions, link targets, images
(never loaded), invisible and direction-changing characters. Lines of a header or footer keep their line breaks, and
so do lines that begin with a mark spelled as text.
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Iterator, MutableMapping, Sequence
from contextlib import suppress
from html import escape, unescape
from typing import Any, cast

import nh3
from django.core.cache import cache
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

from records.document.blocks import in_bullet, in_free
from records.document.escape import normal
from records.document.front_matter import front_matter_of
from records.document.lines import split_lines
from records.document.shapes import LINE, is_table
from records.reading.headings import as_part
from records.reading.literal import command
from records.reading.unseen import has_invisible, visible, visible_command

logger = logging.getLogger(__name__)

# Changed when the HTML for the same text changes, so that nothing stale is served.
EDITION = 11
LONGEST_BLOCK = 16_384

_LEAVES = {"paragraph_open", "heading_open", "fence", "code_block", "html_block", "hr"}
_CODE = {"fence", "code_block", "code_inline"}
_MARKS = re.compile(r"(?:[ \t>]|[-+*](?=[ \t]|\Z)|\d{1,9}[.)](?=[ \t]|\Z))*")
# A mark of a list, heading or quotation, spelled as text at the start of a line.
_SPELLED = re.compile(r"[ \t]*(?:\\[-+*#>]|\d{1,9}\\[.)])")
_TASK = re.compile(r"\[([ xX])\](?:[ \t]+|\Z)")
_TAGS = {
    *("p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "code"),
    *("em", "strong", "a", "span", "input", "div", "bdi"),
}
_ATTRIBUTES = {
    "a": {"href"},
    "code": {"class"},
    "pre": {"tabindex", "class"},
    "span": {"class"},
    "div": {"class"},
    "ol": {"start"},
    "li": {"class"},
    "input": {"type", "checked", "disabled", "aria-label"},
    "h1": {"id"},
    "h2": {"id", "class"},
    "h3": {"id"},
}


def shows_tags(html: str) -> bool:
    """Whether rendered ``html`` shows tags that somebody typed, as text."""
    return bool(_SHOWN_TAG.search(html))


def has_unseen(text: str) -> bool:
    """Whether Markdown holds what nobody would see, be it spelled as an entity such as ``&#x202E;``, or commands
    with characters that look like others.
    """
    if text.isascii() and "&" not in text:
        return has_invisible(text)
    return has_invisible(unescape(text)) or any(visible_command(code) != code for code in _code_in(text))


def _code_in(text: str) -> Iterator[str]:
    for token in _PARSER.parse(text):
        yield from (one.content for one in (token, *(token.children or ())) if one.type in _CODE)


# Raw HTML, as it is shown.
_SHOWN_TAG = re.compile(r'class="raw"[^>]*>\s*&lt;')


def render(text: str) -> SafeString:
    """``text`` as HTML that is safe to put into a page; kept by its digest."""
    name = f"html-{EDITION}-{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()}"
    html = _kept(name)
    if html is None:
        # Once more at the end: Markdown makes characters of entities.
        html = visible(_clean(_PARSER.render(visible(text))))
        with suppress(Exception):
            cache.set(name, html, 7 * 24 * 3600)
    return mark_safe(html)


def render_part(text: str) -> SafeString:
    """``text`` as a part of a page that has its own title."""
    return as_part(render(text))


def render_free(text: str, shape: str) -> SafeString:
    """A long text of ``shape`` (one of ``FREE``) as its part of the export is rendered."""
    return render_part(in_free(normal(text, shape), shape))


def render_item(text: str) -> SafeString:
    """``text`` of a bullet, behind whose title it stands in the export: a ">" that it begins with is no quotation."""
    found = _ITEM.fullmatch(render(in_bullet(text, "- ", _TITLE, strict=True)))
    return mark_safe(found[1] + found[2] if found else render(text))


# Ends a title like any other; what stands behind it is the text.
_TITLE = "**x**: "
_ITEM = re.compile(r"<ul>\s*<li>((?:<p>)?)<strong>x</strong>: ?(.*)</li>\s*</ul>\s*", re.DOTALL)


def _kept(name: str) -> str | None:
    """What was rendered before. A cache that is down, often together with the broker, must not take pages along."""
    try:
        return cast("str | None", cache.get(name))
    except Exception as error:  # whatever a cache's client raises
        logger.warning("Rendered anew, the cache doesn't answer: %s", error)
        return None


def _clean(html: str) -> str:
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="nofollow noopener noreferrer",
    )


class _Renderer(RendererHTML):
    """What differs from plain HTML: what would be hidden is text."""

    def html_block(self, tokens: Sequence[Token], idx: int, options: Any, env: MutableMapping[str, Any]) -> str:
        return f'<pre class="raw" tabindex="0">{escape(tokens[idx].content)}</pre>\n'

    def html_inline(self, tokens: Sequence[Token], idx: int, options: Any, env: MutableMapping[str, Any]) -> str:
        return f'<span class="raw">{escape(tokens[idx].content)}</span>'

    def image(self, tokens: Sequence[Token], idx: int, options: Any, env: MutableMapping[str, Any]) -> str:
        token = tokens[idx]
        title = f' "{token.attrGet("title")}"' if token.attrGet("title") else ""
        return (
            f'<span class="raw">![{escape(token.content)}]({escape(str(token.attrGet("src")))}{escape(title)})</span>'
        )

    def link_close(self, tokens: Sequence[Token], idx: int, options: Any, env: MutableMapping[str, Any]) -> str:
        at = self._opening(tokens, idx)
        href, title = str(tokens[at].attrGet("href")), tokens[at].attrGet("title")
        inner = "".join(t.content for t in tokens[at + 1 : idx])
        words = ("" if inner == href.removeprefix("mailto:") else href) + (f' "{title}"' if title else "")
        return "</a>" + (f' <span class="target">({escape(words.strip())})</span>' if words else "")

    def _opening(self, tokens: Sequence[Token], idx: int) -> int:
        """Where the link that ends at ``idx`` begins: an address in angle brackets may be a link inside a link."""
        still = 1
        while still:
            idx -= 1
            still += {"link_close": 1, "link_open": -1}.get(tokens[idx].type, 0)
        return idx

    def fence(self, tokens: Sequence[Token], idx: int, options: Any, env: MutableMapping[str, Any]) -> str:
        info = tokens[idx].info.strip()
        label = f'<span class="language">{escape(info)}</span>' if info else ""
        return f'{label}<pre tabindex="0"><code>{command(tokens[idx].content)}</code></pre>\n'

    def code_block(self, tokens: Sequence[Token], idx: int, options: Any, env: MutableMapping[str, Any]) -> str:
        return f'<pre tabindex="0"><code>{command(tokens[idx].content)}</code></pre>\n'

    def code_inline(self, tokens: Sequence[Token], idx: int, options: Any, env: MutableMapping[str, Any]) -> str:
        return f"<code>{command(tokens[idx].content)}</code>"

    def long_text(self, tokens: Sequence[Token], idx: int, options: Any, env: MutableMapping[str, Any]) -> str:
        return f'<span class="raw">{escape(tokens[idx].content)}</span>'

    def definition(self, tokens: Sequence[Token], idx: int, options: Any, env: MutableMapping[str, Any]) -> str:
        return f'<div class="definition"><code>{escape(tokens[idx].content)}</code></div>\n'


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", renderer_cls=_Renderer)
    parser.core.ruler.before("inline", "long", _long)
    parser.core.ruler.push("tasks", _tasks)
    parser.core.ruler.push("lines", _lines)
    parser.core.ruler.push("front_matter", _front_matter)
    parser.core.ruler.push("definitions", _definitions)
    return parser


def _front_matter(state: Any) -> None:
    """What stands above a text for the site that publishes it: to Markdown a heading, and larger than the title."""
    end = len(split_lines(front_matter_of(state.src)))
    for token in state.tokens:
        if token.type == "heading_open" and token.map and token.map[1] <= end:
            token.attrSet("class", "front-matter")


def _tasks(state: Any) -> None:
    """A box at the start of a list item's first paragraph, as task lists have it."""
    tokens = state.tokens
    for at in range(len(tokens) - 2):
        if (tokens[at].type, tokens[at + 1].type, tokens[at + 2].type) != (
            "list_item_open",
            "paragraph_open",
            "inline",
        ):
            continue
        children = tokens[at + 2].children or []
        m = _TASK.match(children[0].content) if children and children[0].type == "text" else None
        if m and _TASK.match(tokens[at + 2].content.split("\n")[0]):  # not if a backslash stands before it
            checked = " checked" if m[1] != " " else ""
            label = "done" if checked else "open"
            box = Token("html_box", "", 0, content=f'<input type="checkbox" disabled{checked} aria-label="{label}"> ')
            children[0].content = children[0].content[m.end() :]
            tokens[at + 2].children = [box, *children]


def _lines(state: Any) -> None:
    """Paragraphs of labelled lines, tables, and lines that somebody typed as a list or a heading where Markdown has
    only text, keep their line breaks.
    """
    for token in state.tokens:
        if token.type == "inline" and "\n" in token.content:
            lines = token.content.split("\n")
            labelled = all(LINE.fullmatch(line) for line in lines)
            if labelled or is_table(token.content) or any(_SPELLED.match(line) for line in lines[1:]):
                for child in token.children or []:
                    if child.type == "softbreak":
                        child.type, child.tag = "hardbreak", "br"


def _definitions(state: Any) -> None:
    """What the parser takes away, where it stood (before the next block at the top): link definitions, and whatever
    is nested deeper than it follows.
    """
    env = state.env
    found = [*(env.get("references") or {}).values(), *(env.get("duplicate_refs") or [])]
    lines = split_lines(state.src)
    maps = [one["map"] for one in found]
    waiting = sorted([*maps, *_not_followed(lines, maps, state.tokens)], reverse=True)
    tokens: list[Token] = []
    for token in state.tokens:
        opens = token.level == 0 and token.map and token.nesting >= 0
        while opens and waiting and token.map[0] >= waiting[-1][1]:
            tokens.append(_definition(lines, waiting.pop()))
        tokens.append(token)
    state.tokens = tokens + [_definition(lines, where) for where in reversed(waiting)]


def _not_followed(lines: Sequence[str], known: Sequence[Any], tokens: Sequence[Token]) -> list[list[int]]:
    """The lines, as ranges, that no block shows, though they hold more than marks of quotes and lists."""
    shown = [*known, *(token.map for token in tokens if token.type in _LEAVES and token.map)]
    seen = {at for first, end in shown for at in range(first, end)}
    ranges: list[list[int]] = []
    for at, line in enumerate(lines):
        if at in seen or _MARKS.fullmatch(line.rstrip("\r\n")):
            continue
        if ranges and ranges[-1][1] == at:
            ranges[-1][1] = at + 1
        else:
            ranges.append([at, at + 1])
    return ranges


def _definition(lines: Sequence[str], where: Sequence[int]) -> Token:
    return Token("definition", "", 0, content="".join(lines[where[0] : where[1]]).rstrip(), block=True)


def _long(state: Any) -> None:
    """A block of more text than anybody reads in one piece is shown as it is: looking for inlines takes minutes."""
    for token in state.tokens:
        if token.type == "inline" and len(token.content) > LONGEST_BLOCK:
            token.type = "long_text"


_PARSER = _parser()
_PARSER.add_render_rule("html_box", lambda self, tokens, idx, options, env: tokens[idx].content)
