"""What is worth a look in one text while it is written; it never keeps a text from being saved."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from records.models import Outline
from records.reading.backslashes import swallowed
from records.time_words import unread
from records.units import unit_remark
from records.writing.credentials import credential_words
from records.writing.plan_warnings import vague_word

VALUES = ("before", "after", "limit")


def remark_on(key: str, text: str, outline: Outline | None, *, unit: str = "", shape: str = "") -> str:
    """What to say beside the field ``key`` that holds ``text``; a value has a ``unit``. Empty for most.

    ``shape`` is that of a field of the text; a plan fact beside it has none.
    """
    name = key.rpartition(".")[2]
    if words := credential_words(text):
        return str(capfirst(words))
    fact = name if name in ("window", "estimate") else outline.asked_of(key) if outline else ""
    if words := unread(fact, text):
        return words
    if name in VALUES and (words := unit_remark(text, unit, outline.texts.get(key, "") if outline else "")):
        return words
    if word := vague_word(text):
        return _("Reviewers often reject “%(word)s”") % {"word": word}
    if found := swallowed(text, shape):
        words = _(
            "Reads as “%(read)s”: Markdown takes a backslash before a sign away. Write “%(written)s”, or `code` between"
            " backticks."
        )
        return words % {"read": found[0], "written": found[1]}
    return ""


def remarks_on(
    texts: Mapping[str, str], outline: Outline | None, fields: Mapping[str, str], shapes: Mapping[str, str]
) -> dict[str, str]:
    """What to say beside each of ``texts``, by key; ``fields`` are all of the section, for the units of its values.

    ``shapes`` are those of the fields of its text.

    A new unit is a reason to look at the values of its row again.
    """
    rows = [key.removesuffix(".unit") for key in texts if key.endswith(".unit")]
    beside = {key: fields[key] for row in rows for name in VALUES if (key := f"{row}.{name}") in fields}
    found = {}
    for key, text in {**beside, **texts}.items():
        unit = f"{key.rpartition('.')[0]}.unit"
        measured = texts.get(unit, fields.get(unit, ""))
        found[key] = remark_on(key, text, outline, unit=measured, shape=shapes.get(key, ""))
    return found
