"""Every text that people read on a page is marked, so that a translator finds it."""

import re
from pathlib import Path

import pytest

TEMPLATES = Path(__file__).parents[2] / "templates"
PAGES = sorted(TEMPLATES.rglob("*.html"))
READ_ALOUD = ("aria-label", "placeholder", "title", "alt")
# Names, units and formats, the same in every language.
NAMES = {"Operation Records", "JSON", "SHA-256", "UTC", "Markdown", ".md", "Ctrl", "Enter", "YYYY-MM-DD", "HH:MM"}
# A comment of {# … #} over two lines is none: people read it.
MARKED = re.compile(r"{% blocktranslate.*?{% endblocktranslate %}|{% comment %}.*?{% endcomment %}|{#[^\n]*?#}", re.S)
CLASSES = re.compile(r"{% block (?:body_attrs|main_class|scripts) %}.*?{% endblock %}", re.S)
LITERALS = re.compile(r"""{%\s(?:icon|pill|include|firstof)\b.*?%}|{{[^}]*\|default:"[^"]*"[^}]*}}""")
HANDED = re.compile(r'(_\()?"([^"]*)"')


def unmarked(text: str) -> list[str]:
    """What of a template is read by people and not marked: text, spoken attributes, words handed to a tag."""
    text = CLASSES.sub("", MARKED.sub("", text))
    handed = [one for tag in LITERALS.findall(text) for one in HANDED.findall(tag)]
    found = [word for marked, word in handed if not marked and is_sentence(word)]
    bare = re.sub(r"{%.*?%}|{{.*?}}", "\x00", text, flags=re.S)
    for name in READ_ALOUD:
        found += re.findall(rf'\s{name}="([^"]*)"', bare)
    found += re.split(r"\x00|<[^>]*>", re.sub(r"<(code|kbd)\b.*?</\1>", "", bare, flags=re.S))
    pieces = [piece.strip() for piece in found]
    return [piece for piece in pieces if re.search(r"[A-Za-z]{2}", piece.replace("\x00", "")) and not is_name(piece)]


def is_sentence(word: str) -> bool:
    """Whether a text handed to a tag is for people: names of icons, files and classes are small letters."""
    return re.fullmatch(r"[a-z0-9_./?=# -]*", word) is None


def is_name(piece: str) -> bool:
    """Whether nothing is left once names and formats are taken out."""
    for name in NAMES:
        piece = piece.replace(name, "")
    return not re.search(r"[A-Za-z]{2}", re.sub(r"&\w+;", "", piece))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(TEMPLATES)))
def test_what_people_read_is_marked(page: Path) -> None:
    assert unmarked(page.read_text()) == []


@pytest.mark.parametrize(
    "text",
    [
        "<p>Nothing here</p>",
        '<nav aria-label="Pages"></nav>',
        '{{ words|default:"Nothing" }}',
        '{% icon "check" "Good:" %}',
        '{% include "a.html" with title="Nothing" %}',
        "<b>{{ name }} can help</b>",
        "{# What is measured,\n  and by whom. #}",
    ],
)
def test_an_unmarked_text_is_found(text: str) -> None:
    assert unmarked(text)
    marked = '{% translate "Nothing" %}{{ words|default:_("Nothing") }}{% icon "check" _("Good:") %}'
    assert unmarked(marked + "<b>{% blocktranslate %}{{ name }} can help{% endblocktranslate %}</b>") == []
