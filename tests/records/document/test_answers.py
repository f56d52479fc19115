"""Answer states: written in words and read back as states."""

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
        ("not applicable: one node", Filled("not applicable: one node")),
        ("To confirm by 2026-11-27: restore test", ToConfirm("2026-11-27", "restore test")),
        ("To confirm by 27 Nov: restore test", Filled("To confirm by 27 Nov: restore test")),
        ("To confirm by ٢٠٢٦-11-27: x", Filled("To confirm by ٢٠٢٦-11-27: x")),
    ],
)
def test_states(text: str, expected: Answer) -> None:
    assert answer_in(text, HINT) == expected


TABLE = "| Role | Phone |\n|---|---|\n| Carrier | %s |"


def test_a_table_asks_for_what_its_open_cells_leave_out() -> None:
    assert answer_in(TABLE % " ", TABLE % " ") == Empty() and not is_constant(TABLE % " ")
    assert answer_in(TABLE % "112", TABLE % " ") == Filled(TABLE % "112")
    assert is_constant(TABLE % "112") and is_constant("| | a |\n|---|---|\n| b | c |"), "a heading may be left out"
    assert is_constant("a || b")
