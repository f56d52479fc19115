"""What happened to a record lately: its acts and the saves of its sections, newest first, in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.text import Truncator
from django.utils.translation import gettext as _

from records.act_words import act_words
from records.audit import facts_in
from records.composed import Asked, Kept
from records.life_cycle import Act
from records.models import AuditEntry, FieldChange, Operation
from records.one_line import one_line
from records.reading.unseen import visible
from records.run.logbook import NoteKind
from records.views.addresses import address

SHOWN, READ, MOST = 8, 60, 80
NOTED = frozenset(NoteKind.values)


@dataclass(frozen=True, slots=True)
class Happened:
    """One line of the feed: who did what when, and the section it leads to."""

    person: str
    words: str
    moment: dt.datetime
    title: str = ""
    url: str = ""
    icon: str = ""


def activity(operation: Operation, titles: Mapping[str, str]) -> list[Happened]:
    """The newest lines. ``titles`` names the sections by key. Two queries; a run of saves of a section is one line."""
    acts = list(_acts(operation=operation.pk))
    found = [Happened(one.person_name, _said(one), one.at) for one in acts]
    # What the site wrote by itself at these acts nobody edited; an older act than those read is not shown either.
    settled = {one.at for one in acts if one.act in (Act.SUBMIT, Act.SIGN_AS_OPERATOR)}
    newest: dict[tuple[str, str], Happened] = {}
    for name, username, section, at in _changes(operation=operation.pk):
        if at not in settled and (username, section) not in newest:
            url = address("section", operation.pk, section)
            newest[username, section] = Happened(name or username, _("edited"), at, titles.get(section, section), url)
    return sorted([*found, *newest.values()], key=lambda one: one.moment, reverse=True)[:SHOWN]


_acts = Kept(lambda: AuditEntry.objects.filter(operation=Asked("operation")).defer("hash")[:SHOWN])
_changes = Kept(
    lambda: FieldChange.objects.filter(operation=Asked("operation")).values_list(
        "person__name", "person__username", "section_key", "at"
    )[:READ]
)


def _said(entry: AuditEntry) -> str:
    """What was done; of a note its first words, too."""
    text = str(facts_in(entry).get("text", "")) if entry.act in NOTED else ""
    if not text:
        return act_words(entry.act)
    first = Truncator(visible(one_line(text))).chars(MOST)
    return _("%(act)s: “%(words)s”") % {"act": act_words(entry.act), "words": first}
