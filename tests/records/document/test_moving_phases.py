"""A record whose phases are none any more on another version of its template, or become some."""

from __future__ import annotations

import json
import re

import pytest

from records.document.fields import table_of
from records.document.honest import lines_of
from records.document.moving import Moved, moved
from records.document.outline import Document
from records.document.read import read_record, read_template
from records.document.with_fields import with_fields
from records.document.write import write
from tests.records.document.next_versions import COUNTED, COUNTED_TEXT, filled

ANNOUNCED = "### Stage 0: Announce\n\n1. **Tell**: [whom]\n\n"
FIRST, SECOND = "### Stage 1: Prepare\n", "### Stage 2: Go\n"
# What makes the headings of COUNTED_TEXT count otherwise than 1 to n, so that none of them is a phase's.
UNCOUNTED = [
    (FIRST, f"{ANNOUNCED}{FIRST}"),
    ("## Work\n", "## Announce\n\n### Stage 1: Mail\n\n1. **Mail**: [whom]\n\n## Work\n"),
    (SECOND, f"### Stage 4: Wait\n\n1. **Wait**: [how long]\n\n{SECOND}"),
]
CUT_OVER = {"work/stage-2-go.title": "Cut over db7 to db9", "work/stage-2-go.window": "22:00-22:30"}
HEADING = "### Stage 2: Cut over db7 to db9 (22:00-22:30)\n"


def version(*change: str) -> Document:
    before, after = change
    assert COUNTED_TEXT.count(before) == 1
    return read_template(COUNTED_TEXT.replace(before, after))


def holds(found: Moved, new: Document) -> None:
    """It can be frozen, and is read as the same: nothing of it takes the place of anything else."""
    assert lines_of(found.document, new)
    again = read_record(write(found.document), new)
    assert list(map(table_of, again.sections)) == list(map(table_of, found.document.sections))
    assert write(moved(again, new, new).document) == write(found.document)


@pytest.mark.parametrize("change", UNCOUNTED)
def test_title_and_window_of_a_phase_that_is_none_any_more_stay_as_a_heading_and_are_told(change: tuple[str]) -> None:
    new = version(*change)
    found = moved(filled(COUNTED, **CUT_OVER), COUNTED, new)
    assert write(found.document) == write(new).replace(SECOND, f"{HEADING}\n{SECOND}")
    assert found.kept == (("Stage 2: Go", "Stage 2: Cut over db7 to db9 (22:00-22:30)"),)
    holds(found, new)


@pytest.mark.parametrize("change", UNCOUNTED)
def test_its_steps_stand_where_the_version_asks_for_them(change: tuple[str]) -> None:
    new = version(*change)
    own = filled(COUNTED, **CUT_OVER, **{"go/do.text": "Fail over", "do/watch": "The lag"})
    found = moved(own, COUNTED, new)
    asked = write(new).replace("**Do**: [how]", "**Do**: Fail over").replace("**Watch**: [what]", "**Watch**: The lag")
    assert write(found.document) == asked.replace(SECOND, f"{HEADING}\n{SECOND}")
    assert [label for label, _text in found.kept] == ["Stage 2: Go"]
    holds(found, new)


def test_a_phase_whose_heading_the_version_calls_otherwise_is_kept_with_the_steps_that_somebody_wrote() -> None:
    new = version(FIRST, "### Preparation\n")
    own = filled(COUNTED, **{"stage-1-prepare.title": "Rehearse", "prepare/look.text": "Twice"})
    found = moved(own, COUNTED, new)
    kept = "Stage 1: Rehearse\n\n1. **Look**: Twice\n"
    assert write(found.document) == write(new).replace(SECOND, f"### {kept}\n{SECOND}")
    assert found.kept == (("Stage 1: Prepare", kept.strip()),)
    holds(found, new)


@pytest.mark.parametrize("title", ["Cut over", "Go"])
def test_a_phase_that_becomes_a_section_can_be_sent_with_the_title_that_somebody_gave_it(title: str) -> None:
    new = version(FIRST, FIRST.removeprefix("#"))
    found = moved(filled(COUNTED, **{"stage-1-prepare.title": title}), COUNTED, new)
    assert write(found.document) == write(new).replace("## Work\n\n", f"## Work\n\n### Stage 1: {title}\n\n")
    holds(found, new)


def test_a_phase_that_somebody_moved_keeps_the_number_that_it_was_written_with() -> None:
    new = version(*UNCOUNTED[0])
    work = COUNTED.section("work")
    order = json.dumps(["work/stage-2-go", "work/stage-1-prepare"])
    moved_work = with_fields(work, {"work.phases": order, "work/stage-2-go.title": "Go now"}, table_of(work))
    own = Document(tuple(moved_work if one is work else one for one in COUNTED.sections))
    assert "### Stage 1: Go now\n" in write(own)
    found = moved(own, COUNTED, new)
    assert found.kept == (("Stage 2: Go", "Stage 1: Go now"),)
    assert "### Stage 1: Go now\n\n### Stage 2: Go\n" in write(found.document)
    holds(found, new)


def test_a_title_that_is_the_name_of_another_group_there_takes_nothing_from_that() -> None:
    new = version(*UNCOUNTED[2])
    own = filled(COUNTED, **{"stage-1-prepare.title": "Ready", "stage-2-go.title": "go."})
    found = moved(own, COUNTED, new)
    assert re.findall("### (.*)", write(found.document)) == [
        *("Stage 1: Ready", "Stage 1: Prepare", "Stage 4: Wait", "Stage 2: Go", "Stage 2: go."),
    ]
    holds(found, new)


@pytest.mark.parametrize("change", [*UNCOUNTED, (FIRST, "### Preparation\n")])
def test_what_becomes_a_phase_is_the_new_version_s_and_keeps_what_was_written(change: tuple[str]) -> None:
    old = version(*change)
    assert write(moved(old, old, COUNTED).document) == COUNTED_TEXT
    own = filled(old, **{"go/do.text": "Fail over"})
    found = moved(own, old, COUNTED)
    assert write(found.document) == COUNTED_TEXT.replace("**Do**: [how]", "**Do**: Fail over")
    assert found.kept == ()
    holds(found, COUNTED)
