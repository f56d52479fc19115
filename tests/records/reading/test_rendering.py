"""A page shows all of it: the elements CommonMark gives, and every character that is not blank."""

from __future__ import annotations

import html
import re
import time
import unicodedata
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import comrak
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from records.reading.literal import command, source
from records.reading.rendering import has_unseen, render
from records.reading.unseen import visible, visible_command, visible_source

ROOT = Path(__file__).parents[3]
TEXTS = sorted(
    [*ROOT.glob("tests/data/**/*.md"), *ROOT.glob("records/demo/*.md"), *ROOT.glob("records/operation_templates/*.md")]
)
ELEMENTS = ("ul", "ol", "li", "h1", "h2", "h3", "h4", "hr", "blockquote", "em", "strong", "a", "input")


def elements(page: str) -> Counter[str]:
    return Counter(tag for tag in re.findall(r"<([a-z0-9]+)", page) if tag in ELEMENTS)


def judged(text: str) -> str:
    """What comrak, with task lists, renders."""
    options = comrak.ExtensionOptions()
    options.tasklist = True
    return comrak.render_markdown(text, extension_options=options)


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
def test_elements_are_those_of_an_independent_renderer(path: Path) -> None:
    # comrak leaves raw HTML out; the images in a text are shown, not loaded
    text = path.read_bytes().decode()
    assert elements(render(text)) == elements(judged(text))


def test_the_given_template_has_the_elements_its_design_names(infrastructure_template: str) -> None:
    found = Counter(re.findall(r"<([a-z0-9]+)", render(infrastructure_template)))
    assert [found[tag] for tag in ("ul", "ol", "li", "pre", "input")] == [27, 6, 106, 8, 5]
    assert found["br"] == 8 + 3 + 3


def words(page: str) -> Counter[str]:
    text = html.unescape(re.sub(r"<[^>]*>", "", page))
    return Counter(text)


HIDING = [
    "<!-- hidden -->", "[a]: https://example.com 'x'", "![alt](https://example.com/p.png)", "<script>x</script>",
    "<b>bold</b>", "[text](https://example.com \"title\")", "<details>", "\n", "- ", "plain", "    code", "\u202e",
    "`x`", "[a]", "<style>p{}</style>", "<svg onload=x>", "[j](javascript:alert(1))", "<https://example.com>", "\n\n",
    "> " * 25, "- " * 25, "[<https://example.org>](https://example.com/elsewhere 'x')",
]  # fmt: skip


@given(st.lists(st.sampled_from(HIDING), max_size=12).map(" ".join))
@settings(deadline=None)
def test_every_letter_is_on_the_page(text: str) -> None:
    shown = words(render(text))
    for char, count in Counter(visible(text)).items():
        if char.isalnum():
            assert shown[char] >= count, char


def test_what_is_nested_deeper_than_anybody_follows_is_shown_and_takes_nothing_along() -> None:
    """The parser leaves out what is deeper, and after a list so deep all the rest of the text."""
    stairs = "".join(f"{'  ' * depth}- step\n" for depth in range(30))
    page = render(f"{stairs}\n{'>' * 30} quoted\n\n## After\n\nStop the primary\n")
    assert page.count("step") == 30
    assert all(word in page for word in ("quoted", "After", "Stop the primary"))


def test_a_link_inside_a_link_hides_neither_target() -> None:
    page = render("[see <https://shown.example>](https://elsewhere.example 'why')")
    assert '(https://elsewhere.example "why")' in page


def test_an_address_for_mail_stands_there_once() -> None:
    assert render("<noc@site.example>").count("noc@site.example") == 2, "in its link, and as its words"
    assert "(mailto:noc@site.example)" in render("[NOC](mailto:noc@site.example)")


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](data:text/html,<script>)",
        "<a href='javascript:x' onclick='y'>z</a>",
        "```<b>\n</code></pre><script>\n```",
        '[a](https://e.example/"onmouseover="x)',
        "![x](https://e.example/x.png)",
        "<svg><style>@import 'x'</style></svg>",
        "`<iframe>`",
    ],
)
def test_case_14_nothing_in_a_text_is_live(text: str) -> None:
    page = render(text)
    assert not re.search(r"<(script|img|svg|style|iframe|object|link)\b", page)
    assert not re.search(r"<[^>]*\s(on\w+|style|src)=", page)
    assert not re.search(r'href="(?!https?:|mailto:|tel:)', page)


def test_case_16_direction_and_invisible_characters_are_seen() -> None:
    assert "⟨U+202E⟩" in render("```\nrm \u202e txt\n```")
    assert visible("a\u200bb") == "a⟨U+200B⟩b"
    for picture in ("⚠\ufe0f 👩\u200d💻", "❤\ufe0f\u200d🔥", "👩🏽\u200d⚕\ufe0f", "1\ufe0f\u20e3"):
        assert visible(picture) == picture
    for hidden in ("rm\ufe0f -rf", "☀ \u200d-x", "☀\u200d-x", "a\u2065b", "a\ufff0b", "a\U0001d173b", "a\U00013430b"):
        assert has_unseen(f"`{hidden}`") and has_unseen(hidden), hidden


DECEIVING = [
    ("rm -rf\u00a0/srv/old", "rm -rf⟨U+00A0⟩/srv/old"),
    ("ls\u2003-l", "ls⟨U+2003⟩-l"),
    ("sсp db-1:/x .", "s⟨U+0441⟩p db-1:/x ."),
    ("сор /x", "⟨U+0441⟩⟨U+043E⟩⟨U+0440⟩ /x"),
    ("kill \u20139 1", "kill ⟨U+2013⟩9 1"),
    ("cd \u2215srv", "cd ⟨U+2215⟩srv"),
    ("echo １", "echo ⟨U+FF11⟩"),
    ("ls \u202egnp.sh", "ls ⟨U+202E⟩gnp.sh"),
    ("true ♯ ; reboot", "true ⟨U+266F⟩ ; reboot"),
    ("true ＃ ; reboot", "true ⟨U+FF03⟩ ; reboot"),
    ("ⅼs ꓐin ᎪB", "⟨U+217C⟩s ⟨U+A4D0⟩in ⟨U+13AA⟩B"),
    ("# проверить хост\nсat x", "# проверить хост\n⟨U+0441⟩at x"),
    ("сор x # удалить", "⟨U+0441⟩⟨U+043E⟩⟨U+0440⟩ x # удалить"),
    ("true ⌗ clean; rm -rf /srv", "true ⟨U+2317⟩ clean; rm -rf /srv"),
    ("true ⋕ clean; rm -rf /srv", "true ⟨U+22D5⟩ clean; rm -rf /srv"),
    ("ssh db-1 'true ⌗ clean; rm -rf ╱srv'", "ssh db-1 'true ⟨U+2317⟩ clean; rm -rf ⟨U+2571⟩srv'"),
    ("rm ˗rf /srv", "rm ⟨U+02D7⟩rf /srv"),
    ("rm ーrf /srv", "rm ⟨U+30FC⟩rf /srv"),
    ("ssh db1ꓸexample", "ssh db1⟨U+A4F8⟩example"),
    ("nc db1˸ 5432", "nc db1⟨U+02F8⟩ 5432"),
    ("patch ⲺⲺforce", "patch ⟨U+2CBA⟩⟨U+2CBA⟩force"),
    ("kubectl delete -n prınt", "kubectl delete -n pr⟨U+0131⟩nt"),
    ("ls -ł --größe=ö", "ls -⟨U+0142⟩ --gr⟨U+00F6⟩⟨U+00DF⟩e=ö"),
    ("sleep 5μs", "sleep 5⟨U+03BC⟩s"),
    ("echo “a – b”", "echo ⟨U+201C⟩a ⟨U+2013⟩ b⟨U+201D⟩"),
    ('echo "$(true – x)"', 'echo "$(true ⟨U+2013⟩ x)"'),
    ("echo \\' – x '", "echo \\' ⟨U+2013⟩ x '"),
]


@pytest.mark.parametrize(("command", "shown"), DECEIVING)
def test_case_16_a_command_is_seen_as_a_machine_takes_it(command: str, shown: str) -> None:
    assert visible_command(command) == shown
    fenced = f"```\n{command}\n```"
    assert shown in html.unescape(render(fenced))
    assert has_unseen(fenced)
    line = command.rpartition("\n")[2]
    assert visible_command(line) in html.unescape(render(f"Then `{line}`."))
    assert has_unseen(f"- Then `{line}`.")


@pytest.mark.parametrize(
    "text",
    [
        "# проверить всё, с хоста db1: о ней",
        "echo 'größer – 5 µs, “gut”'",
        "# Προσοχή: νέο",
        "echo naïve 日本",
        "# 停止：主库（旧）",
        "Temperature: 51 ± 2 °C → 36 °C",
        "# Ergebnis → “gut”; 5 °C – dann weiter…",
        "ls  # wie vorher – ohne ‘alte’ ✅",
        "-- größer – 5 °C",
        'echo "✅ fertig – 5 °C → weiter…"',
        "cp größe файл 日本",
    ],
)
def test_what_is_written_in_another_script_is_no_disguise(text: str) -> None:
    assert visible_command(text) == text
    assert not has_unseen(f"```\n{text}\n```")


def test_a_machine_is_given_no_sign_that_no_keyboard_has() -> None:
    """No list of those that look like others is complete: every sign and mark of punctuation is written out."""
    found = (chr(point) for point in range(0x80, 0x20000))
    signs = [char for char in found if unicodedata.category(char)[0] in "PS" and char not in "£¥§°±‰€←→↔⇐⇒⇔≤≥"]
    assert len(signs) > 8000
    assert [char for char in signs if f"true {char} x" == visible_command(f"true {char} x")] == []
    assert [char for char in signs if not has_unseen(f"`a{char}b`")] == []


def test_the_exact_text_is_prose_but_for_what_is_fenced() -> None:
    text = "## 🎯 A – B\n\n- **Goal**: 5 °C → “6”\n\n1. Do\n\n   ```bash\n   echo – ✅\n   ```\n   ok – ✅"
    shown = visible_source(text)
    assert shown == text.replace("echo – ✅", "echo ⟨U+2013⟩ ⟨U+2705⟩")
    assert visible_source(shown) == shown == html.unescape(source(text))
    assert visible_source("# сор\u00a0⌗") == "# ⟨U+0441⟩⟨U+043E⟩⟨U+0440⟩⟨U+00A0⟩⟨U+2317⟩"


@pytest.mark.parametrize("part", ["⌗", "a–", "'é' ", "-é ", '"\\"é', "日本a", "```é\n", "⟨U+", "é ‘", "⟨U+2013⟩"])
def test_the_time_that_a_command_takes_grows_with_it(part: str) -> None:
    assert _seconds(visible_command, part, 400_000) < 20 * _seconds(visible_command, part, 50_000) + 0.5
    assert _seconds(visible_source, part, 400_000) < 20 * _seconds(visible_source, part, 50_000) + 0.5


def test_the_time_that_joined_pictures_take_grows_with_their_number() -> None:
    assert _seconds(visible, "☀\u200d", 1_600_000) < 20 * _seconds(visible, "☀\u200d", 200_000) + 0.5


def _seconds(written_out: Callable[[str], str], part: str, size: int) -> float:
    """How long a text of ``size`` takes: eight times as much takes eight times as long, and not sixty-four times."""
    begun = time.process_time()
    written_out(part * (size // len(part.encode())))
    return time.process_time() - begun


def test_only_commands_are_taken_literally() -> None:
    prose = "z.\u00a0B. 5\u202fGB, с"
    assert visible(prose) == prose
    assert not has_unseen(prose)
    assert "⟨U+" not in render(prose)


def test_marks_that_pile_up_cover_nothing() -> None:
    """A letter of any language bears four at most; forty blacken the lines above and below it."""
    pile = "a" + "\u0335" * 40
    assert visible(pile) == "a" + "\u0335" * 4 + "⟨U+0335⟩" * 36
    assert has_unseen(pile) and "⟨U+0335⟩" in render(pile)
    for word in ("Việt Nam", "a\u0308\u0323\u0301", "\u05e9\u05c1\u05bc\u05b8\u0591", "\u0e01\u0e33\u0e49", "⚠\ufe0f"):
        assert visible(word) == word


@pytest.mark.parametrize("text", ["```\nmv א/ ב/\n```", "    mv א/ ב/", "Then `mv א/ ב/`."])
def test_letters_from_right_to_left_turn_no_command_around(text: str) -> None:
    """Between two of them a browser shows even the signs from right to left: "mv ב /א/", the way back."""
    assert "mv <bdi>א</bdi>/ <bdi>ב</bdi>/" in render(text)
    assert command("cp א&ב") == "cp <bdi>א</bdi>&amp;<bdi>ב</bdi>"


def test_lines_that_were_typed_as_a_list_stay_lines_where_they_are_text() -> None:
    for text in ("\\- 340 shops\n\\- 5 min", "1\\. stop\n2\\) start", "Told:\n\\# all", "a\n  \\* b"):
        assert render(text).count("<br") == 1, text
    assert "<br" not in render("one\ntwo 3\\. and \\- three")


def test_the_rows_of_a_table_stay_rows() -> None:
    page = render("| Role | Phone |\n|---|---|\n| Carrier | 112 |\n\nOne | two\nthree\n")
    assert page.count("<br") == 2 and "| Carrier | 112 |" in page


def test_front_matter_is_no_heading_to_the_eye() -> None:
    html = render("---\ntitle: Change\nowner: ops\n---\n# T\n\na\n---\n")
    assert '<h2 class="front-matter">title: Change\nowner: ops</h2>' in html
    assert html.count("front-matter") == 1
    assert "front-matter" not in render("---\n\ntitle: x\n---\n")
