"""Folds away, on pages to be read, what nobody was asked for at the risk level: every character stays on the page.

Works on the safe HTML of ``records.reading.rendering``, in which no text can spell a tag. What is folded is named in
the line that unfolds it, so that nothing can be hidden behind these words.
"""

from __future__ import annotations

import re

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import ngettext

from records.content.freezing import NOT_ASKED

_ITEM = rf"<li>\s*(?:<p>)?<strong>(?:(?!</strong>).)*</strong>: {re.escape(NOT_ASKED)}(?:</p>)?\s*</li>\s*"
_LIST = rf"<ul>\s*(?:{_ITEM})+</ul>\s*"
_HEADING = r"<h[3-6](?: [^>]*)?>(?:(?!</h).)*</h[3-6]>\s*"
# Groups that hold nothing else, one after the other; then lists; then what stands together in a list of other answers.
_GROUPS = re.compile(rf"(?:{_HEADING}(?:{_LIST}|<p>{re.escape(NOT_ASKED)}</p>\s*))+(?=<h[1-6]\b|<hr|\Z)")
_WHOLE_LIST = re.compile(_LIST)
_RUN = re.compile(rf"(?:{_ITEM}){{2,}}")
_PIECE = re.compile(rf"(?P<heading>{_HEADING})|<strong>(?P<label>(?:(?!</strong>).)*)</strong>: {re.escape(NOT_ASKED)}")


def folded(html: str) -> SafeString:
    """``html`` with the groups, lists and lines of fields that were not asked for inside details, closed."""
    if NOT_ASKED not in html:
        return mark_safe(html)
    kept: list[str] = []

    def fold(inside: str) -> str:
        kept.append(_details(inside))
        return f"\x00{len(kept) - 1}\x00"

    html = _GROUPS.sub(lambda groups: fold(groups[0]), html)
    html = _WHOLE_LIST.sub(lambda whole: fold(whole[0]), html)
    html = _RUN.sub(lambda run: f"</ul>\n{fold(f'<ul>{run[0]}</ul>')}<ul>\n", html)
    html = re.sub(r"<ul>\s*</ul>\s*", "", html)
    return mark_safe(re.sub(r"\x00(\d+)\x00", lambda place: kept[int(place[1])], html))


def _details(inside: str) -> str:
    count = inside.count(NOT_ASKED)
    words = ngettext(
        "%(count)s field is not required at this risk level:",
        "%(count)s fields are not required at this risk level:",
        count,
    ) % {"count": count}
    return f'<details class="unasked"><summary>{words} {_named(inside)}</summary>\n{inside}</details>\n'


def _named(inside: str) -> str:
    """What is folded, by name: "Availability, Scalability", with groups "Services: Search; Costs: Storage, Seats"."""
    groups: list[tuple[str, list[str]]] = [("", [])]
    for piece in _PIECE.finditer(inside):
        if piece["heading"]:
            groups.append((_plain(piece["heading"]), []))
        else:
            groups[-1][1].append(_plain(piece["label"]))
    told = [": ".join(filter(None, (title, ", ".join(labels)))) for title, labels in groups if title or labels]
    return "; ".join(told)


def _plain(html: str) -> str:
    return re.sub(r"<[^>]*>", "", html).strip()
