"""Answer states: written in words and read back as states."""

from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from records.document.answers import Answer, Empty, Filled, NotApplicable, ToConfirm, answer_in, is_constant, text_of

HINT = "[Regulatory or policy requirements]"
texts = st.text(st.sampled_from("aN :\n[]é\u200b\t`2026-") | st.characters(), max_size=40)
states = st.sampled_from(["", "Not applicable: ", "To confirm by 2026-11-27: ", "To confirm by soon: ", HINT])


@given(states, texts)
@example("", HINT)
@example("Not applicable: ", "")
@example("To confirm by 2026-11-27: ", " ")
def test_what_is_read_is_written_back(start: str, text: str) -> None:
    answer = answer_in(start + text, HINT)
    written = text_of(answer, HINT)
    assert answer_in(written, HINT) == answer
    assert written == start + text or answer == Empty()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (HINT, Empty()),
        ("", Empty()),
        (" \n", Empty()),
        ("PCI DSS", Filled("PCI DSS")),
        ("Not applicable: one node", NotApplicable("one node")),
        ("Not applicable: ", Filled("Not applicable: ")),
        ("`Not applicable`: one node", NotApplicable("one node")),
        ("To confirm by 2026-11-27: restore test", ToConfirm("2026-11-27", "restore test")),
        ("To confirm by 27 Nov: restore test", Filled("To confirm by 27 Nov: restore test")),
        ("To confirm by ٢٠٢٦-11-27: x", Filled("To confirm by ٢٠٢٦-11-27: x")),
    ],
)
def test_states(text: str, expected: Answer) -> None:
    assert answer_in(text, HINT) == expected


SPELLINGS = [
    "{}\\: {}", "{}&colon; {}", "**{}**: {}", "**{}:** {}", "_{}: {}_", "<b>{}</b>: {}", "<!-- : -->{}: {}",
    "{}\uff1a {}", "{}\u2236 {}", "{} : {}", "{}\u00a0: {}", "{}:{}", " {}: {}", "\u2060{}: {}", "{}\u200b: {}",
]  # fmt: skip
IN_WORDS = [
    str.upper, str.lower, str.title, *(lambda words, blank=blank: words.replace(" ", blank) for blank in (
        "\u00a0", "&#32;", "&nbsp;", "  ", "\n", "\u200b ", "<!-- x > y --> ", "\u202f", "\u3000"
    )),
    lambda words: words.replace("o", "\u043e"), lambda words: words.replace("b", "&#x62;"),
    lambda words: words.replace("-", "\u2011"), lambda words: words.replace("a", "\uff41"),
]  # fmt: skip


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("words", [str, *IN_WORDS])
def test_what_a_reader_takes_for_a_state_is_that_state(spelling: str, words: Callable[[str], str]) -> None:
    """Else a field would look left out that is filled, and what looks to be confirmed would hold up no start."""
    away, confirm = words("Not applicable"), words("To confirm by 2026-11-27")
    assert answer_in(spelling.format(away, "one *node*"), HINT) in (
        NotApplicable("one node"),
        NotApplicable("one *node*"),
    )
    said = answer_in(spelling.format(confirm, "restore test"), HINT)
    assert said == ToConfirm("2026-11-27", "restore test")


OTHER_WORDS = [
    "Not applicable here: one node", "Not applicable, one node", "Nothing applicable: x", "x Not applicable: y",
    "~~Not applicable~~: one node", "[Not applicable](https://e.org/): x", "![Not applicable: x](y.png)",
    "\\\\Not applicable: x", "Not applicable\\\\: x", "Not applicable:", "Not applicable\\: &nbsp;",
    "Notes: applicable", "To confirm by", "To confirm by 2026-11: x", "To confirm by whoever: x",
    "Note: Not applicable: x",
]  # fmt: skip


@pytest.mark.parametrize("text", OTHER_WORDS)
def test_what_visibly_says_something_else_is_an_answer(text: str) -> None:
    assert answer_in(text, HINT) == Filled(text)


@pytest.mark.parametrize(
    "blank",
    [
        "YYYY-MM-DD", "yyyy-mm-dd", "`yyyy-mm-dd`", "dd.mm.yyyy", "DD/MM/YYYY", "mm/dd/yyyy", "YYYY年MM月DD日", "hh:mm",
        "hh:mm UTC", "hh:mm tz", "HHMM UTC", "HH.MM Uhr", "hh:mm - hh:mm", "dd.mm.yyyy, hh:mm Europe/Berlin",
        "yyyy-mm-dd hh:mm:ss tz", "hh:mm\\", "[]", "`[]`",
    ],
)  # fmt: skip
def test_the_letters_of_a_day_or_a_time_ask_for_it(blank: str) -> None:
    assert not is_constant(blank) and answer_in(blank, blank) == Empty()
    assert answer_in("2026-12-06", blank) == Filled("2026-12-06")


@pytest.mark.parametrize(
    "text", ["as dd.mm.yyyy or as mm.dd.yyyy", "hh", "mm", "(hh:mm) and so on", "dd-mm", "[]()", "[] of"]
)
def test_words_about_days_and_times_ask_for_nothing(text: str) -> None:
    assert is_constant(text) and answer_in(text, text) == Filled(text)


TABLE = "| Role | Phone |\n|---|---|\n| Carrier | %s |"


def test_a_table_asks_for_what_its_open_cells_leave_out() -> None:
    assert answer_in(TABLE % " ", TABLE % " ") == Empty() and not is_constant(TABLE % " ")
    assert answer_in(TABLE % "112", TABLE % " ") == Filled(TABLE % "112")
    assert is_constant(TABLE % "112") and is_constant("| | a |\n|---|---|\n| b | c |"), "a heading may be left out"
    assert is_constant("a || b")
