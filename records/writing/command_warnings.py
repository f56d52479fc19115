"""What the commands of a plan hold that isn't what it seems, or quotes nothing: a shell takes it at its word. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.utils.translation import gettext as _

from records.document.fields import fields_of
from records.document.outline import Section
from records.reading.unseen import visible_command
from records.writing.time_warnings import Warned

# What stands in a command between quotation marks, or is a comment, and what is opened there and never closed; marks
# that are none.
_SINGLE = r"'[^']*'|(?<=\s)#.*"
_QUOTED = re.compile(rf"""\A\s*#.*|"(?:\\.|[^"\\])*(?:"|(?P<open>\\?\Z))|{_SINGLE}""")
_IN_OPEN = re.compile(_SINGLE)
_NO_QUOTES = re.compile("[\u2018-\u201f\u2032-\u2036\u00b4\u02b9-\u02bc\u02ca\u02cb]")
_WRITTEN_OUT = re.compile(r"⟨U\+[0-9A-F]+⟩")


def command_warnings(section: Section) -> Iterator[Warned]:
    """Commands that aren't what they seem: copied out of a document, mostly, with blanks that are no spaces."""
    for field in fields_of(section):
        if field.shape == "commands":
            for number, line in enumerate(field.text.split("\n"), 1):
                found = _NO_QUOTES.search(_unquoted(line))
                if signs := _disguised(line, but=_NO_QUOTES if found else None):
                    facts = {"line": number, "signs": ", ".join(signs)}
                    words = _("line %(line)s holds %(signs)s, which isn't what it looks like") % facts
                    yield Warned(field.key, section.key, field.label, words, weight=0, hidden=True)
                if found:
                    facts = {"line": number, "sign": found[0]}
                    words = _("line %(line)s holds %(sign)s, which quotes nothing: a shell runs what it holds") % facts
                    yield Warned(field.key, section.key, field.label, words, weight=0)


def _disguised(line: str, *, but: re.Pattern[str] | None) -> list[str]:
    """What is written out of a command where it is read, each once; not what has words of its own (``but``)."""
    told = dict.fromkeys(_WRITTEN_OUT.findall(visible_command(line)))
    written = set(_WRITTEN_OUT.findall(line))
    return [code for code in told if code not in written and (but is None or not but.match(chr(int(code[3:-1], 16))))]


def _unquoted(line: str) -> str:
    """``line`` of commands without what is quoted in it. A double quote that nothing closes quotes nothing here, since
    the line after it may be its end; but it is looked for once.
    """
    return _QUOTED.sub(lambda m: "" if m["open"] is None else _IN_OPEN.sub("", m[0]), line)
