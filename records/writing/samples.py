"""Commands of the template that were left standing among a record's own: which are forgotten samples. Pure."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

SHOWN = 60
# What nobody's machine is called, and what asks to be replaced: [name], <name>, example.com, your-host, 192.0.2.7.
_INVENTED = re.compile(
    r"\[(?!\w-\w)[A-Za-z][^\[\]\n]*\]|<[A-Za-z][\w -]*>|YYYY|HH:MM|\bexample\b|\.(?:test|invalid)\b"
    r"|\b(?:192\.0\.2|198\.51\.100|203\.0\.113)\.\d|\b2001:db8:|\b(?:your|my|some)[-_]\w|(?<![-\w])\w+-name\b"
    r"|\b(?:foo|bar|baz|changeme|placeholder|x{3,})\b",
    re.IGNORECASE,
)
# As shells, SQL, programs, Windows and routers write one.
_COMMENT = re.compile(r"\s*(?:#|--|//|rem\b|::|;|!)", re.IGNORECASE)


def sample_words(text: str, sample: str) -> str:
    """What to say of the commands ``text`` where the template has ``sample``; empty if nothing is left of that.

    Nothing is said of a command below a comment of the writer's own, up to the next blank line, which tells that it
    stands there on purpose; but a name that the template made up is right nowhere.
    """
    own = {line for line in sample.split("\n") if line.strip()}
    looked_at = False
    for line in text.split("\n") if text != sample else ():
        if not line.strip():
            looked_at = False
        elif _COMMENT.match(line):
            looked_at = looked_at or line not in own
        elif line in own and _INVENTED.search(line):
            return _("still holds a sample command of the template: %s") % _quoted(line)
        elif line in own and not looked_at:
            words = _(
                "still holds a sample command of the template: %s. If it is right, put a # comment of yours above it"
            )
            return words % _quoted(line)
    return ""


def _quoted(line: str) -> str:
    shown = line.strip()
    return f"“{shown if len(shown) <= SHOWN else f'{shown[: SHOWN - 1]}…'}”"
