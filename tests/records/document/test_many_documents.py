"""A hundred thousand documents: every law over every one, and each nasty class in at least one of a hundred."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.document.write import write
from tests import proofs
from tests.records.document.laws import LAWS, law_4_whatever_comes_in_goes_out
from tests.records.document.strategies import NASTY, Case, any_record, nasty_in, roughened, written_in

PARTS, DOCUMENTS = 40, 2_500
LONE_RETURN = re.compile("\r(?!\n)")
ACROSS_LINES = re.compile("`[^`\n]*\n[^`\n]*`")


@st.composite
def documents(draw: st.DrawFn) -> tuple[Case, str]:
    """A record, and its text as other hands might leave it."""
    case = draw(any_record())
    return case, roughened(draw, write(case.record))


def classes_in(case: Case, rough: str) -> set[str]:
    """What of all that is nasty stands in the answers of ``case``; and what only a text from elsewhere can hold."""
    own = written_in(case)
    found = nasty_in(own)
    return found | {
        name
        for name, pattern, text in (("lone CR", LONE_RETURN, rough), ("backtick across lines", ACROSS_LINES, own))
        if pattern.search(text)
    }


def proof(number: int, most: int) -> Counter[str]:
    """Put the laws to ``most`` documents drawn after ``number``; how many hold each nasty class, and all of them."""
    counted: Counter[str] = Counter()

    @proofs.drawn_after(number, most)
    @given(documents())
    def holds(document: tuple[Case, str]) -> None:
        case, rough = document
        for law in LAWS:
            law(case)
        law_4_whatever_comes_in_goes_out(rough, case.template)
        counted.update({*classes_in(case, rough), "documents"})

    holds()
    return counted


@pytest.mark.long
@pytest.mark.parametrize("number", range(PARTS), ids="documents-{}".format)
def test_the_laws_hold(request: pytest.FixtureRequest, number: int) -> None:
    code = ("records/document", "tests/records/document")
    counted = proofs.part(request, code, lambda: proof(number, DOCUMENTS))
    assert counted["documents"] >= DOCUMENTS
    wanted = {*NASTY, "lone CR", "backtick across lines"} - {"carriage return"}  # which no answer holds: law 5
    assert {name: counted[name] for name in wanted if counted[name] < counted["documents"] / 100} == {}
