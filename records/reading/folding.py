"""Folds away, on pages to be read, what nobody was asked for at the risk level: every character stays on the page.

Works on the safe HTML of ``records.reading.rendering``, in which no text can spell a tag. What is folded is named in
the line that unfolds it, so that nothing can be hidden behind these words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import ngettext

from records.document.template_settings import TemplateSettings
from records.models import Outline

_HEADING = r"<h[3-6](?: [^>]*)?>(?:(?!</h).)*</h[3-6]>\s*"


@dataclass(frozen=True, slots=True)
class Patterns:
    """How what was not asked for looks, in the words of one template.

    Groups that hold nothing else, one after the other; lists; what stands together in a list of other answers.
    """

    filler: str
    groups: re.Pattern[str]
    whole_list: re.Pattern[str]
    run: re.Pattern[str]
    piece: re.Pattern[str]


@lru_cache(maxsize=64)
def _patterns(filler: str) -> Patterns:
    own = re.escape(filler)
    item = rf"<li>\s*(?:<p>)?<strong>(?:(?!</strong>).)*</strong>: {own}(?:</p>)?\s*</li>\s*"
    list_ = rf"<ul>\s*(?:{item})+</ul>\s*"
    return Patterns(
        filler,
        re.compile(rf"(?:{_HEADING}(?:{list_}|<p>{own}</p>\s*))+(?=<h[1-6]\b|<hr|\Z)"),
        re.compile(list_),
        re.compile(rf"(?:{item}){{2,}}"),
        re.compile(rf"(?P<heading>{_HEADING})|<strong>(?P<label>(?:(?!</strong>).)*)</strong>: {own}"),
    )


def folded(html: str, outline: Outline | None = None) -> SafeString:
    """``html`` with the groups, lists and lines of fields that were not asked for inside details, closed.

    ``outline`` is that of the record's template, whose words say so.
    """
    own = _patterns((outline.settings if outline else TemplateSettings()).filler)
    if own.filler not in html:
        return mark_safe(html)
    kept: list[str] = []

    def fold(inside: str) -> str:
        kept.append(_details(inside, own))
        return f"\x00{len(kept) - 1}\x00"

    html = own.groups.sub(lambda groups: fold(groups[0]), html)
    html = own.whole_list.sub(lambda whole: fold(whole[0]), html)
    html = own.run.sub(lambda run: f"</ul>\n{fold(f'<ul>{run[0]}</ul>')}<ul>\n", html)
    html = re.sub(r"<ul>\s*</ul>\s*", "", html)
    return mark_safe(re.sub(r"\x00(\d+)\x00", lambda place: kept[int(place[1])], html))


def _details(inside: str, own: Patterns) -> str:
    count = inside.count(own.filler)
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
