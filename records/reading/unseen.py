"""Characters that are not what they seem: stored as they are, written out wherever somebody reads (law 8).

Everywhere that is what nobody sees or what turns the direction. In the exact text also blanks that no shell takes for a
space, signs and letters that are known to look like those of a keyboard and aren't. Nobody knows all of those, so in
commands every other sign than a keyboard's is, where it isn't quoted or a comment. Pure.
"""

from __future__ import annotations

import re
import unicodedata

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
# Other blanks; signs like ; . / : - | ! * ~ # \ and g; letters and digits of full width or of formulas; and a dash
# where an option begins.
_SIGNS = re.compile(
    "[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
    "\u037e\u2024\u2044\u2215\u29f8\u2236\ua789\u2212\ufe50-\ufe6b\u2223\u2216\u29f5\u2217\u204e\u223c\u02dc\u266f\u01c0\u01c3\u0261"
    "\u02d7\u02f8\u22d5\u2317\u2571\u2572\ua4f8-\ua4ff"
    "\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\U0001d400-\U0001d7ff]"
    r"|(?<!\S)[\u2010-\u2015]+(?=[\w-])"
)
# Signs of full width belong to the scripts of East Asia; elsewhere they are only alike.
_FULL_WIDTH = re.compile("[\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff5e]")
_EAST_ASIAN = re.compile("[\u3041-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
# Letters that are drawn like Latin ones: Cyrillic, Greek, Armenian, Coptic, Cherokee, Lisu, numerals, small capitals.
_LIKE_LATIN = re.compile(
    "[\u2160\u2164\u2169\u216c-\u2170\u2174\u2179\u217c-\u217f\u0251\u017f\u1d04\u1d0f\u1d1c\u1d20-\u1d22\ua731\u2c9e\u2c9f\u2ca2-\u2ca5\u2cba\u2cbb"
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


def visible_source(text: str) -> str:
    """As ``visible``, for the exact text of a record: what is known to look like a space, sign or letter too.

    A line that is written in another script keeps its letters; a word of two scripts doesn't. What is fenced is taken
    as ``visible_command`` takes it.
    """
    if text.isascii():
        return visible(text)
    lines, fence = text.split("\n"), ""
    for at, line in enumerate(lines):
        edge = _FENCE.match(line)
        lines[at] = _line(line) if edge or not fence else _taken(line)
        if edge and not fence:
            fence = edge[1]
        elif edge and edge[1].startswith(fence) and not line[edge.end() :].strip():
            fence = ""
    return visible("\n".join(lines))


def visible_command(text: str) -> str:
    """As ``visible``, for what a machine is to take literally: every sign that no keyboard has, and letters that look
    like Latin ones, or stand in an option or a word of Latin ones and are of another script.

    A comment, and what stands between quotation marks, is text as people write it: of that what is known to look like
    something else.
    """
    if text.isascii():
        return visible(text)
    return visible("\n".join(_taken(line) for line in text.split("\n")))


# An edge of what is fenced, in a list or a quotation as well.
_FENCE = re.compile(r"(?:[ \t>]|[-+*][ \t]|\d{1,9}[.)][ \t])*(`{3,}|~{3,})")


def _line(line: str) -> str:
    return line if line.isascii() else _known(line, is_east_asian=bool(_EAST_ASIAN.search(line)))


def _known(text: str, *, is_east_asian: bool) -> str:
    """``text`` with what is known to look like something else written out."""
    own_script = bool(_OF_THEIR_SCRIPTS.search(_LIKE_LATIN.sub("", text)))

    def word(m: re.Match[str]) -> str:
        mixed = any(char.isascii() for char in m[0])
        return _LIKE_LATIN.sub(_codes, m[0]) if mixed or not own_script else m[0]

    told = text if is_east_asian else _FULL_WIDTH.sub(_codes, text)
    return _WORD.sub(word, _SIGNS.sub(_codes, told))


# In a line: a comment, as a shell has it; what is between quotation marks, or a comment as other machines have it; and
# a sign that is taken literally, so that it neither opens nor closes anything.
_APART = re.compile(
    r"""(?<![^ \t])(?P<comment>\#.*)|(?P<quoted>"(?:[^"\\]|\\.)*+"|'[^']*+'|\A[ \t]*(?:--|//)[ \t].*)|\\.""",
    re.VERBOSE,
)


def _taken(line: str) -> str:
    """A line that a machine is to take."""
    if line.isascii():
        return line
    is_east_asian = bool(_EAST_ASIAN.search(line))
    parts, at = [], 0
    for m in _APART.finditer(line):
        # Between such marks a shell still runs what stands in brackets.
        if m[0].isascii() or m.lastgroup is None or (m[0][0] == '"' and ("$(" in m[0] or "`" in m[0])):
            continue
        own = m[0] if m["comment"] else _STRANGE.sub(_not_ordinary, m[0])
        parts += [_BARE.sub(_not_typed, line[at : m.start()]), _known(own, is_east_asian=is_east_asian)]
        at = m.end()
    return "".join([*parts, _BARE.sub(_not_typed, line[at:])])


# Signs of measured values, their units and what stands between two of them: they look like none of a keyboard.
_OF_VALUES = "£¥§°±‰€←→↔⇐⇒⇔≤≥"
# What was written out already; an option; a word; what else isn't of a keyboard.
_WRITTEN = r"⟨U\+[0-9A-F]{4,6}⟩"
_BARE = re.compile(
    rf"{_WRITTEN}|(?P<option>(?<!\S)-(?:(?!{_WRITTEN})[^\s=])*)|(?P<word>[^\W_]+)|(?P<sign>[^\x00-\x7f{_OF_VALUES}])"
)
_STRANGE = re.compile(rf"{_WRITTEN}|(?P<word>[^\W_]+)|(?P<sign>[^\x00-\x7f\w])")
_NO_ASCII = re.compile("[^\x00-\x7f]")
# What is no letter of Latin script, or is one that looks like another; standing in a word of Latin letters.
_NO_LATIN = re.compile(
    "[^\x00-\x7f\u00aa\u00b2\u00b3\u00b5\u00b9-\u00be\u00c0-\u0130\u0132-\u017e\u0180-\u0195\u0197-\u01a6\u01a9-\u01bb"
    "\u01be\u01bf\u01c4-\u0221\u0224-\u0236\u0238-\u024f\u1e00-\u1eff]"
)
_LATIN_ALIKE = re.compile("[\u0131\u0196\u01a7\u01a8\u01bc\u01bd\u0222\u0223\u0237\u0250-\u02ff]")
_KNOWN = re.compile(f"{_SIGNS.pattern}|{_LIKE_LATIN.pattern}|{_LATIN_ALIKE.pattern}")
# Signs of texts: of printing and counting, arrows and pictures. Those of East Asia are judged by their line.
_ORDINARY = re.compile(
    "[\u00a1-\u00bf\u00d7\u00f7\u2010-\u2015\u2018-\u2022\u2026\u2030-\u2034\u2039-\u203a\u20a0-\u20c0\u2103\u2109\u2116\u2122"
    "\u2139\u2190-\u21ff\u2206\u2211\u221a\u221e\u2248\u2260\u2264\u2265\u231a\u231b\u23e9-\u23f3\u25a0-\u25ff\u2600-\u274f"
    "\u2763-\u2767\u2795-\u27bf\u2b05-\u2b55\u3000-\u303f\uff00-\uffef\U0001f000-\U0001faff]"
)


def _not_typed(m: re.Match[str]) -> str:
    """What a machine takes as it is, and what isn't of a keyboard in it written out."""
    if m[0].isascii() or m.lastgroup is None:
        return m[0]
    if m["option"]:
        return _NO_ASCII.sub(_codes, m[0])
    if m["sign"]:
        return m[0] if unicodedata.category(m[0])[0] == "M" else _codes(m)
    if any(char.isascii() and char.isalpha() for char in m[0]):
        return _NO_LATIN.sub(_codes, m[0])
    if _OF_THEIR_SCRIPTS.search(_LIKE_LATIN.sub("", m[0])) and not any(char.isascii() for char in m[0]):
        return m[0]
    return _KNOWN.sub(_codes, m[0])


def _not_ordinary(m: re.Match[str]) -> str:
    """What a text between quotation marks holds: signs that people put into texts stay."""
    if m["word"]:
        return _LATIN_ALIKE.sub(_codes, m[0]) if any(char.isascii() for char in m[0]) else m[0]
    is_odd = m["sign"] and unicodedata.category(m[0])[0] in "PS" and not _ORDINARY.match(m[0])
    return _codes(m) if is_odd else m[0]


def _codes(m: re.Match[str]) -> str:
    return "".join(f"⟨U+{ord(char):04X}⟩" for char in m[0])


# A sign that is drawn as a picture, and what may stand between it and the joiner to the next one.
_PICTURE = re.compile(
    "[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u21ff\u2300-\u27bf\u2900-\u297f\u2b00-\u2bff\U0001f000-\U0001faff]"
)
AS_PICTURE, KEY = "\ufe0f", "\u20e3"


def _joins_emoji(text: str, at: int) -> bool:
    """Whether the character is part of a picture: a joiner between two, or what says that a sign is drawn as one."""
    before, after = text[max(at - 2, 0) : at].removesuffix(AS_PICTURE)[-1:], text[at + 1 : at + 2]
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
