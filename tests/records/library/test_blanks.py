"""What people leave to write on: which signs are a blank, and that no line of them takes long to read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.library.blanks import blanks_in
from tests.growth import FLOOR, processor_seconds

KEPT_OUT = set('<>@="\n')


def is_blank(inner: str) -> bool:
    """Whether ``<inner>`` is words to be replaced: no tag, no address, and no path that ends or goes up in nothing."""
    first, *rest = inner.split("/")
    return (
        first[:1] != "" and not first[0].isspace() and first[0] not in "!?:" and all(rest) and not KEPT_OUT & set(inner)
    )


@given(inner=st.text('ab1: /:<>@="!?.', max_size=9))
def test_words_in_angle_brackets_are_a_blank(inner: str) -> None:
    line = f"Ask ☞<{inner}>"
    found = [blank for _at, blank in blanks_in(line) if blank == f"<{inner}>"]
    tag = inner[:1] in "ab" and inner[1:2] in ("", " ")
    assert bool(found) == (is_blank(inner) and not tag), inner


@pytest.mark.parametrize(
    ("line", "blanks"),
    [
        ("**Owner**: {{owner}}", ["{{owner}}"]),
        ("- **When**: {{ day }} to {{last day}}", ["{{ day }}", "{{last day}}"]),
        ("**Owner**: TBD", ["TBD"]),
        ("- **Owner:** TODO  ", ["TODO"]),
        ("Owner: xxx", ["xxx"]),
        ("???", ["???"]),
        ("Look at {{.State}}, ${HOME} and %TEMP%", []),
        ("Is it well??? No TODO is left: see XXX above", []),
        ("Replace [TBD] and [{{owner}}]", []),
    ],
)
def test_what_is_to_be_replaced_is_a_blank(line: str, blanks: list[str]) -> None:
    """What a shell or a program replaces, and words about such words, are none."""
    assert [blank for _at, blank in blanks_in(f"{line}\n")] == blanks


@pytest.mark.parametrize("head", ["Contact <a", "Contact <a/b", "Times <5 s: 0"])
@pytest.mark.parametrize("sign", [":", "/", ":b", "/b", ":/", "a:/", " :", "<a:", "<a/b"])
def test_no_line_with_an_angle_bracket_takes_long(head: str, sign: str) -> None:
    """Each colon of a line once doubled the time."""
    assert processor_seconds(lambda: list(blanks_in(head + sign * 5000 + "\n"))) < 10 * FLOOR
