"""Characters that are not what they seem: stored as they are, written out wherever somebody reads (law 8).

Everywhere that is what nobody sees or what turns the direction. In commands also blanks that no shell takes for a
space, signs and letters that look like those of a keyboard and aren't. Pure.
"""

from __future__ import annotations

import re

_MARK = (
    "[\u0300-\u034e\u0350-\u036f\u0483-\u0489\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0e31\u0e34-\u0e3a\u0e47-\u0e4e"
    "\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20f0\ufe20-\ufe2f]"
)
# Zero-width, direction-changing and other invisible characters; and marks that no letter of any language bears so many
# of: piled up they cover the lines above and below.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f"
    "\u2028\u2029\u2065\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U00013430-\U0001343f\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]"
    f"|{_MARK}(?<={_MARK * 5})"
)
# In a command: other blanks; signs like ; . / : - | ! * ~ # \ and g; letters and digits of full width or of formulas;
# and a dash where an option begins.
_SIGNS = re.compile(
    "[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
    "\u037e\u2024\u2044\u2215\u29f8\u2236\ua789\u2212\ufe50-\ufe6b\u2223\u2216\u29f5\u2217\u204e\u223c\u02dc\u266f\u01c0\u01c3\u0261"
    "\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\U0001d400-\U0001d7ff]"
    r"|(?<!\S)[\u2010-\u2015]+(?=[\w-])"
)
# Signs of full width belong to the scripts of East Asia; elsewhere they are only alike.
_FULL_WIDTH = re.compile("[\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff5e]")
_EAST_ASIAN = re.compile("[\u3041-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
# Letters that are drawn like Latin ones: Cyrillic, Greek, Armenian, Coptic, Cherokee, Lisu, numerals, small capitals.
_LIKE_LATIN = re.compile(
    "[\u2160\u2164\u2169\u216c-\u2170\u2174\u2179\u217c-\u217f\u0251\u017f\u1d04\u1d0f\u1d1c\u1d20-\u1d22\ua731\u2c9e\u2c9f\u2ca2-\u2ca5"
    "\u13a0-\u13f4\ua4d0-\ua4f7"
    "аеорсухѕіјһԁԛԝѵӏАВЕКМНОРСТУХЅІЈҮѴԌԚԜӀονϲϳΑΒΕΖΗΙΚΜΝΟΡΤΥΧοցհոսօ]"
)
_OF_THEIR_SCRIPTS = re.compile("[\u0370-\u058f]")
_WORD = re.compile(r"[^\W_]+")


def visible(text: str) -> str:
    """``text`` with each invisible character written as its code point, like ⟨U+202E⟩.

    A joiner inside an emoji is part of one sign that people see, and stays.
    """
    return _INVISIBLE.sub(lambda m: m[0] if _joins_emoji(text, m.start()) else _codes(m), text)


def has_invisible(text: str) -> bool:
    """Whether ``text`` holds a character that nobody would see."""
    return visible(text) != text


def visible_command(text: str) -> str:
    """As ``visible``, for what a machine is to take literally: what only looks like a space, sign or letter too.

    A line that is written in another script, such as a comment, keeps its letters; a word of two scripts doesn't.
    """
    if text.isascii():
        return visible(text)
    return visible("\n".join(_line(line) for line in text.split("\n")))


def _line(line: str) -> str:
    own_script = bool(_OF_THEIR_SCRIPTS.search(_LIKE_LATIN.sub("", line)))

    def word(m: re.Match[str]) -> str:
        mixed = any(char.isascii() for char in m[0])
        return _LIKE_LATIN.sub(_codes, m[0]) if mixed or not own_script else m[0]

    told = line if _EAST_ASIAN.search(line) else _FULL_WIDTH.sub(_codes, line)
    return _WORD.sub(word, _SIGNS.sub(_codes, told))


def _codes(m: re.Match[str]) -> str:
    return "".join(f"⟨U+{ord(char):04X}⟩" for char in m[0])


# A sign that is drawn as a picture, and what may stand between it and the joiner to the next one.
_PICTURE = re.compile(
    "[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u21ff\u2300-\u27bf\u2900-\u297f\u2b00-\u2bff\U0001f000-\U0001faff]"
)
AS_PICTURE, KEY = "\ufe0f", "\u20e3"


def _joins_emoji(text: str, at: int) -> bool:
    """Whether the character is part of a picture: a joiner between two, or what says that a sign is drawn as one."""
    before, after = text[:at].removesuffix(AS_PICTURE)[-1:], text[at + 1 : at + 2]
    if text[at] == AS_PICTURE:
        return after == KEY or bool(_PICTURE.match(text[at - 1 : at]))
    return text[at] == "\u200d" and bool(_PICTURE.match(before) and _PICTURE.match(after))


# Of a page, what is not shown as text: tags, what is typed into, and what is only there to be copied as it is.
_NOT_SHOWN = re.compile(
    r"(<textarea\b.*?</textarea>|<(pre|code)\b[^>]*\shidden\b[^>]*>.*?</\2>|<[^>]*>)", re.DOTALL | re.IGNORECASE
)


def visible_page(page: str) -> str:
    """A whole page of HTML with every invisible character in its shown text written out."""
    # Most pages hold such characters in pictures alone, where they stay: those need no second look.
    if not has_invisible(page):
        return page
    parts, at = [], 0
    for kept in _NOT_SHOWN.finditer(page):
        parts += [visible(page[at : kept.start()]), kept[0]]
        at = kept.end()
    return "".join([*parts, visible(page[at:])])
