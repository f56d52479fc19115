"""A million hostile inputs at the reader and what reads beside it: no error but a refusal in words, none over 2 s."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from random import Random

import pytest

from records.document.escape import refuse_unstorable
from records.document.fields import table_of
from records.document.outline import Document
from records.document.pasted import steps_in
from records.document.read import read_record, read_template
from records.document.template_guesses import completed
from records.document.template_settings import parse_settings
from records.document.unusable import Unusable
from records.document.with_fields import with_fields
from records.document.write import write
from records.transfer.exchange import parsed, read_json
from tests import proofs
from tests.records.document import hostile
from tests.records.document.strategies import TEMPLATES

PARTS, INPUTS = 40, 25_000
SECONDS = 2.0


def read(rng: Random) -> None:
    """Any text is read along any template, and as one, and is itself again."""
    text, template = hostile.text(rng), rng.choice(list(TEMPLATES.values()))
    assert write(read_record(text, template)) == text
    assert write(read_template(text)) == text


def pasted(rng: Random) -> None:
    """Nothing but blanks and marks of lists is left out of pasted steps."""
    steps_in(hostile.text(rng))


def settings_told(rng: Random) -> None:
    completed(parse_settings(hostile.toml(rng)), rng.choice(list(TEMPLATES.values())))


def json_read(rng: Random) -> None:
    read_json(parsed(hostile.json_text(rng)))


def saved(rng: Random) -> None:
    """What was posted is stored and read back, or refused."""
    template = rng.choice(list(TEMPLATES.values()))
    section = rng.choice(template.sections)
    own = table_of(section)
    values = dict(hostile.form(rng, own, [f"{section.key}.phases"]))
    for value in values.values():
        refuse_unstorable(value)
    changed = with_fields(section, values, own)
    text = write(Document(tuple(changed if one is section else one for one in template.sections), template.front))
    assert write(read_record(text, template)) == text


INPUTS_OF: list[Callable[[Random], None]] = [read, read, read, pasted, saved, settings_told, json_read]


def put(number: int, most: int) -> Counter[str]:
    """Put ``most`` inputs drawn after ``number``; how many were taken, and how many refused in words, by kind."""
    counted: Counter[str] = Counter()
    for at in range(most):
        rng = Random(f"{number}/{at}")
        act = rng.choice(INPUTS_OF)
        began = time.process_time()
        try:
            act(rng)
            counted[f"{act.__name__}: taken"] += 1
        except Unusable as error:
            assert str(error), f"{number}/{at}"
            counted[f"{act.__name__}: refused"] += 1
        except Exception as error:
            raise AssertionError(f"{act.__name__} of {number}/{at}") from error
        assert time.process_time() - began < SECONDS, f"{act.__name__} of {number}/{at}"
    return counted


@pytest.mark.parametrize("text", ["## S\n\n1. **C**\n   ```\n   ```\n   # x\n   v\n"])
def test_what_was_once_written_otherwise_than_it_was_read_is_itself_again(text: str) -> None:
    template = read_template(text)
    assert write(template) == write(read_record(text, template)) == text


def test_hostile_inputs_are_taken_or_refused_in_words() -> None:
    counted = put(-1, 300)
    assert set(counted) >= {"read: taken", "pasted: taken", "saved: taken", "saved: refused", "settings_told: refused"}


@pytest.mark.long
@pytest.mark.parametrize("number", range(PARTS), ids="inputs-{}".format)
def test_a_million_hostile_inputs_are_taken_or_refused_in_words(request: pytest.FixtureRequest, number: int) -> None:
    code = ("records/document", "records/transfer", "tests/records/document")
    assert proofs.part(request, code, lambda: put(number, INPUTS)).total() == INPUTS
