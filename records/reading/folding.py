"""Folds away, on pages to be read, what nobody was asked for at the risk level: every character stays on the page.

Which fields these are the record says, never the words on the page: what is only spelled to look alike stays in sight.
What is folded is named in the line that unfolds it, so that nothing can be hidden behind these words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TypeVar

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import ngettext

from records.document.fields import fields_of
from records.document.fingerprints import is_as_read
from records.document.outline import Answer, Block, Item, Rows, Section
from records.document.read import read_record
from records.document.write import write, write_section
from records.models import Outline
from records.reading.rendering import render
from records.writing.readiness import is_left_out

# Stands before the words of such a field while it is rendered: for private use, so nothing is drawn for it.
_MARK = "\uf0f0"
_HEADING = r"<h[3-6](?: [^>]*)?>(?:(?!</h).)*</h[3-6]>\s*"
Leaf = TypeVar("Leaf", Answer, Item)


def folded(text: str, outline: Outline | None, level: str) -> SafeString:
    """``text`` of a record of risk ``level`` as HTML, with the groups, lists and lines of fields that weren't asked for
    inside details, closed. ``outline`` is that of its template.
    """
    if outline is None or outline.settings.filler not in text:
        return render(text)
    document = read_record(text, outline.document)
    sections = (_marked(section, outline, level) for section in document.sections)
    return _folded(text, write(replace(document, sections=tuple(sections))), outline)


def folded_section(section: Section, outline: Outline | None, level: str) -> SafeString:
    """The same of one section."""
    text = write_section(section)
    return _folded(text, write_section(_marked(section, outline, level)), outline) if outline else render(text)


# ---------------------------------------------------------------- which fields


def _marked(section: Section, outline: Outline, level: str) -> Section:
    """``section`` with the mark before the site's own words, where the risk level really asks for nothing."""
    keys = {field.key for field in fields_of(section) if is_left_out(field, outline, level)}
    filler = outline.settings.filler

    def leaf(own: Leaf, key: str) -> Leaf:
        if key not in keys:
            return own
        if not is_as_read(own):
            return replace(own, text=f"{_MARK}{own.text}")
        before, _words, behind = own.source.rpartition(filler)
        return own if behind.strip() else replace(own, source=f"{before}{_MARK}{filler}{behind}")

    def item(own: Item) -> Item:
        parts = tuple(leaf(part, part.key) if isinstance(part, Answer) else part for part in own.parts)
        return replace(leaf(own, f"{own.key}.text"), parts=parts)

    def block(own: Block) -> Block:
        match own:
            case Answer():
                return leaf(own, own.key)
            case Rows():
                return replace(own, rows=tuple(item(row) if isinstance(row, Item) else row for row in own.rows))
        return own

    groups = (replace(group, blocks=tuple(map(block, group.blocks))) for group in section.groups)
    return replace(section, groups=tuple(groups))


# ---------------------------------------------------------------- the page


@dataclass(frozen=True, slots=True)
class Patterns:
    """How what was not asked for looks, in the words of one template.

    Groups that hold nothing else, one after the other; lists; what stands together in a list of other answers.
    """

    groups: re.Pattern[str]
    whole_list: re.Pattern[str]
    run: re.Pattern[str]
    piece: re.Pattern[str]


@lru_cache(maxsize=64)
def _patterns(filler: str) -> Patterns:
    own = re.escape(f"{_MARK}{filler}")
    item = rf"<li>\s*(?:<p>)?<strong>(?:(?!</strong>).)*</strong>: {own}(?:</p>)?\s*</li>\s*"
    list_ = rf"<ul>\s*(?:{item})+</ul>\s*"
    return Patterns(
        re.compile(rf"(?:{_HEADING}(?:{list_}|<p>{own}</p>\s*))+(?=<h[1-6]\b|<hr|\Z)"),
        re.compile(list_),
        re.compile(rf"(?:{item}){{2,}}"),
        re.compile(rf"(?P<heading>{_HEADING})|<strong>(?P<label>(?:(?!</strong>).)*)</strong>: {own}"),
    )


def _folded(text: str, marked: str, outline: Outline) -> SafeString:
    """``text`` as HTML, folded where it is ``marked``: nowhere if that is anything else than marks in it."""
    if _MARK in text or _MARK not in marked or marked.replace(_MARK, "") != text:
        return render(text)
    own = _patterns(outline.settings.filler)
    kept: list[str] = []

    def fold(inside: str) -> str:
        kept.append(_details(inside, own))
        return f"\x00{len(kept) - 1}\x00"

    html = own.groups.sub(lambda groups: fold(groups[0]), render(marked))
    html = own.whole_list.sub(lambda whole: fold(whole[0]), html)
    html = own.run.sub(lambda run: f"</ul>\n{fold(f'<ul>{run[0]}</ul>')}<ul>\n", html)
    html = re.sub(r"<ul>\s*</ul>\s*", "", html)
    html = re.sub(r"\x00(\d+)\x00", lambda place: kept[int(place[1])], html)
    return mark_safe(html.replace(_MARK, ""))


def _details(inside: str, own: Patterns) -> str:
    count = inside.count(_MARK)
    words = ngettext(
        "%(count)s field is not required at this risk level:",
        "%(count)s fields are not required at this risk level:",
        count,
    ) % {"count": count}
    return f'<details class="unasked"><summary>{words} {_named(inside, own)}</summary>\n{inside}</details>\n'


def _named(inside: str, own: Patterns) -> str:
    """What is folded, by name: "Availability, Scalability", with groups "Services: Search; Costs: Storage, Seats"."""
    groups: list[tuple[str, list[str]]] = [("", [])]
    for piece in own.piece.finditer(inside):
        if piece["heading"]:
            groups.append((_plain(piece["heading"]), []))
        else:
            groups[-1][1].append(_plain(piece["label"]))
    told = [": ".join(filter(None, (title, ", ".join(labels)))) for title, labels in groups if title or labels]
    return "; ".join(told)


def _plain(html: str) -> str:
    return re.sub(r"<[^>]*>", "", html).strip()
