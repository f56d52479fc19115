"""What people leave to write on: which signs are a blank, and that no line of them takes long to read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.library.blanks import blanks_in
from records.library.template_problems import problems_of
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


# What is a blank wherever it stands, and what is one where it is all that a line says.
ANYWHERE = [
    "\\_\\_\\_\\_", "\\_\\_/\\_\\_/\\_\\_\\_\\_", "＿＿＿", "〇〇", "20XX-XX-XX", "XX/XX/20XX", "XX:XX", "xx:xx",
    "HHhMM", "HH時MM",
    "&lt;name&gt;", "[name](x)", "[ticket]()", "[runbook](#)", "[log](url)", "[log](TODO)", "CHGXXXXXXX", "INC-XXX",
]  # fmt: skip
ALONE = [
    "tbd", "Tba", "TBC", "tbc", "FIXME", "TODO: link the ticket", "【氏名】", "（氏名）", "［氏名］", "«Name»",
    "{owner}", "%OWNER%", "...", "…", "☐ yes ☐ no", "□ 有 □ 無", "Yes / No", "yes/no", "Y/N", "Ja / Nein",
    "Oui / Non", "Sí / No", "Pass / Fail", "OK / NOK", "*enter name here*", "_Enter the name_", "*name goes here*",
    "tt.mm.jjjj", "jj/mm/aaaa",
]  # fmt: skip
LINES = [
    "**Q**: {}",
    "**Q:** {}",
    "- **Q**: {}",
    "  - **Q**: {}  ",
    "Q: {}",
    "**Q**：{}",
    "**Q**: {}\\",
    "**Q**: {}<br>",
]


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("blank", [*ANYWHERE, *ALONE])
def test_what_is_all_that_a_line_says_is_a_blank(blank: str, line: str) -> None:
    assert [found for _at, found in blanks_in(f"{line.format(blank)}\n")] == [blank]


@pytest.mark.parametrize("blank", ANYWHERE)
def test_what_can_be_nothing_else_is_a_blank_wherever_it_stands(blank: str) -> None:
    assert [found for _at, found in blanks_in(f"**Q**: Ask {blank} about it\n")] == [blank]


@pytest.mark.parametrize("blank", ALONE)
def test_what_words_may_say_is_no_blank_among_them(blank: str) -> None:
    for line in (f"Then write {blank} there", f"**Q**: Not {blank}, we hope", f"**Q**: See {blank} below"):
        assert list(blanks_in(f"{line}\n")) == []


@pytest.mark.parametrize(
    "line",
    [
        "**Q**: Stop it, wait ... and start it...",
        "**Q**: see [the runbook](https://e.org/x), [the log](log.md), [below](#below) or [x](X.md)",
        "**Q**: Alcance: todo",
        "**Q**: 二〇〇八年, XXL, IPX4, MAXXXX1 and 00:XX:XX:XX",
        "**Q**: *Infrastructure*",
        "**Q**: *enterprise* and *here*",
        "**Q**: « Maintenance »",
        "**Q**: 作業前に（必ず）確認",
        "**Q**: 50% of A%B%",
        "**Q**: Linux / Windows",
        "**Q**: \\_\\_init\\_\\_",
        "**Q**: x &lt; 5 and y &gt; 3",
        "    **Q**: tbd",
        "```\necho tbd: {owner} %OWNER%\n```",
    ],
)
def test_what_says_something_is_no_blank(line: str) -> None:
    assert list(blanks_in(f"{line}\n")) == []


def test_a_day_in_letters_is_fixed_text_and_no_choice() -> None:
    lines = "**Jour** : JJ/MM/AAAA\n**Heure** : HHhMM\n**Fin** : [JJ/MM/AAAA]"
    said = [problem.words for problem in problems_of(f"# T: [x]\n\n{lines}\n\n## S\n\n[words]\n", "")]
    assert any("nobody is asked for: JJ/MM/AAAA, HHhMM." in one for one in said)
    assert [one for one in said if "As a choice" in one] == []


@pytest.mark.parametrize("head", ["Contact <a", "Contact <a/b", "Times <5 s: 0"])
@pytest.mark.parametrize("sign", [":", "/", ":b", "/b", ":/", "a:/", " :", "<a:", "<a/b"])
def test_no_line_with_an_angle_bracket_takes_long(head: str, sign: str) -> None:
    """Each colon of a line once doubled the time."""
    assert processor_seconds(lambda: list(blanks_in(head + sign * 5000 + "\n"))) < 10 * FLOOR


@pytest.mark.parametrize(
    "sign",
    [
        *(f": {blank[:2]}" for blank in ALONE),
        *(blank[:-1] for blank in ANYWHERE),
        ": *a here ",
        ": TODO: ",
        "&lt;a",
        "〇",
        "A",
    ],
)
def test_no_line_of_what_begins_like_a_blank_takes_long(sign: str) -> None:
    assert processor_seconds(lambda: list(blanks_in("**Q**: " + sign * 5000 + "\n"))) < 10 * FLOOR
