"""The names that people go by: no two that look alike, and none that could be read as somebody's signature."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from django.utils.translation import gettext as _

from records.refusals import Unusable

# Small letters of other alphabets, and digits, that people take for a Latin letter; the capitals too are alike.
_ALIKE = str.maketrans("авеіјкмноԛрсѕтухԝһӏьαβγικνορτυχϲ01", "abeijkmhoqpcstyxwhlbabyiknoptuxcol")
# Nor does a name say that somebody stands in for another.
_NO_NAME = re.compile(r"[,;:*`<>\[\]{}|\\@#]|\d{3}|\bfor\b", re.IGNORECASE)
# By their kind letters or marks, to the eye nothing.
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")


def refuse_name(name: str, *, others: Iterable[str], roles: Iterable[str]) -> None:
    """Raises Unusable, in words, unless somebody may go by ``name`` beside ``others``; ``roles`` are no names."""
    if any(map(is_unseen, name)):
        raise Unusable(_("A name holds no characters that nobody sees"))
    bare = alike(name)
    if not bare:
        raise Unusable(_("Enter your name"))
    if _NO_NAME.search(unicodedata.normalize("NFKC", name)) or any(alike(role) in bare for role in roles):
        raise Unusable(_("A name is words alone: no commas, signs or numbers, and no role as approvals name it"))
    if any(bare == alike(other) for other in others):
        raise Unusable(_("Somebody else goes by that name, or by one that looks the same"))


def is_unseen(char: str) -> bool:
    """Whether nobody sees it: it controls something, or leaves nothing but a blank."""
    return char in _BLANK or unicodedata.category(char)[0] == "C"


def alike(name: str) -> str:
    """What the eye keeps of ``name``: no blanks, marks or capitals, and one letter for all that look like it."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", name).casefold())
    return "".join(char for char in plain if char.isalnum() and char not in _BLANK).translate(_ALIKE)
