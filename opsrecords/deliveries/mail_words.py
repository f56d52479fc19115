"""The words of a mail that holds one or more deliveries, and the same as simple HTML: no picture, no style."""

from __future__ import annotations

import re
from collections.abc import Sequence

from django.utils.html import escape
from django.utils.translation import gettext as _

from records.mail_wishes import GROUP_OF, Group
from records.models import Delivery
from records.reading.unseen import visible

BETWEEN = "\n" + "-" * 40 + "\n\n"
# What somebody is asked for before what they are told, and that before what others say.
WEIGHT = (Group.ASKED, Group.DECIDED, Group.REMINDERS, Group.RUN, Group.COMMENTS)
_LINK = re.compile(r"https?://[^\s<>\"']+")


def by_weight(rows: Sequence[Delivery]) -> list[Delivery]:
    """What matters most to its reader first, and of that the newest; the rest as it happened."""
    weights = [(*WEIGHT, None).index(GROUP_OF.get(row.event)) for row in rows]
    first = max(at for at, weight in enumerate(weights) if weight == min(weights))
    return [rows[first], *rows[:first], *rows[first + 1 :]]


def subject_of(rows: Sequence[Delivery]) -> str:
    """The first one's, and how many more there are."""
    first, *more = rows
    if not more:
        return first.subject
    if len({row.operation_id for row in rows}) == 1:
        told = _("%(subject)s (and %(count)s more)") % {"subject": first.subject[:270], "count": len(more)}
    else:
        records = len({row.operation_id for row in rows})
        told = _("%(count)s messages about %(records)s records") % {"count": len(rows), "records": records}
    return told


def body_of(rows: Sequence[Delivery]) -> str:
    """One after the other; where there are several, each under its subject."""
    if len(rows) == 1:
        return rows[0].body
    return BETWEEN.join(f"{row.subject}\n\n{row.body}" for row in rows)


def as_html(subject: str, body: str) -> str:
    """The plain text as paragraphs, its addresses as links; characters that nobody sees are written out."""
    parts = []
    for paragraph in visible(body).strip().split("\n\n"):
        lines = "<br>\n".join(_linked(line) for line in paragraph.strip("\n").split("\n"))
        parts.append("<hr>" if not lines.strip("-") else f"<p>{lines}</p>")
    head = f'<meta charset="utf-8"><title>{escape(visible(subject))}</title>'
    return f'<!doctype html>\n<html lang="en"><head>{head}</head><body>\n' + "\n".join(parts) + "\n</body></html>\n"


def _linked(line: str) -> str:
    """A line, escaped; an address in it leads there, and is what is read."""
    parts, at = [], 0
    for link in _LINK.finditer(line):
        address = escape(link[0])
        parts += [escape(line[at : link.start()]), f'<a href="{address}">{address}</a>']
        at = link.end()
    return "".join([*parts, escape(line[at:])])
